"""Outlines of classes become one map, painted one over the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmethods.core.messages import Message
from segmethods.core.types import VOID, Labels
from segmethods.io.polygons import Mask

OVERLAP = Message("Where outlines of different classes overlap, the later one counts.")
BARE = Message("Of the picture {count:outline covers|outlines cover} one pixel at most.")


@dataclass(eq=False)
class Painting:
    """A map of class ids that is being painted.

    Parameters
    ----------
    labels : ndarray, uint8, shape (H, W)
        Nothing but `ground` at first.
    ground : int
        The id of what is around all outlines.
    has_overlap : bool
        Whether an outline was painted over one of another class by more than a border of one pixel.
    bare : int
        How many outlines cover one pixel at most: they lie outside, or their corners are shares of the picture.
    """

    labels: Labels
    ground: int
    has_overlap: bool = False
    bare: int = 0

    @property
    def notes(self) -> tuple[Message, ...]:
        """What is to be said of it."""
        bare = (Message(BARE.template, {"count": self.bare}),) if self.bare else ()
        return ((OVERLAP,) if self.has_overlap else ()) + bare

    def paint(self, mask: Mask, class_id: int) -> None:
        """Give the pixels of a mask to a class; what is background or not judged is cut out on purpose.

        Examples
        --------
        >>> painting = Painting(np.zeros((4, 4), np.uint8), 0)
        >>> painting.paint(np.eye(4) < 1, 1), painting.paint(np.eye(4) > 0, 2), painting.has_overlap
        (None, None, False)
        >>> painting.paint(np.ones((4, 4), bool), 2), painting.has_overlap
        (None, True)
        """
        self.bare += int(class_id != self.ground and np.count_nonzero(mask) < 2)
        plain = (self.ground, VOID, class_id)
        if not self.has_overlap and class_id not in plain[:2] and not np.isin(self.labels[mask], plain).all():
            covered = mask & ~np.isin(self.labels, plain)
            blocks = covered[1:, 1:] & covered[:-1, 1:] & covered[1:, :-1] & covered[:-1, :-1]
            self.has_overlap = bool(blocks.any())
        self.labels[mask] = class_id
