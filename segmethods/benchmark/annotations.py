"""Regions that people drew, without names: pictures whose values differ, and the .mat files of BSDS500."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.images import opened, read_bytes
from segmethods.messages import ImageError
from segmethods.segmentation import Labels

MOST_REGIONS = 65_536


def read_annotations(source: str | Path | bytes, name: str) -> tuple[Labels, ...]:
    """The segmentations in a file: one in a picture, one of each annotator in a ``.mat`` file of BSDS500.

    Parameters
    ----------
    source : path or bytes
        A picture in which every value or colour is a region, or a MATLAB 5 file with a cell array ``groundTruth`` of
        structs with the field ``Segmentation``.
    name : str
        What error messages call it.

    Returns
    -------
    tuple of ndarray, uint8 or uint16, shape (H, W)

    Raises
    ------
    ImageError
        If there is no segmentation in it.
    """
    data = read_bytes(source, name)
    if data.startswith(b"MATLAB 5.0"):
        return tuple(_numbered(values, name) for values in _read_ground_truth(data, name))
    if name.lower().endswith(".mat"):
        raise ImageError("{name} is no MATLAB 5 file. Save it in MATLAB with '-v6' or '-v7'.", name=name)
    with opened(data, name) as picture:
        if picture.format in ("JPEG", "MPO"):
            raise ImageError("{name} is a JPEG, which mixes neighbouring classes. Save the mask as PNG.", name=name)
        if picture.mode in ("1", "L", "P", "I") or picture.mode.startswith("I;16"):
            return (_numbered(np.asarray(picture), name),)
        rgb = np.asarray(picture.convert("RGB")).astype(np.int64)
    return (_numbered(rgb @ np.array([1 << 16, 1 << 8, 1]), name),)


def _read_ground_truth(data: bytes, name: str) -> Iterator[NDArray[Any]]:
    from scipy.io import loadmat

    try:
        cells = loadmat(io.BytesIO(data), variable_names=["groundTruth"])["groundTruth"].ravel()
        found = [cell["Segmentation"][0, 0] for cell in cells]
    except Exception as error:  # scipy's reader raises whatever damaged bytes lead it to
        raise ImageError(
            "{name} has no readable groundTruth of BSDS500. Use the files as they are published.", name=name
        ) from error
    if not found:
        raise ImageError("{name} has no segmentation in it. Use another file.", name=name)
    yield from found


def _numbered(values: NDArray[Any], name: str) -> Labels:
    """The same regions with numbers that fit 8 or 16 bits."""
    if values.ndim != 2 or values.dtype.kind not in "uib" or not values.size:
        raise ImageError("{name} holds no map of regions. Use a grey PNG whose values are the regions.", name=name)
    if values.dtype in (np.uint8, np.uint16):
        labels: Labels = values
        return labels
    regions, numbers = np.unique(values, return_inverse=True)
    if regions.size > MOST_REGIONS:
        raise ImageError("{name} has {count} colours, too many for a mask: it was smoothed or saved as JPEG. "
                         "Save it as PNG without smoothing.", name=name, count=regions.size)  # fmt: skip
    numbers = numbers.reshape(values.shape)
    return numbers.astype(np.uint8) if regions.size <= 256 else numbers.astype(np.uint16)
