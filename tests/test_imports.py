"""`import segmethods` stays instant: what is heavy is imported where it is used. The dashboard has it ready."""

import json
import subprocess
import sys

HEAVY = {"torch", "torchvision", "openvino", "skimage", "cv2", "scipy", "sklearn", "pandas", "streamlit", "plotly"}


def test_import_loads_nothing_heavy() -> None:
    loaded = modules_loaded_by("import segmethods, segmethods.methods; segmethods.list_methods()")
    assert "segmethods.methods" in loaded
    assert loaded & HEAVY == set()


def test_the_server_has_loaded_what_pages_need_and_spares_the_garbage_collector_what_that_holds() -> None:
    """Streamlit calls the collector after every run of a page: without this, each answer comes 0.1 s later."""
    code = "import gc, app; print(gc.get_freeze_count(), len(gc.get_objects()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    spared, left = map(int, done.stdout.split())
    assert spared > 50_000 > 10_000 > left
    loaded = modules_loaded_by("import app")
    assert HEAVY - loaded == {"torch", "torchvision", "openvino", "sklearn"}


def modules_loaded_by(code: str) -> set[str]:
    """Names of all modules that a fresh interpreter holds after running `code`."""
    ask = f"{code}; import json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))
