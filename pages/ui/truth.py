"""What the picture really shows, in the sidebar: the sample's own mask, a file of the user's, or nothing."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.state.images import HASHES, KnownTruth, LoadedImage, Upload, know_truth
from pages.state.masks import find_mask_of, find_mask_of_other, is_named_like, keep_mask, take_masks
from pages.state.own_images import find_in_set, find_refused_truth
from pages.state.session import Session
from pages.ui.actions import draw_switch
from pages.ui.image_picker import make_upload, name_files
from pages.ui.language import escape_markdown, t, translate, translate_all
from segmethods.core.messages import ImageError, Message
from segmethods.core.types import Vocabulary
from segmethods.datasets.sample_refs import SampleRef
from segmethods.io.ground_truth import check_size, read_ground_truth, tell_truth
from segmethods.io.samples import get_sample

TRUTH_NAMES = {"own": Message("Sample's"), "file": Message("My mask"), "none": Message("None")}


def choose_truth(image: LoadedImage, session: Session) -> KnownTruth | None:
    """The truth that the user chose, if there is one that fits the picture; else `draw_truth_note` says why."""
    session.truth_note = ""
    own = _own_truth(image.sample) if image.sample else None
    options = ["own", "file", "none"] if own else ["file", "none"]
    chosen = session.truth if session.truth in options else "none"
    draw_switch(
        t("Truth"),
        options,
        TRUTH_NAMES,
        session,
        "truth",
        chosen,
        is_labelled=True,
        width="stretch",
        help=t("A mask drawn by a person that says what is where. With it, methods get scores."),
    )
    truth = own if chosen == "own" else _choose_mask(image, session) if chosen == "file" else None
    if truth is not None:
        told = [note for note in truth.notes if not note.template.startswith("Not judged")]
        st.caption(escape_markdown(translate_all([*told, *tell_truth(truth.truth)])))
    return truth


def draw_truth_note(session: Session) -> None:
    """On the page itself, why a mask that was given doesn't count: on a phone the sidebar is closed."""
    if session.truth_note:
        st.info(escape_markdown(session.truth_note))


def _choose_mask(image: LoadedImage, session: Session) -> KnownTruth | None:
    above = st.container()
    st.file_uploader(
        t("Mask"),
        key="mask",
        accept_multiple_files=True,
        label_visibility="collapsed",
        on_change=_take_masks,
        args=(session,),
    )
    st.caption(
        t(
            "Of the picture’s size: an index PNG, one flat colour for each class, a NumPy array, or the outlines of "
            "labelme, COCO, CVAT, Label Studio or YOLO. Value 255 is not judged. Several masks are named like their "
            "pictures."
        )
    )
    mask = find_mask_of(image, session) or _find_truth_in_set(image, session)
    if mask is None:
        with above:
            _say_why(image, session)
        return None
    if isinstance(mask, Message):
        _refuse(mask, session)
        return None
    if not st.session_state["mask"]:
        name_files([mask.name])
    if isinstance(mask, Upload) and not is_named_like(mask.name, image.name):
        text = t("{mask} isn’t named like {name}: is it the mask of this picture?", mask=mask.name, name=image.name)
        st.caption(escape_markdown(text))
    opened = _fit_mask(mask, image, _choose_turn(image))
    if not isinstance(opened, Message) and opened.suggestion is not None:
        is_voc = st.toggle(t("Its colours mean the classes of Pascal VOC"), key=f"voc_{opened.digest}")
        opened = _fit_mask(mask, image, _turn_wish(image), opened.suggestion) if is_voc else opened
    if isinstance(opened, Message):
        _refuse(opened, session)
        return None
    return opened


def _refuse(reason: Message, session: Session) -> None:
    session.truth_note = translate(reason)
    st.warning(escape_markdown(session.truth_note))


def _say_why(image: LoadedImage, session: Session) -> None:
    """Why no mask that is here counts, with the way to let the only one count all the same."""
    other = find_mask_of_other(image, session)
    if other is not None:
        mask, name = other
        session.truth_note = t(
            "The mask {mask} was given for {name}. Upload the mask of this picture, or keep it.",
            mask=mask.name,
            name=name,
        )
        st.info(escape_markdown(session.truth_note))
        st.button(t("Keep it for this picture"), key="mask.keep", on_click=keep_mask, args=(mask, image, session))
    elif not _has_masks(session) and (refused := find_refused_truth(image.name, session)) is not None:
        session.truth_note = f"{refused.name}: {translate(refused.reason)}"
        st.info(escape_markdown(session.truth_note))
    elif _has_masks(session) or find_in_set(image.name, session):
        session.truth_note = t("No mask here belongs to {name}. Name one like it.", name=image.name)
        st.info(escape_markdown(session.truth_note))


def _has_masks(session: Session) -> bool:
    return bool(session.mask_files) or session.truth_file is not None


def _choose_turn(image: LoadedImage) -> bool:
    if image.orientation == 1:
        return False
    return st.toggle(t("Turn the mask like the picture"), key=f"turn_{image.digest}")


def _turn_wish(image: LoadedImage) -> bool:
    return bool(st.session_state.get(f"turn_{image.digest}", False))


def _take_masks(session: Session) -> None:
    take_masks(map(make_upload, st.session_state["mask"] or []), session)


def _find_truth_in_set(image: LoadedImage, session: Session) -> KnownTruth | Message | None:
    if _has_masks(session):
        return None
    known = find_in_set(image.name, session)
    return _truth_in_set(known.sample, session.set_digest) if known and known.sample else None


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={SampleRef: lambda sample: sample.name})
def _truth_in_set(sample: SampleRef, digest: str) -> KnownTruth | Message | None:
    """The truth of a picture of the user's set, or why it can't be read."""
    try:
        truth = sample.load().truth
    except ImageError as error:
        return error.message
    return None if truth is None else know_truth(truth, f"{digest}/{sample.name}", sample.files[-1])


@st.cache_resource(max_entries=64, show_spinner=False)
def _own_truth(sample: str) -> KnownTruth | None:
    truth = get_sample(sample).truth()
    return None if truth is None else know_truth(truth, f"sample {sample}")


def _fit_mask(
    mask: Upload | KnownTruth, image: LoadedImage, turn: bool, classes: Vocabulary | None = None
) -> KnownTruth | Message:
    """The user's mask as a truth of the picture's size, or what is wrong with it."""
    height, width = image.pixels.shape[:2]
    if isinstance(mask, Upload):
        return _open_mask(mask, (height, width), image.orientation, turn, classes, image.name)
    try:
        check_size(mask.truth.labels.shape, (height, width), mask.name)
    except ImageError as error:
        return error.message
    return mask


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=HASHES)
def _open_mask(
    file: Upload, size: tuple[int, int], orientation: int, turn: bool, classes: Vocabulary | None, image: str
) -> KnownTruth | Message:
    try:
        read = read_ground_truth(file.data, size, file.name, classes, orientation=orientation, turn=turn, image=image)
    except ImageError as error:
        return error.message
    return replace(know_truth(read.truth), name=file.name, notes=read.notes, suggestion=read.suggestion)
