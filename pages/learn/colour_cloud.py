"""A cloud of colours that is turned by hand: pixels in a colour space, and the ways that the centroids have come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.learn.lesson import LessonContext
from pages.learn.views import caption_html
from pages.ui.language import t, translate
from segmethods.core.messages import Message
from segmethods.core.palette import to_hex
from segmethods.core.types import Segmentation, trace_of
from segmethods.methods._colours import SPACES, Space, to_space
from segmethods.methods.kmeans import KMeansTrace

POINTS = 1500
"""Pixels in the cloud."""

AXES = {
    "rgb": (Message("red"), Message("green"), Message("blue")),
    "lab": (Message("a*: green to red"), Message("b*: blue to yellow"), Message("L*: dark to light")),
    "hsv": (Message("hue, across"), Message("hue, along"), Message("value")),
}
"""What the axes to the front, to the right and upwards say."""

_HTML = """
<canvas role="img" tabindex="0"></canvas>
"""

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "cloud",
    html=_HTML,
    css="\n" + (_FOLDER / "colour_cloud.css").read_text(encoding="utf-8"),
    js="\n" + (_FOLDER / "colour_cloud.js").read_text(encoding="utf-8"),
)


def show_cloud(ctx: LessonContext, space: Space, whole: Segmentation, then: Segmentation, title: str) -> None:
    """A sample of the pixels in the colour space, and the way that the centroids have come.

    Parameters
    ----------
    whole : Segmentation
        What k-means found; its trace holds all rounds.
    then : Segmentation
        What it finds if it is stopped at the round that is shown.
    title : str
        The finding, for those who can't see it.
    """
    path, now = trace_of(whole, KMeansTrace), trace_of(then, KMeansTrace)
    height, width = ctx.pixels.shape[:2]
    chosen = np.random.default_rng(0).choice(height * width, min(POINTS, height * width), replace=False)
    points = _upright(to_space(ctx.pixels.reshape(-1, 3)[chosen].astype(np.float64), space), space)
    paths = _upright(path.centroids, space).swapaxes(0, 1)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    half = np.ptp(points, axis=0) / 2
    half = np.maximum(half, max(0.1 * half.max(), 0.01))
    unit = np.linalg.norm(half)
    data = {
        "space": space,
        "run": f"{ctx.image.digest} {sorted(whole.params.items())}",
        "round": now.rounds,
        "label": title,
        "names": [translate(name) for name in AXES[space]],
        "half": (half / unit).tolist(),
        "points": ((points - middle) / unit).round(3).tolist(),
        "groups": then.labels.ravel()[chosen].tolist(),
        "tints": _hex(now.colours[-1]),
        "paths": ((paths - middle) / unit).round(3).tolist(),
        "colours": [_hex(colours) for colours in path.colours],
    }
    with st.container(gap=None):
        _component(key=f"cloud.{ctx.lesson.id}", data=data)
        st.html(
            caption_html(
                t("Colours in {space}", space=t(SPACES[space])), t("Drag it to turn it, or use the arrow keys.")
            )
        )


def _upright(points: NDArray[np.float64], space: Space) -> NDArray[np.float64]:
    """Coordinates, the last axis of an array, in the order of `AXES`."""
    return points[..., [1, 2, 0] if space == "lab" else [0, 1, 2]]


def _hex(colours: NDArray[np.uint8]) -> list[str]:
    return [to_hex((red, green, blue)) for red, green, blue in colours.tolist()]
