"""Label maps as files."""

from __future__ import annotations

import io

import numpy as np

from segmethods.core.messages import ImageError
from segmethods.core.palette import palette
from segmethods.core.types import VOID, Labels, Vocabulary
from segmethods.io.images import decode_image


def encode_labels(labels: Labels, classes: Vocabulary) -> bytes:
    """A label map as a PNG whose pixel values are the labels.

    Parameters
    ----------
    labels : ndarray, uint8 or uint16, shape (H, W)
        Up to 255 classes give an 8-bit index PNG that shows each class in its colour, in which 255 is void; more of
        them give a 16-bit grey PNG.
    classes : Vocabulary
        What the labels mean.

    Examples
    --------
    >>> from PIL import Image
    >>> from segmethods.core.types import BINARY
    >>> data = encode_labels(np.array([[0, 1]], np.uint8), BINARY)
    >>> np.asarray(Image.open(io.BytesIO(data))).tolist()
    [[0, 1]]
    """
    from PIL import Image

    if labels.max(initial=0) > VOID or len(classes) > VOID:
        image = Image.fromarray(labels.astype(np.uint16))
    else:
        image = Image.fromarray(labels.astype(np.uint8))
        image.putpalette(palette(classes))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=False)
    return file.getvalue()


def decode_labels(data: bytes, name: str) -> Labels:
    """The label map that `encode_labels` made a PNG of.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What error messages call it.

    Returns
    -------
    ndarray, uint8 or uint16, shape (H, W)

    Raises
    ------
    ImageError
        If it is no picture, is damaged or too large, or holds colours in place of labels.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> decode_labels(encode_labels(np.array([[0, 1, 255]], np.uint8), BINARY), "mask.png").tolist()
    [[0, 1, 255]]
    """
    with decode_image(data, name) as image:
        if image.format != "PNG" or not (image.mode in ("P", "L") or image.mode.startswith("I;16")):
            raise ImageError("{name} doesn't hold labels. Use an index PNG, or a grey one of 16 bits.", name=name)
        pixels = np.asarray(image)
    return pixels.astype(np.uint16) if pixels.dtype.itemsize == 2 else pixels.astype(np.uint8)
