"""Blobs become objects with a number: SORT (Bewley 2016) with a look, so that who was hidden is known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.surveillance.blobs import Blob, find_blobs
from segmethods.jobs.surveillance.crowds import Look, find_looks

Vector = NDArray[np.float64]

GATE = 1.0
"""Dearest pair of a track and a blob that may be the same."""
YOUNG = 3
"""Frames in which a blob must be seen before it is an object."""
LOST = 60
"""Frames after which nobody waits any more for an object that is hidden."""
REACH = 4
"""How far from its expected place an object in a crowd is looked for, in pixels."""
NEAR, FARTHER = 0.7, 0.06
"""How far from its expected place a blob may be that is taken for an object, in sizes of it; how much farther for each
frame in which it wasn't seen."""
COVERED = 6
"""Frames for which an object that can't be seen in a crowd is believed to go on in it."""
OLD = 6
"""Frames inside the image after which an object's size is known so well that a much larger blob must be several."""
PART, WHOLE, SEVERAL = 0.6, 0.85, 1.35
"""A blob below the first share of its object's size shows a part of it, and from the second one on its whole look;
above the third one it shows somebody else, too, if the size is known well."""
STRANGE = 50.0
"""Difference of two looks, in grey values a colour, at which they are surely not the same."""
BEHIND, ALIKE = 0.5, 0.4
"""Who lies to this share in another one's box is behind it; how strange a piece may look that is taken for them."""
CALM = 0.95
"""What a hidden object keeps of its speed in each frame: who hides may have stopped."""


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
        """Take a blob for it. One that shows a part of it, or more than it, says little of its speed, size and look.

        Objects grow fast as they come out from behind something, and seem to shrink as they go behind it.
        """
        box, speed = blob.box, self.state[2:].copy()
        share = box.w * box.h / float(self.size.prod())
        several = share > SEVERAL and self.whole >= OLD
        self.move(middle(box))
        self.covered = 0
        if share < PART or several:
            self.state[2:] = speed
            self._grow(box, 0.02 if several else 0.0)
            return
        self._grow(box, 0.3 if share >= 1 else 0.1)
        trust = 0.1 if share < 1.2 else 0.7
        self.whole += not blob.enters
        self.look = (1 - trust) * self.look + trust * blob.look
        if share >= WHOLE:
            self.blob = blob

    def look_for(self, blob: Blob) -> Look | None:
        """Where in a crowd to look for what it looked like when it was last seen whole; None if that is too far away.

        Who was hidden may be anywhere that it can have gone to.
        """
        high, wide = self.blob.inside.shape
        left, top = self.state[:2] - (wide / 2, high / 2) - (blob.box.x, blob.box.y)
        aside, down = REACH, REACH
        if not _is_firm(self):
            aside, down = int(self.reach(blob)), 2 * REACH
        corners = (round(left) - aside, round(left) + aside, round(top) - down, round(top) + down)
        first, last = max(corners[0], 1 - wide), min(corners[1], int(blob.box.w) - 1)
        upper, lower = max(corners[2], 1 - high), min(corners[3], int(blob.box.h) - 1)
        if first > last or upper > lower:
            return None
        return Look(self.blob.patch, self.blob.inside, first, last, upper, lower)

    def reach(self, blob: Blob) -> float:
        """How far from its expected place a blob may be that is taken for it, in pixels.

        The longer it was hidden, the farther; but who comes in from the edge is hardly who hid elsewhere.
        """
        hidden = 0 if blob.enters and self.missed > 2 else self.missed
        return float(self.size.mean()) * (NEAR + FARTHER * hidden)

    def find(self, blob: Blob, corner: tuple[int, int]) -> None:
        """Take a place in a crowd, the corner of its look, for its own; who was hidden begins there again."""
        high, wide = self.blob.inside.shape
        place = np.array([blob.box.x + corner[0] + wide / 2, blob.box.y + corner[1] + high / 2])
        if _is_firm(self):
            self.move(place)
        else:
            self.state[:2] = place
        self.covered = 0

    def stays_inside(self, blob: Blob) -> bool:
        """In a crowd, where it can't be found: whether it is believed to be covered by others for a while."""
        self.covered += 1
        return self.covered <= COVERED and share_inside(self.box(), blob.box) >= 0.8

    def _grow(self, box: Box, rate: float) -> None:
        self.size = (1 - rate) * self.size + rate * np.array([box.w, box.h])

    def move(self, place: Vector) -> None:
        """Take a place for that of its middle."""
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
            free = [t for t in self.tracks if t.seen >= YOUNG and all(t is not other for other, _ in shown)]
            within = [t for t in free if _is_firm(t) and share_inside(t.box(), blob.box) >= 0.5]
            hidden = [t for t in free if t.missed and t.whole and t not in within and not blob.enters]
            crowd = _is_crowd(blob, within)
            found = _find_in(blob, within + hidden) if crowd or (hidden and len(within + hidden) > 1) else []
            if not crowd and len(found) < 2:
                rest.append(blob)
                continue
            for track, corner in found:
                track.find(blob, corner)
            placed = [track for track, _ in found]
            inside = [(t, clip_box(t.box(), blob.box)) for t in placed]
            inside += [(t, t.box()) for t in within if t not in placed and t.stays_inside(blob)]
            largest = max((float(t.size.prod()) for t in (*within, *placed)), default=0.0)
            pieces = _cut_out(blob, [box for _, box in inside], 0.3 * largest, frame)
            shown += [step_out(track, box, [b for t, b in inside if t is not track], pieces) for track, box in inside]
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
    rows, columns = linear_sum_assignment(np.minimum(costs, GATE))
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if costs[r, c] < GATE]


