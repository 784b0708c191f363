"""Every text has its Chinese, with the same places; the collector that says so is itself tried on what it must find."""

import re
from pathlib import Path
from threading import Thread

import pytest
import streamlit as st

from pages.state.session import LANGUAGES, Session, for_visitor, guess_language
from pages.ui.catalogue import find_faults, find_texts, places, read_catalogue
from pages.ui.language import explain_verdict, fill_chinese, join_sentences, t
from segmethods.core.messages import Message
from segmethods.core.settings import settings

CHINESE = "[\u3400-\u9fff]"
UNSPACED = re.compile(f"{CHINESE}[*_`]*[A-Za-z0-9]|[A-Za-z0-9%][*_`]*{CHINESE}")
SPACED = re.compile(f"{CHINESE} +{CHINESE}")


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


ASSETS = settings().assets_dir
WRITTEN = [*sorted(ASSETS.glob("lessons/zh/*.md")), ASSETS / "glossary" / "zh.md", ASSETS / "samples" / "samples.json"]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_chinese_and_latin_are_spaced_in_written_texts(file: Path) -> None:
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if UNSPACED.search(line)] == []


@pytest.mark.parametrize("name", ["DeepLab", "阈值法"])
def test_chinese_and_latin_are_spaced_in_every_sentence_whatever_fills_its_places(name: str) -> None:
    """Method and class are named in either script, so no template can have the right spaces by itself."""
    said = {
        str(m.id): fill_chinese(str(m.string), dict.fromkeys(places(str(m.string)), name))
        for m in read_catalogue("zh")
        if m.id and not re.search(r"\} \{|\{\w+:", str(m.string))
    }
    wrong = [text for text in said.values() if UNSPACED.search(text) or SPACED.search(text)]
    assert wrong == []
    assert said["{first} finds {name} best."] == {"DeepLab": "DeepLab 找 DeepLab 找得最好。"}.get(
        name, "阈值法找阈值法找得最好。"
    )


def test_a_sentence_in_chinese_leaves_what_a_user_named_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"session": Session(language="zh")})
    assert t("{first} finds {name}.", first="DeepLab", name="猫") == "DeepLab 找到了猫。"
    assert t("{first} finds {name}.", first="我的deeplab 1号", name="猫2") == "我的deeplab 1号找到了猫2。"


def test_chinese_sentences_have_no_space_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [Message("Without a truth nothing is ranked."), Message("Hardest pictures first.")]
    monkeypatch.setattr(st, "session_state", {"session": Session(language="zh")})
    assert explain_verdict([*said, *said], "metric").startswith(
        "没有真值标注，就不排名次。最难的图片在前。\n\n:small[没有"
    )
    assert "。 " not in explain_verdict([*said, *said], "metric")
    assert join_sentences(["一。", "", "二。"]) == "一。二。"
    monkeypatch.setattr(st, "session_state", {"session": Session()})
    assert join_sentences(["One.", "", "Two."]) == "One. Two."


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
