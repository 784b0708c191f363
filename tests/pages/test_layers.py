"""Layers decode to the right colours, sizes and clear pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from pages.ui.layers import boundary_layer, disagreement_layer, display_size, error_layer, image_layer, mask_layer
from segmethods.core.palette import FALSE, MISSED, class_colours


def _pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((3000, 4000), (480, 640)),
        ((640, 480), (640, 480)),
        ((300, 451), (300, 451)),
        ((100, 300), (200, 600)),
        ((1, 1), (640, 640)),
        ((1, 5000), (1, 640)),
    ],
)
def test_size_as_shown(shape: tuple[int, int], size: tuple[int, int]) -> None:
    assert display_size(shape) == size
    labels = np.zeros(shape, np.uint8)
    truth = sm.GroundTruth(labels, sm.BINARY)
    layers = [
        mask_layer(labels, sm.BINARY),
        boundary_layer(sm.Segmentation(labels, sm.BINARY)),
        error_layer(labels, truth),
        disagreement_layer(np.zeros(shape, np.float32)),
    ]
    assert [_pixels(layer).shape for layer in layers] == [(*size, 4)] * 4


def test_photo_is_a_jpeg_that_never_grows() -> None:
    image = np.full((3000, 2000, 3), (200, 30, 60), np.uint8)
    shown = Image.open(io.BytesIO(image_layer(image)))
    assert (shown.format, shown.size) == ("JPEG", (427, 640))
    assert np.abs(np.asarray(shown).astype(int) - (200, 30, 60)).max() < 8
    assert Image.open(io.BytesIO(image_layer(image[:20, :30]))).size == (30, 20)


def test_mask_has_the_palettes_colours_and_clear_background_and_void() -> None:
    labels = np.array([[0, 8], [15, 255]], np.uint8).repeat(320, 0).repeat(320, 1)
    pixels = _pixels(mask_layer(labels, sm.VOC))
    assert pixels[0, 0, 3] == pixels[-1, -1, 3] == 0
    assert tuple(pixels[0, -1]) == (*class_colours(sm.VOC)[8], 255)
    assert tuple(pixels[-1, 0]) == (*class_colours(sm.VOC)[15], 255)


def test_a_vocabulary_without_background_covers_everything() -> None:
    labels = np.zeros((640, 640), np.uint8)
    assert (_pixels(mask_layer(labels, sm.CAMVID)) == (*class_colours(sm.CAMVID)[0], 255)).all()
    assert (_pixels(mask_layer(labels, sm.segments(3))) == (*class_colours(sm.segments(3))[0], 255)).all()


def test_a_thousand_segments_stay_visible() -> None:
    labels = np.arange(1000, dtype=np.uint16).repeat(640).reshape(1000, 640)
    pixels = _pixels(mask_layer(labels, sm.segments(1000)))
    assert (pixels[..., 3] == 255).all()
    assert len(np.unique(pixels[:, 0, :3], axis=0)) > 100


def test_sixteen_bit_void_is_clear_too() -> None:
    labels = np.full((640, 640), 255, np.uint16)
    assert not _pixels(mask_layer(labels, sm.VOC))[..., 3].any()


@pytest.mark.parametrize("side", [8, 300, 640, 1500, 6400])
def test_boundaries_are_seen_at_every_size(side: int) -> None:
    labels = np.zeros((side, side), np.uint8)
    labels[:, side // 2 :] = 1
    pixels = _pixels(boundary_layer(sm.Segmentation(labels, sm.segments(2))))
    middle = pixels[pixels.shape[0] // 2]
    white = (middle == 255).all(1)
    assert 2 <= white.sum() <= 90
    assert abs(np.flatnonzero(white).mean() / len(middle) - 0.5) < 0.1
    assert middle[np.flatnonzero(white)[0] - 1, 3] == 255, "a halo"
    assert not middle[0, 3]


def test_boundaries_of_the_method_come_first() -> None:
    edges = np.zeros((640, 640), bool)
    edges[100] = True
    result = sm.Segmentation(np.zeros((640, 640), np.uint8), sm.segments(1), boundaries=edges)
    assert np.flatnonzero(_pixels(boundary_layer(result))[:, 300, 3]).mean() == pytest.approx(100, abs=1)


def test_errors_by_kind() -> None:
    block = 320
    truth = np.array([[8, 0, 8], [255, 8, 8]], np.uint8).repeat(block, 0).repeat(block, 1)
    found = np.array([[8, 8, 0], [8, 12, 255]], np.uint8).repeat(block, 0).repeat(block, 1)
    pixels = _pixels(error_layer(found, sm.GroundTruth(truth, sm.VOC), long_side=960))
    right, false, missed = (pixels[:block, i * block : (i + 1) * block] for i in range(3))
    void, swapped, nothing = (pixels[block:, i * block : (i + 1) * block] for i in range(3))
    assert not right[..., 3].any()
    assert (false == (*FALSE, 255)).all()
    assert (missed == (*MISSED, 255)).all()
    assert (nothing == (*MISSED, 255)).all()
    assert 0.1 < (void[..., 3] > 0).mean() < 0.5, "a hatch"
    assert {tuple(c) for c in swapped.reshape(-1, 4).tolist()} == {(*MISSED, 255), (*FALSE, 255)}, "stripes of both"


def test_without_background_a_wrong_class_is_striped() -> None:
    truth = sm.GroundTruth(np.zeros((640, 640), np.uint8), sm.CAMVID)
    pixels = _pixels(error_layer(np.ones((640, 640), np.uint8), truth))
    assert {tuple(c) for c in pixels.reshape(-1, 4).tolist()} == {(*MISSED, 255), (*FALSE, 255)}


def test_errors_need_equal_sizes() -> None:
    with pytest.raises(ValueError, match="shape"):
        error_layer(np.zeros((4, 4), np.uint8), sm.GroundTruth(np.zeros((4, 5), np.uint8), sm.BINARY))


def test_disagreement_grows_stronger_with_its_value() -> None:
    ramp = np.linspace(0, 1, 640, dtype=np.float32)[None].repeat(640, 0)
    alpha = _pixels(disagreement_layer(ramp))[0, :, 3].astype(int)
    assert alpha[0] == 0
    assert alpha[-1] > 200
    assert (np.diff(alpha) >= 0).all()
    assert not _pixels(disagreement_layer(np.full((640, 640), np.nan)))[..., 3].any()


def test_layers_lie_on_one_another() -> None:
    labels = np.zeros((1999, 1501), np.uint8)
    labels[777:] = 1
    result = sm.Segmentation(labels, sm.BINARY)
    mask, line = _pixels(mask_layer(labels, sm.BINARY)), _pixels(boundary_layer(result))
    assert mask.shape == line.shape
    first = int(np.flatnonzero(mask[:, 9, 3])[0])
    assert first == pytest.approx(np.flatnonzero((line[:, 9, :3] == 255).all(1)).mean(), abs=2)
