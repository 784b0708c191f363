"""Any method over a clip, frame by frame: why single frames flicker, and what smoothing over time does."""

from __future__ import annotations

import time

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.clips.work import ClipRun, Source, film_pair, poster_of
from pages.state.presence import client_id, wait_for
from pages.state.session import session
from pages.state.widgets import bind_draft
from pages.ui import numbers
from pages.ui.actions import draw_bar
from pages.ui.announce import announce
from pages.ui.chart_context import chart_context
from pages.ui.clips import show_film
from pages.ui.language import escape_markdown, t, translate
from pages.ui.notices import draw_notices
from pages.ui.plotting import CONFIG, legend_above, style_figure
from segmethods.core.messages import SegmethodsError
from segmethods.core.settings import settings
from segmethods.core.types import Labels
from segmethods.execution.over_time import measure_flicker, name_alike, smooth_over_time
from segmethods.execution.pool import pool
from segmethods.io.video import tell_limits
from segmethods.methods import get_method, list_methods

TICK = 1.0


def main() -> None:
    draw_notices(session())
    st.title(t("Clips"), anchor=False)
    st.markdown(
        t(
            "A method of Compare sees one frame at a time and remembers nothing. Over a clip its answer flickers: "
            "pixels change their label although nothing there has moved. See how much, and what a look at the frames "
            "before and after does."
        )
    )
    source = _choose_source()
    titles = {m.id: t(m.title) for m in list_methods()}
    method = st.selectbox(
        t("Method"),
        list(titles),
        format_func=titles.__getitem__,
        width=260,
        **bind_draft("clips.method", "kmeans", among=titles),
    )
    if source is None:
        st.info(t("Choose a clip."), icon=":material/info:")
    else:
        _draw_run(_run_of(source, str(method)))
    _draw_lesson()


def _run_of(source: Source, method: str) -> ClipRun:
    """The run of these choices; one of others is stopped."""
    run: ClipRun | None = st.session_state.get("clips.run")
    if run is not None and (run.source, run.method) == (source, method):
        return run
    if run is not None and run.job is not None:
        run.job.stop()
    st.session_state["clips.run"] = run = ClipRun(source, method)
    return run


def _draw_run(run: ClipRun) -> None:
    if run.job is None:
        st.button(t("Run over the clip"), type="primary", icon=":material/play_arrow:", on_click=run.start)
    elif not run.job.is_over:
        _draw_progress(run)
    else:
        _draw_result(run)


