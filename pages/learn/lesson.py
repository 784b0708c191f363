"""What every lesson is made on: its picture, its controls, its texts, and a way to ask the methods."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import plotly.graph_objects as go
import streamlit as st

from pages.learn.address import lesson_fields, suggest_sample
from pages.learn.layout import draw_differences, draw_foot, draw_head
from pages.learn.lesson_text import Section, fill, link_words, read_text
from pages.learn.spec import Lesson
from pages.learn.views import apply_image, learning_image, learning_truth
from pages.state.images import HASHES, LoadedImage
from pages.state.navigation import publish_address, take_address
from pages.state.presence import Bell, client_id, wait_for
from pages.state.session import session
from pages.ui.controls import draw_control
from pages.ui.image_picker import choose_image
from pages.ui.language import localized, t, translate
from pages.ui.outcomes import OutcomeStream
from pages.ui.plotting import CONFIG
from segmethods.core.messages import SegmethodsError
from segmethods.core.types import Failure, GroundTruth, Image, Outcome, Segmentation, Trace
from segmethods.execution.cache import make_call_key
from segmethods.execution.compare import describe_error, try_segment
from segmethods.execution.pool import pool
from segmethods.introspection.loaded_model import preload_models
from segmethods.io.samples import get_sample
from segmethods.methods import get_method

log = logging.getLogger(__name__)

Seen = TypeVar("Seen", bound=Trace)

RUN_INLINE = ("threshold", "histogram")
"""Methods that take a few milliseconds for a lesson's picture: the page asks them itself. Others run in a worker."""

INSPECTION = "inspection"
"""The group of all looks inside networks, which go to one worker first: torch takes 300 MB in each that loads it."""

SOON = 0.05
"""Seconds for which nothing is said of a wait."""

LARGER = 1.35
"""How much larger the type of charts is for a classroom."""


@dataclass(frozen=True, eq=False)
class LessonContext:
    """A lesson that a student looks at: everything that its page needs.

    Parameters
    ----------
    image : LoadedImage
        The student's or a sample, of 0.25 megapixels at most.
    whole : LoadedImage, optional
        The same as it was given.
    """

    lesson: Lesson
    image: LoadedImage = field(repr=False)
    whole: LoadedImage | None = field(default=None, repr=False)

    @property
    def pixels(self) -> Image:
        """The picture, ``uint8 (H, W, 3)`` RGB."""
        return self.image.pixels

    def truth(self) -> GroundTruth | None:
        """What a person says is in the picture, where it is a sample that somebody said it of."""
        return learning_truth(self.image.sample, self.pixels.shape[:2]) if self.image.sample else None

    def draw_sample_buttons(self, samples: Mapping[str, Mapping[str, Any]]) -> None:
        """Buttons that put a sample into the picture's place and move controls; not for parts that move."""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(t("Seen well on:"), width="content")
            for sample_id, controls in samples.items():
                st.button(
                    localized(get_sample(sample_id).title),
                    key=f"suggest.{sample_id}",
                    on_click=self._show_sample,
                    args=(sample_id, controls),
                )

    def _show_sample(self, sample_id: str, controls: Mapping[str, Any]) -> None:
        session().source, session().sample = "samples", sample_id
        for name, value in controls.items():
            self.set(name, value)

    def text(self, section: str, **values: str) -> None:
        """A section of the lesson's text with its heading; `values` fill its ``{{places}}``."""
        part = self._section(section)
        with st.container(key=f"section-{section}", gap="small"):
            if part.heading:
                st.header(fill(part.heading, values), anchor=section)
            if part.body:
                st.markdown(fill(link_words(part.body, session()), values))

    def questions(self, section: str, **values: str) -> None:
        """What to try in a section: each question with its answer hidden until it is asked for."""
        with st.container(key=f"questions-{section}", gap="xsmall"):
            st.caption(t("Try this"))
            for question, answer in self._section(section).questions:
                with st.expander(fill(question, values), icon=":material/help:"):
                    st.markdown(fill(link_words(answer, session()), values))

    def _section(self, section_id: str) -> Section:
        return read_text(self.lesson.id, session().language).sections[section_id]

    def value(self, name: str) -> Any:
        """What a control stands at."""
        known = {p.name: p.default for p in self.lesson.controls} | session().lessons.get(self.lesson.id, {})
        return known[name]

    def token(self, name: str) -> str:
        """A short text that the address carries; empty if it carries none."""
        return str(session().lessons.get(self.lesson.id, {}).get(name, ""))

    def set_token(self, name: str, token: str) -> None:
        """Have the address carry a short text, or no longer if it is empty."""
        lessons = session().lessons
        lessons[self.lesson.id] = {**lessons.get(self.lesson.id, {}), name: token}

    def control(self, name: str, *, most: float | None = None) -> Any:
        """Draw the widget of a control and give its value; `most` lowers the end of a number's range."""
        parameter = next(p for p in self.lesson.controls if p.name == name)
        form = f"learn.{self.lesson.id}"
        value = draw_control(form, parameter, self.value(name), self.set, most=most, named=False)
        self.publish()
        return value

    def set(self, name: str, value: Any) -> None:
        """Move a control; a value that it doesn't allow raises `ParameterError`."""
        parameter = next(p for p in self.lesson.controls if p.name == name)
        lessons, checked = session().lessons, parameter.check(value)
        lessons[self.lesson.id] = {**lessons.get(self.lesson.id, {}), name: checked}

    def publish(self) -> None:
        """Write the address that opens the lesson as it stands now."""
        publish_address(lesson_fields(self.lesson))

    def run(self, method: str, **params: Any) -> Segmentation | None:
        """What a method makes of the picture, from the cache if it is known; None after the page has said why not."""
        results = self.run_each([(method, params)])
        return results[0] if results else None

    def run_each(self, plans: Sequence[tuple[str, dict[str, Any]]]) -> list[Segmentation] | None:
        """Like `run` for several, computed side by side; None if one of them has no answer."""
        outcomes = self.ask_each(plans)
        failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
        for failure in failures:
            st.info(translate(failure.message), icon=":material/info:")
        return None if failures else [outcome for outcome in outcomes if isinstance(outcome, Segmentation)]

    def ask(self, method: str, **params: Any) -> Outcome:
        """Like `run`, with failures as values."""
        return self.ask_each([(method, params)])[0]

    def ask_each(self, plans: Sequence[tuple[str, dict[str, Any]]]) -> list[Outcome]:
        """The outcomes of several methods, or of one with several parameters, computed side by side."""
        checked = [(method_id, get_method(method_id).validate(params)) for method_id, params in plans]
        works = [
            None if method_id in RUN_INLINE else OutcomeStream(self.image, {method_id: params})
            for method_id, params in checked
        ]
        try:
            return [
                _attempt(self.image, method_id, json.dumps(params, sort_keys=True))
                if work is None
                else _wait_for_outcome(work)
                for (method_id, params), work in zip(checked, works, strict=True)
            ]
        finally:
            for work in works:
                if work is not None:
                    work.__exit__()

    def inspect(self, function: Callable[..., Seen], **params: Any) -> Seen | None:
        """What a function of `segmethods.introspection` sees in the picture; None after the page has said why not."""
        key = make_call_key(self.image.digest, function, params)
        future = pool().call(client_id(), partial(function, **params), self.pixels, key=key, group=INSPECTION)
        try:
            return _wait_for_answer(future)
        except SegmethodsError as error:
            message = error.message
        except Exception as error:
            log.exception("%s failed", function.__name__)
            message = describe_error(error)
        finally:
            future.cancel()
        st.info(translate(message), icon=":material/info:")
        return None

    def chart(self, figure: go.Figure, title: str, key: str | None = None) -> None:
        """Show a figure; `title`, the finding in words, is its alternative text."""
        if session().presenting:
            _enlarge(figure)
        st.plotly_chart(figure, config=CONFIG, theme=None, alt=title, key=key)


