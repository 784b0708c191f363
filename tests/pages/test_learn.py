"""The lessons through app.py, every one of them in both languages, and the words that they are made of."""

from __future__ import annotations

import importlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from pages.learn.address import lesson_fields
from pages.learn.lesson_text import Section, read_glossary, read_text
from pages.learn.spec import Lesson
from pages.learn.views import MOST_PIXELS, data_url, learning_image, plane_image
from pages.state.address import read_address, share_address, write_address
from pages.state.images import LoadedImage
from pages.state.session import LANGUAGES, Session
from pages.ui.image_picker import sample_image
from pages.ui.menu import list_lessons
from segmethods.core.settings import settings
from segmethods.core.types import Outcome
from segmethods.execution.process import Worker
from segmethods.execution.tasks import Task
from segmethods.io.images import digest

APP = Path(__file__).resolve().parents[2] / "app.py"
CHINESE = re.compile("[\u4e00-\u9fff]")
LOCALES = {"en": "en-US", "zh": "zh-CN"}
LESSONS = {place.address: place for place in list_lessons()}
LEFT_OVER = re.compile(r"\{\{?\w+\}?\}")


def visit(page: str, query: Mapping[str, str] = {}, locale: str = "en-US") -> AppTest:
    """A page as a first visitor sees it who has this address."""
    app = AppTest.from_file(APP, default_timeout=300)
    app.context["locale"] = locale
    app.query_params["methods"] = "threshold"  # of the page that comes first, which shall not take long
    run(app)
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    del app.session_state["session"]
    app.switch_page(page)
    return run(app)


def open_lesson(lesson_id: str, query: Mapping[str, str] = {}, locale: str = "en-US") -> AppTest:
    return visit(LESSONS[lesson_id].file, query, locale)


def run(step: AppTest | Widget) -> AppTest:
    """The page after a step, which nothing went wrong in."""
    page = step.run()
    assert [e.value for e in page.exception] == []
    return page


def words(page: AppTest) -> list[str]:
    """What a person reads in the page's main part."""
    return [e.value for e in (*page.main.title, *page.main.header, *page.main.markdown, *page.main.caption)]


