"""A pipeline at work: a clip goes through a background model, a cleaning and a tracker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.video import Clip
from segmethods.jobs._masks import GREEN, paint
from segmethods.jobs.frame import Answer, JobSample, Step
from segmethods.jobs.surveillance.backgrounds import Background, Mask, clean
from segmethods.jobs.surveillance.blobs import find_blobs
from segmethods.jobs.surveillance.crossings import Line, count_crossings
from segmethods.jobs.surveillance.tracking import Seen, Tracker

COLOURS = ((0, 114, 178), (230, 159, 0), (204, 121, 167), (86, 180, 233), (213, 94, 0), (240, 228, 66))
TRAIL = 30
"""Frames for which a way is shown."""


@dataclass(frozen=True, eq=False)
class View:
    """What is watched, and where it begins.

    Parameters
    ----------
    clip : Clip
    line : Line
        Where objects are counted.
    warm : int
        The background is learned from so many frames at first.
    start : int
        The first frame that is answered.
    scored : int
        The first frame in which crossings count.
    """

    clip: Clip
    line: Line
    warm: int = 50
    start: int = 0
    scored: int = 0


@dataclass(frozen=True, eq=False)
class Watched:
    """The answer: foreground and objects of each frame from `start` on.

    Parameters
    ----------
    masks : list of ndarray
        Packed bits of each frame's foreground, see `mask`.
    objects : list of list of Seen
    crossings : list of tuple of int
        Frame and number of each object that crossed the line.
    rate : float
        Frames that a second of one core is enough for, decoding apart.
    """

    start: int
    shape: tuple[int, int]
    masks: list[NDArray[np.uint8]] = field(default_factory=list)
    objects: list[list[Seen]] = field(default_factory=list)
    crossings: list[tuple[int, int]] = field(default_factory=list)
    rate: float = 0.0
    shown: int = 0

    def mask(self, frame: int) -> Mask:
        """The foreground of a frame of the clip, bool (H, W)."""
        high, wide = self.shape
        bits = np.unpackbits(self.masks[frame - self.start], count=high * wide)
        return np.asarray(bits.reshape(high, wide) > 0)

    @property
    def frames(self) -> range:
        """The frames of the clip that have an answer."""
        return range(self.start, self.start + len(self.masks))


def view_of(case: JobSample) -> View:
    """What a case shows."""
    view: View = case.extra["view"]
    return view


def watch(case: JobSample, make: Callable[[], Background]) -> Answer:
    """Go through a clip with a model of the background.

    Parameters
    ----------
    case : JobSample
        What ``tell`` in its `extra` is, where it is there, gets how many frames are done, and of how many.
    make : callable
        Gives the model.
    """
    view, model, tracker = view_of(case), make(), Tracker()
    tell: Callable[[tuple[int, int]], object] = case.extra.get("tell", lambda _done: None)
    model.start(list(islice(view.clip.frames(), max(1, view.warm))))
    wide, high = view.clip.size
    masks, objects, shown, spent = [], [], 0, 0.0
    best: tuple[Step, ...] = ()
    most = -1.0
    for number, frame in enumerate(view.clip.frames()):
        if number < view.start:
            continue
        began = time.process_time()
        raw = model.apply(frame)
        cleaned = clean(raw)
        seen = tracker.update(find_blobs(cleaned, frame), frame)
        spent += time.process_time() - began
        masks.append(np.packbits(cleaned))
        objects.append(seen)
        if (interest := len(seen) + float(cleaned.mean())) > most:
            most, shown = interest, number
            best = _steps(frame, model.image(), raw, cleaned)
        tell((number + 1, view.clip.count))
    objects = [[seen for seen in each if seen.number in tracker.known] for each in objects]
    crossings = [
        (at + view.start, n) for at, n in count_crossings(objects, view.line) if at + view.start >= view.scored
    ]
    rate = len(masks) / spent if spent else 0.0
    value = Watched(view.start, (high, wide), masks, objects, crossings, rate, shown)
    return Answer(value, best, images=max(1, len(masks)))


def _steps(frame: Image, background: Image, raw: Mask, cleaned: Mask) -> tuple[Step, ...]:
    bits = [np.repeat(mask[:, :, None], 3, axis=2).astype(np.uint8) * 255 for mask in (raw, cleaned)]
    return (
        Step(Message("A frame"), frame),
        Step(Message("The background that it believes in"), background),
        Step(Message("What is far from it"), bits[0]),
        Step(Message("Cleaned: no specks, no holes"), bits[1]),
    )


def draw_frame(frame: Image, value: Watched, number: int, line: Line) -> Image:
    """A frame with foreground, numbered boxes, their ways and the line with its count."""
    if number not in value.frames:
        return frame
    drawn = paint(frame, value.mask(number), GREEN, 0.3)
    at = number - value.start
    for seen in value.objects[at]:
        colour = COLOURS[seen.number % len(COLOURS)]
        x, y, w, h = (round(v) for v in (seen.box.x, seen.box.y, seen.box.w, seen.box.h))
        cv2.rectangle(drawn, (x, y), (x + w, y + h), colour, 1)
        way = [
            (round(s.box.x + s.box.w / 2), round(s.box.y + s.box.h))
            for past in value.objects[max(0, at - TRAIL) : at + 1]
            for s in past
            if s.number == seen.number
        ]
        cv2.polylines(drawn, [np.array(way, np.int32)], False, colour, 1)
        cv2.putText(drawn, str(seen.number), (x + 1, max(9, y - 2)), cv2.FONT_HERSHEY_SIMPLEX, 0.35, colour, 1)
    high, wide = value.shape
    passed = sum(frame <= number for frame, _ in value.crossings)
    ends = (
        ((0, round(line.row)), (wide - 1, round(line.row)))
        if line.row is not None
        else (
            (round(line.column or 0), 0),
            (round(line.column or 0), high - 1),
        )
    )
    cv2.line(drawn, *ends, (255, 255, 255), 1)
    place = (4, ends[0][1] - 4) if line.row is not None else (ends[0][0] + 4, 12)
    cv2.putText(drawn, str(passed), place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1)
    return drawn


def draw_clip(case: JobSample, value: Watched) -> Iterator[Image]:
    """All answered frames, drawn."""
    view = view_of(case)
    for number, frame in enumerate(view.clip.frames()):
        if number in value.frames:
            yield draw_frame(frame, value, number, view.line)


def draw(case: JobSample, value: Watched) -> Image:
    """The frame with the most objects."""
    view = view_of(case)
    return draw_frame(view.clip.frame(value.shown), value, value.shown, view.line)


def table(value: Watched) -> Sequence[Mapping[str, object]]:
    """Every object in every frame, and whether it crosses the line there."""
    crossed = set(value.crossings)
    rows: list[dict[str, Any]] = []
    for at, objects in enumerate(value.objects):
        frame = at + value.start
        rows += [
            {
                "frame": frame,
                "object": s.number,
                "x": round(s.box.x, 1),
                "y": round(s.box.y, 1),
                "width": round(s.box.w, 1),
                "height": round(s.box.h, 1),
                "crosses": int((frame, s.number) in crossed),
            }
            for s in objects
        ]
    return rows
