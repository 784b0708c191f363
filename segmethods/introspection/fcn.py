"""FCN: its maps, layer by layer, and what its skips and its look at the whole image are good for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segmethods.core.extras import require
from segmethods.core.types import Image, Labels, Trace, Vocabulary
from segmethods.introspection.loaded_model import load_model
from segmethods.methods._network import EmbeddedWeights, WorkingSize, argmax_upsampled

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.fcn.model import FCN

SHOWN = 12
"""Channels of each layer that are kept."""

SKIPS: dict[str, tuple[bool, bool]] = {
    "none": (False, False),
    "16": (True, False),
    "8": (False, True),
    "both": (True, True),
}
"""Which skips are added: the one at stride 16, the one at stride 8."""


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The maps of one layer that vary most over the image.

    Parameters
    ----------
    stride : int
        Pixels of the working size from one value to the next.
    channels : int
        How many maps the layer has.
    chosen : ndarray, int64, shape (n,)
        Those that vary most over the image, the most varied first.
    maps : ndarray, float16, shape (n, h, w)
        Their values.
    """

    stride: int
    channels: int
    chosen: NDArray[np.int64]
    maps: NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class FCNInspection(Trace):
    """FCN's answers with and without its parts.

    Parameters
    ----------
    labels : ndarray, uint8, shape (H, W)
        The network's own answer.
    classes : Vocabulary
        What all labels mean.
    skips : mapping
        A name of `SKIPS` -> labels, uint8 (H, W).
    layers : tuple of LayerMaps
        One for each stage of the encoder and for its head, from fine to coarse.
    without_image_head : ndarray, uint8, shape (H, W)
        Labels without the image as a whole.
    chances : tuple of float
        How likely each class but the first is to be in the image; none if that isn't judged.
    """

    labels: Labels
    classes: Vocabulary
    skips: Mapping[str, Labels]
    layers: tuple[LayerMaps, ...]
    without_image_head: Labels
    chances: tuple[float, ...]


def inspect_fcn(image: Image, *, weights: EmbeddedWeights = "voc", size: WorkingSize = "auto") -> FCNInspection:
    """The maps of FCN's layers, and its answer with and without the skips and the image as a whole.

    A skip is switched off by leaving its logits out of the sum. Nothing is trained anew for it, so that "none" is what
    this FCN-8s makes of its coarsest logits, and not the paper's FCN-32s, which learned to do without.
    """
    require("torch")
    import torch

    from segmethods.models.architectures.fcn.model import FCN

    model = load_model(FCN, "fcn", weights)
    network = model.network
    small = model.resize(image, size)
    with torch.inference_mode():
        features = network.backbone(model.preprocess(small))
        logits = {name: add_skips(network, features, *added) for name, added in SKIPS.items()}
        plain = add_skips(network, features, *SKIPS["both"], image_head=False)
        chances = network.presence(features[7])[0] if network.presence else torch.zeros(0)
        skips = {name: argmax_upsampled(model.postprocess(one, small), image.shape) for name, one in logits.items()}
        return FCNInspection(
            skips["both"],
            model.weights.classes,
            skips,
            tuple(find_most_varied(maps, small) for maps in features),
            argmax_upsampled(model.postprocess(plain, small), image.shape),
            tuple(torch.sigmoid(chances).tolist()),
        )


def add_skips(network: FCN, features: list[Tensor], at16: bool, at8: bool, *, image_head: bool = True) -> Tensor:
    """The logits at stride 8, with the skips at strides 16 and 8, and what the whole image says, added or left out.

    Parameters
    ----------
    network : FCN
        Whose layers are used.
    features : list of Tensor
        What the backbone gives.
    at16, at8, image_head : bool
        What is added.

    Returns
    -------
    Tensor, float, shape (1, C, h, w)
    """
    logits: Tensor = network.double32(network.score32(features[7]))
    logits = logits + network.score16(features[4]) if at16 else logits
    logits = network.double16(logits)
    logits = logits + network.score8(features[2]) if at8 else logits
    return network.add_image_prior(logits, features[7]) if image_head else logits


def find_most_varied(features: Tensor, image: Image) -> LayerMaps:
    """The channels of a layer that vary most over a resized image, cut to the image."""
    padded = image.shape[0] + -image.shape[0] % 32
    stride = padded // features.shape[2]
    height, width = (-(-side // stride) for side in image.shape[:2])
    maps = features[0, :, :height, :width].numpy()
    order = np.argsort(-maps.std(axis=(1, 2)))[:SHOWN]
    return LayerMaps(stride, len(maps), order, maps[order].astype(np.float16))
