"""Values of any depth become 0 to 255 by the range of the scene, and what was assumed is said."""

from typing import Any

import numpy as np
import pytest

from segmethods.io.depth import scale_to_8_bit

ROWS, COLUMNS = np.mgrid[:64, :96]
DISC = (ROWS - 30) ** 2 + (COLUMNS - 40) ** 2 < 400


def scene(highest: float = 1, lowest: float = 0, dtype: type = np.float64) -> np.ndarray:
    """A disc at 80% on ground at 30%, with a little noise."""
    noise = np.random.default_rng(0).normal(0, 0.01, DISC.shape)
    return (lowest + (np.where(DISC, 0.8, 0.3) + noise) * (highest - lowest)).astype(dtype)


def shown(values: np.ndarray, missing: float | None = None) -> tuple[float, float, str]:
    """Mean of the disc, mean of the ground, and the notes."""
    image, notes = scale_to_8_bit(values, missing)
    assert image.dtype == np.uint8
    assert image.shape == values.shape
    return image[DISC].mean(), image[~DISC].mean(), " ".join(map(str, notes))


def put(values: np.ndarray, where: Any, value: float) -> np.ndarray:
    values = values.copy()
    values[where] = value
    return values


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("bands", [1, 3])
def test_fewer_bits_than_16_come_out_bright_and_are_named(bits: int, bands: int) -> None:
    values = scene(2**bits - 1, dtype=np.uint16)
    values = values if bands == 1 else np.repeat(values[..., None], bands, 2)
    image, notes = scale_to_8_bit(values)
    assert image[DISC].mean() == pytest.approx(204, abs=2)
    assert [str(n) for n in notes] == [f"Values from 0 to {2**bits - 1} became black to white."]


def test_eight_and_sixteen_bits_need_no_note() -> None:
    assert shown(scene(65535, dtype=np.uint16))[2] == ""
    same, notes = scale_to_8_bit(scene(255, dtype=np.uint8))
    assert np.array_equal(same, scene(255, dtype=np.uint8))
    assert notes == ()


@pytest.mark.parametrize(
    "values",
    [
        put(scene(1000, dtype=np.uint16), (3, 5), 65535),
        put(scene(4095, dtype=np.uint16), (3, slice(0, 8)), 30_000),
        put(scene(1000, dtype=np.int32), (3, 5), 2**31 - 1),
        put(scene(), (3, 5), 1.02),
        put(scene(), (3, 5), 50),
        put(scene(), (3, 5), -0.3),
        put(scene(), (3, 5), -9999),
    ],
    ids=["one dead pixel", "eight", "32 bits", "1.02", "50", "-0.3", "-9999"],
)
def test_few_pixels_far_away_do_not_flatten_the_scene(values: np.ndarray) -> None:
    disc, ground, notes = shown(values)
    assert disc - ground > 100
    assert "cut off: under 0.1% of the values" in notes or "cut off: 0.1% of the values" in notes


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        (put(scene(140, 100), slice(0, 4), -9999), -9999.0),
        (put(scene(140, 100, np.float32), slice(0, 4), -3.4028235e38), -3.4028234663852886e38),
        (put(scene(3000, dtype=np.int16), slice(0, 4), -32768), -32768.0),
        (put(scene(3000, dtype=np.uint16), slice(0, 4), 65535), 65535.0),
        (put(scene(3000), slice(0, 4), np.nan), None),
        (put(scene(3000), slice(0, 4), np.nan), float("nan")),
    ],
)
def test_missing_data_become_black_and_are_counted(values: np.ndarray, missing: float | None) -> None:
    image, notes = scale_to_8_bit(values, missing)
    assert (image[:4] == 0).all()
    assert image[DISC].mean() - image[4:][~DISC[4:]].mean() > 90
    assert str(notes[0]) == "Missing and shown black: 6.2% of the values."


@pytest.mark.parametrize("value", [-9999, -32768, -3.4e38, 3.4e38, 9999, 0, 99999, 32767])
def test_missing_data_that_no_tag_names_do_not_flatten_the_scene(value: float) -> None:
    disc, ground, notes = shown(put(scene(140, 100), slice(0, 4), value))
    assert disc - ground > 100
    assert "cut off: 6.2%" in notes


@pytest.mark.parametrize(
    "values",
    [
        scene(400, -400, np.int16),
        scene(32768 + 400, 32768 - 400, np.uint16),
        scene(100_000, 20_000, np.uint32),
        scene(310, 290),
        scene(35, 20),
        scene(0.52, 0.5),
    ],
    ids=["CT", "CT with an offset", "32 bits", "kelvin", "degrees", "narrow"],
)
def test_a_scene_far_from_zero_is_stretched(values: np.ndarray) -> None:
    disc, ground, notes = shown(values)
    assert disc - ground > 150
    assert "became black to white" in notes


def test_true_highlights_are_not_cut_off() -> None:
    """A few bright pixels at the end of a slope are light, not faults."""
    values = scene(20_000, dtype=np.uint16)
    values[0, :12] = np.linspace(20_000, 60_000, 12)
    assert shown(values)[2] == ""


def test_two_values_are_no_scene() -> None:
    """A drawing has no noise, by which what lies apart could be told from it."""
    values = np.where(DISC, 4095, 0).astype(np.uint16)
    assert shown(values)[:2] == (255, 0)
    assert shown(put(np.zeros(DISC.shape, np.uint16), (3, 5), 65535))[1] > 0


def test_floats_of_both_usual_ranges_keep_their_values() -> None:
    assert shown(scene()) == (pytest.approx(204, abs=1), pytest.approx(76.5, abs=1), "")
    disc, ground, notes = shown(scene(255))
    assert (disc, ground) == (pytest.approx(204, abs=1), pytest.approx(76.5, abs=1))
    assert notes == "Values from 0 to 255 became black to white."


@pytest.mark.parametrize(
    "values",
    [
        put(scene(3000, dtype=np.uint16), slice(0, 4), 65535),
        put(scene(3000, dtype=np.int16), slice(0, 4), 32767),
        put(scene(140, 100, np.float32), slice(0, 4), 1e20),
        scene(1e-5, dtype=np.float32),
        scene(0.05),
    ],
    ids=["65535", "32767", "1e20", "up to 0.00001", "up to 0.05"],
)
def test_neither_one_value_far_above_nor_a_tiny_range_leaves_black(values: np.ndarray) -> None:
    disc, ground, notes = shown(values)
    assert disc - ground > 60
    assert "became black to white" in notes
