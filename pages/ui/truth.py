"""What the picture really shows, in the sidebar: the sample's own mask, a file of the user's, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages.state.images import HASHES, KnownTruth, Picture, Upload, know_truth
from pages.state.session import Session
from pages.state.widgets import bind_choice
from pages.ui.image_picker import make_upload
from pages.ui.language import escape_markdown, t, translate, translate_all, translate_each
from segmethods.core.messages import ImageError, Message
from segmethods.core.types import Vocabulary
from segmethods.datasets.pairing import match_masks
from segmethods.io.depth import percent
from segmethods.io.ground_truth import check_size, read_ground_truth, share_void
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
    truth = own if chosen == "own" else _choose_mask(picture, session) if chosen == "file" else None
    if truth is not None:
        share = percent(share_void(truth.truth))
        told = [note for note in truth.notes if not note.template.startswith("Not judged")]
        st.caption(
            escape_markdown(translate_all([*told, Message("Not judged: {share} of the pixels.", {"share": share})]))
        )
    return truth


def _choose_mask(picture: Picture, session: Session) -> KnownTruth | None:
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
            "labelme, COCO or YOLO. Value 255 is not judged. Several masks are named like their pictures."
        )
    )
    mask = find_mask_of(picture, session)
    if mask is None:
        if session.mask_files or session.truth_file:
            st.info(escape_markdown(t("No mask here belongs to {name}. Name one like it.", name=picture.name)))
        return None
    opened = _fit_mask(mask, picture, _choose_turn(picture))
    if not isinstance(opened, Message) and opened.suggestion is not None:
        is_voc = st.toggle(t("Its colours mean the classes of Pascal VOC"), key=f"voc_{opened.digest}")
        opened = _fit_mask(mask, picture, _turn_wish(picture), opened.suggestion) if is_voc else opened
    if isinstance(opened, Message):
        st.warning(escape_markdown(translate(opened)))
        return None
    return opened


def find_mask_of(picture: Picture, session: Session) -> Upload | KnownTruth | None:
    """The mask that belongs to a picture: by its name, or the order, or because it was given while this was shown.

    A mask is never laid over another picture because it happens to have its size.
    """
    files = session.mask_files
    if not files:
        truth = session.truth_file
        if truth is None:
            return None
        owner = session.mask_images.setdefault(truth.digest, picture.digest)
        return truth if owner == picture.digest else None
    names = {Path(str(number), file.name): file for number, file in enumerate(files)}
    found = match_masks([Path(picture.name)], names).masks.get(Path(picture.name))
    if found is not None:
        return names[found]
    uploads = [Path(str(number), upload.name) for number, upload in enumerate(session.uploads)]
    if match_masks(uploads, names).masks:  # names say which is whose, and none is this picture's
        named = set(match_masks(uploads, names).masks.values())
        files = tuple(file for path, file in names.items() if path not in named)
    elif len(files) == len(uploads) > 1:
        order = [upload.name for upload in session.uploads]
        return files[order.index(picture.name)] if order.count(picture.name) == 1 else None
    if len(files) == 1:
        owner = session.mask_images.setdefault(files[0].digest, picture.digest)
        return files[0] if owner == picture.digest else None
    return None


def _choose_turn(picture: Picture) -> bool:
    if picture.orientation == 1:
        return False
    return st.toggle(t("Turn the mask like the picture"), key=f"turn_{picture.digest}")


def _turn_wish(picture: Picture) -> bool:
    return bool(st.session_state.get(f"turn_{picture.digest}", False))


def _take_masks(session: Session) -> None:
    session.mask_files = tuple(map(make_upload, st.session_state["mask"] or []))
    session.truth_file = None
    kept = {file.digest for file in session.mask_files}
    session.mask_images = {mask: image for mask, image in session.mask_images.items() if mask in kept}


@st.cache_resource(max_entries=64, show_spinner=False)
def _own_truth(sample: str) -> KnownTruth | None:
    truth = get_sample(sample).truth()
    return None if truth is None else know_truth(truth, f"sample {sample}")


def _fit_mask(
    mask: Upload | KnownTruth, picture: Picture, turn: bool, classes: Vocabulary | None = None
) -> KnownTruth | Message:
    """The user's mask as a truth of the picture's size, or what is wrong with it."""
    height, width = picture.image.shape[:2]
    if isinstance(mask, Upload):
        return _open_mask(mask, (height, width), picture.orientation, turn, classes, picture.name)
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
