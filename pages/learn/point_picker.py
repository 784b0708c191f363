"""Choosing a pixel: a picture to click, and two number fields for those who don't point."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.learn.lesson import LessonContext
from pages.learn.views import caption_html, data_url
from pages.state.session import session
from pages.state.widgets import bind_widget
from pages.ui.language import t
from segmethods.core.registry import About, Parameter, Range

_HTML = """
<div class="frame" role="img"></div>
"""

_CSS = """
.frame { position: relative; cursor: crosshair; line-height: 0; border-radius: 0.5rem; overflow: hidden; }
.frame img { width: 100%; height: auto; user-select: none; }
.frame img + img { position: absolute; inset: 0; height: 100%; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector('.frame');
  frame.setAttribute('aria-label', data.alt);
  while (frame.children.length > data.layers.length) frame.lastChild.remove();
  data.layers.forEach((address, index) => {
    const image = frame.children[index] ?? frame.appendChild(new Image());
    image.alt = '';
    image.draggable = false;
    if (image.src !== address) image.src = address;
  });
  frame.onclick = event => {
    const box = frame.getBoundingClientRect();
    const at = (place, start, length, count) =>
      Math.min(count - 1, Math.max(0, Math.floor((place - start) / length * count)));
    setTriggerValue('place', {
      x: at(event.clientX, box.left, box.width, data.width),
      y: at(event.clientY, box.top, box.height, data.height),
    });
  };
}
"""

_picker = st.components.v2.component("point", html=_HTML, css=_CSS, js=_JS)


def point(x: int, y: int) -> tuple[Parameter, Parameter]:
    """The controls ``x`` and ``y`` of a lesson, which stand at this pixel of its own sample."""
    ends = Range(0, 99_999)
    return (
        Parameter("x", "int", x, About("Column (x)", "Pixels from the left edge of the picture."), ends),
        Parameter("y", "int", y, About("Row (y)", "Pixels from the upper edge of the picture."), ends),
    )


def choose_point(ctx: LessonContext) -> tuple[int, int]:
    """Number fields for ``x`` and ``y``; both lie in the picture, whatever the address says."""
    height, width = ctx.pixels.shape[:2]
    with st.container(horizontal=True):
        return _field(ctx, "x", width), _field(ctx, "y", height)


def show_clickable(ctx: LessonContext, layers: Sequence[bytes], title: str, note: str) -> None:
    """The picture, to be clicked: the click moves ``x`` and ``y``.

    Parameters
    ----------
    layers : sequence of bytes
        Pictures that lie one over the other, the first one of the picture's proportions.
    title, note : str
        Stand below it; for those who can't see it, both are its description.
    """
    height, width = ctx.pixels.shape[:2]
    name = f"learn.{ctx.lesson.id}.place"

    def take() -> None:
        if place := st.session_state[name].place:
            ctx.set("x", place["x"])
            ctx.set("y", place["y"])

    data = {
        "layers": [data_url(layer) for layer in layers],
        "alt": f"{title}. {note}",
        "width": width,
        "height": height,
    }
    with st.container(gap=None):
        _picker(key=name, data=data, on_place_change=take)
        st.html(caption_html(title, note))


def _field(ctx: LessonContext, name: str, count: int) -> int:
    parameter = next(p for p in ctx.lesson.controls if p.name == name)
    value = min(int(ctx.value(name)), count - 1)
    key = f"learn.{ctx.lesson.id}.{name}"

    def take() -> None:
        if st.session_state[key] is not None:
            ctx.set(name, st.session_state[key])

    width = 210 if session().presenting else 150  # below it Streamlit leaves out the buttons
    st.number_input(
        t(parameter.about.label),
        0,
        count - 1,
        step=1,
        **bind_widget(key, value),
        help=t(parameter.about.help),
        width=width,
        on_change=take,
    )
    ctx.publish()
    return value
