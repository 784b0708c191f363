"""Colours: fixed, apart for every common colour vision, and alternating in lightness."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

import segmethods as sm
from segmethods.core.palette import (
    FALSE,
    MISSED,
    NEUTRAL,
    class_colour,
    class_colours,
    guess_colour,
    has_background,
    palette,
    palette_index,
    to_hex,
)
from segmethods.methods import method_colour

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def _linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _lab(colour: str, vision: np.ndarray) -> np.ndarray:
    c = np.clip(vision @ _linear(colour), 0, 1)
    return rgb2lab(np.where(c <= 0.0031308, c * 12.92, 1.055 * c ** (1 / 2.4) - 0.055).reshape(1, 1, 3))[0, 0]


def _distance(first: str, second: str, vision: str) -> float:
    return float(deltaE_ciede2000(_lab(first, VISIONS[vision]), _lab(second, VISIONS[vision])))


def _lightness(colour: str) -> float:
    """L* of the grey that is left when a picture is printed without colour."""
    y = float(_linear(colour) @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


METHODS = {method.id: method.colour for method in sm.list_methods()}


@pytest.mark.parametrize(("vision", "least"), [("normal", 20), ("protanopia", 11), ("deuteranopia", 11)])
def test_methods_are_apart(vision: str, least: float) -> None:
    nearest = min((_distance(a, b, vision), a, b) for a, b in combinations(METHODS.values(), 2))
    assert nearest[0] >= least, nearest


@pytest.mark.parametrize("vision", VISIONS)
def test_error_colours_are_apart(vision: str) -> None:
    assert _distance(to_hex(MISSED), to_hex(FALSE), vision) > 40


def test_every_method_that_ships_has_a_colour_of_its_own() -> None:
    assert len(set(METHODS.values())) == len(METHODS)
    assert not set(METHODS.values()) & {guess_colour(f"guest_{i}") for i in range(100)}


def test_a_guest_keeps_its_colour_and_takes_nobodys() -> None:
    colours = [method_colour(f"guest_{i}") for i in range(40)]
    assert colours == [method_colour(f"guest_{i}") for i in range(40)]
    assert not set(colours) & set(METHODS.values())
    assert method_colour("my_method") == "#aa4499"  # and in the next process too


VOCABULARIES = [sm.VOC, sm.CAMVID, sm.segments(12), sm.Vocabulary("leaf", ("background", "leaf", "stem", "soil"))]


@pytest.mark.parametrize("classes", VOCABULARIES, ids=lambda v: v.id)
def test_neighbours_alternate_in_lightness(classes: sm.Vocabulary) -> None:
    colours = class_colours(classes)
    assert len(colours) == len(classes) == len(set(colours))
    listed = [to_hex(c) for c in colours[1 if has_background(classes) else 0 :]]
    assert all(abs(_lightness(a) - _lightness(b)) > 18 for a, b in pairwise(listed))


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("classes", [sm.VOC, sm.CAMVID, sm.segments(20)], ids=lambda v: v.id)
def test_classes_that_occur_together_are_apart(classes: sm.Vocabulary, vision: str) -> None:
    colours = [to_hex(colour) for colour in class_colours(classes)]
    nearest = min((_distance(a, b, vision), a, b) for a, b in combinations(colours, 2))
    assert nearest[0] >= 10, nearest


@pytest.mark.parametrize("count", [1, 2, 255, 256, 300])
def test_any_number_of_segments_has_colours(count: int) -> None:
    classes = sm.segments(count)
    assert len(class_colours(classes)) == count
    table = palette(classes)
    assert len(table) == 768
    assert all(0 <= v <= 255 for v in table)


def test_an_empty_vocabulary_has_a_table() -> None:
    assert len(palette(sm.Vocabulary("own", ()))) == 768


def test_background_is_grey_and_void_is_not_a_class() -> None:
    assert class_colours(sm.VOC)[0] == class_colours(sm.BINARY)[0] == NEUTRAL
    assert not has_background(sm.CAMVID)
    for classes in (sm.VOC, sm.CAMVID, sm.BINARY):
        void = tuple(palette(classes)[765:])
        assert void not in class_colours(classes)


def test_ids_past_the_table_never_turn_into_void_or_background() -> None:
    own = sm.Vocabulary("own", ("background", *(f"c{i}" for i in range(999))))
    assert all(1 <= palette_index(i, own) < 255 for i in range(255, 1000))
    assert palette_index(255, sm.VOC) == 255
    assert class_colour(8, sm.VOC) == to_hex(class_colours(sm.VOC)[8])
