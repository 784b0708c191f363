"""SegNet from inside: where max-pooling found its values, and what becomes of the answer without that knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

import numpy as np
from numpy.typing import NDArray

from segmethods.core.registry import About, Range, method, stage
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
    import torch
    from torch import Tensor

    from segmethods.models.architectures.segnet.model import SegNet

WAYS = ("indices", "shuffled", "bilinear")
"""How a map is doubled: values at the places they came from, at random ones nearby, or spread evenly."""


@method(
    "segnet_inside",
    title="SegNet from inside",
    family="inside",
    source="Badrinarayanan et al. 2017",
    needs=("cv2", "torch"),
)
def segnet_inside(
    image: Image,
    *,
    weights: EmbeddedFamily = "voc",
    size: WorkingSize = "auto",
    square: Annotated[
        Literal["2", "4", "8", "16"],
        About(
            "Shuffled within",
            "Each value lands on a random place of its square. A larger square carries it further from where it was.",
            {side: f"{side} × {side}" for side in ("2", "4", "8", "16")},
        ),
    ] = "2",
    seed: Annotated[int, Range(0, 9999), About("Seed", "Another seed shuffles the places in another way.")] = 0,
) -> Segmentation:
    """Shows where SegNet's max-pooling found its values, and its answer when they return to other places.

    The decoder stays as it was trained: it has learned with the right places only.

    Evidence: see `segmethods.methods._network.answer`; and ``ways``, a name of `WAYS` -> labels, uint8 (H, W);
    ``poolings``, one record for each of the four, from fine to coarse: ``stride``, pixels of the working size from one
    value to the next before pooling, ``channels``, how many there are, ``channel``, the one that varies most,
    ``before`` float16 (h, w), its map, and ``kept`` bool (h, w), whose values survive, one in each square of 2 x 2.
    """
    import torch

    from segmethods.models.architectures.segnet.model import max_unpool

    known = at_hand("segnet", weights)
    look = opened(known)
    network = cast("SegNet", look.network)
    generator = torch.Generator().manual_seed(seed)
    with stage("prepare"):
        small = resized(image, working_size(size, known))
    with torch.inference_mode():
        with stage("infer"):
            coarse, places, before = encoded(network, look.enter(small))
            elsewhere = [shuffled(indices, int(square), generator) for indices in places]
            ways = ((places, max_unpool), (elsewhere, max_unpool), (places, spread_evenly))
            decoded = [network.add_image_prior(network.decode(coarse, *way), coarse) for way in ways]
        with stage("finish"):
            answers = {name: look.leave(scores, small) for name, scores in zip(WAYS, decoded, strict=True)}
            labels = {name: decided(scores, image.shape) for name, scores in answers.items()}
            poolings = [pooling(maps, indices, small) for maps, indices in zip(before, places, strict=True)]
            scores = answers["indices"]
            seen = {**vars(NetworkTrace.of(scores, known)), "ways": labels, "poolings": poolings}
            return Segmentation(labels["indices"], known.classes, evidence=seen)


def encoded(network: SegNet, image: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """What `SegNet.encode` gives, and the four maps as they were before pooling."""
    from segmethods.models.architectures.segnet.model import POOLED

    before: list[Tensor] = []
    halvings = [next(network.backbone.stages[index].children()) for index in POOLED]
    hooks = [block.register_forward_pre_hook(lambda _, given: before.append(given[0])) for block in halvings]
    try:
        coarse, places = network.encode(image)
    finally:
        for hook in hooks:
            hook.remove()
    return coarse, places, before


def shuffled(places: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """Random places in the squares that hold those of a pooling.

    Parameters
    ----------
    places : Tensor, int64, shape (N, C, h, w)
        Indices into maps of 2 h times 2 w values, each in its square of 2 x 2.
    side : int
        Of the squares, in values of the map; even.
    """
    import torch

    height, width = (2 * n for n in places.shape[2:])
    rows = torch.arange(0, height, 2)[:, None] // side * side + torch.randint(side, places.shape, generator=generator)
    columns = torch.arange(0, width, 2) // side * side + torch.randint(side, places.shape, generator=generator)
    return rows.clamp(max=height - 1) * width + columns.clamp(max=width - 1)


def spread_evenly(x: Tensor, _: Tensor) -> Tensor:
    """A map of twice the sides by bilinear interpolation, a fourth as strong: un-pooling leaves zeros."""
    from segmethods.models.architectures.backbone import upsample

    return upsample(x, (2 * x.shape[2], 2 * x.shape[3])) / 4


def pooling(before: Tensor, places: Tensor, picture: Image) -> dict[str, int | NDArray[np.generic]]:
    """The record of one pooling, cut to the picture; see `segnet_inside`."""
    stride = (picture.shape[0] + -picture.shape[0] % 32) // before.shape[2]
    height, width = (2 * -(-side // (2 * stride)) for side in picture.shape[:2])
    maps = before[0].numpy()
    channel = int(np.argmax(maps[:, :height, :width].std(axis=(1, 2))))
    kept = np.zeros(maps[channel].size, bool)
    kept[places[0, channel].numpy().ravel()] = True
    return {
        "stride": stride,
        "channels": len(maps),
        "channel": channel,
        "before": maps[channel, :height, :width].astype(np.float16),
        "kept": kept.reshape(maps[channel].shape)[:height, :width],
    }
