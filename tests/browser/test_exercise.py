"""An exercise from the teacher's desk to the student's and back."""

from __future__ import annotations

import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from segmethods.__main__ import main
from segmethods.classroom import dump_exercise, load_exercise, make_exercise, read_hand_in
from tests.browser.conftest import Visit
from tests.browser.seeing import scrolls_sideways
from tests.browser.test_learn import settle


def write(page: Page, key: str, text: str) -> None:
    """Type letter by letter, as a hurried person does who neither leaves the field nor waits."""
    page.locator(f".st-key-{key}").locator("input, textarea").first.press_sequentially(text)


def save(page: Page, make: str, key: str, folder: Path) -> Path:
    """The file that a button makes and another one gives."""
    page.locator(f".st-key-{make} button").click()
    with page.expect_download() as coming:
        page.locator(f".st-key-{key} button").click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_what_a_student_hands_in_adds_up(url: str, visit: Visit, tmp_path: Path) -> None:
    teacher = visit(f"{url}/exercise?picture=page&part=write")
    settle(teacher)
    write(teacher, "exercise-title", "Ink")
    write(teacher, "exercise-question", "Why does one level not do?")
    exercise = save(teacher, "exercise-pack", "exercise-download", tmp_path)
    assert load_exercise(exercise).title == "Ink"
    assert load_exercise(exercise).question == "Why does one level not do?"
    teacher.locator(".st-key-exercise-link button").click()
    code = teacher.locator("[data-testid=stCode]", has_text="open=")
    link = re.search(r"open=[0-9a-f]+", code.inner_text())
    assert link

    student = visit(f"{url}/exercise?{link[0]}&lang=en", viewport={"width": 390, "height": 844})
    settle(student)
    expect(student.get_by_text("Why does one level not do?").first).to_be_visible()
    student.get_by_role("radio", name="K-means").locator("xpath=ancestor::label").click()
    expect(student.get_by_text("Colour groups").first).to_be_visible()
    settle(student)
    assert scrolls_sideways(student) == []
    answer = f"exercise-answer-{load_exercise(exercise).digest[:8]}"
    write(student, "exercise-student", "Li Na")
    write(student, answer, "The light is uneven.")
    hand_in = save(student, "exercise-handin", "exercise-save", tmp_path)
    assert hand_in.name == "hand-in-Li-Na.zip"
    claim = read_hand_in(hand_in)
    assert (claim.student, claim.method, claim.answer) == ("Li Na", "kmeans", "The light is uneven.")
    write(student, answer, "!")
    student.locator(".st-key-exercise-student input").focus()
    expect(student.locator(".st-key-exercise-save")).to_have_count(0)  # what was made no longer says what is written

    out = io.StringIO()
    assert main(["verify", str(hand_in), "--exercise", str(exercise)], out) == 0, out.getvalue()
    assert "1 of 1 add up." in out.getvalue()


def test_a_student_keeps_the_method_when_the_language_changes(url: str, visit: Visit) -> None:
    exercise = dump_exercise(make_exercise(sample="page", title="Ink", methods=["threshold", "histogram"]))
    student = visit(f"{url}/exercise?lang=en")
    settle(student)
    file = {"name": "ink.json", "mimeType": "application/json", "buffer": exercise}
    student.locator(".st-key-exercise-file input[type=file]").set_input_files(file)
    student.get_by_role("radio", name="Histogram").locator("xpath=ancestor::label").click()
    expect(student.get_by_role("radio", name="Histogram")).to_be_checked()
    settle(student)
    for letters, name in (("中", "直方图"), ("EN", "Histogram")):
        student.locator(".st-key-language button", has_text=letters).click()
        expect(student.get_by_role("radio", name=name)).to_be_checked()
