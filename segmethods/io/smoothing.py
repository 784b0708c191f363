"""Masks that were smoothed have values between their classes, which are no classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import VOID
from segmethods.io.values import list_values

DARK, LIGHT = 32, 240
SPECKLE = 0.02
"""Ids that cover less than this between them, and have no areas, were no ids."""

CLOSE = 16
"""A colour this close to the line between two others, in every channel, is a mixture of them."""

BETWEEN = Message(
    "Along borders it has ids between those on both sides, such as {between}: it may have been resized with smoothing, "
    "and each counts as a class. Resize masks with nearest neighbour."
)
FEW, MOST = 3, 8
"""From so many ids between others on a mask is doubted, and from so many it is refused if they are most of all."""


def refuse_smoothed_greys(grey: NDArray[Any], name: str) -> None:
    """Raise `ImageError` if greys between a black and a white have no areas of their own."""
    small = grey if grey.dtype == np.uint8 else grey[grey < 256]
    counts = np.bincount(small.ravel(), minlength=256)
    dark, light = counts[:16].sum(), counts[LIGHT:256].sum()
    if not dark or not light or dark + light <= 0.8 * grey.size:
        return
    present = np.flatnonzero(counts[:256])
    black, white = int(counts[:16].argmax()), int(LIGHT + counts[LIGHT:256].argmax())
    between = [v for v in present.tolist() if v not in (black, white)]
    if not between:
        return
    areas = ids_with_areas(grey)
    bare = [v not in areas for v in between]
    share = counts[between].sum() / grey.size
    speckled = len(between) >= 3 and all(bare) and share < SPECKLE  # as a JPEG leaves them beside edges
    if speckled or any(b for b, v in zip(bare, between, strict=True) if DARK <= v < 255):
        raise ImageError(
            "{name} has greys between its black and white: it was smoothed. Save the mask as PNG without smoothing.",
            name=name,
        )


def tell_between(ids: NDArray[Any], name: str) -> tuple[Message, ...]:
    """Doubt, where ids lie only on borders and between those of both sides, as interpolation makes them.

    Raises
    ------
    ImageError
        If most ids are of this kind.
    """
    import cv2

    if ids.dtype not in (np.uint8, np.uint16) or min(ids.shape) < 5:
        return ()
    counts = np.bincount(ids.ravel())
    present = np.flatnonzero(counts)
    if present.size < FEW + 2:
        return ()
    smaller, larger = (filter_(ids, np.ones((3, 3), np.uint8)) for filter_ in (cv2.erode, cv2.dilate))
    inside = np.bincount(ids[smaller == larger], minlength=counts.size)
    lowest, highest = (filter_(ids, np.ones((5, 5), np.uint8)) for filter_ in (cv2.erode, cv2.dilate))
    between = np.bincount(ids[(lowest < ids) & (ids < highest)], minlength=counts.size)
    is_between = (inside < 0.1 * counts) & (between > 0.9 * counts)
    found = [i for i in np.flatnonzero(is_between).tolist() if i != VOID]
    if len(found) < FEW or counts[found].sum() > 0.35 * ids.size or 3 * len(found) < present.size:
        return ()
    if len(found) >= MOST and 2 * len(found) > present.size:
        raise _refusal(name, len(found), present.size - len(found))
    listed = ", ".join(map(str, found[:3])) + (", ..." if len(found) > 3 else "")
    return (Message(BETWEEN.template, {"between": listed}),)


def refuse_blended_colours(place: NDArray[np.intp], colours: NDArray[Any], name: str) -> None:
    """Raise `ImageError` if many colours are mixtures of two others and have no areas of their own.

    Parameters
    ----------
    place : ndarray, shape (H, W)
        Which of the colours each pixel has.
    colours : ndarray of int, shape (n, 3)
    """
    areas = ids_with_areas(place)
    thin = [i for i in range(len(colours)) if i not in areas]
    if len(thin) < 3 or len(areas) < 2:
        return
    real = colours[sorted(areas)][:40].astype(float)
    start, end = (real[index] for index in np.triu_indices(len(real), 1))
    mixed = sum(_is_mixture(colour, start, end) for colour in colours[thin].astype(float))
    if mixed >= len(thin) / 2:
        raise _refusal(name, len(thin), len(areas))


def _refusal(name: str, thin: int, areas: int) -> ImageError:
    return ImageError(
        "{name} has {count} values between those of its {real} areas: it was smoothed. "
        "Save it as PNG without smoothing.",
        name=name,
        count=thin,
        real=areas,
    )


def refuse_smoothed_palette(indices: NDArray[np.uint8], table: NDArray[np.uint8], name: str) -> None:
    """Raise `ImageError` if the colours of a palette picture are those of a smoothed picture, cut down to a few.

    Parameters
    ----------
    indices : ndarray, shape (H, W)
    table : ndarray, shape (256, 3)
        The colours of the indices.
    """
    used, place = np.unique(indices, return_inverse=True)
    place, colours = place.reshape(indices.shape), table[used].astype(int)
    if np.unique(colours, axis=0).shape[0] < used.size:  # the palette doesn't tell its indices apart
        return
    if (colours == colours[:, :1]).all():
        refuse_smoothed_greys(colours[:, 0].astype(np.uint8)[place], name)
    refuse_blended_colours(place, colours, name)
    steps = np.abs(np.diff(table[: int(used[-1]) + 1].astype(int), axis=0)).max(1, initial=0)
    if (steps <= CLOSE).all():  # a colour scale, whose neighbours are alike
        return
    areas = ids_with_areas(place)
    real = colours[sorted(areas)]
    alike = [i for i in set(range(used.size)) - areas if (np.abs(real - colours[i]).max(1) <= CLOSE).any()]
    if alike:
        raise _refusal(name, len(alike), len(areas))


def ids_with_areas(ids: NDArray[Any]) -> set[int]:
    """The values that fill at least one square of three by three pixels.

    Examples
    --------
    >>> ids_with_areas(np.repeat([[0, 0, 0, 7, 5, 5, 5]], 3, axis=0)) == {0, 5}
    True
    """
    if min(ids.shape) < 3:
        return set(list_values(ids).tolist())
    same = ids[:, 1:] == ids[:, :-1]
    rows = same[:, 1:] & same[:, :-1]
    down = ids[1:, 1:-1] == ids[:-1, 1:-1]
    squares = rows[2:] & rows[1:-1] & rows[:-2] & down[1:] & down[:-1]
    return set(list_values(ids[1:-1, 1:-1][squares]).tolist())


MANY = 12
"""With fewer values than this, a mask isn't taken for a photo."""

