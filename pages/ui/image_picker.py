"""The picture, in the sidebar: a sample, files of the user's own, or the camera."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.state.images import HASHES, LoadedImage, Upload
from pages.state.keeping import Keeper, look_at
from pages.state.own_images import KNOWN_ENDINGS, take_images
from pages.state.session import SOURCES, Session
from pages.state.widgets import bind_choice
from pages.ui.actions import draw_switch
from pages.ui.language import escape_markdown, localized, t, translate, translate_all
from pages.ui.layers import image_layer
from segmethods.core.messages import ImageError, Message
from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.io.formats import recognise_name
from segmethods.io.images import digest, read_image
from segmethods.io.samples import get_sample, list_samples

SOURCE_NAMES = {"samples": Message("Samples"), "files": Message("My files"), "camera": Message("Camera")}
_STYLE = (Path(__file__).parent / "image_picker.css").read_text(encoding="utf-8")
_NO_BRACKETS = str.maketrans("[]", "()")
THUMB = 108
"""Side of a small picture, in pixels: twice what it takes on the page, for sharp screens."""
NAMED = 3
"""Files that are named; the others are counted."""
FIELDS = ("files", "folder_files", "own_photo")
"""The fields of Compare that pictures are given in."""
STRIP = 24
"""With more pictures than this the strip of small ones becomes a list of names."""


def choose_image(session: Session) -> LoadedImage:
    """The picture that the user chose; the last sample while there is none of their own."""
    st.subheader(t("Picture"))
    draw_switch(t("Picture from"), SOURCES, SOURCE_NAMES, session, "source", session.source, width="stretch")
    match session.source:
        case "files":
            return _choose_file(session) or sample_image(session.sample)
        case "camera":
            return _choose_camera(session) or sample_image(session.sample)
        case _:
            return _choose_sample(session)


def style_uploaders() -> None:
    """Give the buttons that upload files our words, in the user's language; Streamlit has its own."""
    words = f"--upload: '{t('Choose files')}'; --upload-one: '{t('Choose a file')}';"
    st.html(f"<style>:root {{ {words} }}\n{_STYLE}</style>")


def _choose_sample(session: Session) -> LoadedImage:
    labels = {s.id: _small(localized(s.title), _sample_thumb(s.id)) for s in list_samples()}
    st.pills(
        t("Sample"),
        list(labels),
        format_func=labels.__getitem__,
        **bind_choice(session, "sample", session.sample, "default"),
        required=True,
        label_visibility="collapsed",
    )
    sample = get_sample(session.sample)
    st.caption(
        f"**{localized(sample.title)}** · {localized(sample.about)}\n\n"
        + t("Picture: {credit}", credit=localized(sample.credit))
    )
    return sample_image(sample.id)


def _choose_file(session: Session) -> LoadedImage | None:
    limits = settings()
    folder = st.toggle(t("A whole folder"), **bind_choice(session, "folder", session.folder))
    key = field_key("folder_files" if folder else "files", session)
    st.file_uploader(
        t("Pictures"),
        accept_multiple_files="directory" if folder else True,
        key=key,
        max_upload_size=limits.max_bytes // 1_000_000,
        label_visibility="collapsed",
        on_change=_take_files,
        args=("folder_files" if folder else "files", session),
    )
    if not st.session_state[key]:
        name_files(file.name for file in session.uploads)
    if folder and st.session_state[key] and not session.uploads:
        st.warning(t("There is no picture in this folder. {advice}", advice=_advise(st.session_state[key])))
    st.caption(
        t(
            "PNG, JPEG, WebP, TIFF, BMP, GIF or AVIF, up to {megabytes} MB and {megapixels} megapixels each. "
            "They stay on the computer that runs Segmethods.",
            megabytes=f"{limits.max_bytes / 1e6:g}",
            megapixels=f"{limits.max_pixels / 1e6:g}",
        )
    )
    # Below, each picture that can't be read says why.
    is_told = session.uploads and all(isinstance(_upload_thumb(u), Message) for u in session.uploads[:STRIP])
    if session.set_problem is not None and session.given and not is_told:
        st.warning(escape_markdown(translate(session.set_problem)))
    return _choose_upload(session)


def name_files(names: Iterable[str]) -> None:
    """What was given elsewhere, or before a visit to another page: the field above doesn't show it."""
    listed = list(names)
    if listed:
        shown = ", ".join(escape_markdown(name) for name in listed[:NAMED])
        more = f" {t('and {count} more', count=len(listed) - NAMED)}" if len(listed) > NAMED else ""
        st.caption(t("Already here: {names}", names=f"**{shown}**{more}"))


def field_key(field: str, session: Session) -> str:
    """The key of a field for files, which is another one after the field was emptied: Streamlit empties none."""
    times = session.emptied.get(field, 0)
    return f"{field}.{times}" if times else field


def take_field(field: str, session: Session) -> list[Upload]:
    """What was given in one of the fields for pictures; the others are emptied, since it takes the place of theirs."""
    for other in FIELDS:
        if other != field and st.session_state.get(field_key(other, session)):
            session.emptied[other] = session.emptied.get(other, 0) + 1
    return [make_upload(file) for file in st.session_state[field_key(field, session)] or []]


def _take_files(field: str, session: Session) -> None:
    files = take_field(field, session)
    if field == "folder_files":  # whose other files nobody chose
        files = [file for file in files if file.name.lower().endswith(KNOWN_ENDINGS)]
    take_images(files, session)


