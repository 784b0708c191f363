"""FCN from inside: its maps, layer by layer, and what its skips and its look at the whole picture are good for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

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


@method("fcn_inside", title="FCN from inside", family="inside", source="Long et al. 2015", needs=("cv2", "torch"))
def fcn_inside(
    image: Image,
    *,
    weights: EmbeddedFamily = "voc",
    size: WorkingSize = "auto",
) -> Segmentation:
    """Shows the maps of FCN's layers, and its answer with and without the skips and the picture as a whole.

    A skip is switched off by leaving its scores out of the sum. Nothing is trained anew for it, so that "none" is what
    this FCN-8s makes of its coarsest scores, and not the paper's FCN-32s, which learned to do without.

    Evidence: see `segmethods.methods._network.answer`; and ``skips``, a name of `SKIPS` -> labels, uint8 (H, W);
    ``layers``, one record for each stage of the encoder and for its head, from fine to coarse: ``stride`` in pixels of
    the working size, ``channels``, how many there are, ``chosen`` int (n,), those that vary most over the picture, the
    most varied first, and ``maps`` float16 (n, h, w); ``parts``, labels, uint8 (H, W), without the picture as a whole,
    and ``chances``, how likely each class but the first is to be in it, one float each, none if that isn't judged.
    """
    import torch

    known = at_hand("fcn", weights)
    look = opened(known)
    network = cast("FCN", look.network)
    with stage("prepare"):
        small = resized(image, working_size(size, known))
    with torch.inference_mode():
        with stage("infer"):
            features = network.backbone(look.enter(small))
            coarse = [score_skips(network, features, *added) for added in SKIPS.values()]
            parts = score_skips(network, features, *SKIPS["both"], whole=False)
            logits = network.presence(features[7])[0] if network.presence else torch.zeros(0)
        with stage("finish"):
            answers = {name: look.leave(scores, small) for name, scores in zip(SKIPS, coarse, strict=True)}
            labels = {name: decided(scores, image.shape) for name, scores in answers.items()}
            layers = [most_varied(maps, small) for maps in features]
            seen = {
                "skips": labels,
                "layers": layers,
                "parts": decided(look.leave(parts, small), image.shape),
                "chances": tuple(torch.sigmoid(logits).tolist()),
            }
            scores = answers["both"]
            return Segmentation(
                labels["both"], known.classes, evidence={**vars(NetworkTrace.of(scores, known)), **seen}
            )


def score_skips(network: FCN, features: list[Tensor], at16: bool, at8: bool, *, whole: bool = True) -> Tensor:
    """The scores at stride 8, with the skips at strides 16 and 8, and what the whole says, added or left out.

    Parameters
    ----------
    features : list of Tensor
        What the backbone gives.

    Returns
    -------
    Tensor, float, shape (1, C, h, w)
    """
    scores: Tensor = network.double32(network.score32(features[7]))
    scores = scores + network.score16(features[4]) if at16 else scores
    scores = network.double16(scores)
    scores = scores + network.score8(features[2]) if at8 else scores
    return network.add_image_prior(scores, features[7]) if whole else scores


def most_varied(features: Tensor, picture: Image) -> dict[str, int | NDArray[np.generic]]:
    """The channels of a layer that vary most over a picture, cut to the picture; see `fcn_inside`."""
    padded = picture.shape[0] + -picture.shape[0] % 32
    stride = padded // features.shape[2]
    height, width = (-(-side // stride) for side in picture.shape[:2])
    maps = features[0, :, :height, :width].numpy()
    order = np.argsort(-maps.std(axis=(1, 2)))[:SHOWN]
    return {"stride": stride, "channels": len(maps), "chosen": order, "maps": maps[order].astype(np.float16)}
