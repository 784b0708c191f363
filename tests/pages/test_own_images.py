"""What is shown after files were given: the newest picture; masks change the truth and not the picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pages.state.images import Upload
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
