"""A lesson that asks what happens inside a network."""

from __future__ import annotations

import pytest

import segmethods as sm
from pages.learn import lesson
from pages.learn.spec import Lesson, of_function
from pages.state.images import LoadedImage
from segmethods.introspection.patch_cnn import WindowInspection, inspect_window
from segmethods.introspection.segnet import inspect_segnet
from segmethods.io.images import digest


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(lesson.st, "info", lambda text, **_: lines.append(text))
    monkeypatch.setattr(lesson, "translate", str)
    return lines


@pytest.fixture
def ctx() -> lesson.LessonContext:
    image = sm.get_sample("coins").image()[:60, :80]
    return lesson.LessonContext(Lesson("here", sample="coins"), LoadedImage("coins", image, digest(image)))


def test_what_was_seen_comes_from_a_worker_and_is_kept(ctx: lesson.LessonContext, said: list[str]) -> None:
    seen = ctx.inspect(inspect_window, x=20, y=10)
    assert isinstance(seen, WindowInspection)
    assert ctx.inspect(inspect_window, y=10, x=20, weights="voc") is seen
    assert said == []


def test_what_has_no_answer_is_said_in_one_line(ctx: lesson.LessonContext, said: list[str]) -> None:
    assert ctx.inspect(inspect_window, x=80) is None
    assert said == ["The point 80, 0 lies outside of the picture, which is 80 × 60 pixels. Choose another one."]
    assert ctx.inspect(inspect_window, weights="voc", x=1, sise="256") is None
    assert said[1].startswith("An error inside the method: TypeError: ")
    assert "sise" in said[1]


def test_controls_come_from_the_signature() -> None:
    weights, square, seed = of_function(inspect_segnet, "weights", "square", seed=3)
    assert weights.options == ("voc", "camvid")
    assert (square.kind, square.default) == ("choice", "2")
    assert seed.default == 3
    with pytest.raises(sm.ParameterError):
        of_function(inspect_segnet, square="3")
