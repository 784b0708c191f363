"""The networks that ship run from their graphs, without torch, and say what their torch modules say."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from segmethods.core.settings import settings
from segmethods.models import runtime
from segmethods.models.architectures import NETWORKS
from segmethods.models.architectures.patch_cnn.windows import WINDOW
from segmethods.models.runtime import openvino
from segmethods.models.runtime.conversion import convert_to_graph
from segmethods.models.weights import WeightsError, embedded

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = [(name, part) for name, weights in embedded().items() for part in NETWORKS[weights.network].parts]


@pytest.mark.parametrize(("name", "part"), SHIPPED)
def test_a_graph_takes_the_tensors_of_its_file_and_answers_like_torch(name, part, monkeypatch):
    weights = embedded()[name]
    graph = openvino.read_model(openvino.graph_folder(weights, part))
    with safe_open(weights.file, "np") as file:
        shapes = {tensor: list(file.get_slice(tensor).get_shape()) for tensor in file.keys()}  # noqa: SIM118
    asked = {p.get_friendly_name(): p.partial_shape for p in graph.get_parameters()[1:]}
    assert {tensor: list(shape.to_shape()) for tensor, shape in asked.items()} == shapes
    size = (2, WINDOW, WINDOW, 3) if part == "window" else (1, 70, 100, 3)
    images = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    shipped = runtime.load_runner(weights, part)(images)
    monkeypatch.setenv("SEGMETHODS_RUNTIME", "torch")
    np.testing.assert_allclose(shipped, runtime.load_runner(weights, part)(images), atol=2e-4)


def test_the_numbers_are_not_stored_twice():
    assert sum(file.stat().st_size for file in (settings().assets_dir / "graphs").rglob("model.bin")) < 100_000


def test_a_graph_says_the_same_as_the_network_converted_here(tmp_path):
    """Bit for bit: an installation with torch and one without give the same labels."""
    weights = embedded()["patch_cnn-voc"]
    image = np.random.default_rng(1).integers(0, 256, (1, 70, 100, 3), dtype=np.uint8)
    shipped = openvino.compiled(weights, weights.file, "whole")(image)
    made = openvino.compiled(replace(weights, origin="own"), weights.file, "whole")(image)
    np.testing.assert_array_equal(shipped, made)


@pytest.mark.parametrize("change", [lambda data: data[:-9], lambda data: data.replace(b"Clamp", b"Clomp")])
def test_a_damaged_graph_is_one_clear_error(change, tmp_path, monkeypatch):
    shutil.copytree(settings().assets_dir / "graphs", tmp_path / "graphs")
    monkeypatch.setattr(openvino, "settings", lambda: replace(settings(), assets_dir=tmp_path))
    weights = embedded()["fcn-voc"]
    file = openvino.graph_folder(weights, "whole") / "model.xml"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(WeightsError, match=r"The graph fcn-voc-whole is damaged\. Restore assets/graphs\.$"):
        openvino.compiled(weights, weights.file, "whole")


def test_a_graph_of_another_network_is_refused(tmp_path, monkeypatch):
    shutil.copytree(openvino.graph_folder(embedded()["fcn-camvid"], "whole"), tmp_path / "graphs" / "fcn-voc-whole")
    monkeypatch.setattr(openvino, "settings", lambda: replace(settings(), assets_dir=tmp_path))
    weights = embedded()["fcn-voc"]
    with pytest.raises(WeightsError, match="fcn-voc-whole"):
        openvino.read_graph(weights, weights.file, "whole")


def test_a_number_that_the_conversion_changed_is_noticed(monkeypatch):
    from segmethods.models.runtime import conversion

    weights, numbers = embedded()["patch_cnn-voc"], openvino.read_numbers
    monkeypatch.setattr(conversion, "read_numbers", lambda file: {n: v + 1 for n, v in numbers(file).items()})
    with pytest.raises(ValueError, match="was changed by the conversion"):
        convert_to_graph(weights, weights.file, "whole")


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = sys.modules["torchvision"] = None
import numpy as np, segmethods as sm
image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
print(*(getattr(outcome, "message", None) for outcome in sm.compare(image)), sep="|")
print(*(getattr(outcome, "message", None) for outcome in sm.compare(image, ["fcn"], {"fcn": {"weights": "mine"}})))
"""


def test_all_methods_run_without_torch_and_own_weights_say_what_they_need(tmp_path):
    own = tmp_path / "home" / "data" / "weights"
    own.mkdir(parents=True)
    shutil.copy(embedded()["fcn-voc"].file, own / "fcn-mine.safetensors")
    record = (settings().assets_dir / "weights" / "fcn-voc.json").read_text(encoding="utf-8")
    (own / "fcn-mine.json").write_text(
        record.replace("fcn-voc", "fcn-mine").replace('"voc"', '"mine"'), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH],
        cwd=ROOT,
        env={**os.environ, "SEGMETHODS_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=True,
    )
    shipped, mine = done.stdout.splitlines()
    assert shipped.split("|") == ["None"] * 9
    assert mine == "This needs torch, which is not installed. Add it: pip install '.[train]'"
