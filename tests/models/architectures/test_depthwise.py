"""Convolutions of single channels, whose gradients are computed in another way than torch's."""

import pytest
import torch
from torch import nn

from segmethods.models.architectures.backbone import Convolution
from segmethods.models.architectures.depthwise import Depthwise

PLACES = [
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": 5, "padding": 4, "dilation": 2},
    {"kernel_size": 3, "padding": 0},
    {"kernel_size": 5, "padding": 0, "stride": 2},
]


def pair(**places):
    torch.manual_seed(0)
    ours = Depthwise(4, 4, groups=4, bias=False, **places)
    theirs = nn.Conv2d(4, 4, groups=4, bias=False, **places)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def gradients(layer, x, upstream):
    x = x.clone().requires_grad_()
    out = layer(x)
    out.backward(upstream[: len(out), :, : out.shape[2], : out.shape[3]])
    return out, x.grad, layer.weight.grad


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_answers_and_gradients_are_those_of_torch(places, dtype):
    x, upstream = torch.randn(2, 4, 11, 14, dtype=dtype), torch.randn(2, 4, 11, 14, dtype=dtype)
    ours, theirs = (gradients(layer.to(dtype), x, upstream) for layer in pair(**places))
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other)


def test_in_half_precision_gradients_differ_by_rounding_only():
    x, upstream = torch.randn(2, 4, 20, 20), torch.randn(2, 4, 20, 20)
    ours, theirs = pair(kernel_size=5, padding=2)
    exact = gradients(theirs, x, upstream)
    with torch.autocast("cpu", torch.bfloat16):
        rough = gradients(ours, x, upstream)
    assert rough[0].dtype == torch.bfloat16
    assert rough[2].dtype == torch.float32
    for mine, other in zip(rough, exact, strict=True):
        assert (mine.float() - other).norm() < 0.01 * other.norm()


def test_a_frozen_kernel_hands_the_gradient_on():
    ours, theirs = pair(kernel_size=3, padding=1)
    for layer in (ours, theirs):
        layer.weight.requires_grad_(False)
    x, upstream = torch.randn(1, 4, 6, 6), torch.randn(1, 4, 6, 6)
    torch.testing.assert_close(gradients(ours, x, upstream)[1], gradients(theirs, x, upstream)[1])


def test_the_networks_use_it_for_single_channels_alone():
    assert isinstance(Convolution(4, 4, 3, groups=4).convolution, Depthwise)
    assert not isinstance(Convolution(4, 4, 3).convolution, Depthwise)
