"""Squares and dots that lie over a picture, as SVG: sharp at every size, and a few bytes."""

from __future__ import annotations

from collections.abc import Sequence

_HALO = "#0f172a"


def svg_overlay(shape: Sequence[int], *parts: str) -> bytes:
    """An SVG that covers an array of this shape (height, width, ...); its parts are in the array's pixels."""
    height, width = shape[:2]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'preserveAspectRatio="none">{"".join(parts)}</svg>'
    ).encode()


def square(left: float, top: float, right: float, bottom: float, colour: str = "#ffffff", dash: str = "") -> str:
    """The outline of a rectangle, seen on any picture: a line in a dark halo."""
    place = f'x="{left:.2f}" y="{top:.2f}" width="{right - left:.2f}" height="{bottom - top:.2f}" fill="none" '
    line = f'vector-effect="non-scaling-stroke" stroke-dasharray="{dash}"'
    return (
        f'<rect {place}stroke="{_HALO}" stroke-width="5" vector-effect="non-scaling-stroke" opacity="0.55"/>'
        f'<rect {place}stroke="{colour}" stroke-width="2.5" {line}/>'
    )


def cell(left: float, top: float, side: float, colour: str, strength: float = 1.0) -> str:
    """A filled square; `strength` (0 to 1) is how little is seen through it."""
    return (
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{side:.2f}" height="{side:.2f}" fill="{colour}" '
        f'fill-opacity="{strength:.2f}" stroke="#ffffff" stroke-width="1.5" vector-effect="non-scaling-stroke"/>'
    )


def grid(shape: Sequence[int], apart: float, colour: str = "#ffffff", strength: float = 0.35) -> str:
    """Lines that part an array into squares of `apart` pixels."""
    height, width = shape[:2]
    rows = "".join(f"M0 {apart * i:.2f}H{width}" for i in range(1, int((height - 1) // apart) + 1))
    columns = "".join(f"M{apart * i:.2f} 0V{height}" for i in range(1, int((width - 1) // apart) + 1))
    return (
        f'<path d="{rows}{columns}" stroke="{colour}" stroke-opacity="{strength}" stroke-width="1" fill="none" '
        'vector-effect="non-scaling-stroke"/>'
    )


def dot(x: float, y: float, radius: float, colour: str) -> str:
    """A filled circle in a dark ring."""
    return (
        f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.3f}" fill="{colour}" stroke="{_HALO}" stroke-width="1.5" '
        'vector-effect="non-scaling-stroke"/>'
    )
