"""The gallery keeps its promises: pictures that exist, masks that fit them, and a recipe that draws the masks again."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from skimage.measure import label

from segmethods.io.samples import get_sample

GALLERY = Path(__file__).parents[2] / "assets" / "samples"
SAMPLES = json.loads((GALLERY / "samples.json").read_text(encoding="utf-8"))
WITH_TRUTH = [sample for sample in SAMPLES if sample["truth"]]
VOID = 255


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_masks", GALLERY / "make_masks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mask_of(sample: dict) -> np.ndarray:
    return np.asarray(Image.open(GALLERY / sample["truth"]))


def named(sample: dict) -> str:
    return sample["id"]


def test_the_gallery_is_large_enough_and_opens_with_the_cat() -> None:
    assert len(SAMPLES) >= 10
    assert len(WITH_TRUTH) >= 8
    assert len({sample["id"] for sample in SAMPLES}) == len(SAMPLES)
    assert SAMPLES[0]["id"] == "chelsea"


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_a_record_is_complete_in_both_languages(sample: dict) -> None:
    assert get_sample(sample["id"]).path.is_file()
    assert get_sample(sample["id"]).path.parent != GALLERY  # where the masks are
    assert sample["vocabulary"] in {"voc", "camvid", "own"}
    for text in (sample["title"], sample["about"], sample["credit"], *(kind["name"] for kind in sample["classes"])):
        assert set(text) == {"en", "zh"}
        assert all(text.values())


@pytest.mark.parametrize("sample", WITH_TRUTH, ids=named)
def test_a_mask_fits_its_picture_and_uses_every_declared_class(sample: dict) -> None:
    stored = Image.open(GALLERY / sample["truth"])
    assert stored.mode == "P"
    mask = np.asarray(stored)
    assert mask.dtype == np.uint8
    assert mask.shape == get_sample(sample["id"]).image().shape[:2]
    declared = [kind["id"] for kind in sample["classes"]]
    assert set(np.unique(mask)) - {VOID} == set(declared)
    if sample["vocabulary"] == "own":
        assert declared == list(range(len(declared)))
    assert np.mean(mask == VOID) < 0.1
    assert sample["how"]


@pytest.mark.parametrize("sample", [sample for sample in WITH_TRUTH if sample["id"] != "street"], ids=named)
def test_the_recipe_draws_the_same_mask_again(sample: dict, recipe: ModuleType) -> None:
    shapes = json.loads((GALLERY / "shapes.json").read_text(encoding="utf-8"))
    np.testing.assert_array_equal(recipe.make_mask(sample["source"], shapes[sample["id"]]), mask_of(sample))


def test_the_street_is_drawn_again() -> None:
    spec = importlib.util.spec_from_file_location("make_street", GALLERY / "make_street.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    image, labels = module.draw_street()
    street = next(sample for sample in SAMPLES if sample["id"] == "street")
    np.testing.assert_array_equal(labels, mask_of(street))
    assert np.abs(image.astype(int) - get_sample("street").image()).mean() < 0.5


def test_24_coins_stand_apart() -> None:
    coins = next(sample for sample in SAMPLES if sample["id"] == "coins")
    assert label(mask_of(coins) == 1).max() == 24


def test_the_recipe_writes_only_what_it_is_asked_for(
    recipe: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("samples.json", "shapes.json"):
        (tmp_path / name).write_bytes((GALLERY / name).read_bytes())
    monkeypatch.setattr(recipe, "HERE", tmp_path)
    recipe.main(["cell"])
    assert [path.name for path in tmp_path.glob("*.png")] == ["cell.png"]
    np.testing.assert_array_equal(Image.open(tmp_path / "cell.png"), Image.open(GALLERY / "cell.png"))
