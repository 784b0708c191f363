"""Drawn faces, each from a handful of numbers: nobody's face, so that nothing personal is needed to show the job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.faces.face import Face
from segmethods.jobs.faces.recognition import Gallery
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob

Canvas = NDArray[np.float32]
SIDE = 200
HEIGHT, WIDTH = 300, 400
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.03),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.6),
    Knob("light", Message("Light from one side"), 0.0, 1.0, 0.2),
    Knob("shift", Message("Shift"), 0.0, 1.0, 0.2),
    Knob("clutter", Message("Things before the face"), 0.0, 1.0, 0.2),
)
SKINS = ((0.96, 0.80, 0.69), (0.87, 0.67, 0.52), (0.72, 0.5, 0.36), (0.5, 0.34, 0.24), (0.36, 0.24, 0.17))
GROUPS = ("light skin", "light skin", "medium skin", "dark skin", "dark skin")


@dataclass(frozen=True)
class Person:
    """The numbers of a drawn face, in shares of its width."""

    skin: tuple[float, float, float]
    hair: tuple[float, float, float]
    long: float
    apart: float
    eye: float
    brow: float
    nose: float
    mouth: float
    lips: float
    fringe: float
    beard: bool
    group: str


def draw_person(seed: int) -> Person:
    """Somebody who doesn't exist."""
    rng = np.random.default_rng(seed)
    shade = int(rng.integers(len(SKINS)))
    tone = np.array(SKINS[shade]) * rng.uniform(0.93, 1.05)
    dark = np.array([(0.1, 0.08, 0.06), (0.28, 0.17, 0.08), (0.65, 0.5, 0.25), (0.55, 0.53, 0.5)])[rng.integers(4)]
    numbers = [
        float(rng.uniform(low, high))
        for low, high in (
            (1.2, 1.5),
            (0.36, 0.5),
            (0.07, 0.12),
            (0.02, 0.05),
            (0.1, 0.2),
            (0.22, 0.42),
            (0.02, 0.06),
            (0.0, 0.3),
        )
    ]
    skin, hair = (tuple(float(v) for v in colour) for colour in (tone, dark))
    return Person(skin, hair, *numbers, bool(rng.random() < 0.3), GROUPS[shade])  # type: ignore[arg-type, call-arg]


def draw_face(
    canvas: Canvas, person: Person, middle: tuple[float, float], wide: float, mood: float, tilt: float
) -> Face:
    """Paint a face; its box goes from brow to chin, as wide as the face.

    Parameters
    ----------
    canvas : ndarray, float32, shape (H, W, 3)
    person : Person
    middle : tuple of float
        Where the middle between the eyes is.
    wide : float
        Width of the face in pixels.
    mood : float
        From -1 (sad) to 1 (glad).
    tilt : float
        Degrees.
    """
    turn = np.radians(tilt)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))

    def at(x: float, y: float) -> tuple[int, int]:
        return round(middle[0] + wide * (x * cos - y * sin)), round(middle[1] + wide * (x * sin + y * cos))

    def oval(x: float, y: float, a: float, b: float, colour: ArrayLike) -> None:
        size = (max(1, round(a * wide)), max(1, round(b * wide)))
        cv2.ellipse(canvas, at(x, y), size, tilt, 0, 360, [float(c) for c in np.asarray(colour)], -1, cv2.LINE_AA)

    skin = np.array(person.skin)
    half = person.long / 2
    oval(0, half - 0.62, 0.56, half + 0.06, person.hair)
    oval(0, half - 0.5, 0.5, half, skin)
    oval(0, -0.52 + person.fringe * 0.3, 0.42, 0.1 + person.fringe * 0.3, person.hair)
    if person.beard:
        oval(0, half + 0.1, 0.3, 0.24, 0.6 * skin + 0.4 * np.array(person.hair))
    for side in (-1, 1):
        x = side * person.apart / 2
        oval(x, 0, person.eye * 1.5, person.eye * 1.15, 0.8 * skin)
        oval(x, 0, person.eye, person.eye * 0.6, (0.95, 0.95, 0.93))
        oval(x, 0, person.eye * 0.5, person.eye * 0.55, (0.16, 0.11, 0.08))
        first, second = at(x - 1.3 * person.eye, -0.13), at(x + 1.3 * person.eye, -0.13)
        cv2.line(canvas, first, second, person.hair, max(1, round(person.brow * wide)), cv2.LINE_AA)
    oval(0, 0.24 + person.nose / 2, 0.1 * (1 + person.nose), 0.05, 0.78 * skin)
    cv2.line(
        canvas,
        at(0.03, 0.02),
        at(0.06, 0.22 + person.nose / 2),
        tuple(0.85 * skin),
        max(1, round(0.03 * wide)),
        cv2.LINE_AA,
    )
    curve = [at(x * person.mouth, 0.52 + 0.1 * mood * (1 - 4 * x * x)) for x in np.linspace(-0.5, 0.5, 9)]
    cv2.polylines(
        canvas, [np.array(curve, np.int32)], False, (0.55, 0.2, 0.2), max(1, round(2 * person.lips * wide)), cv2.LINE_AA
    )
    eyes = [at(side * person.apart / 2, 0) for side in (-1, 1)]
    top, bottom = at(0, -0.2)[1], at(0, person.long - 0.5)[1]
    box = Box(middle[0] - 0.5 * wide, float(top), wide, float(bottom - top))
    return Face(box, ((float(eyes[0][0]), float(eyes[0][1])), (float(eyes[1][0]), float(eyes[1][1]))))


