"""An exercise from the teacher's desk to the student's and back."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from segmethods.__main__ import main
from segmethods.classroom import load_exercise, read_hand_in
from tests.browser.conftest import Visit
from tests.browser.seeing import scrolls_sideways
from tests.browser.test_learn import settle


def download(page: Page, key: str, folder: Path) -> Path:
    """What the button gives; a click that falls into a run of the page can be lost, and is repeated then."""
    button = page.locator(f".st-key-{key} button")
    for _ in range(6):
        with contextlib.suppress(PlaywrightTimeout):
            with page.expect_download(timeout=20_000) as coming:
                button.click()
            path = folder / coming.value.suggested_filename
            coming.value.save_as(path)
            return path
    pytest.fail(f"nothing came from {key}")


WATCH = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  window.ran = false;
  new MutationObserver(() => { window.ran ||= app.dataset.testScriptState === 'running'; })
    .observe(app, { attributeFilter: ['data-test-script-state'] });
}"""


def type_into(page: Page, key: str, text: str) -> None:
    """Fill in a field and leave it; the page runs then, and what it offers holds the text.

    What is typed while the page still runs can be overwritten, and is typed again then.
    """
    field = page.locator(f".st-key-{key}").locator("input, textarea").first
    for attempt in range(6):
        page.evaluate(WATCH)
        field.fill(text if attempt % 2 == 0 else "")
        field.blur()
        with contextlib.suppress(PlaywrightTimeout):
            page.wait_for_function("window.ran", timeout=5_000)
            settle(page)
            if field.input_value() == text:
                return
    pytest.fail(f"{key} did not take the text")


def test_what_a_student_hands_in_adds_up(url: str, visit: Visit, tmp_path: Path) -> None:
    teacher = visit(f"{url}/exercise?picture=page&part=write")
    settle(teacher)
    type_into(teacher, "exercise-title", "Ink")
    type_into(teacher, "exercise-question", "Why does one level not do?")
    exercise = download(teacher, "exercise-download", tmp_path)
    assert load_exercise(exercise).title == "Ink"
    teacher.locator(".st-key-exercise-link button").click()
    code = teacher.locator("[data-testid=stCode]", has_text="open=")
    link = re.search(r"open=[0-9a-f]+", code.inner_text())
    assert link

    student = visit(f"{url}/exercise?{link[0]}&lang=en", viewport={"width": 390, "height": 844})
    settle(student)
    expect(student.get_by_text("Why does one level not do?").first).to_be_visible()
    student.get_by_role("radio", name="K-means").locator("xpath=ancestor::label").click()
    settle(student)
    expect(student.get_by_text("Colour groups").first).to_be_visible()
    assert scrolls_sideways(student) == []
    type_into(student, "exercise-answer", "The light is uneven.")
    type_into(student, "exercise-student", "Li Na")
    hand_in = download(student, "exercise-handin", tmp_path)
    assert hand_in.name == "hand-in-Li-Na.zip"
    claim = read_hand_in(hand_in)
    assert (claim.student, claim.method, claim.answer) == ("Li Na", "kmeans", "The light is uneven.")

    out = io.StringIO()
    assert main(["verify", str(hand_in), "--exercise", str(exercise)], out) == 0, out.getvalue()
    assert "1 of 1 add up." in out.getvalue()
