"""Spoilt pictures: nothing at strength 0, more with more strength, the same with the same seed."""

import numpy as np
import pytest
from skimage import data

from segmethods.classroom.corruptions import CORRUPTIONS, corrupt, jpeg_quality
from segmethods.core.messages import ParameterError

CAT = data.chelsea()[40:200, 100:300]


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_strength_goes_from_nothing_to_little_left(kind):
    before = CAT.copy()
    assert np.array_equal(corrupt(CAT, kind, 0), CAT)
    away = [float(np.abs(corrupt(CAT, kind, s).astype(int) - CAT).mean()) for s in (0.05, 0.25, 0.5, 0.75, 1)]
    assert away == sorted(away)
    assert away[0] > 0
    assert away[-1] > 6
    assert np.array_equal(CAT, before)


@pytest.mark.parametrize("kind", CORRUPTIONS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 3)])
def test_any_picture_keeps_its_shape_and_type(kind, shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for strength in (0, 1e-3, 0.5, 1):
        spoilt = corrupt(image, kind, strength)
        assert (spoilt.shape, spoilt.dtype) == (image.shape, np.uint8)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_the_seed_decides(kind):
    assert np.array_equal(corrupt(CAT, kind, 0.5, seed=3), corrupt(CAT, kind, 0.5, seed=3))
    assert np.array_equal(corrupt(CAT, kind, 0.5, seed=3), corrupt(CAT, kind, 0.5, seed=4)) == (kind != "noise")


def test_amounts_are_as_told():
    grey = np.full((200, 200, 3), 128, np.uint8)
    assert abs(corrupt(grey, "noise", 0.3).std() - 30) < 0.5
    assert str(CORRUPTIONS["noise"].amount(0.3)) == "σ = 30 of 256 levels"
    assert corrupt(grey, "darkness", 0.5).mean() == round(128 * 0.52)
    assert str(CORRUPTIONS["darkness"].amount(0.5)) == "52% of the light"
    faded = corrupt(CAT, "contrast", 0.5)
    assert abs(faded.std(axis=(0, 1)) / CAT.std(axis=(0, 1)) - 0.52).max() < 0.01
    assert abs(faded.mean() - CAT.mean()) < 0.5
    qualities = [jpeg_quality(s) for s in np.linspace(0, 1, 21)]
    assert qualities == sorted(qualities, reverse=True)


@pytest.mark.parametrize(("kind", "strength"), [("rain", 0.5), ("noise", 1.1), ("noise", -0.1), ("blur", float("nan"))])
def test_what_doesnt_exist_is_refused(kind, strength):
    with pytest.raises(ParameterError):
        corrupt(CAT, kind, strength)
