"""SegNet: where max-pooling found its values, and what becomes of the answer without that knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.extras import require
from segmethods.core.registry import About, Range
from segmethods.core.types import Image, Labels, Trace, Vocabulary
from segmethods.introspection.loaded_model import load_model
from segmethods.methods._network import EmbeddedWeights, WorkingSize, argmax_upsampled

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from segmethods.models.architectures.segnet.model import SegNet

VARIANTS = ("indices", "shuffled", "bilinear")
"""How a map is doubled: values at the indices they came from, at random ones nearby, or spread evenly."""


@dataclass(frozen=True, eq=False)
class Pooling:
    """One max-pooling of the encoder.

    Parameters
    ----------
    stride : int
        Pixels of the working size from one value to the next before pooling.
    channels : int
        How many maps there are.
    channel : int
        The one that varies most.
    before : ndarray, float16, shape (h, w)
        Its values before pooling.
    kept : ndarray of bool, shape (h, w)
        Which values survive, one in each square of 2 x 2.
    """

    stride: int
    channels: int
    channel: int
    before: NDArray[np.float16]
    kept: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SegNetInspection(Trace):
    """SegNet's poolings, and its answers when pooled values return to other positions.

    Parameters
    ----------
    labels : ndarray, uint8, shape (H, W)
        The network's own answer.
    classes : Vocabulary
        What all labels mean.
    variants : mapping
        A name of `VARIANTS` -> labels, uint8 (H, W).
    poolings : tuple of Pooling
        The four of them, from fine to coarse.
    """

    labels: Labels
    classes: Vocabulary
    variants: Mapping[str, Labels]
    poolings: tuple[Pooling, ...]


def inspect_segnet(
    image: Image,
    *,
    weights: EmbeddedWeights = "voc",
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
) -> SegNetInspection:
    """Where SegNet's max-pooling found its values, and its answer when they return to other positions.

    The decoder stays as it was trained: it has learned with the right positions only.
    """
    require("torch")
    import torch

    from segmethods.models.architectures.segnet.model import SegNet, max_unpool

    model = load_model(SegNet, "segnet", weights)
    network = model.network
    generator = torch.Generator().manual_seed(seed)
    small = model.resize(image, size)
    with torch.inference_mode():
        coarse, indices, before = encode_with_maps(network, model.preprocess(small))
        elsewhere = [shuffle_indices(one, int(square), generator) for one in indices]
        decoders = ((indices, max_unpool), (elsewhere, max_unpool), (indices, spread_evenly))
        decoded = [network.add_image_prior(network.decode(coarse, *decoder), coarse) for decoder in decoders]
        variants = {
            name: argmax_upsampled(model.postprocess(logits, small), image.shape)
            for name, logits in zip(VARIANTS, decoded, strict=True)
        }
        poolings = tuple(describe_pooling(maps, one, small) for maps, one in zip(before, indices, strict=True))
    return SegNetInspection(variants["indices"], model.weights.classes, variants, poolings)


def encode_with_maps(network: SegNet, image: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """What `SegNet.encode` gives, and the four maps as they were before pooling."""
    from segmethods.models.architectures.segnet.model import POOLED

    before: list[Tensor] = []
    pooled = [next(network.backbone.stages[index].children()) for index in POOLED]
    hooks = [block.register_forward_hook(lambda _, __, made: before.append(made)) for block in pooled]
    try:
        coarse, indices = network.encode(image)
    finally:
        for hook in hooks:
            hook.remove()
    return coarse, indices, before


def shuffle_indices(indices: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """Random indices in the squares that hold those of a pooling.

    Parameters
    ----------
    indices : Tensor, int64, shape (N, C, h, w)
        Into maps of 2 h times 2 w values, each in its square of 2 x 2.
    side : int
        Of the squares, in values of the map; even.
    generator : torch.Generator
        For the random indices.

    Returns
    -------
    Tensor, int64, shape (N, C, h, w)
    """
    import torch

    height, width = (2 * n for n in indices.shape[2:])
    rows = torch.arange(0, height, 2)[:, None] // side * side + torch.randint(side, indices.shape, generator=generator)
    columns = torch.arange(0, width, 2) // side * side + torch.randint(side, indices.shape, generator=generator)
    return rows.clamp(max=height - 1) * width + columns.clamp(max=width - 1)


def spread_evenly(x: Tensor, _: Tensor) -> Tensor:
    """A map of twice the sides by bilinear interpolation, a fourth as strong: un-pooling leaves zeros."""
    from segmethods.models.architectures.backbone import upsample

    return upsample(x, (2 * x.shape[2], 2 * x.shape[3])) / 4


def describe_pooling(before: Tensor, indices: Tensor, image: Image) -> Pooling:
    """What one pooling kept, cut to a resized image."""
    stride = (image.shape[0] + -image.shape[0] % 32) // before.shape[2]
    height, width = (2 * -(-side // (2 * stride)) for side in image.shape[:2])
    maps = before[0].numpy()
    channel = int(np.argmax(maps[:, :height, :width].std(axis=(1, 2))))
    kept = np.zeros(maps[channel].size, bool)
    kept[indices[0, channel].numpy().ravel()] = True
    return Pooling(
        stride,
        len(maps),
        channel,
        maps[channel, :height, :width].astype(np.float16),
        kept.reshape(maps[channel].shape)[:height, :width],
    )
