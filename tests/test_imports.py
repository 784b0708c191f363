"""`import segmethods` stays instant: what is heavy is imported where it is used."""

import json
import subprocess
import sys

HEAVY = {"torch", "torchvision", "openvino", "skimage", "cv2", "scipy", "sklearn", "pandas", "streamlit", "plotly"}


def test_import_loads_nothing_heavy() -> None:
    loaded = modules_loaded_by("import segmethods, segmethods.methods; segmethods.list_methods()")
    assert "segmethods.methods" in loaded
    assert loaded & HEAVY == set()


def modules_loaded_by(code: str) -> set[str]:
    """Names of all modules that a fresh interpreter holds after running `code`."""
    ask = f"{code}; import json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))
