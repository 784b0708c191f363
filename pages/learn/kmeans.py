"""K-means: groups of like colours, found by two steps that are repeated until nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.learn.lesson import Bench, Lesson, of_method, show_lesson
from pages.learn.pictures import View, show_views
from pages.learn.webgl import lacks_webgl
from pages.ui.language import say, t
from pages.ui.pictures import kinds_layer
from pages.ui.plotting import FONT, SIZE, dress, label_axis, mode
from pages.ui.theme import ACCENT, GRID, MUTED, TEXT, is_dark
from segmethods.messages import Message
from segmethods.method import About, Parameter, Range, get_method
from segmethods.methods.kmeans import SPACES, to_space
from segmethods.palette import method_colour, to_hex
from segmethods.segmentation import Failure, Segmentation

_ROUND = Parameter(
    "round", "int", 0, About("Round", "0 is the start; each round moves the centroids once more."), Range(0, 100)
)

LESSON = Lesson("kmeans", sample="coffee", controls=(*of_method("kmeans", "space", "seed", k=5), _ROUND))

POINTS = 1500
"""Pixels in the cloud of colours."""

SEEDS = 4
"""How many seeds are compared."""

AXES = {
    "rgb": (Message("red"), Message("green"), Message("blue")),
    "lab": (Message("L*: dark to light"), Message("a*: green to red"), Message("b*: blue to yellow")),
    "hsv": (Message("hue, across"), Message("hue, along"), Message("value")),
}


def thumbnail(bench: Bench) -> bytes | None:
    result = bench.run("kmeans", k=5)
    return _flat(result) if result else None


def draw(bench: Bench) -> None:
    bench.text("idea")
    wish = _choose(bench)
    result = bench.run("kmeans", **wish)
    if result is None:
        return
    _draw_rounds(bench, wish, result)
    _draw_elbow(bench, wish)
    _draw_seeds(bench, wish)
    _draw_spaces(bench, wish)


def _choose(bench: Bench) -> dict[str, Any]:
    wish = {}
    for name, column in zip(("k", "space", "seed"), st.columns(3), strict=True):
        with column:
            wish[name] = bench.control(name)
    return wish


@st.fragment
def _draw_rounds(bench: Bench, wish: dict[str, Any], result: Segmentation) -> None:
    inertia = np.asarray(result.evidence["inertia"])
    last = len(inertia) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        now = int(bench.control("round", most=max(last, 1)))
        at_end = now >= last
        st.button(
            t("From the start") if at_end else t("One round more"), key="round.next", type="primary",
            on_click=bench.set, args=("round", 0 if at_end else now + 1),
        )  # fmt: skip
    then = bench.run("kmeans", **wish, rounds=now)
    if then is None:
        return
    left, right = st.columns(2, gap="medium")
    title = t("Round {round} of {last}: every pixel wears the colour of its centroid", round=now, last=last)
    cloud = _cloud(bench, wish["space"], then, result, now)
    with left:
        if lacks_webgl():
            bench.chart(_side(cloud, wish["space"]), title, key="cloud.side")
            st.caption(t("Your browser draws nothing in three dimensions (no WebGL). This is the cloud from one side."))
        else:
            bench.chart(cloud, title, key="cloud")
    with right:
        show_views([View(t("Round {round} of {last}", round=now, last=last), title, _flat(then))])
    falls = t("The inertia falls from {first} to {last}", first=_small(inertia[0]), last=_small(inertia[-1]))
    bench.chart(_curve(list(range(last + 1)), inertia, now, falls, t("Round")), falls)
    bench.text("inertia", rounds=str(last))
    bench.questions("idea")


def _draw_elbow(bench: Bench, wish: dict[str, Any]) -> None:
    bench.text("elbow")
    counts = next(p for p in get_method("kmeans").parameters if p.name == "k").range
    assert counts is not None  # it is a number
    ks = list(range(int(counts.low), int(counts.high) + 1))
    found = bench.ask_each([("kmeans", {**wish, "k": k}) for k in ks])
    inertia = [np.nan if isinstance(o, Failure) else float(np.asarray(o.evidence["inertia"])[-1]) for o in found]
    title = t("More groups lower the inertia, but less and less")
    bench.chart(_curve(ks, np.array(inertia), wish["k"], title, t("Colour groups (k)")), title)
    bench.questions("elbow")


def _draw_seeds(bench: Bench, wish: dict[str, Any]) -> None:
    bench.text("seeds")
    seeds = [wish["seed"] + i for i in range(SEEDS) if wish["seed"] + i <= 9999]
    results = _results(bench, [{**wish, "seed": seed} for seed in seeds])
    best = min((r for r in results if r), key=_inertia, default=None)
    views = []
    for seed, result in zip(seeds, results, strict=True):
        if result:
            note = t("inertia {value}", value=_small(_inertia(result)))
            note = t("{note}, the smallest", note=note) if result is best else note
            views.append(View(t("Seed {seed}", seed=seed), note, _flat(result), note=note))
    show_views(views)
    bench.questions("seeds")


def _draw_spaces(bench: Bench, wish: dict[str, Any]) -> None:
    bench.text("spaces")
    results = _results(bench, [{**wish, "space": space} for space in SPACES])
    views = []
    for space, result in zip(SPACES, results, strict=True):
        if result:
            groups = t("{count} groups", count=len(result.classes))
            views.append(View(t(SPACES[space]), groups, _flat(result), note=groups))
    show_views(views)
    bench.questions("spaces")


def _results(bench: Bench, plans: Sequence[dict[str, Any]]) -> list[Segmentation | None]:
    outcomes = bench.ask_each([("kmeans", plan) for plan in plans])
    return [None if isinstance(outcome, Failure) else outcome for outcome in outcomes]


def _inertia(result: Segmentation) -> float:
    return float(np.asarray(result.evidence["inertia"])[-1])


def _small(value: float) -> str:
    return f"{value:.2g}" if value < 0.001 else f"{value:.4f}"


def _flat(result: Segmentation) -> bytes:
    """The picture in the colours of its groups."""
    return kinds_layer(result.labels.astype(np.uint8), np.asarray(result.evidence["colors"])[-1].tolist())


def _cloud(bench: Bench, space: str, then: Segmentation, result: Segmentation, now: int) -> go.Figure:
    """A sample of the pixels in the colour space, and the way that the centroids have come."""
    height, width = bench.image.shape[:2]
    chosen = np.random.default_rng(0).choice(height * width, min(POINTS, height * width), replace=False)
    points = to_space(bench.image.reshape(-1, 3)[chosen].astype(np.float64), space)  # type: ignore[arg-type]
    ink = TEXT[mode(is_dark())]
    tints = [to_hex(tuple(map(int, c))) for c in np.asarray(then.evidence["colors"])[-1]]
    steps = [[(i + end) / len(tints), tint] for i, tint in enumerate(tints) for end in (0, 1)]
    pixels = {
        "size": 2.5, "opacity": 0.7, "color": then.labels.ravel()[chosen], "colorscale": steps, "cmin": -0.5,
        "cmax": len(tints) - 0.5,
    }  # fmt: skip
    path = np.asarray(result.evidence["centroids"])[: now + 1, :, :3]
    ways = np.concatenate([path, np.full((1, *path.shape[1:]), np.nan)]).swapaxes(0, 1).reshape(-1, 3)
    here = [to_hex(tuple(map(int, c))) for c in np.asarray(result.evidence["colors"])[now]]
    centres = {"size": 9, "symbol": "diamond", "color": here, "line": {"color": ink, "width": 2}}
    traces = [
        go.Scatter3d(_turned(points, space), mode="markers", marker=pixels, hoverinfo="skip"),
        go.Scatter3d(_turned(ways, space), mode="lines", line={"color": ink, "width": 4}, hoverinfo="skip"),
        go.Scatter3d(
            _turned(path[-1], space), mode="markers", marker=centres, hovertemplate="%{text}<extra></extra>",
            text=[t("centroid {number}", number=number + 1) for number in range(len(here))],
        ),
    ]  # fmt: skip
    layout = {
        "template": "none", "height": 420, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "showlegend": False,
        "dragmode": "turntable", "uirevision": space, "paper_bgcolor": "rgba(0,0,0,0)", "scene": _scene(space),
    }  # fmt: skip
    return go.Figure(traces, layout)


def _side(cloud: go.Figure, space: str) -> go.Figure:
    """The cloud seen along its first axis, for a browser that draws in two dimensions only."""
    figure = go.Figure()
    for trace in cloud.data:
        marks = trace.marker.to_plotly_json()
        marks["size"] = 1.6 * marks.get("size", 0)
        ink = {"color": trace.line.color, "width": 2}
        figure.add_scatter(x=trace.y, y=trace.z, mode=trace.mode, marker=marks, line=ink, hoverinfo="skip")
    dress(figure, "", is_dark(), height=380)
    _, along, up = _names(space)
    figure.update_layout(showlegend=False, margin_t=8)
    figure.update_xaxes(title_text=label_axis(along), showticklabels=False)
    figure.update_yaxes(title_text=label_axis(up), showticklabels=False, scaleanchor="x")
    return figure


def _names(space: str) -> tuple[str, str, str]:
    """What the axes across, along and up say."""
    first, second, third = map(say, AXES[space])
    return (second, third, first) if space == "lab" else (first, second, third)


def _scene(space: str) -> dict[str, Any]:
    """The axes of the cloud, each with the name of its quantity."""
    look = mode(is_dark())
    axes = {
        f"{letter}axis": {
            "title": {"text": name, "font": {"family": FONT, "size": SIZE, "color": MUTED[look]}},
            "gridcolor": GRID[look], "showbackground": False, "showticklabels": False, "zeroline": False,
            "showspikes": False,
        }
        for letter, name in zip("xyz", _names(space), strict=True)
    }  # fmt: skip
    return {**axes, "aspectmode": "data", "camera": {"eye": {"x": 1.7, "y": 1.7, "z": 0.6}}}


def _turned(points: NDArray[np.float64], space: str) -> dict[str, NDArray[np.float64]]:
    """Columns for the axes across, along and up; lightness and value go up."""
    first, second, third = points.T
    x, y, z = (second, third, first) if space == "lab" else (first, second, third)
    return {"x": x, "y": y, "z": z}


def _curve(xs: Sequence[int], values: NDArray[np.float64], here: int, title: str, name: str) -> go.Figure:
    """Inertia against rounds or groups, with the student's place marked."""
    look = mode(is_dark())
    figure = go.Figure(
        go.Scatter(
            x=list(xs), y=values, mode="lines+markers", line={"color": method_colour("kmeans"), "width": 3},
            marker={"size": 8}, showlegend=False, hovertemplate="%{x}: %{y:.4f}<extra></extra>",
        )
    )  # fmt: skip
    if here in xs:
        figure.add_scatter(
            x=[here], y=[values[list(xs).index(here)]], mode="markers", showlegend=False, hoverinfo="skip",
            marker={"size": 16, "color": ACCENT[look], "line": {"color": TEXT[look], "width": 1}}, cliponaxis=False,
        )  # fmt: skip
    dress(figure, title, is_dark(), height=260)
    figure.update_xaxes(title_text=name, range=[xs[0] - 0.4, xs[-1] + 0.4], dtick=1 if len(xs) < 16 else 5)
    figure.update_yaxes(title_text=label_axis(t("Inertia")), rangemode="tozero", nticks=5)
    return figure


if __name__ == "__main__":
    show_lesson(LESSON, draw)
