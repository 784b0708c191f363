"""Teach a network these pictures: for how long, how far it is, what came of it."""

from __future__ import annotations

import math
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from pages.state.session import Session, session
from pages.state.widgets import bind_draft
from pages.ui import numbers
from pages.ui.actions import draw_bar
from pages.ui.announce import announce
from pages.ui.language import escape_markdown, join_sentences, t, translate
from pages.ui.svg import draw_svg
from segmethods.core.extras import is_installed
from segmethods.core.messages import SegmethodsError
from segmethods.core.settings import settings
from segmethods.datasets.image_sets import ImageSet
from segmethods.models.weights import by_name, catalogue
from segmethods.reporting.svg import line_chart
from segmethods.training.plans import FEWEST, FOLDS, SHORTEST, TeachingPlan, TeachingProgress
from segmethods.training.queue import (
    find_teaching,
    forget_teaching,
    is_finished,
    resume_teaching,
    start_teaching,
    stop_teaching,
)

TICK = 2.0
NETWORK = "deeplab"


def draw_teaching(found: ImageSet, visitor: Session) -> None:
    """The part of the page about teaching."""
    st.header(t("Teach a network these pictures"), anchor=False)
    with st.container(key="pictures-teaching"):
        draw_part(found, visitor)


def draw_part(found: ImageSet, visitor: Session) -> None:
    """What there is to say of teaching now: how to start, how far it is, what came of it, or why there is none."""
    known = find_teaching(visitor.teaching) if visitor.teaching else None
    if known is not None:
        job = known[2]
        if job is not None and not job.is_over:
            draw_progress(visitor.teaching)
        else:
            draw_result(visitor)
        return
    if not settings().training:
        st.info(t("Networks are not taught on this server. Install Segmethods on a computer of your own."))
    elif not is_installed("torch"):
        st.info(
            t(
                "This installation was made without what training needs. Add it with {command}.",
                command="`pip install 'segmethods[train]'`",
            )
        )
    elif found.judged < FEWEST:
        st.markdown(
            t(
                "A network learns from pictures with a truth. {fewest} are needed, {count} are there.",
                fewest=FEWEST,
                count=found.judged,
            )
        )
    else:
        draw_start(found, visitor)


def draw_start(found: ImageSet, visitor: Session) -> None:
    """The choice of minutes and name."""
    st.markdown(
        t(
            "DeepLab begins with what it knows of everyday photos and learns your classes. {folds} networks each leave "
            "out a part of the pictures and are judged on it, so no score comes from pictures that were learned; one "
            "more learns from all.",
            folds=FOLDS,
        )
    )
    with st.container(key="pictures-teach-choices", horizontal=True, vertical_alignment="bottom"):
        minutes = st.slider(
            t("Minutes for each network"),
            int(SHORTEST),
            max(settings().training_minutes, int(SHORTEST) + 1),
            width=280,
            **bind_draft("pictures.minutes", int(SHORTEST)),
        )
        name = st.text_input(t("Name of the weights"), width=220, **bind_draft("pictures.name", free_name(found)))
        st.button(
            t("Start"),
            key="pictures.teach",
            type="primary",
            icon=":material/school:",
            on_click=begin,
            args=(found, name, minutes, visitor),
        )
    total = TeachingPlan(name, "", "", minutes).total_minutes
    st.caption(
        t(
            "{minutes} minutes × {networks} networks = {total} minutes, longer while the computer is busy; "
            "one training at a time.",
            minutes=minutes,
            networks=FOLDS + 1,
            total=f"{total:g}",
        )
    )


def free_name(found: ImageSet) -> str:
    """A name for weights that nobody has taken."""
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in found.name).strip("-_")[:30] or "mine"
    taken = {weights.variant for weights in catalogue().values()}
    return next(n for n in [stem, *(f"{stem}-{i}" for i in range(2, 99))] if n not in taken)


def begin(found: ImageSet, name: str, minutes: int, visitor: Session) -> None:
    """Callback: start, or say why not."""
    assert found.dataset is not None
    plan = TeachingPlan(name.strip(), str(found.folder), found.name, minutes, NETWORK)
    try:
        visitor.teaching = start_teaching(plan, client_of(visitor), found.dataset.classes.names)
    except SegmethodsError as error:
        visitor.notes.append(error.message)


def client_of(visitor: Session) -> str:
    """In whose queue a visitor's teachings wait."""
    return f"teaching {id(visitor)}"


