"""Boxes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A box in pixels from the top left, with how sure somebody is of it."""

    x: float
    y: float
    w: float
    h: float
    score: float = 1.0