def query(page: AppTest) -> dict[str, str]:
    return {name: v if isinstance(v, str) else v[0] for name, v in page.query_params.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson_id", LESSONS)
def test_every_lesson_opens_in_both_languages(lesson_id: str, language: str) -> None:
    page = open_lesson(lesson_id, locale=LOCALES[language])
    text = read_text(lesson_id, language)
    seen = "\n".join(words(page))
    assert len(page.main.title) == 1
    hidden = {"write"} if lesson_id == "exercise" else set()  # the teacher's half
    assert not any(text.sections[name].heading in words(page) for name in hidden)
    for section in (section for name, section in text.sections.items() if name not in hidden):
        assert any(section.heading.split("{{")[0] in word for word in words(page)), section.heading
        for question, _ in section.questions:
            assert any(question.split("{{")[0] in e.label for e in page.main.expander), question
    assert not LEFT_OVER.search(re.sub(r"\$+[^$]*\$+", "", seen))
    assert bool(CHINESE.search(seen)) == (language == "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_shows_a_picture_of_every_lesson(language: str) -> None:
    page = visit("pages/learn/page.py", locale=LOCALES[language])
    seen = words(page)
    for lesson_id in LESSONS:
        assert read_text(lesson_id, language).line in seen
    images = [e.proto.body for e in page.main.get("html") if "sm-thumb" in e.proto.body]
    assert len(images) == len(LESSONS)
    assert all("data:image/" in image for image in images)


def find_places(section: Section) -> set[str]:
    """The names of all places of a section that wait for a value."""
    texts = [section.heading, section.body, *(text for pair in section.questions for text in pair)]
    return set(re.findall(r"\{\{(\w+)\}\}", "\n".join(texts)))


@pytest.mark.parametrize("lesson_id", LESSONS)
def test_both_languages_say_the_same(lesson_id: str) -> None:
    texts = [read_text(lesson_id, language) for language in LANGUAGES]
    assert len({tuple(text.sections) for text in texts}) == 1
    for english, chinese in zip(*(text.sections.values() for text in texts), strict=True):
        assert find_places(english) == find_places(chinese), english.heading
        assert len(english.questions) == len(chinese.questions), english.heading
        assert CHINESE.search(chinese.heading + chinese.body), english.heading
    assert all(text.title and text.line for text in texts)


def test_no_text_is_left_without_its_lesson() -> None:
    for language in LANGUAGES:
        files = {path.stem for path in (settings().assets_dir / "lessons" / language).glob("*.md")}
        assert files == set(LESSONS)


@pytest.mark.parametrize("lesson_id", LESSONS)
def test_every_control_survives_the_address(lesson_id: str) -> None:
    lesson: Lesson = importlib.import_module(f"pages.learn.lessons.{lesson_id}").LESSON
    assert lesson.id == lesson_id
    names = [control.name for control in lesson.controls]
    assert not set(names) & {"picture", "lang", "present", "view", "methods", "truth", "alignment", "opacity"}
    assert len(set(names)) == len(names)
    moved = {control.name: _another(control) for control in lesson.controls}
    sent = Session(sample=lesson.sample, presenting=True, lessons={lesson_id: moved})
    got = Session()
    fields = lesson_fields(lesson)
    read_address(fields, write_address(fields, sent), got)
    assert (got.lessons[lesson_id], got.presenting, got.notes) == (moved, True, [])


def test_k_means_knows_what_it_has_grouped_before(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Task] = []
    run_task = Worker.run

    def note(worker: Worker, task: Task, *rest: Any) -> Outcome:
        asked.append(task)
        return run_task(worker, task, *rest)

    monkeypatch.setattr(Worker, "run", note)
    page = open_lesson("kmeans", {"picture": "camera", "seed": "20"})
    asked.clear()
    run(page.slider(key="learn.kmeans.seed").set_value(21))
    new = sorted((task.params["seed"], task.params["space"], task.params["rounds"]) for task in asked)
    assert new == [(21, "hsv", 50), (21, "lab", 0), (21, "rgb", 50), (24, "lab", 50)]
    asked.clear()
    run(page.slider(key="learn.kmeans.seed").set_value(20))
    assert not asked


def _another(control: object) -> object:
    from tests.pages.test_address import another_value

    return another_value(control)  # type: ignore[arg-type]


def test_a_link_opens_the_lesson_as_it_was() -> None:
    page = open_lesson("threshold", {"picture": "camera", "level": "90", "present": "true", "lang": "zh"})
    assert page.session_state["session"].sample == "camera"
    assert page.session_state["session"].lessons["threshold"]["level"] == 90
    assert page.session_state["session"].presenting
    assert CHINESE.search(page.title[0].value)
    assert query(page) == {"picture": "camera", "level": "90", "present": "true", "lang": "zh"}


def test_nonsense_in_the_address_is_named_and_left_out() -> None:
    page = open_lesson("threshold", {"picture": "unicorn", "level": "900"})
    notes = " ".join(m.value for m in page.main.markdown).replace("\\", "")
    assert "unicorn" in notes
    assert "level=900" in notes
    assert "level" not in page.session_state["session"].lessons.get("threshold", {})


def test_a_lesson_suggests_its_sample_to_those_who_have_chosen_none() -> None:
    page = open_lesson("threshold")
    assert query(page)["picture"] == "coins"
    run(page.pills(key="sample").set_value("astronaut"))
    assert query(page)["picture"] == "astronaut"


def test_a_large_picture_is_learned_from_at_a_quarter_of_a_megapixel() -> None:
    image = np.zeros((3000, 4000, 3), np.uint8)
    small = learning_image(LoadedImage("large.png", image, digest(image))).pixels
    assert 0.98 * MOST_PIXELS < small.shape[0] * small.shape[1] <= MOST_PIXELS
    assert abs(small.shape[1] / small.shape[0] - 4 / 3) < 0.01
    coins = sample_image("coins")
    assert learning_image(coins) is coins


@pytest.mark.parametrize("colours", ["grey", "cividis", "viridis"])
def test_an_array_becomes_a_picture_from_dark_to_light(colours: str) -> None:
    ramp = np.tile(np.linspace(-1, 3, 64, dtype=np.float32), (48, 1))
    data = plane_image(ramp, colours=colours, long_side=64)
    assert data_url(data).startswith("data:image/jpeg;base64,")
    grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"), float).mean(axis=0)
    assert grey[-8:].mean() > grey[28:36].mean() > grey[:8].mean()


def test_a_link_to_share_leaves_the_language_to_the_reader() -> None:
    session = Session(sample="coins", language="zh")
    lesson: Lesson = importlib.import_module("pages.learn.lessons.threshold").LESSON
    assert share_address(lesson_fields(lesson, is_shared=True), session) == "picture=coins"
    assert share_address(lesson_fields(lesson, is_shared=True), session, in_language=True) == "picture=coins&lang=zh"


def test_the_share_menu_adds_the_language_when_asked_to() -> None:
    page = open_lesson("threshold", {"picture": "coins"})
    page.session_state["share"] = True
    assert "lang" not in run(page).code[0].value
    run(page.toggle(key="share.language").set_value(True))
    assert page.code[0].value.endswith("?picture=coins&lang=en")


def test_words_lead_to_the_glossary_in_the_language_that_is_read() -> None:
    links = {locale: glossary_links(open_lesson("threshold", {"lang": "zh"}, locale)) for locale in LOCALES.values()}
    assert links["zh-CN"]
    assert all(link.startswith("glossary#") for link in links["zh-CN"])
    assert all(link.startswith("glossary?lang=zh#") for link in links["en-US"])


def glossary_links(page: AppTest) -> list[str]:
    return re.findall(r"\]\((glossary[^)]*)\)", "\n".join(m.value for m in page.main.markdown))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_explains_every_word(language: str) -> None:
    page = visit("pages/learn/glossary.py", locale=LOCALES[language])
    seen = [e.value for e in page.main.header]
    assert seen == [section.heading for section in read_glossary(language).sections.values()]


def test_lessons_link_to_words_that_are_explained_and_every_word_is_linked() -> None:
    words = {language: set(read_glossary(language).sections) for language in LANGUAGES}
    assert words["en"] == words["zh"]
    for language in LANGUAGES:
        linked: set[str] = set()
        for lesson_id in LESSONS:
            for section in read_text(lesson_id, language).sections.values():
                texts = [section.body, *(text for pair in section.questions for text in pair)]
                linked |= set(re.findall(r"\]\(word:([a-z-]+)\)", " ".join(texts)))
        assert linked == words[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mark_of_bold_is_left_in_the_texts(language: str) -> None:
    """Markdown doesn't take a mark for the end of bold between a bracket and a letter, nor for its start."""
    for text in (*(read_text(lesson_id, language) for lesson_id in LESSONS), read_glossary(language)):
        for section in text.sections.values():
            for markdown in (section.body, *(part for pair in section.questions for part in pair)):
                for bold in re.finditer(r"(?s)(\w?)\*\*(.+?)\*\*(\w?)", unlink(markdown)):
                    before, inner, after = bold.groups()
                    assert not (before and re.match(r"\W", inner)), bold[0]
                    assert not (after and re.search(r"\W$", inner)), bold[0]


def unlink(markdown: str) -> str:
    """Markdown without links and formulas."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", re.sub(r"\$+[^$]*\$+", "x", markdown))
