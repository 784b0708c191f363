"""Drawn walkers before a house: they cross, stop, and hide behind pillars; masks, boxes and crossings are exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.io.video import arrays_clip
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob
from segmethods.jobs.surveillance.crossings import Line
from segmethods.jobs.surveillance.tracking import Seen
from segmethods.jobs.surveillance.watching import View

Numbers = NDArray[np.uint8]
HIGH, WIDE, FRAMES, WARM = 144, 192, 150, 40
PILLARS = (52, 150)
"""Columns in the middle of the pillars; each is wider than a walker."""
LINE = Line(column=78)
LEAST = 0.4
"""The share of a walker that must be seen for it to count as there."""
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.2, 0.02),
    Knob("blur", Message("Blur"), 0.0, 3.0, 0.6),
    Knob("light", Message("Light that changes"), 0.0, 1.0, 0.3),
    Knob("clutter", Message("Leaves in the wind"), 0.0, 1.0, 0.3),
)
SHIRTS = ((200, 40, 40), (30, 60, 190), (240, 240, 240), (20, 20, 25), (250, 190, 30), (120, 30, 140), (20, 120, 60))
TROUSERS = ((30, 30, 60), (90, 60, 40), (15, 15, 15), (210, 200, 180), (60, 90, 150))


@dataclass(frozen=True, eq=False)
class ClipTruth:
    """What is true about a clip; None where nobody knows.

    Parameters
    ----------
    masks : mapping
        Frame -> what reads its mask: 255 moves, 0 and 50 (shadow) don't, everything else isn't judged.
    crossings : int or None
        How many objects cross the line.
    tracks : sequence of sequence of Seen, or None
        The objects in each frame.
    slivers : sequence of sequence of Seen
        The objects in each frame of which too little is seen: to find them is neither right nor wrong.
    """

    masks: Mapping[int, object]
    crossings: int | None = None
    tracks: Sequence[Sequence[Seen]] | None = None
    slivers: Sequence[Sequence[Seen]] = ()


@dataclass(frozen=True, eq=False)
class Walker:
    """Where a walker is in each frame, and what it wears."""

    columns: NDArray[np.float64]
    foot: float
    tall: float
    shirt: tuple[int, int, int]
    trousers: tuple[int, int, int]


def make_walker(kind: str, begin: int, lane: int, rng: np.random.Generator) -> Walker:
    """A walker that crosses, stops for a while in the open, or stops behind a pillar."""
    speed, right = rng.uniform(1.7, 2.4), bool(rng.integers(2))
    pause = {"crosses": 0, "stops": 25, "hides": 14}[kind]
    place = float(rng.uniform(90, 115)) if kind == "stops" else float(rng.choice(PILLARS))
    columns = np.full(FRAMES, -100.0)
    x, waited = (-12.0, 0) if right else (WIDE + 12.0, 0)
    for t in range(begin, FRAMES):
        beyond = x >= place if right else x <= place
        if beyond and waited < pause:
            waited += 1
        else:
            x += speed if right else -speed
        columns[t] = x
    return Walker(
        columns,
        foot=100.0 + 12 * lane + rng.uniform(-3, 3),
        tall=rng.uniform(42, 50),
        shirt=SHIRTS[int(rng.integers(len(SHIRTS)))],
        trousers=TROUSERS[int(rng.integers(len(TROUSERS)))],
    )


def draw_walker(canvas: Image, ids: Numbers, number: int, walker: Walker, t: int) -> None:
    """A walker in a frame and in the map of who is where."""
    x, foot, tall = walker.columns[t], walker.foot, walker.tall
    swing = 4.5 * np.sin(x / 4.5)
    hip, neck = foot - 0.48 * tall, foot - 0.82 * tall

    def place(px: float, py: float) -> tuple[int, int]:
        return round(px), round(py)

    for side, image in ((0, canvas), (1, ids)):
        colours = (walker.trousers, walker.shirt, (150, 100, 75)) if side == 0 else ((number,),) * 3
        for sign in (-1, 1):
            cv2.line(image, place(x, hip), place(x + sign * swing, foot), colours[0], 5)
        cv2.ellipse(image, place(x, (hip + neck) / 2), place(6.5, (hip - neck) / 2 + 3), 0, 0, 360, colours[1], -1)
        cv2.ellipse(image, place(x, neck - 4), (4, 5), 0, 0, 360, colours[2], -1)


def draw_scene(rng: np.random.Generator) -> Image:
    """A house wall with windows above a pavement."""
    scene = np.empty((HIGH, WIDE, 3), np.float32)
    scene[:88] = np.array([176, 162, 140]) + rng.uniform(-12, 12, 3)
    scene[88:] = np.array([128, 128, 124]) + rng.uniform(-8, 8, 3)
    for column in range(8, WIDE, 46):
        scene[18:56, column : column + 26] = (84, 98, 112)
    scene[88:91] = (100, 96, 90)
    for column in range(0, WIDE, 32):
        scene[91:, column : column + 1] = (112, 112, 108)
    texture = cv2.resize(rng.normal(0, 6, (HIGH // 3, WIDE // 3)).astype(np.float32), (WIDE, HIGH))
    return np.asarray(np.clip(scene + texture[:, :, None], 0, 255), np.uint8)


def draw_pillars(canvas: Image, ids: Numbers) -> None:
    """What walkers hide behind."""
    for column in PILLARS:
        for image, colour in ((canvas, (96, 88, 78)), (ids, (0,))):
            cv2.rectangle(image, (column - 13, 0), (column + 13, HIGH), colour, -1)


def draw_leaves(canvas: Image, leaves: NDArray[np.float32], amount: float, t: int) -> None:
    """A bush in the upper corner that sways in the wind."""
    for column, row, radius, phase in leaves:
        shift = 7 * amount * np.sin(t / 5 + phase)
        place = (round(column + shift), round(row + 0.4 * shift))
        shade = int(70 + 50 * np.sin(7 * phase))
        cv2.circle(canvas, place, round(radius), (shade // 2, shade, shade // 3), -1)


def draw_clip(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """One clip with its truth."""
    rng = np.random.default_rng(seed)
    scene = draw_scene(rng)
    kinds = rng.permutation(["crosses", "stops", "hides", "crosses"])
    begins = WARM - 20 + 24 * np.arange(len(kinds)) + rng.integers(0, 12, len(kinds))
    walkers = [make_walker(k, int(b), i, rng) for i, (k, b) in enumerate(zip(kinds, begins, strict=True))]
    leaves = rng.uniform((6, 4, 2, 0), (48, 44, 5, 6.28), (70, 4)).astype(np.float32)
    areas = [_measure(walker) for walker in walkers]
    frames, masks, tracks, slivers = [], {}, [], []
    for t in range(FRAMES):
        canvas, ids = scene.copy(), np.zeros((HIGH, WIDE), np.uint8)
        alone = []
        for number, walker in enumerate(walkers, 1):
            own = np.zeros_like(ids)
            draw_walker(canvas, own, number, walker, t)
            ids[own > 0] = number
            alone.append(own)
        free = np.ones_like(ids)
        draw_pillars(canvas, free)
        ids *= free
        _cover_leaves(canvas, leaves, knobs["clutter"], t)
        masks[t] = np.where(ids > 0, 255, 0).astype(np.uint8)
        seen, hardly = _boxes(ids, alone, free, areas)
        tracks.append(seen)
        slivers.append(hardly)
        frames.append(_photograph(canvas, knobs, t, rng))
    crossings = sum(_crosses(walker) for walker in walkers)
    scored = {t: mask for t, mask in masks.items() if t >= WARM}
    view = View(arrays_clip(name, frames), LINE, WARM, WARM, WARM)
    return JobSample(name, frames[95], ClipTruth(scored, crossings, tracks, slivers), {"view": view})


def _cover_leaves(canvas: Image, leaves: NDArray[np.float32], amount: float, t: int) -> None:
    if amount > 0:
        draw_leaves(canvas, leaves, amount, t)


def _boxes(
    ids: Numbers, alone: Sequence[Numbers], free: Numbers, areas: Sequence[int]
) -> tuple[list[Seen], list[Seen]]:
    """The box of what pillars leave of each walker: of those of whom enough is seen, and of the others."""
    seen: list[Seen] = []
    hardly: list[Seen] = []
    for number, own in enumerate(alone, 1):
        rows, columns = np.nonzero(own * free)
        if not rows.size:
            continue
        x, y = columns.min(), rows.min()
        box = Box(float(x), float(y), float(np.ptp(columns) + 1), float(np.ptp(rows) + 1))
        (seen if (ids == number).sum() > LEAST * areas[number - 1] else hardly).append(Seen(number, box))
    return seen, hardly


def _measure(walker: Walker) -> int:
    """Pixels of a walker that is seen whole."""
    ids = np.zeros((HIGH, WIDE), np.uint8)
    draw_walker(np.zeros((HIGH, WIDE, 3), np.uint8), ids, 1, replace(walker, columns=np.array([WIDE / 2])), 0)
    return int(ids.sum())


def _crosses(walker: Walker) -> bool:
    line = LINE.column or 0
    seen = walker.columns[WARM:]
    sides = seen[seen > -50] >= line
    return bool(sides.size and sides.any() and not sides.all())


def _photograph(canvas: Image, knobs: Mapping[str, float], t: int, rng: np.random.Generator) -> Image:
    gain = 1 + 0.12 * knobs["light"] * np.sin(2 * np.pi * t / 70)
    seen = cv2.GaussianBlur(canvas, (0, 0), max(0.3, knobs["blur"])).astype(np.float32) * np.float32(gain)
    seen += rng.standard_normal(seen.shape, np.float32) * (255 * knobs["noise"])
    return np.asarray(np.clip(seen, 0, 255), np.uint8)


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many clips, each from its own seed."""
    names = [f"clip-{i + 1:03}" for i in range(count)]
    return {"all": [JobSampleFile(n, partial(draw_clip, n, seed * 10_007 + i, knobs)) for i, n in enumerate(names)]}
