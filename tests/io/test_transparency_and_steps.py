"""What a mask's transparency says in any depth, colours of many bits, and greys of which a mask lacks some."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from segmethods import ImageError, ParameterError
from segmethods.benchmark.predictions import score_folders
from segmethods.datasets.opening import open_dataset
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.id_maps import PRESETS
from segmethods.io.label_pairs import load_pair

DISC = np.hypot(*np.mgrid[-32:32, -48:48]) < 20
SQUARE = np.zeros_like(DISC)
SQUARE[50:, 80:] = True
THREE = np.where(SQUARE, 2, DISC).astype(np.uint8)
SIZE = DISC.shape


def deep_png(values: np.ndarray) -> bytes:
    """A PNG of 16 bits a channel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    mode = {2: 4, 3: 2, 4: 6}[values.shape[2]]
    head = struct.pack(">IIBBBBB", SIZE[1], SIZE[0], 16, mode, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png(image: np.ndarray | Pillow.Image, **options: bytes | int) -> bytes:
    file = io.BytesIO()
    (image if isinstance(image, Pillow.Image) else Pillow.fromarray(image)).save(file, "PNG", **options)
    return file.getvalue()


def tiff(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="rgb")
    return file.getvalue()


def twins(hidden: int) -> Pillow.Image:
    image = Pillow.fromarray(np.where(DISC, 1 - hidden, hidden).astype(np.uint8), "P")
    image.putpalette([200, 0, 0] * 2)
    return image


SEE_THROUGH = {
    "grey of 16 bits, black": deep_png(np.dstack([DISC * 0, DISC * 65535])),
    "grey of 16 bits, white": deep_png(np.dstack([DISC * 0 + 65535, DISC * 65535])),
    "16 bits, half opaque": deep_png(np.dstack([DISC * 0] * 3 + [np.where(DISC, 65535, 30000)])),
    "invisible colours": png(np.dstack([DISC * 200, DISC * 10, DISC * 0, DISC * 0]).astype(np.uint8)),
    "palette, one colour, first hidden": png(twins(0), transparency=0),
    "palette, one colour, second hidden": png(twins(1), transparency=1),
}


@pytest.mark.parametrize("data", SEE_THROUGH.values(), ids=SEE_THROUGH.keys())
def test_transparency_is_read_in_any_depth(data: bytes) -> None:
    truth = read_ground_truth(data, SIZE, "m.png").truth
    assert np.array_equal(truth.labels == 1, DISC)
    assert len(truth.classes) == 2


def test_degrees_of_transparency_of_one_colour_are_classes() -> None:
    degrees = np.array([0, 128, 255], np.uint8)[THREE]
    file = read_ground_truth(png(np.dstack([np.full((*SIZE, 3), 255, np.uint8), degrees])), SIZE, "m.png")
    assert np.array_equal(file.truth.labels, THREE)
    assert "transparency holds the mask" in " ".join(map(str, file.notes))


def test_black_on_nothing_is_not_said_to_have_colours_that_look_alike() -> None:
    file = read_ground_truth(SEE_THROUGH["grey of 16 bits, black"], SIZE, "m.png")
    assert [str(note) for note in file.notes] == ["Transparent pixels are the background."]


COLOURS = np.array([[0, 0, 300], [100, 0, 300], [200, 0, 300]])[THREE]


@pytest.mark.parametrize(
    "data",
    [deep_png(COLOURS), tiff(COLOURS.astype(np.uint32)), tiff((COLOURS / 400).astype(np.float32))],
    ids=["16 bits", "32 bits", "floats"],
)
def test_colours_that_8_bits_cannot_tell_apart_are_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match="more than 8 bits"):
        read_ground_truth(data, SIZE, "m.png")


@pytest.mark.parametrize("count", [6, 8, 11, 16])
def test_many_greys_in_even_steps_are_classes(count: int) -> None:
    bands = np.repeat(np.arange(count), 5)[None].repeat(30, axis=0)
    greys = np.round(np.linspace(0, 255, count)).astype(np.uint8)[bands]
    file = read_ground_truth(png(greys), greys.shape, "m.png")
    assert np.array_equal(file.truth.labels, bands)
    assert any("were numbered" in str(note) for note in file.notes)


STEPS = {"three": (0, 127, 255), "four": (0, 85, 170, 255)}