def _choose_upload(session: Session) -> LoadedImage | None:
    """The strip of uploaded pictures; the files that are none are named below it."""
    thumbs = {file.digest: _upload_thumb(file) for file in session.uploads[:STRIP]}
    for digest_of_file, thumb in thumbs.items():
        if isinstance(thumb, Message):
            session.unreadable.add(digest_of_file)
            st.warning(escape_markdown(translate(thumb)))
    good = {u.digest: u for u in session.uploads if not isinstance(thumbs.get(u.digest), Message)}
    if not good:
        return None
    if session.shown not in good:
        session.shown = next(iter(good))
    if len(good) > 1:
        _draw_strip(good, thumbs, session)
    return _open_or_say(good[session.shown], session)


def _draw_strip(
    good: Mapping[str, Upload | LoadedImage], thumbs: Mapping[str, str | Message], session: Session
) -> None:
    small = len(session.uploads) <= STRIP
    labels = {
        d: _small(u.name, str(thumbs[d])) if small else f"{number}. {u.name}"
        for number, (d, u) in enumerate(good.items(), 1)
    }
    choose = partial(st.pills, required=True) if small else st.selectbox
    where = bind_choice(session, "shown", session.shown, "default", among=() if small else good)
    choose(
        t("Picture that is shown"),
        list(labels),
        format_func=labels.__getitem__,
        **where,
    )


def _choose_camera(session: Session) -> LoadedImage | None:
    st.camera_input(t("Camera"), key="camera", label_visibility="collapsed", on_change=_take_camera, args=(session,))
    if is_camera_blocked(st.context.url):
        st.warning(
            t("Browsers open the camera only under https or on localhost. Take the photo elsewhere, or ask for https.")
        )
    st.caption(t("Allow the camera in your browser. The picture stays on the computer that runs Segmethods."))
    return _open_or_say(session.camera_image, session) if session.camera_image else None


def is_camera_blocked(address: str | None) -> bool:
    """Whether a page at this address gets no camera from a browser.

    Examples
    --------
    >>> is_camera_blocked("http://192.168.1.5:8501/"), is_camera_blocked("http://localhost:8501/")
    (True, False)
    """
    parts = urlsplit(address or "")
    host = parts.hostname or ""
    at_home = host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")
    return parts.scheme == "http" and not at_home


def _take_camera(session: Session) -> None:
    file = st.session_state["camera"]
    session.camera_image = make_upload(file) if file else None


def _open_or_say(file: Upload | LoadedImage, session: Session) -> LoadedImage | None:
    opened = file if isinstance(file, LoadedImage) else _open(file)
    if isinstance(file, Upload) and isinstance(opened, LoadedImage) and opened.pages > 1:
        page = st.number_input(t("Page"), 1, opened.pages, value=None, placeholder="1", key=f"page_{file.digest}")
        opened = opened if page is None else _open(file, page - 1)
    if isinstance(opened, Message):
        session.unreadable.add(file.digest)
        st.warning(escape_markdown(translate(opened)))
        return None
    if opened.notes:
        st.caption(escape_markdown(translate_all(opened.notes)))
    return opened


def _advise(files: list[UploadedFile]) -> str:
    """What to do about a folder without a picture, from what is in it."""
    for file in files:
        kind = recognise_name(file.name)
        if kind is not None:
            return t("{name} has the format {kind}. {way}", name=file.name, kind=kind[0], way=translate(kind[1]))
    return t("Choose another one.")


def make_upload(file: UploadedFile) -> Upload:
    """A file as it came from the browser, with its digest."""
    data = file.getvalue()
    return Upload(file.name, data, hashlib.sha256(data).hexdigest())


def _small(name: str, thumb: str) -> str:
    """The label of a pill that is a small picture; its name is what screen readers say."""
    return f"![{name.translate(_NO_BRACKETS)}]({thumb})"


_opened: Keeper[LoadedImage | Message] = Keeper(
    256_000_000, lambda one: 0 if isinstance(one, Message) else one.pixels.nbytes
)
"""Files that were read; so many bytes hold three large photos, or what a class brings."""


def _open(upload: Upload, page: int | None = None) -> LoadedImage | Message:
    """A file of the user's as a picture, or what is wrong with it."""
    look_at(upload.digest)
    return _opened.get(upload.digest, (upload.name, page), lambda: _read(upload, page))


def _read(upload: Upload, page: int | None) -> LoadedImage | Message:
    try:
        file = read_image(upload.data, upload.name, page)
    except ImageError as error:
        return error.message
    named = digest(file.image)
    facts = file.notes, file.pages, file.orientation, upload.owner
    return LoadedImage(upload.name, file.image, named, "", *facts)


@st.cache_resource(max_entries=400, show_spinner=False, hash_funcs=HASHES)
def _upload_thumb(file: Upload | LoadedImage) -> str | Message:
    opened = file if isinstance(file, LoadedImage) else _open(file)
    return opened if isinstance(opened, Message) else _data_url(opened.pixels)


@st.cache_resource(max_entries=32, show_spinner=False)
def sample_image(sample_id: str) -> LoadedImage:
    """A sample as a picture."""
    sample = get_sample(sample_id)
    pixels = sample.image()
    return LoadedImage(sample.source, pixels, digest(pixels), sample_id)


@st.cache_resource(max_entries=64, show_spinner=False)
def _sample_thumb(sample_id: str) -> str:
    return _data_url(sample_image(sample_id).pixels)


def _data_url(image: Image) -> str:
    """The middle square of a picture, small."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    return f"data:image/jpeg;base64,{base64.b64encode(image_layer(square, THUMB)).decode()}"
