"""Charts of the Benchmark page: what they mark, in both themes, and that titles and names are kept whole."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from pages.benchmark import charts, sweep_chart
from pages.benchmark.panels import tell_front
from pages.ui.chart_context import ChartContext
from pages.ui.charts import Row
from pages.ui.theme import DARK, LIGHT
from segmethods.core.messages import fill
from segmethods.core.types import Timings
from segmethods.methods import method_colour

IMAGES = ("a.png", "b <i>.png", "c.png")


def t(text: str, **values: object) -> str:
    return "‹" + fill(text, values) + "›"


PLAIN = ChartContext(t, LIGHT)
THEMES = [PLAIN, ChartContext(t, DARK)]


ROWS = [
    Row("threshold", "Threshold", 0.62, timings=Timings(infer=0.004)),
    Row("kmeans", "K-means", 0.55, timings=Timings(infer=0.4)),
    Row("deeplab", "DeepLab", 0.91, timings=Timings(infer=0.21)),
]
SPREADS = [
    charts.Spread("threshold", "Threshold", IMAGES, np.array([0.1, 0.2, math.nan])),
    charts.Spread("deeplab", "DeepLab", IMAGES, np.array([0.8, 0.9, 0.7])),
]
GAPS = np.array([3.0, -1.0, math.nan])


def _all(context: ChartContext = PLAIN) -> dict[str, go.Figure]:
    common = {"title": "A <b> title", "score_name": "IoU", "context": context}
    return {
        "time": charts.accuracy_against_time(ROWS, ["threshold", "deeplab"], {"Blank": 0.3}, **common),
        "spread": charts.spread_over_images(SPREADS, **common),
        "pair": charts.paired_differences(
            IMAGES, GAPS, ("deeplab", "fcn"), ("DeepLab", "FCN"), (0.5, 1.0, 2.0), unit="points", **common
        ),
        "sweep": sweep_chart.sweep_curve(
            [sweep_chart.Trial("2", 0.4), sweep_chart.Trial("3", 0.6)],
            np.array([[0.3, 0.7], [0.5, 0.5]]),
            1,
            0.65,
            method="kmeans",
            parameter="Colour groups",
            **common,
        ),
        "runs": charts.runs_side_by_side(
            [("fcn", "FCN")], [("first", {"fcn": 0.4}), ("second", {"fcn": 0.5, "edges": 0.1})], **common
        ),
    }


@pytest.mark.parametrize("context", THEMES)
def test_every_chart_has_its_title_and_type_that_can_be_read(context: ChartContext) -> None:
    for figure in _all(context).values():
        assert figure.layout.title.text == "<b>A &lt;b&gt; title</b>"
        assert figure.layout.font.size >= 14
        assert figure.layout.xaxis.title.text.replace("<br>", " ").startswith(("‹", "Colour groups"))


def test_the_front_joins_the_methods_that_no_other_beats() -> None:
    line = next(s for s in _all()["time"].data if s.mode == "lines")
    assert (list(line.x), list(line.y)) == ([0.004, 0.21], [0.62, 0.91])


def test_boxes_leave_out_what_is_undefined_and_the_best_median_comes_first() -> None:
    boxes = _all()["spread"].data
    assert [len(box.x) for box in boxes] == [3, 2]
    assert boxes[0].marker.color == method_colour("deeplab")
    assert "b &lt;i&gt;.png" in boxes[0].text


def test_differences_are_sorted_and_wear_the_colour_of_the_better_method() -> None:
    bars = _all()["pair"].data[0]
    assert list(bars.y) == [3.0, -1.0]
    assert list(bars.marker.color) == [method_colour("deeplab"), method_colour("fcn")]


def test_a_sweep_marks_the_best_value_and_what_each_picture_alone_could_reach() -> None:
    figure = _all()["sweep"]
    texts = [str(text) for s in figure.data for text in (s.text or [])]
    assert texts == ["<b>0.60</b>"]
    assert any("each its own: 0.65" in str(a.text) for a in figure.layout.annotations)


def test_a_sweep_over_many_pictures_shows_their_range() -> None:
    many = np.random.default_rng(0).random((sweep_chart.MOST_LINES + 1, 2))
    figure = sweep_chart.sweep_curve(
        [sweep_chart.Trial("2", 0.4), sweep_chart.Trial("3", 0.6)],
        many,
        1,
        0.65,
        method="kmeans",
        parameter="k",
        title="x",
        score_name="IoU",
        context=PLAIN,
    )
    assert len(figure.data) == 4


def test_runs_lie_side_by_side_only_where_they_have_the_method() -> None:
    marks = [s for s in _all()["runs"].data if s.mode == "markers"]
    assert [(s.name, list(s.x)) for s in marks] == [("first", [0.4]), ("second", [0.5])]


@pytest.mark.parametrize(
    ("ranked", "title"),
    [
        ([True, True], "No other scores higher or runs faster than DeepLab"),
        ([True, True, False], "Of those with a rank, none scores higher or runs faster than DeepLab"),
        ([True, False], "Only DeepLab has a rank here"),
    ],
)
def test_the_title_does_not_deny_what_is_drawn_faster_without_a_rank(ranked: list[bool], title: str) -> None:
    assert tell_front(["DeepLab"], ranked) == title
