"""What the picture really shows, in the sidebar: the sample's own mask, a file of the user's, or nothing."""

from __future__ import annotations

import streamlit as st

from pages.state.images import HASHES, KnownTruth, Picture, Upload, know_truth
from pages.state.session import Session
from pages.state.widgets import bind_choice
from pages.ui.image_picker import make_upload
from pages.ui.language import escape_markdown, t, translate, translate_each
from segmethods.core.messages import ImageError, Message
from segmethods.io.ground_truth import check_size, load_ground_truth
from segmethods.io.samples import get_sample

TRUTH_NAMES = {"own": Message("Sample's"), "file": Message("My mask"), "none": Message("None")}


def choose_truth(picture: Picture, session: Session) -> KnownTruth | None:
    """The truth that the user chose, if there is one that fits the picture."""
    own = _own_truth(picture.sample) if picture.sample else None
    options = ["own", "file", "none"] if own else ["file", "none"]
    chosen = session.truth if session.truth in options else "none"
    st.segmented_control(
        t("Truth"),
        options,
        format_func=translate_each(TRUTH_NAMES).__getitem__,
        **bind_choice(session, "truth", chosen, "default"),
        required=True,
        width="stretch",
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
    opened = _fit_mask(session.truth_file, height, width)
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
    return None if truth is None else know_truth(truth, f"sample {sample}")


def _fit_mask(mask: Upload | KnownTruth, height: int, width: int) -> KnownTruth | Message:
    """The user's mask as a truth of this size, or what is wrong with it."""
    if isinstance(mask, Upload):
        return _open_mask(mask, height, width)
    try:
        check_size(mask.truth.labels.shape, (height, width), mask.name)
    except ImageError as error:
        return error.message
    return mask


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASHES)
def _open_mask(file: Upload, height: int, width: int) -> KnownTruth | Message:
    try:
        return know_truth(load_ground_truth(file.data, (height, width), name=file.name), f"file {file.digest}")
    except ImageError as error:
        return error.message
