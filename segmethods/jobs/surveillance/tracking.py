"""Blobs become objects with a number: SORT (Bewley 2016) with a look, so that who was hidden is known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.surveillance.backgrounds import Mask

Vector = NDArray[np.float64]

GATE = 1.0
"""Dearest pair of a track and a blob that may be the same."""
YOUNG = 3
"""Frames in which a blob must be seen before it is an object."""
LOST = 40
"""Frames after which nobody waits any more for an object that is hidden."""
REACH, LIKE = 4, 40
"""How far from its expected place an object in a crowd is looked for, and how far in grey values it may be off."""
COVERED = 6
"""Frames for which an object that can't be seen in a crowd is believed to go on in it."""
OLD = 6
"""Frames inside the image after which an object's size is known so well that a much larger blob must be several."""
PART = 0.6
"""A blob below this share of its object's size shows a part of it."""
STRANGE = 60.0
"""Difference of two looks, in grey values a colour, at which they are surely not the same."""
BEHIND, ALIKE = 0.5, 0.4
"""Who lies to this share in another one's box is behind it; how strange a piece may look that is taken for them."""
CALM = 0.95
"""What a hidden object keeps of its speed in each frame: who hides may have stopped."""
GAP, BELOW, UPRIGHT = 0.15, 0.6, 2.5
"""Two pieces are one upright thing if the gap between them is at most this share of both together, if this share of the
narrower one is below the other, and if both together are so many times taller than wide: two cars in a lane are not."""


@dataclass(frozen=True, eq=False)
class Blob:
    """A connected piece of foreground: its box, its look, and its pixels.

    Parameters
    ----------
    box : Box
    look : ndarray of float, shape (6,)
        Mean colour of its upper and of its lower half.
    patch, inside : ndarray
        What is in the box, uint8 (h, w, 3), and which of it belongs to the blob, uint8 (h, w).
    enters : bool
        Whether it touches the edge of the image.
    """

    box: Box
    look: Vector
    patch: Image
    inside: NDArray[np.uint8]
    enters: bool = False


@dataclass(frozen=True)
class Seen:
    """An object in one frame: its number and its box."""

    number: int
    box: Box


