"""The ensemble asks the network that counts most about the mirror image, too."""

import numpy as np

import segmethods as sm
from segmethods.methods._network import argmax_upsampled, infer
from segmethods.models.weights import get_weights


def test_only_the_one_that_counts_most_is_asked_twice() -> None:
    image = sm.get_sample("chelsea").image()
    turned = np.ascontiguousarray(image[:, ::-1])
    params = {"size": "256", "members": ("fcn", "deeplab"), "weight_fcn": 1.0, "weight_deeplab": 2.0}
    fcn, deeplab = get_weights("fcn", "voc"), get_weights("deeplab", "voc")
    plain = [infer(one, image, "256") for one in (fcn, deeplab)]
    mirrored = [infer(one, turned, "256")[..., ::-1] for one in (fcn, deeplab)]
    for joined, weight_fcn in (
        ((plain[0] + 2 * (plain[1] + mirrored[1]) / 2) / 3, 1.0),
        ((3 * (plain[0] + mirrored[0]) / 2 + 2 * plain[1]) / 5, 3.0),
    ):
        labels = sm.segment(image, "ensemble", **params | {"weight_fcn": weight_fcn}).labels
        assert np.mean(labels != argmax_upsampled(joined, image.shape)) < 2e-4
    labels = sm.segment(image, "ensemble", **params, mirrored=False).labels
    assert np.mean(labels != argmax_upsampled((plain[0] + 2 * plain[1]) / 3, image.shape)) < 2e-4


def test_an_image_and_its_mirror_image_get_the_same_answer() -> None:
    image = sm.get_sample("horse").image()
    turned = np.ascontiguousarray(image[:, ::-1])
    asked = {"members": ("deeplab",)}
    one, other = (sm.segment(seen, "ensemble", **asked).labels for seen in (image, turned))
    apart, from_it = (sm.segment(seen, "ensemble", **asked, mirrored=False).labels for seen in (image, turned))
    assert np.mean(one != other[:, ::-1]) < 0.1 * np.mean(apart != from_it[:, ::-1])
