"""A method over a clip in the background, frame after frame, and the film of what it said."""

from __future__ import annotations

import base64
import secrets
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from pages.state.presence import when_gone
from segmethods.core.messages import ParameterError
from segmethods.core.palette import class_colours, has_background, palette
from segmethods.core.types import Failure, Image, Labels, Vocabulary
from segmethods.execution.background import BackgroundJob
from segmethods.execution.batch import Batch
from segmethods.execution.compare import plan_comparison
from segmethods.execution.pool import pool
from segmethods.io.images import digest
from segmethods.io.video import Clip, arrays_clip, open_clip, write_webm
from segmethods.jobs.surveillance.generated import KNOBS, draw_clip

SIDE = 320
"""Long side of the frames: methods see many of them."""
AHEAD = 4
"""Frames that wait for a worker at once."""
DRAWN = slice(70, 120)
"""The frames of a drawn clip that are looked at."""


@dataclass(frozen=True)
class Source:
    """A clip: a file of the visitor's own, or walkers drawn here."""

    name: str = ""
    data: bytes = b""


def open_source(source: Source) -> Clip:
    """The clip."""
    if source.data:
        return open_clip(source.data, source.name, side=SIDE)
    case = draw_clip("walkers", 1, {knob.id: knob.default for knob in KNOBS})
    clip: Clip = case.extra["view"].clip
    return arrays_clip("walkers", list(clip.frames())[DRAWN])


@dataclass(eq=False)
class ClipRun:
    """A method's labels of a clip's frames, as they come."""

    source: Source
    method: str
    labels: list[Labels] = field(default_factory=list)
    classes: Vocabulary | None = None
    count: int = 0
    rate: float = 25.0
    size: tuple[int, int] = (0, 0)
    job: BackgroundJob[int] | None = None

    def start(self) -> None:
        """Begin in the background."""
        self.job = BackgroundJob(self._work, 0, f"{self.method} over a clip")
        when_gone("clip", self.job.stop)

    def _work(self, job: BackgroundJob[int]) -> None:
        plan = plan_comparison([self.method])
        clip = open_source(self.source)
        self.count, self.rate, self.size = clip.count, clip.rate, clip.size
        owner = f"clip {secrets.token_hex(4)}"
        waiting: deque[Batch] = deque()
        try:
            for image in clip.frames():
                waiting.append(pool().submit(owner, image, digest(image), plan))
                if len(waiting) > AHEAD:
                    self._take(waiting.popleft(), job)
            while waiting:
                self._take(waiting.popleft(), job)
        finally:
            pool().cancel(owner)

    def _take(self, batch: Batch, job: BackgroundJob[int]) -> None:
        for _, outcome in batch:
            if isinstance(outcome, Failure):
                raise ParameterError(outcome.message.template, **outcome.message.values)
            self.labels.append(outcome.labels)
            self.classes = outcome.classes
        job.report(len(self.labels))


def film_pair(source: Source, first: Sequence[Labels], second: Sequence[Labels], classes: Vocabulary) -> bytes:
    """Two answers side by side, as WebM."""
    clip = open_source(source)
    return write_webm(_pairs(clip.frames(), first, second, classes), clip.rate)


def _pairs(
    frames: Iterator[Image], first: Sequence[Labels], second: Sequence[Labels], classes: Vocabulary
) -> Iterator[Image]:
    paint = partial(paint_labels, classes=classes)
    for frame, one, other in zip(frames, first, second, strict=False):
        yield np.hstack([paint(frame, one), np.full((frame.shape[0], 4, 3), 255, np.uint8), paint(frame, other)])


def paint_labels(frame: Image, labels: Labels, classes: Vocabulary) -> Image:
    """Labels over a frame in their colours; a background stays clear."""
    table = np.array(palette(classes), np.uint8).reshape(256, 3)
    drawn = cv2.addWeighted(frame, 0.4, table[labels.astype(np.uint16) % 256], 0.6, 0)
    if has_background(classes) and len(class_colours(classes)) > 1:
        drawn[labels == 0] = frame[labels == 0]
    return np.asarray(drawn, np.uint8)


def poster_of(source: Source, first: Sequence[Labels], second: Sequence[Labels], classes: Vocabulary) -> str:
    """The picture of the middle frame, as an address that a browser reads."""
    middle = len(first) // 2
    frame = open_source(source).frame(middle)
    pair = next(_pairs(iter([frame]), [first[middle]], [second[middle]], classes))
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(pair[:, :, ::-1]))
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
