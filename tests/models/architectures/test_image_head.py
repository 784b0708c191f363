"""What a picture as a whole says of its pixels."""

import math

import pytest
import torch

from segmethods.models.architectures import build, restore
from segmethods.models.architectures.image_head import (
    MAX_PROBABILITY,
    MIN_PROBABILITY,
    NEUTRAL_PROBABILITY,
    ImageLevelHead,
)
from tests.models.architectures.random_weights import random_network


def decided(logits: list[float]) -> ImageLevelHead:
    """One that finds these logits in whatever it is shown."""
    presence = ImageLevelHead(4, len(logits) + 1)
    torch.nn.init.zeros_(presence.signs.weight)
    with torch.no_grad():
        presence.signs.bias.copy_(torch.tensor(logits))
    return presence


def test_what_is_hardly_there_loses_and_what_is_surely_there_gains():
    sure, neutral = 9.0, float(torch.logit(torch.tensor(NEUTRAL_PROBABILITY - MIN_PROBABILITY)))
    credit = decided([-sure, neutral, sure]).prior(torch.randn(1, 4, 3, 5))
    assert credit.shape == (1, 4, 1, 1)
    first, absent, unsure, there = credit.flatten().tolist()
    assert first == 0
    assert absent < -3
    assert unsure == pytest.approx(0, abs=1e-5)
    assert there == pytest.approx(math.log(MAX_PROBABILITY / NEUTRAL_PROBABILITY))


def test_each_class_looks_where_it_finds_most_to_go_by():
    presence = ImageLevelHead(2, 2)
    with torch.no_grad():
        presence.places.weight[:] = torch.tensor([20.0, 0.0])[None, :, None, None]
        presence.signs.weight[:] = torch.tensor([0.0, 1.0])[None, :, None, None]
        presence.signs.bias.zero_()
    features = torch.zeros(1, 2, 3, 3)
    features[0, 1] = torch.arange(9.0).view(3, 3)
    torch.testing.assert_close(presence(features), torch.tensor([[4.0]]))  # no place stands out: the mean
    features[0, 0, 2, 1] = 1
    torch.testing.assert_close(presence(features), torch.tensor([[7.0]]), atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", ["fcn", "segnet", "deeplab"])
def test_every_pixel_gets_the_same_credit(name):
    network = random_network(name)
    image = torch.randn(1, 3, 96, 128)
    before = network.logits(image)
    network.add_image_head(5)
    added = (network.logits(image) - before).flatten(2)
    assert added.std(dim=2).max() < 1e-4
    assert added[:, 0].abs().max() < 1e-4
    assert added[:, 1:].abs().min() > 1e-3


def test_a_network_of_windows_sees_no_whole_picture():
    assert build("patch_cnn", 3, presence=True).presence is None


def test_weights_say_themselves_whether_they_judge_presence():
    for presence in (True, False):
        weights = build("fcn", 3, presence=presence).state_dict()
        kept = {name: value for name, value in weights.items() if not name.endswith("num_batches_tracked")}
        assert (restore("fcn", 3, kept).presence is not None) is presence