def _is_crowd(blob: Blob, within: Sequence[Track]) -> bool:
    """Whether a blob is too large for one of those who should be in it."""
    area, largest = blob.box.w * blob.box.h, max((float(t.size.prod()) for t in within), default=0.0)
    if len(within) > 1 and area > 1.2 * largest:
        return True
    return any(t.whole >= OLD for t in within) and area > 1.7 * largest


def _find_in(blob: Blob, tracks: Sequence[Track]) -> list[tuple[Track, tuple[int, int]]]:
    """Those whose looks are found inside of a blob, and the corners of these."""
    looks = {i: look for i, track in enumerate(tracks) if (look := track.look_for(blob)) is not None}
    return [(tracks[i], corner) for i, corner in find_looks(blob.patch, blob.inside, looks).items()]


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
    """How far a blob is of what a track can reach, and how strange the look is."""
    far = float(np.hypot(*(middle(blob.box) - track.state[:2]))) / max(track.reach(blob), 1.0)
    strange = _strangeness(track, blob)
    if far > 1 or strange > 1:
        return 10 * GATE
    return 0.5 * far + 0.5 * strange


def _strangeness(track: Track, blob: Blob) -> float:
    return float(np.abs(track.look - blob.look).mean()) / STRANGE


def clip_box(box: Box, outer: Box) -> Box:
    """What of a box lies in another one or a pixel beside it."""
    x, y = max(box.x, outer.x - 1), max(box.y, outer.y - 1)
    right, bottom = min(box.x + box.w, outer.x + outer.w + 1), min(box.y + box.h, outer.y + outer.h + 1)
    return Box(x, y, max(right - x, 1.0), max(bottom - y, 1.0))


def share_inside(inner: Box, outer: Box) -> float:
    """The share of the first box that lies in the second."""
    wide = max(0.0, min(inner.x + inner.w, outer.x + outer.w) - max(inner.x, outer.x))
    high = max(0.0, min(inner.y + inner.h, outer.y + outer.h) - max(inner.y, outer.y))
    return wide * high / max(inner.w * inner.h, 1e-9)
