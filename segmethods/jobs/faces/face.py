"""A face as all pipelines say it."""

from __future__ import annotations

from dataclasses import dataclass

from segmethods.io.boxes import Box

Point = tuple[float, float]


@dataclass(frozen=True)
class Face:
    """A face: its box, and both eyes as (x, y), the one further left first, where they are known."""

    box: Box
    eyes: tuple[Point, Point] | None = None