def photograph(canvas: Canvas, knobs: Mapping[str, float], rng: np.random.Generator) -> Image:
    """Light from one side, blur and noise."""
    way = float(rng.choice([-1, 1]))
    ramp = np.exp(1.2 * knobs["light"] * way * np.linspace(-1, 1, canvas.shape[1], dtype=np.float32))
    seen = cv2.GaussianBlur(canvas * ramp[None, :, None], (0, 0), max(0.3, knobs["blur"]))
    seen = seen + rng.normal(0, 0.4 * knobs["noise"], seen.shape)
    image: Image = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
    return image


def draw_scene(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """No to three faces before a wall with things on it."""
    rng = np.random.default_rng(seed)
    canvas = np.empty((HEIGHT, WIDTH, 3), np.float32)
    canvas[:] = rng.uniform(0.35, 0.8, 3)
    for _ in range(6):
        x, y = int(rng.integers(WIDTH)), int(rng.integers(HEIGHT))
        far = (x + int(rng.integers(20, 120)), y + int(rng.integers(20, 90)))
        cv2.rectangle(canvas, (x, y), far, tuple(float(v) for v in rng.uniform(0.1, 0.9, 3)), -1)
    count = int(rng.choice([0, 1, 2, 3], p=[0.15, 0.35, 0.3, 0.2]))
    off = 75 * knobs["shift"]
    faces = []
    for i in range(count):
        wide = float(rng.uniform(38, 90 if count < 3 else 70))
        middle = ((i + 0.5) * WIDTH / count + float(rng.uniform(-off, off)), float(rng.uniform(90, 170)))
        body = (round(middle[0]), round(middle[1] + 2.0 * wide))
        shirt = tuple(float(v) for v in rng.uniform(0.1, 0.9, 3))
        cv2.ellipse(canvas, body, (round(1.1 * wide), round(0.9 * wide)), 0, 0, 360, shirt, -1)
        person = draw_person(int(rng.integers(1 << 31)))
        face = draw_face(canvas, person, middle, wide, float(rng.uniform(-1, 1)), float(rng.uniform(-8, 8)))
        if rng.random() < 0.6 * knobs["clutter"]:
            top = round(face.box.y + 0.75 * face.box.h)
            cv2.rectangle(
                canvas, (round(middle[0] - wide), top), (round(middle[0] + wide), top + round(0.3 * wide)), shirt, -1
            )
        faces.append(face)
    return JobSample(name, photograph(canvas, knobs, rng), tuple(faces), {"all_labelled": True})


def draw_portrait(person: Person, seed: int, knobs: Mapping[str, float]) -> Image:
    """One person alone, a little turned, in some mood."""
    rng = np.random.default_rng(seed)
    canvas = np.full((SIDE, SIDE, 3), float(rng.uniform(0.5, 0.8)), np.float32)
    off = 14 * knobs["shift"]
    middle = (SIDE / 2 + float(rng.uniform(-off, off)), 78 + float(rng.uniform(-off, off)))
    face = draw_face(
        canvas,
        person,
        middle,
        96 * float(rng.uniform(0.93, 1.07)),
        float(rng.uniform(-1, 1)),
        float(rng.uniform(-6, 6)),
    )
    if rng.random() < 0.6 * knobs["clutter"]:
        x, y = (int(v) for v in rng.uniform((face.box.x, face.box.y + 40), (face.box.x + 60, face.box.y + 90)))
        cv2.rectangle(canvas, (x, y), (x + 36, y + 30), (0.2, 0.4, 0.5), -1)
    return photograph(canvas, knobs, rng)


EASY = {"noise": 0.02, "blur": 0.5, "light": 0.05, "shift": 0.0, "clutter": 0.0}
"""How the gallery's portraits are taken."""


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many scenes; and so many people, each three times in the gallery and once as a probe."""
    scenes = [f"scene-{i + 1:03}" for i in range(count)]
    people = [draw_person(seed * 10_007 + i) for i in range(max(count, 2))]
    names = [f"person-{i + 1:03}" for i in range(len(people))]
    first = seed * 1_000_003
    gallery = Gallery(
        [name for name in names for _ in range(3)],
        [partial(draw_portrait, person, first + 8 * i + j, EASY) for i, person in enumerate(people) for j in range(3)],
    )

    def probe(i: int) -> JobSample:
        extra = {"gallery": gallery, "group": people[i].group}
        return JobSample(f"{names[i]}-probe", draw_portrait(people[i], first + 8 * i + 5, knobs), names[i], extra)

    return {
        "find": [JobSampleFile(n, partial(draw_scene, n, seed * 10_007 + i, knobs)) for i, n in enumerate(scenes)],
        "recognise": [JobSampleFile(f"{names[i]}-probe", partial(probe, i)) for i in range(count)],
    }
