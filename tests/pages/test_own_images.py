"""What is shown after files were given: the newest picture; masks change the truth and not the picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pages.state.images import LoadedImage, Upload
from pages.state.masks import find_mask_of, find_mask_of_other, take_masks
from pages.state.own_images import add_images, take_images
from pages.state.session import Session
from segmethods.core.settings import settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SEGMETHODS_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def upload(name: str, value: int) -> Upload:
    pixels = np.full((8, 8, 3), value, np.uint8)
    if "mask" in name:
        pixels = (np.arange(64).reshape(8, 8) > value).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return Upload(name, buffer.getvalue(), f"digest of {name} {value}")


def shown(session: Session) -> str:
    return next(file.name for file in session.uploads if file.digest == session.shown)


def test_a_second_file_is_shown_at_once() -> None:
    session, first, second = Session(), upload("first.png", 10), upload("second.png", 20)
    take_images([first], session)
    assert shown(session) == "first.png"
    take_images([first, second], session)  # the field for files gives all that it holds
    assert shown(session) == "second.png"
    take_images([first], session)
    assert shown(session) == "first.png"


def test_a_mask_that_comes_later_leaves_the_picture() -> None:
    session = Session()
    take_images([upload("a.png", 10), upload("b.png", 20)], session)
    session.shown = next(file.digest for file in session.uploads if file.name == "b.png")
    add_images([upload("a_mask.png", 30)], session)
    assert [file.name for file in session.uploads] == ["a.png", "b.png"]
    assert shown(session) == "b.png"


def seen(name: str, session: Session) -> LoadedImage:
    """A picture of the session as Compare opens it."""
    file = next(file for file in session.uploads if file.name == name)
    return LoadedImage(name, np.zeros((8, 8, 3), np.uint8), "pixels", file_digest=file.owner)


def mask_of(name: str, session: Session) -> str:
    mask = find_mask_of(seen(name, session), session)
    return mask.name if mask else ""


def test_masks_that_were_paired_by_their_order_are_not_taken_for_the_next_pictures() -> None:
    session = Session()
    take_images([upload("a.png", 10), upload("b.png", 20)], session)
    take_masks([upload("mask one.png", 30), upload("mask two.png", 40)], session)
    assert [mask_of(name, session) for name in ("a.png", "b.png")] == ["mask one.png", "mask two.png"]
    take_images([upload("c.png", 50), upload("d.png", 60)], session)
    assert [mask_of(name, session) for name in ("c.png", "d.png")] == ["", ""]


def test_a_mask_leaves_the_picture_it_was_tried_on_for_the_one_it_is_named_after() -> None:
    session = Session()
    take_images([upload("a.png", 10)], session)
    take_masks([upload("b_mask.png", 30)], session)
    assert mask_of("a.png", session) == "b_mask.png"
    take_images([upload("a.png", 10), upload("b.png", 20)], session)
    assert [mask_of(name, session) for name in ("b.png", "a.png")] == ["b_mask.png", ""]
    other = find_mask_of_other(seen("a.png", session), session)
    assert other is not None
    assert other[1] == "b.png"


def test_equal_masks_of_two_pictures_each_keep_their_own() -> None:
    session, empty = Session(), upload("a_mask.png", 99)
    take_images([upload("a.png", 10), upload("b.png", 20)], session)
    take_masks([empty, Upload("b_mask.png", empty.content, empty.digest)], session)
    assert [mask_of(name, session) for name in ("a.png", "b.png")] == ["a_mask.png", "b_mask.png"]
