"""The data set: the samples, shapes, or a zip file of the visitor's own."""

from __future__ import annotations

import base64
from dataclasses import replace
from html import escape

import streamlit as st

from pages.state.benchmark import DATA, BenchmarkState
from pages.state.own_images import own_set, take_images
from pages.state.session import session
from pages.state.widgets import bind_widget
from pages.ui.actions import draw_switch
from pages.ui.image_picker import make_upload, name_files
from pages.ui.language import class_name, escape_markdown, t, translate
from pages.ui.layers import image_layer, mask_layer
from pages.ui.skipped import draw_skipped
from pages.ui.white_masks import choose_white
from segmethods.benchmark import Dataset, SampleRef, ShapeSettings, open_dataset
from segmethods.core.messages import ImageError, Message
from segmethods.core.settings import settings
from segmethods.core.types import Failure, Image, Outcome
from segmethods.datasets.image_sets import ImageSet
from segmethods.methods import get_method

DATA_NAMES = {"samples": Message("Samples"), "shapes": Message("Shapes"), "own": Message("My pictures")}
THUMBS = 12
"""Pictures of a data set that are shown before a run."""
THUMB = 160
"""Their longer side in pixels."""
MANY_CLASSES = 12


def choose_dataset(chosen: BenchmarkState) -> Dataset | None:
    """The data set that the visitor chose; None while there is none yet."""
    st.header(t("Pictures with their truth"))
    draw_switch(t("Data set"), DATA, DATA_NAMES, chosen, "data", chosen.data)
    dataset: Dataset | None
    match chosen.data:
        case "shapes":
            _choose_shapes(chosen)
            dataset = open_known(chosen.source)
        case "own":
            dataset = _choose_files()
        case _:
            st.caption(t("The samples of this project, with truth masks of ours: enough to see what a method is like."))
            dataset = open_known(chosen.source)
    if dataset is not None:
        draw_dataset(dataset)
    return dataset


def open_known(source: str) -> Dataset:
    """The samples, or shapes such as ``"shapes:noise=0.2"``; not more of them than the settings allow."""
    return open_dataset(source, limit=_fitting(source))


def draw_dataset(dataset: Dataset) -> None:
    """What is in a data set, and what was left out of it."""
    limit = settings().benchmark_images
    st.html(_thumbs(dataset))
    facts = [t("{count:picture|pictures}", count=len(dataset.pairs))]
    if len(dataset.classes) > MANY_CLASSES:
        facts.append(t("{count:class|classes}", count=len(dataset.classes)))
    elif dataset.classes.names:
        names = escape_markdown(", ".join(class_name(dataset.classes, i) for i in range(len(dataset.classes))))
        facts.append(t("{count:class|classes}: {names}", count=len(dataset.classes), names=names))
    else:
        facts.append(t("regions without names"))
    st.caption(" · ".join(facts))
    for line in dataset.describe():
        st.caption(escape_markdown(translate(line)))
    if len(dataset.pairs) >= limit:
        st.caption(t("A run takes the first {limit} pictures of a data set at most.", limit=limit))
    draw_skipped(dataset.skipped, dataset.notes)


def _fitting(source: str) -> int | None:
    """How many pictures to take; of shapes, which can be drawn without end, as many as were asked for."""
    return None if source.startswith("shapes") else settings().benchmark_images


def _choose_shapes(chosen: BenchmarkState) -> None:
    st.caption(t("Geometric objects drawn by the computer, so every pixel of the truth is right. Make them harder:"))
    sliders: dict[str, tuple[str, str, float, float, float]] = {
        "noise": (t("Noise"), t("More noise, and single pixels say less."), 0.0, 0.5, 0.01),
        "contrast": (t("Contrast"), t("Less contrast, and objects fade into the background."), 0.05, 1.0, 0.05),
        "overlap": (t("Overlap"), t("The part of an object that others may hide."), 0.0, 0.8, 0.05),
        "count": (
            t("Number of pictures"),
            t("More pictures, and the result is surer."),
            2,
            settings().benchmark_images,
            1,
        ),
    }
    columns = st.columns(2)
    for place, (name, (label, hint, low, high, step)) in enumerate(sliders.items()):
        value = min(max(getattr(chosen.shapes, name), low), high)
        columns[place % 2].slider(
            label,
            low,
            high,
            step=step,
            help=hint,
            **bind_widget(f"benchmark.shapes.{name}", value),
            on_change=_take_shape,
            args=(name, chosen),
        )


def _take_shape(name: str, chosen: BenchmarkState) -> None:
    kind = type(getattr(ShapeSettings, name))
    chosen.shapes = replace(chosen.shapes, **{name: kind(st.session_state[f"benchmark.shapes.{name}"])})


