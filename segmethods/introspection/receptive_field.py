"""How far DeepLab sees: the taps of an atrous filter, and the receptive field by arithmetic and by measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray

from segmethods.core.extras import require
from segmethods.core.registry import About, Range
from segmethods.core.types import Image, Trace
from segmethods.introspection.loaded_model import load_model
from segmethods.introspection.points import Pixel, check_point
from segmethods.methods._network import EmbeddedWeights, WorkingSize

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.backbone import Backbone
    from segmethods.models.architectures.deeplab.model import DeepLab

SHARES = (0.5, 0.9)
"""Parts of the gradient for which `measure_receptive_field` measures how large a square holds them."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ReceptiveField(Trace):
    """What one filter reads for one output, and which pixels can change that.

    Parameters
    ----------
    cell : int
        Side of a cell of the coarse map, in pixels of the working size.
    working_size : tuple of int
        Height and width of the image that the network saw.
    centre : tuple of int
        Row and column of the output's cell.
    trained : int
        The rate with which the filter was trained.
    taps : ndarray, int64, shape (n, 2)
        Rows and columns of the cells that the filter reads; those outside of the image are left out.
    strength : ndarray, float32, shape (n,)
        The sum of each tap's weights without their signs.
    gradient : ndarray, float16, shape (h, w)
        Without sign, summed over the colours, the largest being 1.
    theory : int
        Side in pixels of the square that the filter can see by arithmetic.
    filter_theory : int
        Side in pixels of the square between its outer taps alone.
    measured : mapping
        A share of the gradient -> side in pixels of the smallest square round the centre that holds it.
    """

    cell: int
    working_size: tuple[int, int]
    centre: tuple[int, int]
    trained: int
    taps: NDArray[np.int64]
    strength: NDArray[np.float32]
    gradient: NDArray[np.float16]
    theory: int
    filter_theory: int
    measured: Mapping[float, int]


def measure_receptive_field(
    image: Image,
    *,
    weights: EmbeddedWeights = "voc",
    size: WorkingSize = "auto",
    x: Pixel = 0,
    y: Pixel = 0,
    rate: Annotated[
        int, Range(1, 12), About("Dilation rate", "A larger one spreads the nine taps of the filter further apart.")
    ] = 3,
) -> ReceptiveField:
    """What one atrous filter of DeepLab's pyramid reads for a pixel, and which pixels have a say in its output.

    The filter is the trained one whose own rate is nearest to `rate`. Its output at one cell is the sum over its
    channels; the gradient of that with respect to the image says how much each pixel can change it (Luo, Li, Urtasun &
    Zemel 2016).

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    weights, size : str
        As for the method deeplab.
    x, y : int
        Column and row of the pixel.
    rate : int
        How far apart the filter's taps are.

    Raises
    ------
    MethodError
        If the pixel lies outside of the image.
    """
    require("torch")
    import torch

    from segmethods.models.architectures.deeplab.model import DeepLab

    check_point(image, x, y)
    model = load_model(DeepLab, "deeplab", weights)
    network, cell = model.network, model.network.size_multiple
    small = model.resize(image, size)
    height, width = small.shape[:2]
    centre = (y * height // image.shape[0] // cell, x * width // image.shape[1] // cell)
    pixels = model.preprocess(small).requires_grad_(True)
    with torch.enable_grad():
        coarse = network.backbone(pixels)[6]
        output, kernel, trained = apply_nearest_filter(network, coarse, rate)
        (gradient,) = torch.autograd.grad(output[0, :, centre[0], centre[1]].sum(), pixels)
    influence = gradient[0, :, :height, :width].abs().sum(dim=0).numpy()
    taps, strength = filter_taps(kernel, rate, centre, coarse.shape[2:])
    return ReceptiveField(
        cell=cell,
        working_size=(height, width),
        centre=centre,
        trained=trained,
        taps=taps,
        strength=strength,
        gradient=(influence / max(influence.max(), 1e-30)).astype(np.float16),
        theory=theoretical_receptive_field(network.backbone) + 2 * rate * cell,
        filter_theory=(2 * rate + 1) * cell,
        measured={share: effective_receptive_field(influence, centre, cell, share) for share in SHARES},
    )


def apply_nearest_filter(network: DeepLab, coarse: Tensor, rate: int) -> tuple[Tensor, NDArray[np.float32], int]:
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


def filter_taps(
    kernel: NDArray[np.float32], rate: int, centre: tuple[int, int], shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The cells that a 3 x 3 filter reads for one output, and how strongly; those outside of the map are left out.

    Examples
    --------
    >>> cells, _ = filter_taps(np.ones((3, 3), np.float32), 2, (0, 3), (4, 6))
    >>> cells.tolist()
    [[0, 1], [0, 3], [0, 5], [2, 1], [2, 3], [2, 5]]
    """
    cells = np.argwhere(np.ones((3, 3))) * rate + np.array(centre) - rate
    inside = ((cells >= 0) & (cells < np.array(shape[:2]))).all(axis=1)
    return cells[inside], kernel.ravel()[inside]


def theoretical_receptive_field(backbone: Backbone) -> int:
    """Side in pixels of the square that one value of a backbone's last map can see, by arithmetic.

    A filter of k taps, spaced by d on a map whose values stand s pixels apart, adds (k - 1) d s.
    """
    from segmethods.models.architectures.backbone import Convolution

    side, apart = 1, 1
    for layer in backbone.modules():
        if isinstance(layer, Convolution):
            taps = layer.convolution
            side += int(taps.kernel_size[0] - 1) * int(taps.dilation[0]) * apart
            apart *= int(taps.stride[0])
    return side


def effective_receptive_field(strength: NDArray[np.float32], centre: tuple[int, int], cell: int, share: float) -> int:
    """Side in pixels of the smallest square round the middle of a cell that holds a share of the gradient.

    Examples
    --------
    >>> effective_receptive_field(np.ones((48, 48), np.float32), (1, 1), 16, 1.0)
    48
    """
    rows, columns = (np.abs(np.arange(n) + 0.5 - (c + 0.5) * cell) for n, c in zip(strength.shape, centre, strict=True))
    distance = np.maximum(rows[:, None], columns).ravel()
    order = np.argsort(distance)
    held = np.cumsum(strength.ravel()[order], dtype=np.float64)
    last = min(int(np.searchsorted(held, share * held[-1])), held.size - 1)
    return round(2 * float(distance[order[last]]) + 1)