def some_lack(steps: tuple[int, ...]) -> list[np.ndarray]:
    """Maps of all classes, of all but one each, and of background alone."""
    full = np.minimum(np.mgrid[:20, :40][1] // (40 // len(steps)), len(steps) - 1).astype(np.uint8)
    return [full, *(np.where(full == lost, (lost + 1) % len(steps), full) for lost in range(len(steps))), full * 0]


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS.keys())
def test_masks_that_lack_some_greys_of_their_set_are_read_by_the_others(steps: tuple[int, ...], tmp_path: Path) -> None:
    for number, ids in enumerate(some_lack(steps)):
        for folder, values in (("images", ids * 40), ("masks", np.array(steps, np.uint8)[ids])):
            (tmp_path / folder).mkdir(exist_ok=True)
            Pillow.fromarray(values).save(tmp_path / folder / f"{number}.png")
    dataset = open_dataset(tmp_path)
    assert len(dataset.classes) == len(steps)
    for pair, ids in zip(dataset.pairs, some_lack(steps), strict=True):
        assert np.array_equal(pair.load().truth.labels, ids)


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS.keys())
def test_predictions_that_lack_some_greys_are_scored_by_those_of_the_truth(
    steps: tuple[int, ...], tmp_path: Path
) -> None:
    for folder in ("found", "true"):
        (tmp_path / folder).mkdir()
    full = some_lack(steps)[0]
    Pillow.fromarray(np.array(steps, np.uint8)[full]).save(tmp_path / "true/0.png")
    for ids in some_lack(steps):
        Pillow.fromarray(np.array(steps, np.uint8)[ids]).save(tmp_path / "found/0.png")
        found, true = load_pair(tmp_path / "found/0.png", tmp_path / "true/0.png")
        assert np.array_equal(found.maps[0].labels, ids)
        assert np.array_equal(true.maps[0].labels, full)
        assert any("were numbered" in str(note) for note in true.notes)


@pytest.mark.parametrize("as_ids", [False, True], ids=["greys", "ids"])
def test_folders_of_greys_are_scored_though_some_lack_classes(as_ids: bool, tmp_path: Path) -> None:
    for number, ids in enumerate(some_lack(STEPS["four"])):
        for folder in ("found", "true"):
            (tmp_path / folder).mkdir(exist_ok=True)
            values = ids if as_ids and folder == "found" else np.array(STEPS["four"], np.uint8)[ids]
            Pillow.fromarray(values).save(tmp_path / folder / f"{number}.png")
    scores = score_folders(tmp_path / "true", [tmp_path / "found"])
    confusions = scores.results.confusions["found"]
    assert all(c is not None and np.trace(c.counts) == c.counts.sum() for c in confusions)
    assert "were numbered" in " ".join(map(str, scores.notes))


HUES = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0]], np.uint8)


@pytest.mark.parametrize("image", [HUES[THREE], HUES[THREE[:, ::-1]]], ids=["as the truth", "mirrored"])
def test_colours_are_not_scored_as_ids(image: np.ndarray, tmp_path: Path) -> None:
    for folder, values in (("found", image), ("true", THREE)):
        (tmp_path / folder).mkdir()
        Pillow.fromarray(values).save(tmp_path / folder / "0.png")
    with pytest.raises(ParameterError, match="tells classes by colours"):
        score_folders(tmp_path / "true", [tmp_path / "found"])
    with pytest.raises(ParameterError, match="tells classes by colours"):
        load_pair(tmp_path / "found/0.png", tmp_path / "true/0.png", ids=PRESETS["voc"])


@pytest.mark.parametrize(("void", "said"), [(False, True), (True, False)], ids=["judged", "not judged"])
def test_pixels_that_a_prediction_leaves_open_are_said(void: bool, said: bool, tmp_path: Path) -> None:
    open_ = np.where(SQUARE, 255, THREE).astype(np.uint8)
    Pillow.fromarray(open_).save(tmp_path / "found.png")
    Pillow.fromarray(open_ if void else THREE).save(tmp_path / "true.png")
    found, _ = load_pair(tmp_path / "found.png", tmp_path / "true.png")
    assert any("It has 255 on" in str(note) for note in found.notes) == said


@pytest.mark.parametrize("mask", [DISC, ~DISC], ids=["small", "large"])
def test_one_bit_that_is_stored_inverted_is_said(mask: np.ndarray) -> None:
    file = io.BytesIO()
    tifffile.imwrite(file, mask)
    found = read_ground_truth(file.getvalue(), SIZE, "m.tif")
    assert np.array_equal(found.truth.labels == 1, ~mask)
    assert "one bit is stored inverted" in str(found.notes[0])
