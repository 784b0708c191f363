"""A shipped network of a job taken up again by torch, so that it can learn on.

What ships has its normalisations folded into the convolutions before them. Here each gets one again that changes
nothing: the mean and the spread of what it sees on a few images, undone by its own scale and shift.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn

from segmethods.jobs.unet import UNet
from segmethods.models.architectures.backbone import Convolution
from segmethods.models.encoder import network_file

FOLDED, MARK = "/aten::batch_norm/BatchNormInference", "__module.network."


def _list_folded(name: str) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Module, kernel and shift of each folded convolution of a shipped network, and of its last layer."""
    import segmethods.models.runtime.openvino  # noqa: F401, I001 - first: it keeps OpenVINO from reporting its use
    import openvino as ov

    def numbers(node: ov.Node) -> Tensor:
        return torch.from_numpy(node.get_data().copy()).float()

    for op in ov.Core().read_model(network_file(name)).get_ordered_ops():
        label = op.get_friendly_name()
        last = label.startswith(f"{MARK}classify/")
        if op.get_type_name() != "Add" or not (label.endswith(FOLDED) or last):
            continue
        convolution, shift = (op.input_value(i).get_node() for i in (0, 1))
        kernel = convolution.input_value(1).get_node()
        pair = (kernel, shift)
        constants = [n.input_value(0).get_node() if n.get_type_name() == "Convert" else n for n in pair]
        module = label.removeprefix(MARK).split("/")[0].removesuffix(".norm")
        yield module, *(numbers(node) for node in constants)


def _settle(shift: Tensor, norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
    """Make a normalisation add a shift and nothing else, whatever it sees on average."""
    mean, spread = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3))
    values = (norm.running_mean, mean), (norm.running_var, spread), (norm.bias, mean + shift)
    for kept, value in (*values, (norm.weight, (spread + norm.eps).sqrt())):
        assert kept is not None  # they are kept, and have a scale and a shift
        kept.copy_(value)


@torch.no_grad()
def take_up(network: UNet, name: str, images: Tensor) -> UNet:
    """The network with the shipped weights of this name.

    Parameters
    ----------
    network : UNet
    name : str
    images : Tensor
        A batch of normalised images, which the normalisations are set by.
    """
    network.eval()
    hooks, seen = [], 0
    for module, kernel, shift in _list_folded(name):
        part = network.get_submodule(module)
        seen += 1
        if isinstance(part, nn.Conv2d):
            assert part.bias is not None  # the last layer has one
            part.weight.copy_(kernel.view_as(part.weight))
            part.bias.copy_(shift.ravel())
            continue
        assert isinstance(part, Convolution)  # what else is folded
        part.convolution.weight.copy_(kernel.view_as(part.convolution.weight))

        hooks.append(part.norm.register_forward_pre_hook(partial(_settle, shift.ravel())))
    assert seen == sum(isinstance(m, nn.Conv2d) for m in network.modules())
    network(images)
    for hook in hooks:
        hook.remove()
    return network
