"""Threshold: one level parts object from background."""

from __future__ import annotations

import streamlit as st

from pages.learn.lesson import Bench, Lesson, of_method, show_lesson
from pages.learn.pictures import View, show_views
from pages.ui import numbers
from pages.ui.language import t
from pages.ui.pictures import mask_layer, photo

LESSON = Lesson("threshold", sample="coins", controls=of_method("threshold", "level", "channel"))


def thumbnail(bench: Bench) -> bytes | None:
    return photo(bench.image, 320)


def draw(bench: Bench) -> None:
    _draw_level(bench)


@st.fragment
def _draw_level(bench: Bench) -> None:
    bench.text("level")
    level = bench.control("level")
    result = bench.run("threshold", algorithm="fixed", level=level)
    if result is None:
        return
    share = numbers.share(result.shares().get(1, 0.0))
    show_views(
        [
            View(t("Picture"), "", photo(bench.image)),
            View(t("Mask"), share, photo(bench.image), [mask_layer(result.labels, result.classes)]),
        ]
    )
    bench.questions("level")


if __name__ == "__main__":
    show_lesson(LESSON, draw)
