"""Exercises, the quiz, and what breaks scores and methods, through app.py, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from streamlit.testing.v1 import AppTest

from pages.learn.lessons.exercise import shelf
from pages.learn.lessons.quiz import board
from segmethods.classroom import dump_exercise, make_exercise
from tests.pages.test_learn import APP, CHINESE, LESSONS, LOCALES, query, run, words
from tests.waiting import wait_until

BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def visit(lesson_id: str, language: str = "en", picture: str = "page", **words: str) -> AppTest:
    """A lesson as somebody sees it who opens this address; the Compare page before it has one quick method to run."""
    app = AppTest.from_file(APP, default_timeout=600)
    app.context["locale"] = LOCALES[language]
    set_query(app, {"picture": picture, "methods": "threshold", "lang": language})
    run(app)
    set_query(app, {"picture": picture, "lang": language, **words})
    app.switch_page(LESSONS[lesson_id].file)
    return run(app)


def set_query(app: AppTest, query: Mapping[str, str]) -> None:
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value


def told(page: AppTest) -> str:
    seen = "\n".join([*words(page), *(e.value for e in (*page.main.info, *page.main.warning, *page.main.success))])
    assert not re.search(r"(?<!\$)\{\w+\}", re.sub(r"\$+[^$]*\$+", "", seen))
    return seen


def press(page: AppTest, key: str) -> AppTest:
    return run(page.button(key=key).click())


def charts(page: AppTest) -> list[str]:
    return [chart.proto.alt for chart in page.main.get("plotly_chart")]


@BOTH
def test_a_damaged_mask_is_scored(language: str) -> None:
    page = visit("metric", language)
    at_first = charts(page)
    assert len(at_first) == 1
    page = run(page.slider(key="learn.metric.grow").set_value(2))
    assert charts(page) != at_first
    page = press(page, "metric.repair")
    assert "1.00" in charts(page)[0]
    page = run(page.slider(key="learn.metric.pieces").set_value(3))
    assert query(page)["pieces"] == "3"
    page = run(page.selectbox(key="learn.metric.mask").set_value("empty"))
    assert {"en": "the worst distance counts: 1", "zh": "按最坏距离计的类别：1"}[language] in told(page)
    assert len(page.main.slider) == 0
    page = run(page.selectbox(key="learn.metric.mask").set_value("stranger"))
    assert bool(CHINESE.search(charts(page)[0])) == (language == "zh")


def test_a_picture_without_truth_says_so() -> None:
    assert "no truth that could be damaged" in told(visit("metric", picture="retina"))
    assert "Curves need a truth" in told(visit("robustness", picture="hubble", shown="threshold"))
    assert "Nobody can win" in told(visit("quiz", picture="retina"))


@BOTH
def test_curves_are_computed_by_workers_and_kept(language: str) -> None:
    kind = {"en": "blur", "zh": "jpeg"}[language]
    page = visit("robustness", language, shown="threshold,histogram", kind=kind, strength="0.5")
    assert charts(page) == []
    page = press(page, "robustness.run")
    wait_until(lambda: "robustness.stop" not in [b.key for b in run(page).main.button], 300, "the curves")
    (title,) = charts(page)
    assert re.search(r"0\.\d\d", title)
    assert bool(CHINESE.search(title)) == (language == "zh")
    again = visit("robustness", language, shown="threshold", kind=kind)
    assert len(charts(again)) == 1
    assert not [b for b in again.main.button if b.key == "robustness.run"]


@BOTH
def test_a_guess_comes_before_the_answer(language: str) -> None:
    page = visit("quiz", language, contest="threshold,histogram")
    assert "quiz.lock" not in [b.key for b in page.main.button]
    page = run(page.radio(key="quiz.choice.page").set_value("histogram"))
    page = press(page, "quiz.lock")
    assert charts(page) == []
    page = press(page, "quiz.reveal")
    assert charts(page)
    wrong = {"en": "You guessed Histogram: place 2 of 2", "zh": "2 个方法中排第 2"}
    assert wrong[language] in told(page)
    page = press(page, "quiz.again")
    assert charts(page) == []
    assert "quiz.lock" not in [b.key for b in page.main.button]


def test_a_class_guesses_and_its_tally_survives_a_reload() -> None:
    teacher = press(visit("quiz", picture="coins"), "quiz.open")
    code, key = query(teacher)["code"], query(teacher)["teacher"]
    assert code in [title.value for title in teacher.main.title]
    links = [shown.value for shown in teacher.main.code]
    assert any(f"code={code}" in link for link in links)
    assert not any("teacher=" in link for link in links)

    student = visit("quiz")
    student.text_input(key="quiz.code").set_value(f" {code.lower()} ")
    student = press(student, "quiz.join")
    assert query(student)["picture"] == "coins"
    student = press(run(student.radio(key="quiz.choice.coins").set_value("edges")), "quiz.lock")
    voter = query(student)["voter"]
    assert board().count(code, "coins") == {"edges": 1}

    reloaded = visit("quiz", code=code, voter=voter)
    assert "Your guess: **Edges**" in told(reloaded)

    teacher = visit("quiz", picture="coins", code=code, teacher=key)
    assert charts(teacher) == ["One guess, for Edges"]
    teacher = press(teacher, "quiz.reset")
    assert charts(teacher) == []
    assert board().count(code, "coins") == {}
    teacher = run(teacher.pills(key="sample").set_value("cell"))
    assert board().image(code) == "cell"
    assert query(press(teacher, "quiz.leave")).keys().isdisjoint({"code", "teacher"})


def test_a_guess_made_alone_is_none_of_the_class() -> None:
    code = query(press(visit("quiz", picture="coins"), "quiz.open"))["code"]
    student = visit("quiz", picture="coins")
    student = press(run(student.radio(key="quiz.choice.coins").set_value("edges")), "quiz.lock")
    student.text_input(key="quiz.code").set_value(code)
    student = press(student, "quiz.join")
    assert "Your guess" not in told(student)
    student = press(run(student.radio(key="quiz.choice.coins").set_value("kmeans")), "quiz.lock")
    assert board().count(code, "coins") == {"kmeans": 1}


def test_a_student_keeps_up_with_the_teacher() -> None:
    teacher = press(visit("quiz", picture="coins"), "quiz.open")
    code, key = query(teacher)["code"], query(teacher)["teacher"]
    student = visit("quiz", code=code)
    student = press(run(student.radio(key="quiz.choice.coins").set_value("edges")), "quiz.lock")
    board().reset(code, key, "coins")
    student = run(student)
    assert "Your guess" not in told(student)
    student = press(run(student.radio(key="quiz.choice.coins").set_value("edges")), "quiz.lock")
    assert board().count(code, "coins") == {"edges": 1}
    assert charts(student) == ["One guess, for Edges"]

    board().guess(code, "coins", "another", "threshold")
    assert charts(run(student)) == ["2 guesses; a tie of Edges and Threshold"]
    teacher = press(teacher, "quiz.next")
    assert query(run(student))["picture"] == query(teacher)["picture"] == board().image(code) != "coins"


def test_a_class_that_doesnt_exist_is_one_line() -> None:
    page = visit("quiz", code="ZZZZZ", lang="zh")
    assert "没有课堂码为 ZZZZZ 的班级" in told(page)
    assert "code" not in query(press(page, "quiz.alone"))


@BOTH
def test_an_exercise_is_written_and_opened_by_its_link(language: str) -> None:
    page = visit("exercise", language, part="write")
    run(page.text_input(key="exercise.title").set_value("Ink & *paper*"))
    run(page.text_area(key="exercise.question").set_value("Which level?\nWhy?"))
    page = run(page.pills(key="exercise.locked.threshold").set_value(["algorithm"]))
    page = press(page, "exercise.link")
    (link,) = re.findall(r"open=(\w+)", " ".join(code.value for code in page.main.code))
    written = shelf().get(link)
    assert (written.title, written.sample, written.methods) == ("Ink & *paper*", "page", ("threshold", "kmeans"))
    assert written.locked == {"threshold": {"algorithm": "otsu"}}

    work = visit("exercise", language, open=link)
    seen = told(work)
    assert "learn.exercise.part" not in [w.key for w in work.main.selectbox]
    assert {"en": "verify", "zh": "segmethods"}[language] not in seen
    assert r"Ink \& \*paper\*" in [e.value for e in work.main.subheader]
    assert "Which level?\nWhy?" in [e.value for e in work.main.text]
    assert r"Algorithm\: Otsu" in seen or "算法：大津法（Otsu）" in seen
    start = f"exercise.{written.digest[:8]}.threshold"
    assert f"{start}.algorithm" not in [w.key for w in work.main.selectbox]
    assert any("sm-view" in e.proto.body for e in work.main.get("html"))
    work = run(work.toggle(key=f"{start}.invert").set_value(True))
    assert work.toggle(key=f"{start}.invert").value
    run(work.text_area(key=f"exercise.answer.{written.digest[:8]}").set_value("At 100, *I* think"))
    assert "At 100, *I* think" in [e.value for e in press(work, "exercise.handin").main.text]
    after = run(work.text_input(key="exercise.student").set_value("Li Na"))
    assert "At 100, *I* think" not in [e.value for e in after.main.text]


def test_what_a_teacher_wrote_is_there_after_a_look_at_the_other_side() -> None:
    page = visit("exercise", part="write")
    run(page.text_input(key="exercise.title").set_value("Ink"))
    run(page.pills(key="exercise.methods").set_value(["edges"]))
    page = run(page.selectbox(key="learn.exercise.part").set_value("work"))
    page = run(page.selectbox(key="learn.exercise.part").set_value("write"))
    assert page.text_input(key="exercise.title").value == "Ink"
    assert page.pills(key="exercise.methods").value == ["edges"]
    page = run(page.text_input(key="exercise.title").set_value("x" * 121))
    assert "1 letter too many" in told(page)
    assert "exercise.pack" not in [b.key for b in page.main.button]


def test_an_exercise_is_opened_from_a_file() -> None:
    page = visit("exercise")
    assert "Open the link that your teacher gave you" in told(page)
    data = dump_exercise(make_exercise(sample="cell", title="A cell", methods=["threshold"]))
    page = run(page.file_uploader(key="exercise.file").set_value(("cell.json", data, "application/json")))
    assert "A cell" in [e.value for e in page.main.subheader]
    page = press(page, "exercise.close")
    page = run(page.file_uploader(key="exercise.file").set_value(("bad.json", b"{}", "application/json")))
    assert "not an exercise" in told(page)


def test_an_exercise_that_is_gone_is_one_line() -> None:
    assert "no such exercise" in told(visit("exercise", open="0" * 16))
