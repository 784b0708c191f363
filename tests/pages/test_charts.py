"""Charts: titles, units, order and readable contrast in both themes."""

from __future__ import annotations

import math
import re
from html import unescape

import numpy as np
import plotly.graph_objects as go
import pytest

import segmethods as sm
from pages.ui import cells, charts, plotting, theme
from pages.ui.agreement_map import agreement_map
from pages.ui.chart_context import ChartContext
from pages.ui.histograms import gather_panels, histogram_chart
from segmethods.core.messages import fill
from segmethods.core.palette import class_colour
from segmethods.methods import list_methods, method_colour
from segmethods.reporting.svg import NARROW, WIDTH

TITLE = "DeepLab agrees best with the truth, and it takes <b>longest</b> of them all"
CHINESE = "在所有方法中，DeepLab 与真值标注最为一致：交并比 0.91；阈值法快 40 倍，达到 0.62"


def t(text: str, **values: object) -> str:
    return "‹" + fill(text, values) + "›"


PLAIN = ChartContext(t, theme.LIGHT)
THEMES = [PLAIN, ChartContext(t, theme.DARK)]


ROWS = [
    charts.Row("threshold", "Threshold", 0.62, "upper bound", sm.Timings(0.001, 0.002, 0.001)),
    charts.Row("deeplab", "DeepLab", 0.91, "by name", sm.Timings(0.02, 0.15, 0.04)),
    charts.Row("kmeans", "K-means <b>", 0.71, "upper bound", sm.Timings(0.1, 0.3, 0.02)),
    charts.Row("edges", "Edges", math.nan, "", sm.Timings(0.01, 0.0, 0.05)),
]
SHARES = [
    (
        "DeepLab",
        [(cells.Chip(class_colour(i, sm.VOC), sm.VOC.names[i], "x"), share) for i, share in ((0, 0.6), (8, 0.4))],
    ),
    ("Edges", [(cells.Chip(class_colour(i, sm.segments(40)), f"segment {i}", "y"), 1 / 40) for i in range(40)]),
]
MATRIX = [[1, 0.9, 0.1], [0.9, 1, -0.05], [0.1, -0.05, 1]]


def _image() -> np.ndarray:
    ramp = np.concatenate([np.full(3000, 40), np.full(1000, 200), np.arange(256)]).astype(np.uint8)
    return np.dstack([ramp.reshape(56, 76)] * 3)


def _results() -> list[sm.Segmentation]:
    return [
        sm.segment(_image(), "threshold"),
        sm.segment(_image(), "kmeans", k=3),
        sm.segment(_image(), "histogram", algorithm="multi_otsu", levels=3),
        sm.segment(_image(), "threshold", channel="r"),
    ]


def _all(title: str, context: ChartContext = PLAIN) -> dict[str, go.Figure]:
    names = {r.method: r.title for r in ROWS}
    return {
        "scores": charts.score_bars(ROWS, title=title, score_name="IoU", context=context),
        "timing": charts.timing_bars(ROWS, title=title, context=context),
        "shares": charts.class_shares(SHARES, title=title, context=context),
        "time": charts.score_against_time(ROWS, title=title, score_name="IoU", context=context),
        "histogram": histogram_chart(gather_panels(_results()), title=title, titles=names, context=context),
    }


NAMES = ("scores", "timing", "shares", "time", "histogram")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", [TITLE, CHINESE])
def test_title_is_whole_escaped_and_fits_a_phone(name: str, title: str) -> None:
    layout = _all(title)[name].layout
    lines = layout.title.text.split("<br>")
    plain = [unescape(re.sub(r"</?b>", "", line)) for line in lines]
    assert "".join("".join(plain).split()) == "".join(title.split())
    assert max(map(plotting.columns_of, plain)) <= (36 if title is CHINESE else 40)
    assert layout.margin.t > len(lines) * 20


@pytest.mark.parametrize("name", NAMES)
def test_axes_say_quantity_and_unit_in_the_users_language(name: str) -> None:
    figure = _all(TITLE)[name]
    titles = [a.title.text for a in figure.select_xaxes()] + [a.title.text for a in figure.select_yaxes()]
    said = [text for text in titles if text]
    assert said
    assert all(text.startswith("‹") for text in said)
    assert re.search(r"\(ms\)|\(%\)|0 to 1|0 to 255|logarithmic|index", " ".join(said))


