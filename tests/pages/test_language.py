"""Every text has its Chinese, with the same places; the collector that says so is itself tried on what it must find."""

from threading import Thread

import pytest
import streamlit as st

from pages.state.session import LANGUAGES, Session, for_visitor, guess_language
from pages.ui.catalogue import find_faults, find_texts, places, read_catalogue
from pages.ui.language import t


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_nothing_is_missing_stale_or_has_other_places(language: str) -> None:
    assert find_faults(language) == []


@pytest.mark.parametrize(
    "text",
    [
        "Compare",  # t("...") in app.py
        "Samples",  # Message("...") in a page
        "{name} is empty. Choose another file.",  # an error of segmethods
        "There is no method {name}. Choose from {choices}.",
        "Threshold",  # the registry: title, label of a parameter, its help, its options
        "Fill holes",
        "The quantity that is compared with the level.",
        "Adaptive Gaussian",
        "Mean IoU",  # the scores
        "aeroplane",  # class names
        "Bicyclist",
    ],
)
def test_the_collector_finds(text: str) -> None:
    assert text in find_texts()


def test_translations_are_not_the_english_again() -> None:
    names = {"IoU", "Otsu", "Li", "Yen", "Sauvola", "Niblack", "RGB", "L*a*b*", "HSV", "K-means", "k-means", "Canny"}
    same = [str(m.id) for m in read_catalogue("zh") if m.id and m.id == m.string]
    assert [text for text in same if text not in names and text.upper() != text and len(text.split()) > 2] == []


def test_places() -> None:
    assert places("{a} of {b:.2f}, {{not this}}") == {"a", "b"}


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh_TW", "zh"), ("zh", "zh"), ("en-GB", "en"), ("de-DE", "en"), ("", "en"), (None, "en")],
)
def test_first_guess(locale: str | None, language: str) -> None:
    assert guess_language(locale) == language


def test_a_file_that_is_made_after_the_page_was_drawn_speaks_the_visitors_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(st, "session_state", {"session": Session(language="zh")})
    make, made = for_visitor(lambda: t("The pictures")), list[str]()
    monkeypatch.setattr(st, "session_state", {"session": Session()})
    maker = Thread(target=lambda: made.append(make()))
    maker.start()
    maker.join()
    assert made == ["图片"]
    assert t("The pictures") == "The pictures"
