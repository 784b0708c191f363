"""A histogram with a level that is dragged: what is brighter wears the object's colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.learn.lesson import LessonContext
from pages.ui.histograms import ceiling
from segmethods.core.palette import class_colour
from segmethods.core.types import BINARY

_HTML = """
<div class="plot">
  <svg viewBox="0 0 256 100" preserveAspectRatio="none" aria-hidden="true"><path class="low"/><path class="high"/></svg>
  <div class="handle" role="slider" tabindex="0" aria-valuemin="0" aria-valuemax="255"><b></b></div>
</div>
<div class="ticks" aria-hidden="true">
  <span>0</span><span>64</span><span>128</span><span>192</span><span>255</span>
</div>
"""

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "level",
    html=_HTML,
    css="\n" + (_FOLDER / "level_slider.css").read_text(encoding="utf-8"),
    js="\n" + (_FOLDER / "level_slider.js").read_text(encoding="utf-8"),
)


def drag_level(ctx: LessonContext, name: str, counts: NDArray[np.int64], label: str) -> int:
    """Draw a histogram, ``int64 (256,)``, over which a student drags the control `name`; gives where it stands."""
    key = f"level.{ctx.lesson.id}.{name}"

    def take() -> None:
        wish = st.session_state[key].level
        if wish is not None:
            ctx.set(name, min(max(int(wish), 0), 255))

    level = int(ctx.value(name))
    percent = counts / max(int(counts.sum()), 1) * 100
    heights = np.minimum(percent / ceiling(percent), 1).round(3).tolist()
    colours = {"low": class_colour(0, BINARY), "high": class_colour(1, BINARY)}
    _component(key=key, data={"heights": heights, "level": level, "label": label, **colours}, on_level_change=take)
    ctx.publish()
    return level