LIKE_PHOTO = 0.4
"""In a photo, fewer pixels than this share have their right neighbour's value, but on its one flat ground."""


def refuse_photo(values: NDArray[Any], name: str) -> None:
    """Raise `ImageError` if many values change from pixel to pixel, as those of a photo do and no classes.

    Parameters
    ----------
    values : ndarray, shape (H, W)
        Ids, or which of the colours each pixel has.
    """
    found = list_values(values)
    if len(found) < MANY:
        return
    counts = np.bincount(np.searchsorted(found, values).ravel())
    shown = values != found[counts.argmax()]
    both = shown[:, 1:] & shown[:, :-1]
    pairs = np.count_nonzero(both)
    equal = np.count_nonzero(both & (values[:, 1:] == values[:, :-1]))
    if pairs >= 300 and equal < LIKE_PHOTO * pairs:
        raise ImageError(
            "{name} has {count} values that change from pixel to pixel, as in a photo. Give the mask alone, as PNG.",
            name=name,
            count=len(found),
        )


def _is_mixture(colour: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> bool:
    """Whether a colour lies on the line between a pair of others."""
    way = end - start
    share = ((colour - start) * way).sum(1) / np.maximum((way * way).sum(1), 1)
    nearest = start + np.clip(share, 0, 1)[:, None] * way
    return bool((np.abs(nearest - colour).max(1) <= CLOSE).any())
