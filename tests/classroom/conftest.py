"""A small exercise, and what an honest student makes of it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import segmethods as sm
from segmethods.classroom import Exercise, judge, make_exercise, pack_hand_in
from segmethods.core.types import GroundTruth, Vocabulary

LEAF = Vocabulary("mask", ("background", "leaf"))


@pytest.fixture
def exercise() -> Exercise:
    """A leaf on paper: threshold and k-means may be used, and k-means with three groups only."""
    pixels = np.random.default_rng(3).integers(180, 240, (30, 40, 3), dtype=np.uint8)
    pixels[8:24, 10:31] -= 150
    truth = np.zeros((30, 40), np.uint8)
    truth[8:23, 10:30] = 1
    truth[0, 0] = 255
    return make_exercise(
        pixels,
        GroundTruth(truth, LEAF),
        name="leaf.png",
        title="A leaf",
        question="Which level, and why?",
        methods=["kmeans", "threshold"],
        locked={"kmeans": {"k": 3, "seed": 7}},
    )


Work = Callable[..., bytes]


@pytest.fixture
def work() -> Work:
    """Hands an exercise in as the page does."""

    def hand_in(exercise: Exercise, method: str = "threshold", student: str = "Li Na", **params: Any) -> bytes:
        result = sm.segment(exercise.image, method, **exercise.settle(method, params))
        return pack_hand_in(exercise, result, judge(result, exercise.truth), student, "It is darker.")

    return hand_in


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def retell(data: bytes, change: Callable[[dict[str, Any]], None], **files: bytes) -> bytes:
    """A hand-in with its ``hand-in.json`` changed, and other files (``mask=``, ``exercise=``) in place of its own."""
    inside = unpack(data)
    inside |= {{"mask": "mask.png", "exercise": "exercise.json"}[name]: content for name, content in files.items()}
    record = json.loads(inside["hand-in.json"])
    change(record)
    return pack(inside | {"hand-in.json": json.dumps(record).encode()})
