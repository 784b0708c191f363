"""What the embedded weights must know, asked through the method and the real runtime."""

import numpy as np
import pytest
import skimage.data

import segmethods as sm
from segmethods.methods.patch_cnn import pad_for_windows, slide_window
from segmethods.models.architectures import NETWORKS
from segmethods.models.architectures.patch_cnn.windows import STRIDE
from segmethods.models.runtime import load_runner
from segmethods.models.weights import embedded

CAT, PERSON = 8, 15


@pytest.mark.parametrize("network", [*NETWORKS, "ensemble"])
def test_a_cat_is_a_cat(network):
    labels = sm.segment(skimage.data.chelsea(), network).labels
    face = labels[60:280, 110:320]
    assert np.mean(face == CAT) > 0.5
    assert np.bincount(labels.ravel())[1:].argmax() + 1 == CAT


@pytest.mark.parametrize("network", [*NETWORKS, "ensemble"])
def test_an_astronaut_is_a_person(network):
    labels = sm.segment(skimage.data.astronaut(), network).labels
    body = labels[60:480, 140:290]
    assert np.mean(body == PERSON) > 0.5
    assert np.bincount(labels.ravel())[1:].argmax() + 1 == PERSON


def test_both_ways_of_sliding_give_the_same_answer():
    image = skimage.data.chelsea()[::2, ::2]
    sliding = sm.segment(image, "patch_cnn", evaluation="sliding", step="8", size="256")
    dense = sm.segment(image, "patch_cnn", evaluation="dense", size="256")
    assert sliding.probabilities is not None
    np.testing.assert_allclose(sliding.probabilities.astype(float), dense.probabilities.astype(float), atol=1e-3)
    assert np.mean(sliding.labels == dense.labels) > 0.999


def test_sliding_equals_dense_with_what_was_learned():
    run = load_runner(embedded()["patch_cnn-voc"], "window")
    image = pad_for_windows(np.ascontiguousarray(skimage.data.chelsea()[60:160, 100:260]))
    dense = run(image[None])[0]
    np.testing.assert_allclose(slide_window(run, image, STRIDE), dense, atol=1e-4, rtol=0)
    np.testing.assert_allclose(slide_window(run, image, 2 * STRIDE), dense[:, ::2, ::2], atol=1e-4, rtol=0)


@pytest.mark.parametrize("rule", ["mean", "vote"])
def test_an_ensemble_of_one_is_that_one(rule):
    image = skimage.data.chelsea()
    alone = sm.segment(image, "fcn")
    joined = sm.segment(image, "ensemble", members=("fcn",), rule=rule, mirrored=False)
    agreed = np.mean(alone.labels == joined.labels)
    assert agreed == 1 if rule == "mean" else agreed > 0.98


def test_a_weight_of_zero_silences_a_member():
    image = skimage.data.chelsea()
    alone = sm.segment(image, "ensemble", members=("fcn",))
    joined = sm.segment(image, "ensemble", members=("fcn", "deeplab"), weight_deeplab=0.0)
    np.testing.assert_array_equal(alone.labels, joined.labels)
    with pytest.raises(sm.MethodError, match="every weight is zero"):
        sm.segment(image, "ensemble", members=("fcn",), weight_fcn=0.0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (300, 7)])
@pytest.mark.parametrize("network", [*NETWORKS, "ensemble"])
def test_any_picture_has_an_answer(network, shape):
    result = sm.segment(np.full((*shape, 3), 128, np.uint8), network, size="256")
    assert result.labels.shape == shape
    assert result.probabilities is not None
    assert result.probabilities.dtype == np.float16
    np.testing.assert_allclose(result.probabilities.astype(float).sum(axis=0), 1, atol=5e-3)


def test_classes_of_street_scenes():
    result = sm.segment(skimage.data.chelsea(), "deeplab", weights="camvid", size="256")
    assert result.classes == sm.CAMVID


def test_a_member_that_does_not_exist_has_no_weight():
    from segmethods.methods.ensemble import ensemble

    with pytest.raises(TypeError, match="no parameters weight_fnc"):
        ensemble(skimage.data.chelsea(), weight_fnc=1.0)