@st.fragment(run_every=TICK)
def draw_progress(ident: str) -> None:
    """Drawn anew every two seconds until it is over; then the whole page is."""
    known = find_teaching(ident)
    if known is None or known[2] is None or known[2].is_over:
        st.rerun()
    plan, progress, _ = known
    draw_bar(progress.seconds / max(progress.total, 1), progress_text(progress), "pictures", stop_teaching, ident)
    draw_curve(plan, progress)
    st.caption(t("You can leave this page; the training goes on, and can be stopped and taken up again."))


def progress_text(progress: TeachingProgress) -> str:
    """Where a teaching stands, in words."""
    if progress.place:
        return t("Waiting: place {place} in the queue", place=progress.place)
    left = numbers.duration(progress.total - progress.seconds)
    return t(
        "Network {number} of {networks}, about {time} left",
        number=min(progress.part + 1, progress.parts),
        networks=progress.parts,
        time=left,
    )


def draw_curve(plan: TeachingPlan, progress: TeachingProgress) -> None:
    """How the loss of each network fell."""
    if len(progress.curve) < 2:
        return
    lines = {
        t("network {number}", number=part + 1): [(m, loss) for p, m, loss in progress.curve if p == part]
        for part in sorted({p for p, _, _ in progress.curve})
    }
    title = t("Loss: how far off the networks still are")
    axis = t("minutes")
    draw_svg(lambda width: line_chart(lines, "", axis, plan.minutes, width), title)


def draw_result(visitor: Session) -> None:
    """What came of it, or why it ended, and the ways on."""
    known = find_teaching(visitor.teaching)
    assert known is not None
    plan, progress, job = known
    announce("teaching", t("The training is over.") if is_finished(progress) else t("Stopped."))
    draw_curve(plan, progress)
    if progress.scores:
        named = t(", ").join(
            f"{escape_markdown(n)} **{v:.2f}**" for n, v in progress.scores if math.isfinite(v) and n != "background"
        )
        st.markdown(t("IoU on pictures that the networks had not seen: {scores}.", scores=named))
    if is_finished(progress):
        draw_finished(plan, visitor)
        return
    why = escape_markdown(translate(job.problem)) if job is not None and job.problem else ""
    st.markdown(join_sentences([f"**{t('Stopped.')}**", why, progress_text(progress)]))
    with st.container(horizontal=True):
        st.button(
            t("Go on"),
            key="pictures.resume",
            type="primary",
            icon=":material/play_arrow:",
            on_click=go_on,
            args=(visitor,),
        )
        st.button(t("Discard"), key="pictures.discard", icon=":material/delete:", on_click=discard, args=(visitor,))


def go_on(visitor: Session) -> None:
    """Callback: take up the teaching that was stopped."""
    resume_teaching(visitor.teaching, client_of(visitor))


def draw_finished(plan: TeachingPlan, visitor: Session) -> None:
    """The weights are in every list: use them here, rank them, take them away."""
    name = f"{plan.network}-{plan.name}"
    st.markdown(
        t(
            "**{name}** is now among DeepLab’s weights on every page. On these pictures each is answered by the "
            "network that has not seen it.",
            name=escape_markdown(plan.name),
        )
    )
    with st.container(horizontal=True):
        st.button(
            t("Use it in the table"),
            key="pictures.use",
            type="primary",
            icon=":material/check:",
            on_click=use_weights,
            args=(plan, visitor),
        )
        if st.button(t("Rank it on Benchmark"), key="pictures.rank", icon=":material/leaderboard:"):
            use_weights(plan, visitor)
            visitor.benchmark.data, visitor.benchmark.run = "own", ""
            st.switch_page("pages/benchmark/page.py", query_params={})
        file = weights_file(name)
        if file is not None:
            st.download_button(
                t("Download the weights"),
                file.read_bytes,
                f"{quote(name, safe='-_.')}.safetensors",
                "application/octet-stream",
                key="pictures.weights",
                icon=":material/download:",
                on_click="ignore",
            )
        st.button(t("Teach another"), key="pictures.again", on_click=discard, args=(visitor,))


def weights_file(name: str) -> Path | None:
    """The file of weights; None once they were removed."""
    try:
        return by_name(name).file
    except SegmethodsError:
        return None


def use_weights(plan: TeachingPlan, visitor: Session) -> None:
    """Callback: the network answers with what it learned."""
    order = [*visitor.methods, plan.network]
    visitor.methods = tuple(dict.fromkeys(order))
    own = {**visitor.params.get(plan.network, {}), "weights": plan.name}
    visitor.params = {**visitor.params, plan.network: own}


def discard(visitor: Session) -> None:
    """Callback: forget the teaching; its weights stay."""
    forget_teaching(visitor.teaching)
    session().teaching = ""
