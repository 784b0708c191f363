"""How far DeepLab sees: the taps of an atrous filter, and the field of view by arithmetic and by measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import numpy as np
from numpy.typing import NDArray

from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Segmentation
from segmethods.introspection.models import opened
from segmethods.introspection.points import check_inside
from segmethods.methods._network import (
    EmbeddedFamily,
    WorkingSize,
    at_hand,
    resized,
    working_size,
)

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.backbone import Backbone
    from segmethods.models.architectures.deeplab.model import DeepLab

SHARES = (0.5, 0.9)
"""Parts of the gradient for which `deeplab_field` measures how large a square holds them."""


@method(
    "deeplab_field",
    title="DeepLab's field of view",
    family="inside",
    source="Luo, Li, Urtasun & Zemel 2016",
    needs=("cv2", "torch"),
)
def deeplab_field(
    image: Image,
    *,
    weights: EmbeddedFamily = "voc",
    size: WorkingSize = "auto",
    x: Annotated[int, Range(0, 99_999)] = 0,
    y: Annotated[int, Range(0, 99_999)] = 0,
    rate: Annotated[
        int, Range(1, 12), About("Dilation rate", "A larger one spreads the nine taps of the filter further apart.")
    ] = 3,
) -> Segmentation:
    """Shows what one atrous filter of DeepLab's pyramid reads, and which pixels have a say in its output.

    The filter is the trained one whose own rate is nearest to `rate`. Its output at one cell is the sum over its
    channels; the gradient of that with respect to the picture says how much each pixel can change it.

    Evidence: ``cell``, side of a cell of the coarse map in pixels of the working size; ``working_size`` (h, w);
    ``centre`` (row, column) of the output's cell; ``trained``, the rate with which the filter was trained; ``taps``
    int (n, 2), rows and columns of the cells that the filter reads, those outside of the picture left out; ``strength``
    float32 (n,), the sum of each tap's weights without their signs; ``gradient`` float16 (h, w), without sign, summed
    over the colours, the largest being 1; ``theory``, side in pixels of the square that the filter can see by
    arithmetic; ``filter_theory``, side of the square between its outer taps alone; ``measured``, a share of the
    gradient -> side of the smallest square round the centre that holds it.
    """
    import torch

    check_inside(image, x, y)
    known = at_hand("deeplab", weights)
    network = cast("DeepLab", (look := opened(known)).network)
    with stage("prepare"):
        small = resized(image, working_size(size, known))
        pixels = look.enter(small).requires_grad_(True)
        place = (y * small.shape[0] // image.shape[0], x * small.shape[1] // image.shape[1])
        centre = (place[0] // network.size_multiple, place[1] // network.size_multiple)
    with stage("infer"), torch.enable_grad():
        coarse = network.backbone(pixels)[6]
        output, kernel, trained = filtered(network, coarse, rate)
        (gradient,) = torch.autograd.grad(output[0, :, centre[0], centre[1]].sum(), pixels)
    with stage("finish"):
        strength = gradient[0, :, : small.shape[0], : small.shape[1]].abs().sum(dim=0).numpy()
        taps, weight = tap_cells(kernel, rate, centre, coarse.shape[2:])
        reach = theoretical_reach(network.backbone)
        cell = network.size_multiple
        seen = {
            "cell": cell,
            "working_size": small.shape[:2],
            "centre": centre,
            "trained": trained,
            "taps": taps,
            "strength": weight,
            "gradient": (strength / max(strength.max(), 1e-30)).astype(np.float16),
            "theory": reach + 2 * rate * cell,
            "filter_theory": (2 * rate + 1) * cell,
            "measured": {share: side_holding(strength, centre, cell, share) for share in SHARES},
            "known": known.name,
        }
        return Segmentation(np.zeros(image.shape[:2], np.uint8), known.classes, evidence=seen)


def filtered(network: DeepLab, coarse: Tensor, rate: int) -> tuple[Tensor, NDArray[np.float32], int]:
    """The pyramid's filter with the nearest rate, spread by another one.

    Returns
    -------
    Tensor, float, shape (1, C, h, w)
        The filter's output, before its batch normalisation.
    ndarray, float32, shape (3, 3)
        The sum over channels of its weights without their signs.
    int
        The rate with which it was trained.
    """
    import torch.nn.functional as F

    filters = [branch[0].convolution for branch in network.pyramid.atrous]  # type: ignore[index]
    nearest = min(filters, key=lambda one: abs(one.dilation[0] - rate))
    output = F.conv2d(coarse, nearest.weight, padding=rate, dilation=rate, groups=nearest.groups)
    kernel: NDArray[np.float32] = nearest.weight.detach().abs().sum(dim=(0, 1)).numpy()
    return output, kernel, int(nearest.dilation[0])


def tap_cells(
    kernel: NDArray[np.float32], rate: int, centre: tuple[int, int], shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The cells that a 3 x 3 filter reads for one output, and how strongly; those outside of the map are left out.

    Examples
    --------
    >>> cells, _ = tap_cells(np.ones((3, 3), np.float32), 2, (0, 3), (4, 6))
    >>> cells.tolist()
    [[0, 1], [0, 3], [0, 5], [2, 1], [2, 3], [2, 5]]
    """
    cells = np.argwhere(np.ones((3, 3))) * rate + np.array(centre) - rate
    inside = ((cells >= 0) & (cells < np.array(shape[:2]))).all(axis=1)
    return cells[inside], kernel.ravel()[inside]


def theoretical_reach(backbone: Backbone) -> int:
    """Side in pixels of the square that one value of a backbone's last map can see, by arithmetic.

    A filter of k taps, spaced by d on a map whose values stand s pixels apart, adds (k - 1) d s.
    """
    from segmethods.models.architectures.backbone import Convolution

    side, apart = 1, 1
    for layer in backbone.modules():
        if isinstance(layer, Convolution):
            filter = layer.convolution
            side += int(filter.kernel_size[0] - 1) * int(filter.dilation[0]) * apart
            apart *= int(filter.stride[0])
    return side


def side_holding(strength: NDArray[np.float32], centre: tuple[int, int], cell: int, share: float) -> int:
    """Side in pixels of the smallest square round the middle of a cell that holds a share of the gradient.

    Examples
    --------
    >>> side_holding(np.ones((48, 48), np.float32), (1, 1), 16, 1.0)
    48
    """
    rows, columns = (np.abs(np.arange(n) + 0.5 - (c + 0.5) * cell) for n, c in zip(strength.shape, centre, strict=True))
    distance = np.maximum(rows[:, None], columns).ravel()
    order = np.argsort(distance)
    held = np.cumsum(strength.ravel()[order], dtype=np.float64)
    last = min(int(np.searchsorted(held, share * held[-1])), held.size - 1)
    return round(2 * float(distance[order[last]]) + 1)
