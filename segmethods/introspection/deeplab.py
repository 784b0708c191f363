"""DeepLab: its answer when branches of the pyramid are switched off, and how much each of them decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segmethods.core.extras import require
from segmethods.core.types import Image, Labels, Trace, Vocabulary
from segmethods.introspection.loaded_model import load_model
from segmethods.methods._network import EmbeddedWeights, WorkingSize, argmax_upsampled

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.deeplab.model import DeepLab

BRANCHES = ("point", "near", "middle", "far", "whole")
"""The pyramid's branches in their order: 1 x 1, three spacings, and the mean over the whole image."""


@dataclass(frozen=True, eq=False)
class BranchAblation(Trace):
    """DeepLab's answer with some branches switched off.

    Parameters
    ----------
    labels : ndarray, uint8, shape (H, W)
    classes : Vocabulary
        What the labels mean.
    """

    labels: Labels
    classes: Vocabulary


@dataclass(frozen=True, eq=False)
class BranchComparison(Trace):
    """DeepLab's answer, and how much of it changes when one branch is switched off.

    Parameters
    ----------
    labels : ndarray, uint8, shape (H, W)
        With all branches.
    without_atrous, without_all : ndarray, uint8, shape (H, W)
        With the two branches that aren't atrous, and with none.
    classes : Vocabulary
        What the labels mean.
    changed : mapping
        A name of `BRANCHES` -> the share of the network's own cells, 4 pixels wide at working size, that change their
        class without it.
    channels : mapping
        A name of `BRANCHES` -> how many channels it gives to the layer that mixes them.
    rates : tuple of int
        The spacings of the atrous branches.
    """

    labels: Labels
    without_atrous: Labels
    without_all: Labels
    classes: Vocabulary
    changed: Mapping[str, float]
    channels: Mapping[str, int]
    rates: tuple[int, ...]


def ablate_branches(
    image: Image,
    *,
    weights: EmbeddedWeights = "voc",
    size: WorkingSize = "auto",
    point: bool = True,
    near: bool = True,
    middle: bool = True,
    far: bool = True,
    whole: bool = True,
) -> BranchAblation:
    """DeepLab's answer with some branches of its pyramid switched off.

    A branch that is off gives zeros to the layer that mixes the branches; nothing is trained anew for it.
    """
    require("torch")
    import torch

    from segmethods.models.architectures.deeplab.model import DeepLab

    model = load_model(DeepLab, "deeplab", weights)
    small = model.resize(image, size)
    with torch.inference_mode():
        fine, branches = compute_branches(model.network, model.preprocess(small))
        logits = mix_branches(model.network, branches, (point, near, middle, far, whole), fine)
        labels = argmax_upsampled(model.postprocess(logits, small), image.shape)
    return BranchAblation(labels, model.weights.classes)


def compare_branches(image: Image, *, weights: EmbeddedWeights = "voc", size: WorkingSize = "auto") -> BranchComparison:
    """How much each branch of DeepLab's pyramid decides: how many pixels change when it alone is off."""
    require("torch")
    import torch

    from segmethods.models.architectures.deeplab.model import DeepLab

    model = load_model(DeepLab, "deeplab", weights)
    network = model.network
    small = model.resize(image, size)
    height, width = (-(-side // network.output_stride) for side in small.shape[:2])
    gates = [[name != off for name in BRANCHES] for off in BRANCHES]
    fewer = [[True] * len(BRANCHES), [name in ("point", "whole") for name in BRANCHES], [False] * len(BRANCHES)]
    with torch.inference_mode():
        fine, branches = compute_branches(network, model.preprocess(small))
        logits = [mix_branches(network, branches, on, fine) for on in (*fewer, *gates)]
        labels, no_atrous, nothing = (
            argmax_upsampled(model.postprocess(one, small), image.shape) for one in logits[:3]
        )
        best, _, _, *others = (one.argmax(dim=1)[0, :height, :width] for one in logits)
        changed = {name: float((one != best).float().mean()) for name, one in zip(BRANCHES, others, strict=True)}
    rates = tuple(branch[0].convolution.dilation[0] for branch in network.pyramid.atrous)  # type: ignore[index]
    channels = {name: branch.shape[1] for name, branch in zip(BRANCHES, branches, strict=True)}
    return BranchComparison(labels, no_atrous, nothing, model.weights.classes, changed, channels, rates)


def compute_branches(network: DeepLab, image: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The backbone's second map, and what the pyramid's branches make of its last one."""
    features = network.backbone(image)
    return features[1], network.pyramid.branches(features[6], features[7])


def mix_branches(network: DeepLab, branches: Sequence[Tensor], gates: Sequence[bool], fine: Tensor) -> Tensor:
    """The logits when branches whose gate is False are zero.

    Parameters
    ----------
    network : DeepLab
        Whose layers are used.
    branches : sequence of Tensor
        What `ASPP.branches` gives.
    gates : sequence of bool
        One for each branch.
    fine : Tensor
        The backbone's second map.

    Returns
    -------
    Tensor, float, shape (1, C, h, w)
    """
    import torch

    kept = [branch * gate for branch, gate in zip(branches, gates, strict=True)]
    return network.add_image_prior(network.decode(network.pyramid.mix(torch.cat(kept, dim=1)), fine), branches[0])
