"""Where a method did best and worst, picture by picture; each opens on the Compare page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.benchmark.background_runs import find_dataset
from pages.benchmark.datasets import answer_thumb, thumb
from pages.benchmark.run_view import RunView, metric_name, score_text
from pages.state.benchmark import BenchmarkState
from pages.state.images import LoadedImage, know_truth
from pages.state.session import session
from pages.state.widgets import bind_choice
from pages.ui.language import escape_markdown, localized, t
from pages.ui.outcomes import OutcomeStream
from pages.ui.tables import fit_columns
from segmethods.benchmark import RunConfig, SampleRef, by_image, get_metric
from segmethods.core.messages import ImageError
from segmethods.io.images import digest
from segmethods.io.samples import get_sample

SHOWN = 4
SIDE = 320
EMPTY = '<div class="sm-thumb"></div>'


def draw_images(view: RunView, chosen: BenchmarkState) -> None:
    """The worst and the best pictures of a method, and a table of all."""
    labels = [line.label for line in view.methods]
    label = chosen.looked_at if chosen.looked_at in labels else labels[0]
    st.selectbox(
        t("Method"),
        labels,
        format_func=view.titles.__getitem__,
        **bind_choice(chosen, "looked_at", label, among=labels),
        width=260,
    )
    found = find_dataset(view.name, view.run)
    pairs = {pair.name: pair for pair in found[0].pairs} if found else {}
    if not pairs:
        st.info(
            t("The pictures of this run are deleted; its scores stay. To look at pictures, upload the zip file again.")
        )
    scores = view.results.by_image(label, view.metric)
    order = [i for i in np.argsort(scores, kind="stable").tolist() if np.isfinite(scores[i])]
    if get_metric(view.metric).higher_is_better is False:
        order.reverse()
    half = min(SHOWN, len(order) // 2)
    wait: dict[str, DeltaGenerator] = {}
    for key, title, places in (("worst", t("Worst"), order[:half]), ("best", t("Best"), order[::-1][:half])):
        told = t("above the truth, below what {method} found", method=view.title(label))
        st.markdown(f"**{title}** · {escape_markdown(told)}" if pairs else f"**{title}**")
        with st.container(key=f"benchmark-{key}", horizontal=True):
            for place in places:
                image = view.results.images[place]
                wait[image] = _draw_card(view, image, pairs.get(image), float(scores[place]))
    _draw_table(view, pairs)
    if st.session_state.pop("benchmark.leave", False):
        st.switch_page("pages/compare/page.py", query_params={})
    config = view.results.entry(label)
    for image, answer in wait.items():
        if image in pairs and config is not None:
            answer.html(_answer(_Shown(view.run.digest, image, pairs[image]), config))


def image_name(view: RunView, image: str) -> str:
    """What a picture is called: samples have names of their own in each language."""
    return localized(get_sample(image).title) if view.run.source == "samples" else image


def _draw_card(view: RunView, image: str, pair: SampleRef | None, score: float) -> DeltaGenerator:
    """A picture with its truth and its score; returns the place of the method's answer, which comes later."""
    name, value = image_name(view, image), score_text(score, view.metric)
    with st.container(key=f"benchmark-card-{hashlib.sha256(image.encode()).hexdigest()[:12]}", width=200, gap="xsmall"):
        st.html(_thumb(_Shown(view.run.digest, image, pair), f"{name}: {value}"))
        answer = st.html(EMPTY) if pair is not None else st.empty()
        st.html(
            f'<div class="sm-card"><b>{escape(value)}</b> <span title="{escape(image)}">{escape(name)}</span></div>'
        )
        if pair is not None:
            st.button(
                t("Compare"),
                key=f"benchmark.open.{image}",
                on_click=_open,
                args=(view, pair),
                type="tertiary",
                icon=":material/arrow_forward:",
            )
    return answer


def _draw_table(view: RunView, pairs: dict[str, SampleRef]) -> None:
    with st.expander(t("All pictures")):
        table = by_image(view.results, view.metric).rename(columns=view.title)
        table.insert(0, t("Picture"), [image_name(view, image) for image in table.index])
        config = {name: st.column_config.NumberColumn(format="%.2f") for name in table.columns[1:]}
        chosen = st.dataframe(
            table,
            hide_index=True,
            column_config=fit_columns(table, config),
            on_select="rerun",
            selection_mode="single-row",
            key="benchmark.all",
            alt=t("{score} of every picture", score=metric_name(view.metric)),
        )
        rows = chosen["selection"]["rows"]
        image = view.results.images[rows[0]] if rows else ""
        if image in pairs:
            st.button(
                t("Compare methods on {name}", name=image_name(view, image)),
                key="benchmark.open",
                on_click=_open,
                args=(view, pairs[image]),
            )
        elif pairs:
            st.caption(t("Choose a row to open its picture on the Compare page."))


def _open(view: RunView, pair: SampleRef) -> None:
    """Callback: the picture and its truth, and the run's methods, become those of the Compare page."""
    visitor = session()
    entries = view.run.entries
    visitor.methods = tuple(dict.fromkeys(e.method for e in entries))
    if view.swept is None:
        visitor.params = {}
        for entry in entries:
            visitor.params |= _changed(entry.method, dict(entry.params))
    if view.run.source == "samples":
        visitor.source, visitor.sample, visitor.truth = "samples", pair.name, "own"
    else:
        _carry_over(pair)
    st.session_state["benchmark.leave"] = True


def _carry_over(pair: SampleRef) -> None:
    visitor = session()
    try:
        case = pair.load()
    except ImageError as error:
        visitor.notes.append(error.message)
        return
    image = LoadedImage(f"{pair.name}.png", case.image, digest(case.image))
    visitor.uploads, visitor.shown, visitor.source = (image,), image.digest, "files"
    visitor.truth, visitor.truth_file = "none", None
    visitor.mask_files, visitor.mask_images = (), {}
    if case.truth is not None:
        visitor.truth = "file"
        visitor.truth_file = know_truth(case.truth, name=f"{pair.name}-truth.png")


def _changed(method: str, params: dict[str, object]) -> dict[str, dict[str, object]]:
    from segmethods.methods import get_method

    defaults = {p.name: p.default for p in get_method(method).parameters}
    changed = {name: value for name, value in params.items() if value != defaults.get(name)}
    return {method: changed} if changed else {}


@dataclass(frozen=True)
class _Shown:
    """An image of a run; the digest of the run's pictures and the image's name are what the cache knows it by."""

    digest: str
    name: str
    pair: SampleRef | None

    def key(self) -> str:
        """What tells it from others."""
        return f"{self.digest} {self.name}"


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={_Shown: _Shown.key})
def _thumb(shown: _Shown, alt: str) -> str:
    return (thumb(shown.pair, alt, SIDE) if shown.pair else "") or EMPTY


@st.cache_data(
    max_entries=256,
    show_spinner=False,
    hash_funcs={_Shown: _Shown.key, RunConfig: RunConfig.fingerprint},
)
def _answer(shown: _Shown, config: RunConfig) -> str:
    """What a method finds in a picture, computed anew: a run keeps its counts and not its labels."""
    assert shown.pair is not None
    try:
        image = shown.pair.load().image
    except ImageError:
        return EMPTY
    with OutcomeStream(LoadedImage(shown.name, image, digest(image)), {config.method: config.params}) as work:
        return answer_thumb(image, next(iter(work))[1], SIDE)
