"""What a user has chosen: one typed object that outlives runs and changes of page."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ClassVar, Literal, TypeVar, get_args

import streamlit as st

from pages.state.benchmark import BenchmarkState
from pages.state.images import KnownTruth, LoadedImage, Upload
from segmethods.core.messages import Message
from segmethods.io.samples import list_samples
from segmethods.methods import list_methods

Made = TypeVar("Made")

LANGUAGES = ("en", "zh")
View = Literal["overlay", "labels", "boundaries", "errors"]
VIEWS: tuple[View, ...] = get_args(View)
AlignmentWish = Literal["auto", "hungarian", "majority"]
ALIGNMENTS: tuple[AlignmentWish, ...] = get_args(AlignmentWish)
Chart = Literal["scores", "agreement", "histogram", "objects", "timing", "shares", "tradeoff", "thresholds"]
CHARTS: tuple[Chart, ...] = get_args(Chart)
SOURCES = ("samples", "files", "camera")


@dataclass
class CompareState:
    """What is chosen on the Compare page alone, and what it showed last.

    Parameters
    ----------
    opacity : int
        Of what lies over the picture, in per cent.
    chart : str
        Which one is shown; empty for the first that there is something to draw in.
    headline : tuple of str
        The last verdict: its first sentence, and the others.
    drawn : dict
        Method id -> what its cell last showed, which stays there, dimmed, while it is computed again.
    is_whole : bool
        Whether the page was drawn to its end, so that a part of it can be drawn anew without the others.
    """

    widgets: ClassVar[str] = ""

    view: View = "overlay"
    opacity: int = 60
    alignment: AlignmentWish = "auto"
    chart: Chart | Literal[""] = ""
    headline: tuple[str, str] = ("", "")
    drawn: dict[str, Any] = field(default_factory=dict)
    is_whole: bool = False

    def let_go(self) -> None:
        """Forget what was drawn, for a visitor who has gone."""
        self.drawn, self.is_whole = {}, False


@dataclass
class Visit:
    """Where a user is, and which addresses are this session's own.

    Parameters
    ----------
    page : str
        The page that is shown.
    known : set
        The addresses that were written or read since this page was opened; they hold nothing new.
    arrived : dict
        What the address says that is new and that the page hasn't taken yet.
    is_back : bool
        Whether the browser's Back or Forward led here, so that what the address leaves out is at its default.
    queries : dict
        Page -> what its address said last.
    """

    page: str = ""
    known: set[frozenset[tuple[str, str]]] = field(default_factory=set, repr=False)
    arrived: dict[str, str] = field(default_factory=dict)
    is_back: bool = False
    queries: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)


@dataclass
class Session:
    """The choices of one user: those that pages share, and an object for each page's own.

    Parameters
    ----------
    language, browser_language : str
        What the user reads, and what the browser asks for; where they differ, the user chose.
    source : str
        Where the picture comes from, one of `SOURCES`.
    sample : str
        The sample's id; it is kept while another source is shown.
    uploads, shown : tuple of Upload or LoadedImage, str
        The pictures that the user gave, as files or decoded, and the digest of the one that is shown.
    unreadable : set of str
        Digests of those files that are no pictures.
    emptied : dict
        A field for pictures -> how often it was emptied, since another one took its place.
    folder, camera_image : bool, Upload
        Whether a whole folder is asked for; what the camera gave.
    truth : str
        ``"own"`` for what comes with the picture, ``"none"``, or ``"file"``.
    mask_files, mask_images : tuple of Upload, dict
        The masks that the user gave, and the pictures that each was given for; see `pages.state.masks`.
    truth_file : Upload or KnownTruth, optional
        The mask that the user gave.
    truth_note : str
        Why a mask that was given doesn't count, in the user's language.
    given : tuple of Upload
        All files of the user's own set, as they were given.
    set_digest, set_problem : str, Message
        Which set of pictures is made of them, or why none is; see `pages.state.own_images`.
    keep_white : bool
        Whether the user said that mostly white masks of the set are right.
    teaching : str
        What the user's pictures teach a network; see `segmethods.training.queue`.
    params : dict
        Method id -> those of its parameters that differ from their defaults.
    notes : list of Message
        What the user should know once, such as a part of the address that made no sense.
    lessons : dict
        Lesson -> its controls that were moved, and where they stand.
    lesson, suggested : str
        The lesson that was opened last, and the sample that a page chose because the user hadn't.
    presenting : bool
        Whether lessons are shown to a classroom, large and without anything beside them.
    drafts : dict
        What was written or chosen in forms, by the widget's key; Streamlit forgets a widget that isn't drawn.
    drawn_widgets : set of str
        The keys of all widgets that were drawn.
    """

    widgets: ClassVar[str] = ""

    language: str = "en"
    browser_language: str = "en"
    source: str = "samples"
    sample: str = ""
    uploads: tuple[Upload | LoadedImage, ...] = ()
    shown: str = ""
    unreadable: set[str] = field(default_factory=set)
    emptied: dict[str, int] = field(default_factory=dict)
    folder: bool = False
    camera_image: Upload | None = None
    truth: str = "own"
    truth_file: Upload | KnownTruth | None = None
    truth_note: str = ""
    mask_files: tuple[Upload, ...] = ()
    mask_images: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    given: tuple[Upload, ...] = field(default=(), repr=False)
    set_digest: str = ""
    set_problem: Message | None = None
    keep_white: bool = False
    teaching: str = ""
    methods: tuple[str, ...] = ()
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    compare: CompareState = field(default_factory=CompareState)
    benchmark: BenchmarkState = field(default_factory=BenchmarkState)
    lessons: dict[str, dict[str, Any]] = field(default_factory=dict)
    lesson: str = ""
    suggested: str = ""
    presenting: bool = False
    notes: list[Message] = field(default_factory=list)
    visit: Visit = field(default_factory=Visit)
    drafts: dict[str, Any] = field(default_factory=dict)
    drawn_widgets: set[str] = field(default_factory=set, repr=False)

    @property
    def has_own_image(self) -> bool:
        """Whether the picture is the user's own, which no link can carry."""
        match self.source:
            case "files":
                return any(file.digest not in self.unreadable for file in self.uploads)
            case "camera":
                return self.camera_image is not None and self.camera_image.digest not in self.unreadable
            case _:
                return False


def session() -> Session:
    """The choices of the user whose page is being drawn; at first, all methods on the first sample."""
    known: Session | None = _visitor.get() or st.session_state.get("session")
    if known is None:
        language = guess_language(st.context.locale)
        known = st.session_state["session"] = Session(
            language=language,
            browser_language=language,
            sample=list_samples()[0].id,
            suggested=list_samples()[0].id,
            methods=tuple(m.id for m in list_methods()),
        )
    return known


_visitor: ContextVar[Session | None] = ContextVar("visitor", default=None)
"""Whose choices count in this run, or where no page is being drawn."""


def begin_run() -> Session:
    """`session`, which this run of a whole page, in a thread of its own, finds without asking Streamlit each time."""
    _visitor.set(None)
    known = session()
    known.compare.is_whole = False
    _visitor.set(known)
    return known


def for_visitor(make: Callable[[], Made]) -> Callable[[], Made]:
    """What makes something later, when no page is being drawn, for the visitor whose page is being drawn now."""
    visitor = session()

    @wraps(make)
    def made() -> Made:
        token = _visitor.set(visitor)
        try:
            return make()
        finally:
            _visitor.reset(token)

    return made


def guess_language(locale: str | None) -> str:
    """The language for a browser's locale, such as ``"zh-CN"``; English for those that we don't speak."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]
