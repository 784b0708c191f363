"""DeepLab from inside: its answer when branches of the pyramid are switched off, and how much each of them decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from segmethods.core.registry import method, stage
from segmethods.core.types import Image, Segmentation
from segmethods.introspection.models import opened
from segmethods.methods._network import (
    EmbeddedFamily,
    NetworkTrace,
    WorkingSize,
    at_hand,
    decided,
    resized,
    working_size,
)

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.deeplab.model import DeepLab

BRANCHES = ("point", "near", "middle", "far", "whole")
"""The pyramid's branches in their order: 1 x 1, three spacings, and the mean over the whole picture."""


@method(
    "deeplab_inside",
    title="DeepLab from inside",
    family="inside",
    source="Chen et al. 2017",
    needs=("cv2", "torch"),
)
def deeplab_inside(
    image: Image,
    *,
    weights: EmbeddedFamily = "voc",
    size: WorkingSize = "auto",
    point: bool = True,
    near: bool = True,
    middle: bool = True,
    far: bool = True,
    whole: bool = True,
) -> Segmentation:
    """Shows DeepLab's answer with some branches of its pyramid switched off.

    A branch that is off gives zeros to the layer that mixes the branches; nothing is trained anew for it.

    Evidence: see `segmethods.methods._network.answer`.
    """
    import torch

    known = at_hand("deeplab", weights)
    look = opened(known)
    network = cast("DeepLab", look.network)
    with stage("prepare"):
        small = resized(image, working_size(size, known))
    with torch.inference_mode():
        with stage("infer"):
            fine, branches = read_branches(network, look.enter(small))
            scores = look.leave(score_branches(network, branches, (point, near, middle, far, whole), fine), small)
        with stage("finish"):
            labels = decided(scores, image.shape)
            return Segmentation(labels, known.classes, evidence=vars(NetworkTrace.of(scores, known)))


@method(
    "deeplab_branches",
    title="DeepLab's branches",
    family="inside",
    source="Chen et al. 2017",
    needs=("cv2", "torch"),
)
def deeplab_branches(
    image: Image,
    *,
    weights: EmbeddedFamily = "voc",
    size: WorkingSize = "auto",
) -> Segmentation:
    """Shows how much each branch of DeepLab's pyramid decides: how many pixels change when it alone is off.

    Evidence: ``without``, a name of `BRANCHES` -> the share of the network's own cells, 4 pixels wide at working size,
    that change their class; ``rates``, the spacings of the atrous branches; ``known``, the name of the weights.
    """
    import torch

    known = at_hand("deeplab", weights)
    look = opened(known)
    network = cast("DeepLab", look.network)
    with stage("prepare"):
        small = resized(image, working_size(size, known))
        height, width = (-(-side // network.output_stride) for side in small.shape[:2])
    with torch.inference_mode():
        with stage("infer"):
            fine, branches = read_branches(network, look.enter(small))
            gates = [[True] * len(BRANCHES), *([name != off for name in BRANCHES] for off in BRANCHES)]
            complete, *scores = [score_branches(network, branches, on, fine) for on in gates]
        with stage("finish"):
            labels = decided(look.leave(complete, small), image.shape)
            best, *lacking = (one.argmax(dim=1)[0, :height, :width] for one in (complete, *scores))
            changed = {name: float((one != best).float().mean()) for name, one in zip(BRANCHES, lacking, strict=True)}
            seen = {
                "without": changed,
                "rates": tuple(branch[0].convolution.dilation[0] for branch in network.pyramid.atrous),  # type: ignore[index]
                "known": known.name,
            }
            return Segmentation(labels, known.classes, evidence=seen)


def read_branches(network: DeepLab, image: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The backbone's second map, and what the pyramid's branches make of its last one."""
    features = network.backbone(image)
    return features[1], network.pyramid.branches(features[6], features[7])


def score_branches(network: DeepLab, branches: Sequence[Tensor], gates: Sequence[bool], fine: Tensor) -> Tensor:
    """The scores when branches whose gate is False are zero.

    Parameters
    ----------
    branches : sequence of Tensor
        What `ASPP.branches` gives.
    fine : Tensor
        The backbone's second map.

    Returns
    -------
    Tensor, float, shape (1, C, h, w)
    """
    import torch

    kept = [branch * gate for branch, gate in zip(branches, gates, strict=True)]
    return network.add_image_prior(network.decode(network.pyramid.mix(torch.cat(kept, dim=1)), fine), branches[0])