def _choose_source() -> Source | None:
    names = {"drawn": t("Drawn walkers"), "own": t("My own clip")}
    kind = st.segmented_control(
        t("A clip"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        **bind_draft("clips.kind", "drawn", "default"),
    )
    if kind == "drawn":
        return Source()
    st.caption(escape_markdown(translate(tell_limits())))
    file = st.file_uploader(
        t("A clip"), key="clips.file", max_upload_size=max(1, settings().max_video_bytes // 1_000_000)
    )
    return None if file is None else Source(file.name, file.getvalue())


@st.fragment(run_every=TICK)
def _draw_progress(run: ClipRun) -> None:
    """How far it is, how long it will take, and a stop; the whole page is drawn anew when it is over."""
    job = run.job
    if job is None or job.is_over:
        st.rerun()
    done = len(run.labels)
    left = (time.monotonic() - job.began) / done * (run.count - done) if done else None
    says = t("{done} of {count:frame|frames}", done=done, count=run.count)
    if left is not None:
        says += f" · {t('{time} left', time=numbers.duration(left))}"
    draw_bar(done / max(run.count, 1), says, "clips", job.stop)


def _draw_result(run: ClipRun) -> None:
    if run.job is not None and run.job.problem is not None:
        st.warning(escape_markdown(translate(run.job.problem)))
    if len(run.labels) < 2 or run.classes is None:
        st.button(t("Run over the clip"), type="primary", icon=":material/play_arrow:", on_click=run.start)
        return
    if len(run.labels) < run.count:
        st.caption(t("Stopped after {done} of {count:frame|frames}.", done=len(run.labels), count=run.count))
    radius = int(
        st.slider(
            t("Frames before and after that vote"),
            0,
            7,
            width=320,
            help=t("Each pixel gets the label that most of these frames give it. 0 leaves every frame as it is."),
            **bind_draft("clips.radius", 2),
        )
    )
    raw = name_alike(run.labels, run.classes)
    smooth = smooth_over_time(raw, radius)
    before, after = measure_flicker(raw), measure_flicker(smooth)
    mean, less = (sum(values) / len(values) for values in (before, after))
    told = t(
        "{method}: from one frame to the next {share} of the pixels change their label; smoothed, {less}.",
        method=t(get_method(run.method).title),
        share=f"{100 * mean:.2g}%",
        less=f"{100 * less:.2g}%",
    )
    st.header(told, anchor=False)
    announce("clip", told)
    try:
        with st.spinner(t("Writing the clip")):
            film = _film(run, raw, smooth, radius)
    except SegmethodsError as error:
        st.warning(escape_markdown(translate(error.message)))
        return
    st.caption(t("Left: every frame alone. Right: smoothed over time."))
    table = pd.DataFrame({"frame": range(2, len(raw) + 1), "changed": before, "changed_smoothed": after})
    show_film(film[0], film[1], table.to_csv(index=False).encode(), name=f"clip-{run.method}")
    st.plotly_chart(_chart(before, after), config=CONFIG, theme=None, alt=t("Pixels that change their label"))


def _film(run: ClipRun, raw: list[Labels], smooth: list[Labels], radius: int) -> tuple[bytes, str]:
    kept: dict[int, tuple[bytes, str]] = st.session_state.setdefault("clips.films", {})
    key = hash((id(run), len(raw), radius))
    if key not in kept:
        kept.clear()
        film = pool().call(client_id(), film_pair, run.source, raw, smooth, run.classes)
        poster = pool().call(client_id(), poster_of, run.source, raw, smooth, run.classes)
        kept[key] = (wait_for(film), wait_for(poster))
    return kept[key]


def _chart(before: list[float], after: list[float]) -> go.Figure:
    figure = go.Figure()
    frames = list(range(2, len(before) + 2))
    for values, name, colour, dash in (
        (before, t("Every frame alone"), "#D55E00", "solid"),
        (after, t("Smoothed over time"), "#0072B2", "dash"),
    ):
        figure.add_scatter(
            x=frames,
            y=[100 * v for v in values],
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 3},
        )
    figure.update_xaxes(title=t("Frame"))
    figure.update_yaxes(title=t("Changed pixels, %"), rangemode="tozero")
    style_figure(figure, t("Pixels that change their label"), chart_context())
    figure.update_layout(legend=legend_above())
    return figure


def _draw_lesson() -> None:
    st.header(t("Why single frames flicker"), anchor=False)
    st.markdown(
        t(
            "Three things happen between two frames of a scene that stands still. **Noise** moves every value a "
            "little; a pixel that lies near the border between two labels falls now on this side, now on that. **The "
            "rule itself moves**: the level of Threshold, the centroids of k-means and the level of an edge are "
            "computed from each frame anew, so a passer-by shifts them for all pixels at once; you see this as a jump "
            "of the whole curve. **Names are chance**: which group k-means calls the first depends on where it began. "
            "Here groups are named after those of the frame before. Without that, k-means flickers a third more on "
            "the drawn clip, and Edges more than twice as much."
        )
    )
    st.header(t("What smoothing over time does, and what it costs"), anchor=False)
    st.markdown(
        t(
            "If a pixel is wrong in a share p of the frames, and each frame is wrong on its own account, then most of "
            "five frames are wrong with a probability of about 10 p³ for small p: of 10% that leaves less than 1%. "
            "The frames after are needed, too, so an answer comes late by as many frames as vote after it; a camera "
            "that must act at once can look back only. What moves on by its own width while the vote is held is worn "
            "away: let 15 frames vote, and look at the walkers. Errors that stay, such as a shadow, are not touched: "
            "all frames agree on them."
        )
    )
    with st.expander(t("Try: k-means with 0 and with 2 frames before and after. Where does it still flicker?")):
        st.markdown(t("Where things move, and along soft borders: there the label is undecided in every frame."))
    with st.expander(t("Try: Threshold, then Histogram. Which is calmer, and why?")):
        st.markdown(
            t(
                "Histogram, on the drawn clip. Its level lies in a valley of the histogram, where few pixels are, so "
                "noise carries few of them across. The level of Threshold separates the two halves best, "
                "but it may lie where "
                "many pixels are."
            )
        )


main()