@pytest.mark.parametrize("context", THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_type_is_large_and_contrast_is_enough(name: str, context: ChartContext) -> None:
    layout = _all(TITLE, context)[name].layout
    background = context.colours.background
    assert layout.font.size >= 14
    assert layout.xaxis.tickfont.size >= 14
    assert layout.uniformtext.minsize >= 14
    for colour in (layout.font.color, layout.xaxis.title.font.color, layout.hoverlabel.font.color):
        assert plotting.contrast(colour, background) >= 4.5
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_theme_has_contrast(colours: theme.Colours) -> None:
    for surface in (colours.background, colours.surface):
        assert plotting.contrast(colours.text, surface) >= 7
        assert plotting.contrast(colours.muted, surface) >= 4.5
    assert plotting.contrast(colours.accent, colours.background) >= 3, "an edge or a mark, never text"


def test_words_on_colours_are_readable() -> None:
    colours = [
        *(method.colour for method in list_methods()),
        *(class_colour(i, sm.VOC) for i in range(21)),
        *(class_colour(i, sm.CAMVID) for i in range(11)),
    ]
    assert min(plotting.contrast(c, plotting.text_on(c)) for c in colours) >= 4.5


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_numbers_on_the_agreement_map_are_readable(colours: theme.Colours) -> None:
    steps = [plotting.mix(colours.surface, colours.accent, i / 100) for i in range(101)]
    assert min(plotting.contrast(c, plotting.text_on(c)) for c in steps) >= 4.5


def test_scores_are_sorted_and_wear_the_methods_colours() -> None:
    bars = _all(TITLE)["scores"].data[0]
    assert list(bars.text) == ["0.91", "0.71", "0.62", "–"]
    assert bars.marker.color[0] == method_colour("deeplab")
    assert "by name" in bars.y[0]
    assert "K-means &lt;b&gt;" in bars.y[1]


def test_timing_adds_up_and_is_labelled() -> None:
    figure = _all(TITLE)["timing"]
    bars = [b for b in figure.data if b.type == "bar" and b.x[0] is not None]
    totals = [sum(b.x[i] for b in bars) for i in range(4)]
    assert totals == sorted(totals)
    assert totals == pytest.approx([4, 60, 210, 420])
    labels = next(d for d in figure.data if d.type == "scatter").text
    assert [x.strip().replace("\u00a0", " ") for x in labels] == ["4.0 ms", "60 ms", "0.21 s", "0.42 s"]
    slow = charts.timing_bars([charts.Row("fcn", "FCN", timings=sm.Timings(0, 30, 0))], title="x", context=PLAIN)
    assert "(s)" in slow.layout.xaxis.title.text


def test_shares_fill_the_bar_and_small_ones_are_summed_up() -> None:
    figure = _all(TITLE)["shares"]
    of_edges = [(x, text) for b in figure.data for x, y, text in zip(b.x, b.y, b.text, strict=True) if y == "Edges"]
    assert sum(x for x, _ in of_edges) == pytest.approx(100)
    assert len(of_edges) == 13
    assert "28 more" in of_edges[-1][1]


def test_time_axis_holds_all_points_and_no_unscored_method() -> None:
    figure = _all(TITLE)["time"]
    points, axis = figure.data[0], figure.layout.xaxis
    assert len(points.x) == 3
    assert axis.range[0] < math.log10(min(points.x))
    assert math.log10(max(points.x)) < axis.range[1]
    assert all(re.fullmatch(r"[\d.]+ m?s", text) for text in axis.ticktext)


def test_agreement_shows_each_pair_once() -> None:
    for context in THEMES:
        for width in (WIDTH, NARROW):
            chart = agreement_map(["A", "B <b>", "C"], MATRIX, context=context, width=width)
            assert sorted(re.findall(r">(-?\d\.\d\d)<", chart)) == ["-0.05", "0.10", "0.90"]
            assert chart.count("<rect") == 3
            assert "B &lt;b&gt;" in chart
            assert "‹Adjusted" in chart


def test_histogram_draws_what_traces_hold() -> None:
    panels = gather_panels(_results())
    assert [p.channel for p in panels] == ["grey", "r"]
    figure = histogram_chart(panels, title="x", titles={"threshold": "Threshold"}, context=PLAIN)
    areas = [d for d in figure.data if d.fill == "tozeroy"]
    assert len(areas) == 2
    assert all(sum(b.y) == pytest.approx(100) for b in areas)
    lines = sorted(d.x[0] for d in figure.data if d.type == "scatter" and d.line.width == 3 and d.xaxis == "x")
    level = _results()[0].trace.level
    cuts = [float(c) for c in _results()[2].trace.cuts]
    assert lines == sorted([level, *cuts])
    centroids = [d for d in figure.data if d.name and "centroids" in d.name]
    assert len(centroids) == 1
    assert len(centroids[0].x) == 3


def test_peaks_and_valleys_stand_on_the_curve() -> None:
    result = sm.segment(_image(), "histogram")
    figure = histogram_chart(gather_panels([result]), title="x", titles={}, context=PLAIN)
    peaks = next(d for d in figure.data if d.name == "‹peak›")
    curve = next(d for d in figure.data if d.name and "smoothed" in d.name)
    assert list(peaks.x) == list(result.trace.peaks)
    assert [curve.y[x] for x in peaks.x] == list(peaks.y)


def test_no_histogram_no_panel() -> None:
    assert gather_panels([sm.segment(_image(), "kmeans", k=2)]) == []


@pytest.mark.parametrize("context", THEMES)
def test_charts_of_nothing_are_empty_but_drawn(context: ChartContext) -> None:
    assert charts.score_bars([], title="x", score_name="IoU", context=context).layout.title.text
    assert charts.timing_bars([], title="x", context=context).layout.title.text
    assert charts.class_shares([], title="x", context=context).layout.title.text
    assert charts.score_against_time([], title="x", score_name="IoU", context=context).layout.title.text


def test_wrapping_breaks_chinese_but_not_before_punctuation() -> None:
    lines = plotting.wrap(CHINESE, 20)
    assert all(plotting.columns_of(line) <= 22 for line in lines)
    assert not any(line[0] in "，。：；）" for line in lines)
    assert "".join("".join(lines).split()) == "".join(CHINESE.split())


def test_no_word_of_a_title_stands_alone() -> None:
    lines = plotting.balance("How much of the picture each class covers", 40)
    assert lines == ["How much of the picture", "each class covers"]
    assert plotting.balance("每个方法与最好方法的差距，以及它的可信范围", 36) == [
        "每个方法与最好方法的差距，",
        "以及它的可信范围",
    ]
    assert len(plotting.balance("每个方法与最好方法的差距以及它的可信范围", 36)) == 2
    assert plotting.balance("Short", 40) == ["Short"]
    assert plotting.balance("", 40) == [""]
