"""Weights are whole and known, or there is one clear error."""

import subprocess
import sys
from dataclasses import replace

import pytest

from segmethods.weights import WeightsError, catalogue, embedded, find, verified
from tests.networks.random_weights import random_weights


@pytest.fixture
def weights(tmp_path):
    return random_weights(tmp_path, "patch_cnn")


def test_whole_weights_are_accepted(weights):
    assert verified(weights) == weights.file


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:200] + b"!" + data[201:], lambda data: b""]
)
def test_damage_is_noticed(weights, damage):
    weights.file.write_bytes(damage(weights.file.read_bytes()))
    with pytest.raises(
        WeightsError, match=r"The weights patch_cnn-voc are damaged. Restore patch_cnn-voc.safetensors."
    ):
        verified(weights)


def test_missing_weights_say_so(weights):
    weights.file.unlink()
    with pytest.raises(WeightsError, match="missing"):
        verified(weights)


def test_weights_that_were_never_fetched_name_the_included_ones(weights):
    weights.file.unlink()
    with pytest.raises(WeightsError, match="or use the weights voc, which are included"):
        verified(replace(weights, origin="fetched"))


def test_unknown_family_lists_the_known_ones():
    with pytest.raises(WeightsError, match="torchvision"):
        find("fcn", "cityscapes")


def test_the_catalogue_is_complete_and_small():
    assert set(catalogue()) == {
        *(
            f"{network}-{family}"
            for network in ("patch_cnn", "fcn", "segnet", "deeplab")
            for family in ("voc", "camvid")
        ),
        "fcn-torchvision",
        "fcn-torchvision-resnet101",
        "deeplab-torchvision",
        "deeplab-torchvision-resnet101",
        "deeplab-torchvision-mobilenet",
        "deeplab-torchvision-lraspp",
    }
    sizes = [weights.file.stat().st_size for weights in embedded().values()]
    assert max(sizes) <= 25e6
    assert sum(sizes) <= 80e6


@pytest.mark.parametrize("name", ["deeplab-voc", "fcn-voc", "segnet-voc", "patch_cnn-voc", "deeplab-camvid"])
def test_entries_tell_the_truth_about_their_files(name):
    weights = embedded()[name]
    assert verified(weights).stat().st_size == weights.bytes
    assert len(weights.score.classes) == len(weights.classes)
    card = weights.file.with_suffix(".md").read_text(encoding="utf-8")
    assert weights.sha256 in card
    assert weights.terms in card


def test_looking_at_the_catalogue_loads_no_framework():
    code = "import sys, segmethods.runtime; from segmethods.weights import catalogue; catalogue()"
    code += "; print({'torch', 'openvino'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