@dataclass(eq=False)
class Track:
    """An object that is followed: a Kalman filter of constant speed for the middle of its box, and its look."""

    number: int
    state: Vector
    spread: NDArray[np.float64]
    size: Vector
    look: Vector
    blob: Blob
    seen: int = 1
    missed: int = 0
    covered: int = 0
    whole: int = 0

    def predict(self) -> None:
        """Where it should be in the next frame."""
        self.state = STEP @ self.state
        self.spread = STEP @ self.spread @ STEP.T + PROCESS

    def correct(self, blob: Blob) -> None:
        """Take a blob for it. One that is much smaller shows a part: speed, size and look stay as they were."""
        box, speed = blob.box, self.state[2:].copy()
        share = box.w * box.h / float(self.size.prod())
        self._move(middle(box))
        self.covered = 0
        if share < PART:
            self.state[2:] = speed
            return
        trust = 0.1 if share < 1.2 else 0.7
        self.size = 0.7 * self.size + 0.3 * np.array([box.w, box.h])
        self.whole += not blob.enters
        self.look = (1 - trust) * self.look + trust * blob.look
        self.blob = blob

    def search(self, frame: Image) -> bool:
        """In a crowd: look near the expected place for what it looked like when it was last seen alone."""
        patch, inside = self.blob.patch, self.blob.inside
        high, wide = inside.shape
        edge = REACH + max(high, wide)
        padded = cv2.copyMakeBorder(frame, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        x, y = (round(v) for v in self.state[:2] - (wide / 2, high / 2))
        x, y = min(max(x, -wide), frame.shape[1]) + edge - REACH, min(max(y, -high), frame.shape[0]) + edge - REACH
        window = padded[y : y + high + 2 * REACH, x : x + wide + 2 * REACH]
        far = cv2.matchTemplate(window, patch, cv2.TM_SQDIFF, mask=inside) / max(1, 3 * int(inside.sum()))
        down, right = np.unravel_index(int(far.argmin()), far.shape)
        if far[down, right] > LIKE**2:
            return False
        self.covered = 0
        self._move(self.state[:2] + np.array([right - REACH, down - REACH]))
        return True

    def stays_inside(self, blob: Blob) -> bool:
        """In a crowd, where it can't be found: whether it is believed to be covered by others for a while."""
        self.covered += 1
        return self.covered <= COVERED and share_inside(self.box(), blob.box) >= 0.8

    def _move(self, place: Vector) -> None:
        gain = self.spread[:, :2] @ np.linalg.inv(self.spread[:2, :2] + MEASURE)
        self.state = self.state + gain @ (place - self.state[:2])
        self.spread = self.spread - gain @ self.spread[:2]

    def box(self) -> Box:
        """Where it is believed to be."""
        (x, y), (w, h) = self.state[:2], self.size
        return Box(float(x - w / 2), float(y - h / 2), float(w), float(h))


STEP = np.eye(4) + np.eye(4, k=2)
PROCESS = np.diag([0.3, 0.3, 0.02, 0.02])
MEASURE = np.diag([2.0, 2.0])


def middle(box: Box) -> Vector:
    """The middle of a box."""
    return np.array([box.x + box.w / 2, box.y + box.h / 2])


def find_blobs(mask: Mask, frame: Image) -> list[Blob]:
    """The pieces of a cleaned mask; their look is the mean colour of upper and lower half."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    labels = join_pieces(np.asarray(stats[:count, :4], np.int32))[labels]
    blobs = []
    for i in np.unique(labels[labels > 0]):
        piece = (labels == i).astype(np.uint8)
        x, y, w, h = cv2.boundingRect(piece)
        inside, part = piece[y : y + h, x : x + w], frame[y : y + h, x : x + w]
        half = max(1, h // 2)
        halves = [cv2.mean(part[s], inside[s])[:3] for s in (slice(0, half), slice(h - half, h))]
        enters = x <= 1 or y <= 1 or x + w >= mask.shape[1] - 1 or y + h >= mask.shape[0] - 1
        blobs.append(Blob(Box(x, y, w, h), np.array(halves).ravel(), part, inside, enters))
    return blobs


def join_pieces(boxes: NDArray[np.int32]) -> NDArray[np.int32]:
    """New numbers of pieces: one that lies closely below another one is a part of the same upright thing.

    Parameters
    ----------
    boxes : ndarray of int, shape (N, 4)
        Left, top, width and height of each piece; the first one is the ground and stays.

    Examples
    --------
    >>> join_pieces(np.array([[0, 0, 99, 99], [10, 10, 9, 20], [11, 33, 8, 15], [40, 10, 9, 20]], np.int32)).tolist()
    [0, 1, 1, 3]
    """
    numbers = np.arange(len(boxes), dtype=np.int32)
    for i in range(1, len(boxes)):
        for j in range(1, len(boxes)):
            (x, y, w, h), (left, top, wide, high) = boxes[i], boxes[j]
            tall, gap = top + high - y, top - (y + h)
            shared = min(x + w, left + wide) - max(x, left)
            if 0 <= gap <= GAP * tall and shared >= BELOW * min(w, wide) and tall >= UPRIGHT * max(w, wide):
                numbers[numbers == numbers[j]] = numbers[i]
    return numbers


class Tracker:
    """Follows objects from frame to frame.

    A blob goes to the object that should be there and looks like it (Hungarian assignment). Objects whose blobs have
    run into one are looked for inside of it, and go on as predicted for a while where others cover them; an object
    without a blob is hidden and waited for.
    """

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.known: set[int] = set()
        self._next = 1

    def update(self, blobs: Sequence[Blob], frame: Image) -> list[Seen]:
        """The objects of the next frame; those whose number is not among `known` in the end were none."""
        for track in self.tracks:
            track.predict()
        shown, alone, rest = self._part_crowds(blobs, frame)
        pairs = dict(_assign(alone, rest))
        for t, track in enumerate(alone):
            if t in pairs:
                track.correct(rest[pairs[t]])
                shown.append((track, rest[pairs[t]].box))
            else:
                track.missed += 1
                track.state[2:] *= CALM
        for track, _ in shown:
            track.seen, track.missed = track.seen + 1, 0
        taken = set(pairs.values())
        shown += [(self._begin(blob), blob.box) for b, blob in enumerate(rest) if b not in taken]
        self.tracks = [t for t in self.tracks if t.missed <= (LOST if t.seen >= YOUNG else 1)]
        self.known |= {t.number for t in self.tracks if t.seen >= YOUNG}
        return [Seen(track.number, box) for track, box in shown]

    def _part_crowds(
        self, blobs: Sequence[Blob], frame: Image
    ) -> tuple[list[tuple[Track, Box]], list[Track], list[Blob]]:
        """Objects that were found inside of a blob with others; the objects and the blobs that are left."""
        shown: list[tuple[Track, Box]] = []
        rest: list[Blob] = []
        for blob in blobs:
            within = [t for t in self.tracks if _is_firm(t) and share_inside(t.box(), blob.box) >= 0.5]
            area, largest = blob.box.w * blob.box.h, max((float(t.size.prod()) for t in within), default=0.0)
            old = [t for t in within if t.whole >= OLD]
            if not (len(within) > 1 and area > 1.2 * largest) and not (old and area > 1.7 * largest):
                rest.append(blob)
                continue
            found = [(t, t.box()) for t in within if t.search(frame) or t.stays_inside(blob)]
            pieces = _cut_out(blob, [box for _, box in found], 0.3 * largest, frame)
            shown += [step_out(track, box, [b for t, b in found if t is not track], pieces) for track, box in found]
            rest += pieces
        numbers = {track.number for track, _ in shown}
        return shown, [t for t in self.tracks if t.number not in numbers], rest

    def _begin(self, blob: Blob) -> Track:
        box = blob.box
        state = np.array([*middle(box), 0.0, 0.0])
        track = Track(self._next, state, np.diag([2.0, 2.0, 4.0, 4.0]), np.array([box.w, box.h]), blob.look, blob)
        self._next += 1
        self.tracks.append(track)
        return track


def _assign(tracks: Sequence[Track], blobs: Sequence[Blob]) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    if not tracks or not blobs:
        return []
    costs = np.array([[_cost(track, blob) for blob in blobs] for track in tracks])
    rows, columns = linear_sum_assignment(np.minimum(costs, 10 * GATE))
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if costs[r, c] < GATE]


def _cut_out(blob: Blob, boxes: Sequence[Box], least: float, frame: Image) -> list[Blob]:
    """What is left of a blob without some boxes, in pieces of at least so many pixels."""
    mask = np.zeros(frame.shape[:2], np.uint8)
    x, y = int(blob.box.x), int(blob.box.y)
    mask[y : y + blob.inside.shape[0], x : x + blob.inside.shape[1]] = blob.inside
    for box in boxes:
        left, top = max(0, round(box.x) - 1), max(0, round(box.y) - 1)
        mask[top : round(box.y + box.h) + 1, left : round(box.x + box.w) + 1] = 0
    return [piece for piece in find_blobs(mask > 0, frame) if piece.inside.sum() >= least]


def step_out(track: Track, box: Box, others: Sequence[Box], pieces: list[Blob]) -> tuple[Track, Box]:
    """Where somebody in a crowd is: who seemed to be behind another one may be the piece that is left beside them.

    The piece that is it is taken out of `pieces`.
    """
    if max((share_inside(box, other) for other in others), default=0.0) < BEHIND:
        return track, box
    alike = [piece for piece in pieces if _cost(track, piece) < GATE and _strangeness(track, piece) < ALIKE]
    if not alike:
        return track, box
    piece = min(alike, key=lambda p: _strangeness(track, p))
    pieces.remove(piece)
    track.correct(piece)
    return track, piece.box


def _is_firm(track: Track) -> bool:
    return track.seen >= YOUNG and track.missed <= 5


def _cost(track: Track, blob: Blob) -> float:
    """Distance in sizes of the object, and how strange the look is.

    The longer it was hidden, the farther it may be; but who comes in from the edge is hardly who hid elsewhere.
    """
    farther = 1.0 if blob.enters and track.missed > 2 else 1 + 0.15 * track.missed
    reach = float(track.size.mean()) * farther
    far = float(np.hypot(*(middle(blob.box) - track.state[:2]))) / max(reach, 1.0)
    strange = _strangeness(track, blob)
    if far > 1 or strange > 1:
        return 10 * GATE
    return 0.5 * far + 0.5 * strange


def _strangeness(track: Track, blob: Blob) -> float:
    return float(np.abs(track.look - blob.look).mean()) / STRANGE


def share_inside(inner: Box, outer: Box) -> float:
    """The share of the first box that lies in the second."""
    wide = max(0.0, min(inner.x + inner.w, outer.x + outer.w) - max(inner.x, outer.x))
    high = max(0.0, min(inner.y + inner.h, outer.y + outer.h) - max(inner.y, outer.y))
    return wide * high / max(inner.w * inner.h, 1e-9)


@dataclass(frozen=True)
class Line:
    """A line across the image that objects are counted at: a row crossed downwards, or a column crossed either way."""

    row: float | None = None
    column: float | None = None


def count_crossings(frames: Sequence[Sequence[Seen]], line: Line) -> list[tuple[int, int]]:
    """Frame and number of each object that crosses a line; each counts once.

    Examples
    --------
    >>> path = [[Seen(1, Box(0, y, 4, 4))] for y in (0, 4, 8)]
    >>> count_crossings(path, Line(row=5))
    [(1, 1)]
    """
    sides: dict[int, bool] = {}
    found: dict[int, int] = {}
    for at, seen in enumerate(frames):
        for one in seen:
            x, y = middle(one.box)
            beyond = bool(y >= line.row) if line.row is not None else bool(x >= (line.column or 0))
            before = sides.setdefault(one.number, beyond)
            crossed = (beyond and not before) if line.row is not None else beyond != before
            if crossed:
                found.setdefault(one.number, at)
    return sorted((at, number) for number, at in found.items())
