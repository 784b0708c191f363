"""The key of a result holds the weights that were used, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import segmethods as sm
from segmethods.benchmark import Store, open_dataset, plan_configs
from segmethods.benchmark.store import RunError
from segmethods.core.registry import method, unregister
from segmethods.core.types import Image
from segmethods.core.version import __version__
from segmethods.execution.cache import Key, make_key
from segmethods.models.weights import catalogue, embedded
from segmethods.models.weights.catalogue import own_folder

AddWeights = Callable[[str, str, str], None]


def key(name: str, **params: object) -> Key:
    return make_key("", name, sm.get_method(name).validate(params))


def used(name: str, **params: object) -> list[str]:
    """The names of the weights whose digests a key holds."""
    names = {weights.sha256: name for name, weights in catalogue().items()}
    return [names[digest] for digest in key(name, **params).weights.split()]


@pytest.fixture
def add_weights() -> AddWeights:
    """Add a record of weights of the user's own; gone after the test."""
    records: list[Path] = []

    def add(network: str, variant: str, sha256: str) -> None:
        like = embedded()[f"{network}-voc"].file.with_suffix(".json")
        about = json.loads(like.read_text()) | {"name": f"{network}-{variant}", "family": variant, "sha256": sha256}
        file = own_folder() / f"{network}-{variant}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(about))
        records.append(file)
        assert f"{network}-{variant}" in catalogue()

    yield add
    for file in records:
        file.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("method", "params", "names"),
    [
        ("kmeans", {}, []),
        ("fcn", {}, ["fcn-voc"]),
        ("fcn", {"weights": "camvid"}, ["fcn-camvid"]),
        ("deeplab", {"weights": "torchvision"}, ["deeplab-torchvision"]),
        ("patch_cnn", {}, ["patch_cnn-voc"]),
        ("segnet", {}, ["segnet-voc"]),
        ("ensemble", {}, ["fcn-voc", "deeplab-voc"]),
        ("ensemble", {"members": ("fcn", "patch_cnn"), "weights": "camvid"}, ["patch_cnn-camvid", "fcn-camvid"]),
        ("ensemble", {"weight_fcn": 0.0}, ["deeplab-voc"]),
    ],
)
def test_a_key_holds_the_weights_that_are_used(method: str, params: dict[str, object], names: list[str]) -> None:
    assert used(method, **params) == names
    assert key(method, **params).version == __version__ == sm.__version__


def test_other_weights_of_the_users_own_change_no_key(add_weights: AddWeights) -> None:
    before = [key("fcn"), key("ensemble"), key("segnet", weights="camvid")]
    add_weights("deeplab", "mine", "a" * 64)
    add_weights("fcn", "mine", "b" * 64)
    assert [key("fcn"), key("ensemble"), key("segnet", weights="camvid")] == before
    assert used("fcn", weights="mine") == ["fcn-mine"]
    assert used("ensemble", weights="mine") == ["fcn-mine", "deeplab-mine"]


def test_a_run_goes_on_though_other_weights_were_added(tmp_path: Path, add_weights: AddWeights) -> None:
    store, dataset = Store(tmp_path), open_dataset("shapes:objects=3,size=48", limit=1)
    first = store.begin(dataset, plan_configs(["fcn", "ensemble"]))
    add_weights("segnet", "mine", "a" * 64)
    assert store.begin(dataset, plan_configs(["fcn", "ensemble"]), resume=True).id == first.id


def test_weights_that_are_used_change_the_key(tmp_path: Path, add_weights: AddWeights) -> None:
    add_weights("fcn", "mine", "a" * 64)
    mine = {"fcn": {"weights": "mine"}, "ensemble": {"weights": "mine"}}
    store, dataset = Store(tmp_path), open_dataset("shapes:objects=3,size=48", limit=1)
    store.begin(dataset, plan_configs(["fcn"], mine))
    before = [key(method, **params) for method, params in mine.items()]
    add_weights("fcn", "mine", "b" * 64)
    after = [key(method, **params) for method, params in mine.items()]
    assert [old._replace(weights="") for old in before] == [new._replace(weights="") for new in after]
    assert all(old.weights != new.weights for old, new in zip(before, after, strict=True))
    with pytest.raises(RunError, match="made with other weights or another version"):
        store.begin(dataset, plan_configs(["fcn"], mine), resume=True)


def test_a_network_that_does_not_say_what_it_uses_depends_on_all_weights(add_weights: AddWeights) -> None:
    @method("silent", title="Silent", family="network", source="a test")
    def silent(image: Image) -> sm.Segmentation:
        return sm.Segmentation(image[..., 0], sm.BINARY)

    before = key("silent")
    add_weights("segnet", "mine", "a" * 64)
    after = key("silent")
    unregister("silent")
    assert before != after
