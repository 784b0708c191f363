"""What the picture really shows, in the sidebar: the sample's own mask, a file of the user's, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from pages.state.session import Session, Upload, show, take
from pages.ui.image_picker import Picture, make_upload
from pages.ui.language import escape_markdown, t, translate, translate_each
from segmethods.core.messages import ImageError, Message
from segmethods.core.types import GroundTruth, Segmentation
from segmethods.io.ground_truth import load_ground_truth
from segmethods.io.samples import get_sample

TRUTH_NAMES = {"own": Message("Sample's"), "file": Message("My mask"), "none": Message("None")}


@dataclass(frozen=True, eq=False)
class KnownTruth:
    """A truth, the digest that caches know it by, and the share of the picture that each class covers."""

    truth: GroundTruth = field(repr=False)
    digest: str
    shares: dict[int, float]


def choose_truth(picture: Picture, session: Session) -> KnownTruth | None:
    """The truth that the user chose, if there is one that fits the picture."""
    own = _own_truth(picture.sample) if picture.sample else None
    options = ["own", "file", "none"] if own else ["file", "none"]
    chosen = session.truth if session.truth in options else "none"
    st.segmented_control(
        t("Truth"),
        options,
        format_func=translate_each(TRUTH_NAMES).__getitem__,
        **show("truth", chosen, "default"),
        required=True,
        width="stretch",
        on_change=take,
        args=("truth",),
        help=t("A mask drawn by a person that says what is where. With it, methods get scores."),
    )
    match chosen:
        case "own":
            return own
        case "file":
            return _choose_mask(picture, session)
        case _:
            return None


def _choose_mask(picture: Picture, session: Session) -> KnownTruth | None:
    st.file_uploader(t("Mask"), key="mask", label_visibility="collapsed", on_change=_take_mask, args=(session,))
    st.caption(
        t("An image of the picture’s size: an index PNG, or one flat colour for each class. Value 255 is not judged.")
    )
    if session.truth_file is None:
        return None
    height, width = picture.image.shape[:2]
    opened = _open_mask(session.truth_file.digest, session.truth_file.name, height, width, session.truth_file)
    if isinstance(opened, Message):
        st.warning(escape_markdown(translate(opened)))
        return None
    return opened


def _take_mask(session: Session) -> None:
    file = st.session_state["mask"]
    session.truth_file = make_upload(file) if file else None


@st.cache_resource(max_entries=64, show_spinner=False)
def _own_truth(sample: str) -> KnownTruth | None:
    truth = get_sample(sample).truth()
    return None if truth is None else _know(truth, f"sample {sample}")


@st.cache_resource(max_entries=8, show_spinner=False)
def _open_mask(digest: str, name: str, height: int, width: int, _file: Upload) -> KnownTruth | Message:
    """A file of the user's as a truth, or what is wrong with it."""
    try:
        return _know(load_ground_truth(_file.data, (height, width), name=name), f"file {digest}")
    except ImageError as error:
        return error.message


def _know(truth: GroundTruth, digest: str) -> KnownTruth:
    shares = Segmentation(truth.labels, truth.classes).shares()
    return KnownTruth(truth, digest, {id: share for id, share in shares.items() if id < len(truth.classes)})
