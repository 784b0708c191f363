"""Methods come from the files of a folder and from installed packages; a faulty package stops no other method."""

import io
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import segmethods as sm
from segmethods import methods
from segmethods.__main__ import main
from segmethods.core.registry import REGISTRY

ROOT = Path(methods.__file__).parent.parent.parent

METHOD = '''
import numpy as np
import segmethods as sm

@sm.method("{id}", title="Corner", family="classical", source="nobody")
def corner(image: np.ndarray) -> sm.Segmentation:
    """Marks the first pixel."""
    labels = np.zeros(image.shape[:2], np.uint8)
    labels[0, 0] = 1
    return sm.Segmentation(labels, sm.BINARY)
'''


@pytest.fixture
def plugins(tmp_path, monkeypatch) -> Iterator[None]:
    """Four installed plug-ins: one is missing, one breaks, one takes a name that is taken, one is fine."""
    sm.list_methods()
    before = dict(REGISTRY)
    (tmp_path / "plugin_broken.py").write_text("raise RuntimeError('no\\nlicence')\n")
    (tmp_path / "plugin_taken.py").write_text(METHOD.format(id="kmeans"))
    (tmp_path / "plugin_fine.py").write_text(METHOD.format(id="corner"))
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        metadata.EntryPoint(name, f"plugin_{name}", methods.PLUGIN_GROUP)
        for name in ("missing", "broken", "taken", "fine")
    ]
    installed = metadata.entry_points

    def entry_points(**asked: str):
        return points if asked == {"group": "segmethods.methods"} else installed(**asked)

    monkeypatch.setattr(metadata, "entry_points", entry_points)
    monkeypatch.setattr(methods, "_faults", [])
    monkeypatch.setattr(methods, "_is_loaded", False)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)
    for name in ("plugin_fine", "plugin_taken", "plugin_broken"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("plugins")
def test_a_plugin_adds_a_method_and_the_faulty_ones_are_named(caplog) -> None:
    ids = [m.id for m in sm.list_methods()]
    assert ids.index("corner") == ids.index("edges") + 1
    assert sm.segment(np.zeros((2, 2, 3), np.uint8), "corner").labels.tolist() == [[1, 0], [0, 0]]
    assert sm.get_method("kmeans").function.__module__ == "segmethods.methods.kmeans"
    expected = [
        "The plug-in missing can't be used (ModuleNotFoundError: No module named 'plugin_missing').",
        "The plug-in broken can't be used (RuntimeError: no licence).",
        "The plug-in taken can't be used (ValueError: the method id 'kmeans' is taken by segmethods.methods.kmeans).",
    ]
    assert [str(fault) for fault in methods.list_plugin_faults()] == expected
    assert [record.getMessage() for record in caplog.records] == expected


@pytest.mark.usefixtures("plugins")
def test_list_names_the_faulty_plugins_beside_its_results(capsys) -> None:
    out = io.StringIO()
    assert main(["list"], out) == 0
    assert "corner" in out.getvalue()
    assert capsys.readouterr().err.count("can't be used") == 3
    assert "can't be used" not in out.getvalue()


def test_a_file_in_the_folder_of_methods_is_a_method(tmp_path, monkeypatch) -> None:
    """Played by a second folder of the package, so that the one of this project stays as it is."""
    (tmp_path / "corner.py").write_text(METHOD.format(id="corner"))
    (tmp_path / "_shared.py").write_text("raise RuntimeError('not a method')\n")
    code = (
        "import sys, segmethods as sm, segmethods.methods; "
        "segmethods.methods.__path__.append(sys.argv[1]); print([m.id for m in sm.list_methods()][:5])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "['threshold', 'kmeans', 'histogram', 'edges', 'corner']", done.stderr


def test_the_order_of_the_list_does_not_depend_on_what_was_imported_first() -> None:
    first = "import segmethods.methods.fcn, segmethods.methods.edges, segmethods as sm"
    code = f"{first}; print([m.id for m in sm.list_methods()])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == str([*methods.ORDER, "ensemble"]), done.stderr
