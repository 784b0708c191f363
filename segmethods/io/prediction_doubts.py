"""What is to be said of a prediction whose numbers may mean something else than those of its truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Labels
from segmethods.io.depth import percent
from segmethods.io.values import list_values

UNKNOWN = Message(
    "It has ids that its truth has no classes for, such as {id}, on {share} of the judged pixels: they count as wrong."
)
LOWER = Message(
    "With ids one lower it would agree with its truth on {share} of the judged pixels, not on {now}. If its ids begin "
    "at 1, save them from 0."
)
HIGHER = Message(
    "With ids one higher it would agree with its truth on {share} of the judged pixels, not on {now}. If its ids leave "
    "out the truth's 0, save them one higher."
)
NO_GROUND = Message("It has no 0, which is the background of objects: each of its numbers counts as an object.")
APART = Message(
    "{some} of its {all} objects lie in several separate places, and count as one each. If its numbers are classes, "
    "say --no-objects, or number its objects."
)


def tell_classes(found: Labels, true: Labels, judged: NDArray[np.bool_], count: int) -> tuple[Message, ...]:
    """Whether a prediction has ids without classes, or ids that fit only if they begin elsewhere.

    Parameters
    ----------
    found, true : ndarray
        Ids of classes.
    judged : ndarray, bool
        Where the truth is judged and the prediction isn't left open.
    count : int
        How many classes there are.

    Examples
    --------
    >>> true = np.array([[0, 0, 1, 2]], np.uint8)
    >>> [note.template == LOWER.template for note in tell_classes(true + 1, true, true < 255, 4)]
    [True]
    """
    ours, theirs = found[judged].astype(np.int32), true[judged]
    if not ours.size:
        return ()
    ids, known = set(list_values(found[judged]).tolist()), set(list_values(theirs).tolist())
    now = np.count_nonzero(ours == theirs)
    for step, template in ((-1, LOWER.template), (1, HIGHER.template)):
        if len(ids) > 1 and {value + step for value in ids} <= known:
            then = np.count_nonzero(ours + step == theirs)
            if 2 * then > ours.size and then > 2 * now:
                values = {"share": percent(then / ours.size), "now": percent(now / ours.size)}
                return (Message(template, values),)
    strange = ours >= count
    if not strange.any():
        return ()
    values = {"id": str(int(ours.max())), "share": percent(np.count_nonzero(strange) / ours.size)}
    return (Message(UNKNOWN.template, values),)


def tell_objects(found: Labels, true: Labels) -> tuple[Message, ...]:
    """Whether the background of a prediction counts as an object, or half of its objects lie in several places.

    Examples
    --------
    >>> true = np.array([[1, 0, 2]], np.uint16)
    >>> [str(note)[:9] for note in tell_objects(true + 1, true)]
    ['It has no']
    >>> [str(note)[:6] for note in tell_objects(np.minimum(true, 1), true)]
    ['1 of i']
    """
    from skimage.measure import label

    if found.all() and not true.all():
        return (NO_GROUND,)
    pieces = label(found, background=0, connectivity=2)
    _, first = np.unique(pieces, return_index=True)
    owners, counts = np.unique(found.ravel()[first], return_counts=True)
    counts = counts[owners != 0]
    some = int(np.count_nonzero(counts > 1))
    return (Message(APART.template, {"some": some, "all": len(counts)}),) if 2 * some >= max(len(counts), 1) else ()
