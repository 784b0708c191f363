"""Weights are whole and known, or there is one clear error."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from segmethods.models.weights import (
    READY,
    WeightsError,
    catalogue,
    embedded,
    fetchable,
    get_weights,
    remove,
    state,
    verified_path,
    verify,
)
from segmethods.models.weights.published import PUBLISHED
from segmethods.training.cards import make_card
from tests.models.architectures.random_weights import random_weights


@pytest.fixture
def weights(tmp_path):
    return replace(random_weights(tmp_path, "patch_cnn"), origin="embedded")


def test_whole_weights_are_accepted(weights):
    assert verified_path(weights) == weights.file


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:200] + b"!" + data[201:], lambda data: b""]
)
def test_damage_is_noticed(weights, damage):
    weights.file.write_bytes(damage(weights.file.read_bytes()))
    with pytest.raises(
        WeightsError, match=r"The weights patch_cnn-voc are damaged. Restore patch_cnn-voc.safetensors."
    ):
        verified_path(weights)


def test_missing_weights_say_so(weights):
    weights.file.unlink()
    with pytest.raises(WeightsError, match="missing"):
        verified_path(weights)


def test_weights_that_were_never_fetched_name_the_included_ones(weights):
    weights.file.unlink()
    with pytest.raises(WeightsError, match="or use the weights voc, which are included"):
        verified_path(replace(weights, origin="fetched"))


def test_states(weights):
    there = weights.file.read_bytes()
    assert [state(replace(weights, origin=origin)) for origin in READY] == list(READY)
    weights.file.write_bytes(there[::-1])
    assert state(weights) == verify(weights) == "damaged"
    weights.file.write_bytes(there)
    assert state(weights) == "embedded"
    weights.file.unlink()
    assert [state(replace(weights, origin=origin)) for origin in READY] == ["missing", "missing", "not fetched"]
    weights.file.mkdir()  # something is there that can't be read
    assert state(weights) == "damaged"


def test_verify_reads_again_what_changed_in_secret(weights):
    """A bit that flips on a disk leaves size and time as they were."""
    assert state(weights) == "embedded"
    times = weights.file.stat()
    there = bytearray(weights.file.read_bytes())
    there[-1] ^= 1
    weights.file.write_bytes(there)
    os.utime(weights.file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert verify(weights) == "damaged"


def test_what_ships_cannot_be_removed(weights):
    with pytest.raises(WeightsError, match="are a part of the project and stay"):
        remove(weights)
    remove(replace(weights, origin="fetched"))
    assert not weights.file.exists()


def test_unknown_variant_lists_the_known_ones():
    with pytest.raises(WeightsError, match="torchvision"):
        get_weights("fcn", "cityscapes")


def test_the_catalogue_is_complete_and_small():
    assert set(catalogue()) == {
        *(
            f"{network}-{variant}"
            for network in ("patch_cnn", "fcn", "segnet", "deeplab")
            for variant in ("voc", "camvid")
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


@pytest.mark.parametrize("name", embedded())
def test_entries_tell_the_truth_about_their_files(name):
    weights = embedded()[name]
    assert verified_path(weights).stat().st_size == weights.bytes
    assert len(weights.score.classes) == len(weights.classes)
    there = weights.file.with_suffix(".md").read_text(encoding="utf-8")
    assert there == make_card(weights)
    assert weights.sha256 in there
    assert weights.terms in there


def test_what_can_be_fetched_is_what_torchvision_states():
    from torchvision.models import get_model_weights

    published = {}
    for record in PUBLISHED:
        entry = get_model_weights(record.builder).DEFAULT
        published[entry.url] = entry.meta | entry.meta["_metrics"]["COCO-val2017-VOC-labels"]
    for weights in fetchable().values():
        about = published.pop(weights.url)
        assert weights.parameters == about["num_params"]
        assert weights.bytes == pytest.approx(about["_file_size"] * 2**20, abs=600)
        assert 100 * weights.score.mean == pytest.approx(about["miou"])
        assert 100 * weights.score.pixels == pytest.approx(about["pixel_acc"])
    assert not published


def test_looking_at_the_catalogue_loads_no_framework():
    code = "import sys, segmethods.models.runtime; from segmethods.models.weights import catalogue; catalogue()"
    code += "; print({'torch', 'openvino'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