def _choose_files() -> Dataset | None:
    limits, visitor = settings(), session()
    st.file_uploader(
        t("Pictures and masks"),
        accept_multiple_files=True,
        key="benchmark.files",
        max_upload_size=limits.max_bytes // 1_000_000,
        label_visibility="collapsed",
        on_change=_take_files,
    )
    st.caption(
        t(
            "A zip file with a folder `images` and a folder `masks`: for each picture a mask of the same name, as "
            "PNG whose values are classes, 255 is not judged; `classes.txt` names the classes, one a line. Data "
            "sets as tools and their authors lay them out work as well, such as Pascal VOC, Cityscapes, ADE20K, "
            "nnU-Net or CVAT. Up to {megabytes} MB and {limit} pictures a run.",
            megabytes=f"{limits.max_bytes / 1e6:g}",
            limit=limits.benchmark_images,
        )
    )
    st.caption(
        t(
            "Your pictures stay on the computer that runs Segmethods and are deleted {minutes} minutes after you last "
            "looked at their run; its scores are kept {days} days.",
            minutes=limits.keep_uploads // 60,
            days=limits.keep_runs // 86_400,
        )
    )
    found = own_set(visitor)
    if found is not None and not st.session_state["benchmark.files"]:
        name_files(file.name for file in visitor.given)
    if visitor.set_problem is not None:
        st.warning(escape_markdown(translate(visitor.set_problem)))
    if found is not None:
        choose_white(found, visitor, "benchmark.white")
    if found is None or found.dataset is None:
        _say_truth_is_needed(found)
        return None
    return found.dataset


def _take_files() -> None:
    take_images([make_upload(file) for file in st.session_state["benchmark.files"] or []], session())


def _say_truth_is_needed(found: ImageSet | None) -> None:
    with st.container(border=True, key="truth-needed"):
        if found is not None:
            count = len(found.images)
            st.markdown(t("**No truth for {count:picture|pictures}**, so nothing can be scored yet.", count=count))
            if found.problem is not None:
                st.markdown(escape_markdown(translate(found.problem)))
        else:
            st.markdown(t("**No truth masks yet?**"))
        st.markdown(
            t(
                "My pictures shows what every method finds in all of them, and counts it. Then draw the truth of two, "
                "and it tells how much more truth would be worth."
            )
        )
        st.page_link("pages/pictures/page.py", label=t("Go to My pictures"), icon=":material/arrow_forward:")


def read_pixels(pair: SampleRef) -> Image | None:
    """The pixels of a picture of a data set; None if it can't be read."""
    try:
        return pair.load().image
    except ImageError:
        return None


def _shown(dataset: Dataset) -> list[str]:
    """What tells the first pictures of data sets apart: the name alone doesn't, two visitors may have one."""
    return [dataset.source, *(repr(pair.image) for pair in dataset.pairs[:THUMBS])]


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Dataset: _shown})
def _thumbs(dataset: Dataset) -> str:
    """The first pictures, each with its truth over it, as HTML."""
    images = "".join(thumb(pair, pair.name) for pair in dataset.pairs[:THUMBS])
    more = len(dataset.pairs) - THUMBS
    return f'<div class="sm-strip">{images}{f"<span>+ {more}</span>" if more > 0 else ""}</div>'


def thumb(pair: SampleRef, alt: str, side: int = THUMB) -> str:
    """A small picture with its truth over it, as HTML; empty if it can't be read."""
    try:
        case = pair.load()
    except ImageError:
        return ""
    truth = None if case.truth is None else mask_layer(case.truth.labels, case.truth.classes, side)
    return _thumb(case.image, truth, alt, side)


def answer_thumb(image: Image, outcome: Outcome, side: int) -> str:
    """A small picture with a method's answer over it, as HTML; of a failure its message."""
    if isinstance(outcome, Failure):
        return f'<div class="sm-thumb"><p>{escape(translate(outcome.message))}</p></div>'
    alt = t("What {method} found", method=t(get_method(outcome.method).title))
    return _thumb(image, mask_layer(outcome.labels, outcome.classes, side), alt, side)


def _thumb(image: Image, mask: bytes | None, alt: str, side: int) -> str:
    layers = [("jpeg", image_layer(image, side)), *([] if mask is None else [("png", mask)])]
    images = "".join(f'<img alt="" src="data:image/{k};base64,{base64.b64encode(d).decode()}">' for k, d in layers)
    return f'<div class="sm-thumb" role="img" aria-label="{escape(alt)}" title="{escape(alt)}">{images}</div>'
