"""OpenVINO and eager PyTorch give the same answer, whatever the number of threads."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.messages import MethodError
from segmethods.core.settings import settings
from segmethods.models import runtime
from segmethods.models.architectures import NETWORKS
from segmethods.models.architectures.patch_cnn.windows import WINDOW
from segmethods.models.runtime.assembly import assemble
from segmethods.models.runtime.openvino import read_model
from segmethods.models.weights import WeightsError, fetchable
from segmethods.models.weights.integrity import digest
from segmethods.models.weights.published import PUBLISHED
from tests.models.architectures.random_weights import random_weights

catalogue = import_module("segmethods.models.weights.catalogue")


def make_image(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def class_scores(weights, image):
    return runtime.load_runner(weights)(image[None])[0]


@pytest.mark.parametrize("network", NETWORKS)
def test_both_runtimes_agree(network, tmp_path, monkeypatch):
    weights = random_weights(tmp_path, network)
    for size in [(96, 64), (1, 1), (33, 130)]:
        image = make_image(*size)
        converted = class_scores(weights, image)
        monkeypatch.setenv("SEGMETHODS_RUNTIME", "torch")
        eager = class_scores(weights, image)
        monkeypatch.delenv("SEGMETHODS_RUNTIME")
        assert converted.shape == eager.shape == (21, *size)
        assert converted.dtype == eager.dtype == np.float32
        np.testing.assert_allclose(converted, eager, atol=2e-4)
        np.testing.assert_allclose(converted.sum(axis=0), 1, atol=1e-4)


@pytest.mark.parametrize("network", NETWORKS)
def test_answers_are_not_copied_and_stay_when_the_next_picture_comes(network, tmp_path):
    weights = random_weights(tmp_path, network)
    first = class_scores(weights, make_image(40, 40))
    kept = first.copy()
    whole = first
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    assert not whole.flags.owndata  # OpenVINO does
    for seed in range(1, 4):
        class_scores(weights, make_image(40, 40, seed))
    runtime._runner.cache_clear()
    np.testing.assert_array_equal(first, kept)


def test_windows_one_by_one(tmp_path):
    weights = random_weights(tmp_path, "patch_cnn")
    windows = np.stack([make_image(WINDOW, WINDOW, seed) for seed in range(3)])
    run = runtime.load_runner(weights, "window")
    together = run(windows)
    alone = np.concatenate([run(window[None]) for window in windows])
    assert together.shape == (3, 21, 1, 1)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_unknown_runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETHODS_RUNTIME", "abacus")
    with pytest.raises(MethodError, match="no runtime abacus"):
        class_scores(random_weights(tmp_path, "fcn"), make_image(8, 8))


@pytest.mark.parametrize("kind", ["openvino", "torch"])
def test_damaged_weights_give_one_clear_error(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETHODS_RUNTIME", kind)
    weights = random_weights(tmp_path, "fcn", seed=3)
    weights.file.write_bytes(weights.file.read_bytes()[:-4] + b"oops")
    with pytest.raises(WeightsError, match="damaged"):
        class_scores(weights, make_image(8, 8))


@pytest.mark.parametrize("kind", ["openvino", "torch"])
@pytest.mark.parametrize("change", [None, lambda data: data[:-4] + b"oops", lambda data: data[:1000], lambda data: b""])
def test_bad_weights_are_one_clear_failure_among_other_outcomes(kind, change, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMETHODS_RUNTIME", kind)
    shipped = tmp_path / "assets"
    shutil.copytree(settings().assets_dir / "weights", shipped / "weights")
    file = shipped / "weights" / "fcn-voc.safetensors"
    file.write_bytes(change(file.read_bytes())) if change else file.unlink()
    monkeypatch.setattr(catalogue, "settings", lambda: replace(settings(), assets_dir=shipped))
    bad, good = sm.compare(make_image(24, 32), ["fcn", "patch_cnn"], {"patch_cnn": {"evaluation": "dense"}})
    problem = "damaged" if change else "missing"
    assert str(bad.message) == f"The weights fcn-voc are {problem}. Restore fcn-voc.safetensors."
    assert not bad.detail
    assert isinstance(good, sm.Segmentation)


def test_a_spoilt_entry_leaves_the_other_weights_alone(tmp_path, monkeypatch):
    shipped = tmp_path / "assets"
    shutil.copytree(settings().assets_dir / "weights", shipped / "weights")
    (shipped / "weights" / "fcn-voc.json").write_text("{ not JSON")
    monkeypatch.setattr(catalogue, "settings", lambda: replace(settings(), assets_dir=shipped))
    bad, good = sm.compare(make_image(24, 32), ["fcn", "patch_cnn"], {"patch_cnn": {"evaluation": "dense"}})
    assert "There are no weights voc for fcn." in str(bad.message)
    assert isinstance(good, sm.Segmentation)


@pytest.mark.parametrize("name", ["deeplab-torchvision-lraspp"])
def test_published_networks_run(name, tmp_path, monkeypatch):
    """With random weights in the published layout, which is what is fetched."""
    monkeypatch.setenv("SEGMETHODS_RUNTIME", "torch")
    import torch
    from torchvision.models import segmentation

    weights = fetchable()[name]
    [record] = [record for record in PUBLISHED if record.name == name]
    network = getattr(segmentation, record.builder)(weights=None, weights_backbone=None, num_classes=21)
    assert sum(weight.numel() for weight in network.parameters()) == weights.parameters
    file = tmp_path / "published.pth"
    torch.save(network.state_dict(), file)
    known = replace(weights, file=file, sha256=digest(file))
    assert class_scores(known, make_image(33, 50)).shape == (21, 33, 50)


PROGRAM = """
import sys, hashlib
from pathlib import Path
import numpy as np
sys.path.insert(0, ".")
from segmethods.models import runtime
from segmethods.models.weights import Validation, Weights
from segmethods.core.types import VOC
network, file, digest = sys.argv[1:]
weights = Weights(
    network, network, "voc", VOC, Path(file), digest, 0, 0, (127.0,) * 3, (128.0,) * 3, 96, "",
    Validation(0, 0, (), ""), "own",
)
image = np.random.default_rng(5).integers(0, 256, (97, 200, 3), dtype=np.uint8)
labels = runtime.load_runner(weights)(image[None])[0].argmax(axis=0)
print(hashlib.sha256(labels.tobytes()).hexdigest(), "torch" in sys.modules)
"""


def in_a_process(threads, weights, home):
    environment = {**os.environ, "SEGMETHODS_THREADS": str(threads), "SEGMETHODS_HOME": str(home)}
    command = [sys.executable, "-c", PROGRAM, weights.network, str(weights.file), weights.sha256]
    root = Path(__file__).parents[3]
    return subprocess.check_output(command, text=True, env=environment, cwd=root).split()


@pytest.mark.parametrize("network", ["segnet", "deeplab"])
def test_threads_change_nothing_and_a_converted_model_needs_no_torch(network, tmp_path):
    weights = random_weights(tmp_path, network)
    alone, first = in_a_process(1, weights, tmp_path / "home")
    together, second = in_a_process(2, weights, tmp_path / "home")
    assert alone == together
    assert (first, second) == ("True", "False")


def test_weights_of_an_earlier_architecture_are_refused_in_one_line(tmp_path):
    weights = replace(random_weights(tmp_path, "fcn"), network="segnet", name="segnet-mine", origin="own")
    with pytest.raises(WeightsError, match=r"segnet-mine were trained for an earlier SegNet\. Train them again"):
        assemble(weights, weights.file, "whole")


def converted(weights):
    [folder] = (settings().cache_dir / "converted").glob(f"{weights.sha256[:16]}-whole-*")
    return folder


def cut(file):
    file.write_bytes(b"\xff" + file.read_bytes()[: file.stat().st_size // 2])


def spoil(file):
    """Other bytes in the middle: a file of the same length, which can be read as well as before."""
    content = bytearray(file.read_bytes())
    for at in range(len(content) // 4, len(content) // 4 + 400_000):
        content[at] ^= 0x55
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("model.xml", cut),
        ("model.bin", cut),
        ("model.sha256", cut),
        ("model.bin", spoil),
        ("model.sha256", Path.unlink),
    ],
)
def test_a_damaged_model_in_the_cache_is_made_anew(name, damage, tmp_path):
    weights, image = random_weights(tmp_path, "fcn", seed=7), make_image(64, 64)
    before = class_scores(weights, image)
    stored = {file.name: file.read_bytes() for file in converted(weights).iterdir()}
    assert stored.keys() == {"model.xml", "model.bin", "model.sha256"}
    damage(converted(weights) / name)
    runtime._runner.cache_clear()
    np.testing.assert_array_equal(class_scores(weights, image), before)
    assert read_model(converted(weights)) is not None


def test_a_damaged_model_that_cannot_be_deleted_is_not_used(tmp_path, monkeypatch):
    weights, image = random_weights(tmp_path, "fcn", seed=10), make_image(64, 64)
    before = class_scores(weights, image)
    spoil(converted(weights) / "model.bin")
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    runtime._runner.cache_clear()
    np.testing.assert_array_equal(class_scores(weights, image), before)


def test_a_full_disk_is_no_reason_to_stop(tmp_path, monkeypatch):
    weights = random_weights(tmp_path, "fcn", seed=12)
    monkeypatch.setattr("openvino.save_model", lambda *_, **__: exec('raise RuntimeError("iostream error")'))
    assert class_scores(weights, make_image(64, 64)).shape == (21, 64, 64)