def choose_own_or_sample() -> LoadedImage:
    """The picture that the student chooses in the sidebar."""
    return choose_image(session())


def show_lesson(
    lesson: Lesson,
    draw: Callable[[LessonContext], None],
    choose: Callable[[], LoadedImage] = choose_own_or_sample,
    preload: Callable[[], None] | None = None,
    groups: Sequence[str] = (INSPECTION,),
) -> None:
    """The page of a lesson, from the head to the links to the lessons beside it.

    Parameters
    ----------
    choose : callable
        Draws the choice of the picture in the sidebar and gives what is chosen.
    preload : callable, optional
        What a worker does while the student looks at the first answer, so that the next one doesn't wait for it.
    groups : sequence of str
        It is done once in each of these groups of work.
    """
    suggest_sample(lesson, st.query_params, session())
    take_address(lesson_fields(lesson))
    with st.sidebar:
        image = choose()
    draw_head(lesson, image)
    ctx = LessonContext(lesson, learning_image(image), image)
    ctx.publish()
    apply_image(ctx.image)
    draw(ctx)
    draw_differences(lesson)
    if "source" in read_text(lesson.id, session().language).sections:
        ctx.text("source")
    draw_foot(lesson)
    warm_worker()
    if preload is not None:
        for group in groups:
            pool().call(INSPECTION, preload, group=group)


@st.cache_resource(show_spinner=False)
def warm_worker() -> None:
    """Have a worker open the networks, once and for all visitors: loading torch takes a few seconds."""
    pool().call(INSPECTION, preload_models, group=INSPECTION)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def _attempt(image: LoadedImage, method: str, params: str) -> Outcome:
    return try_segment(image.pixels, method, json.loads(params))


def _wait_for_outcome(work: OutcomeStream) -> Outcome:
    with _spinner(work.bell, lambda: work.has_come):
        return next(iter(work))[1]


def _wait_for_answer(future: Future[Seen]) -> Seen:
    bell = Bell()
    future.add_done_callback(bell.ring)
    with _spinner(bell, future.done):
        return wait_for(future, bell)


@contextmanager
def _spinner(bell: Bell, is_done: Callable[[], bool]) -> Iterator[None]:
    """Says that something is computed, if it isn't done at once."""
    if not is_done():
        bell.wait(SOON)
    with nullcontext() if is_done() else st.spinner(t("Computing"), show_time=True):
        yield


def _enlarge(figure: go.Figure) -> None:
    """Type and height for a projector."""
    layout = figure.layout
    sizes = {
        "font_size": layout.font.size,
        "title_font_size": layout.title.font.size,
        "legend_font_size": layout.legend.font.size,
        "height": layout.height,
    }
    figure.update_layout({name: round(size * LARGER) for name, size in sizes.items() if size})
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        for type_ in (axis.tickfont, axis.title.font):
            if type_.size:
                type_.size = round(type_.size * LARGER)
    margin = figure.layout.margin
    figure.update_layout(margin_t=round((margin.t or 0) * LARGER))
