"""A class predicts: students guess on their own screens, and the teacher's follows."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.seeing import scrolls_sideways
from tests.browser.test_learn import settle


def word(page: Page, name: str) -> str:
    """What the page's address says of this."""
    page.wait_for_url(re.compile(rf"[?&]{name}="))
    return parse_qs(urlparse(page.url).query)[name][0]


def guess(page: Page, method: str) -> None:
    """Lock a method in on the class's picture; the ballot of the picture before may still stand beside this one's."""
    ballot = page.locator(".st-key-quiz-choice-page")
    ballot.get_by_role("radio", name=method, exact=True).locator("xpath=ancestor::label").click()
    page.locator(".st-key-quiz-lock button").click()
    expect(page.get_by_text(f"Your guess: {method}")).to_be_visible()


def tally(page: Page, title: str) -> Locator:
    """The chart with this title, beside which an older one may still stand; a page behind another draws no charts."""
    page.bring_to_front()
    return page.locator(".st-key-quiz-tally .gtitle").filter(has_text=title)


def bars(page: Page) -> list[str]:
    return page.locator(".st-key-quiz-tally .bartext").all_text_contents()


def test_guesses_reach_the_teacher_and_outlive_a_reload(url: str, visit: Visit) -> None:
    teacher = visit(f"{url}/quiz?picture=page&contest=threshold,histogram&lang=en")
    settle(teacher)
    teacher.locator(".st-key-quiz-open button").click()
    code = word(teacher, "code")
    word(teacher, "teacher")
    expect(teacher.get_by_text("No guesses yet.")).to_be_visible()
    link = teacher.get_by_test_id("stCode").filter(has_text=f"code={code}").inner_text()
    assert "teacher=" not in link

    student = visit(link.strip(), viewport={"width": 390, "height": 844})
    guess(student, "Threshold")
    assert scrolls_sideways(student) == []
    expect(tally(teacher, "One guess, for Threshold")).to_be_visible()

    other = visit(f"{url}/quiz?lang=en")  # with the code from the board, and another picture until then
    settle(other)
    other.locator(".st-key-quiz-code input").fill(code.lower())
    other.locator(".st-key-quiz-join button").click()
    expect(other.get_by_text(f"You are in class {code}.")).to_be_visible()
    assert word(other, "picture") == "page"
    guess(other, "Histogram")
    expect(tally(teacher, "2 guesses")).to_be_visible()

    teacher.reload()
    expect(tally(teacher, "2 guesses")).to_be_visible()
    assert bars(teacher) == ["1", "1"]
    student.bring_to_front()
    student.reload()
    expect(student.get_by_text("Your guess: Threshold")).to_be_visible()
    expect(tally(student, "2 guesses")).to_be_visible()

    assert student.locator(".st-key-quiz-bars").count() == 0
    student.locator(".st-key-quiz-reveal button").click()
    expect(student.locator(".st-key-quiz-bars")).to_be_visible()
    judged = re.compile(r"You were right: Threshold wins|You guessed Threshold: place \d of \d")
    expect(student.get_by_text(judged)).to_be_visible()

    teacher.bring_to_front()
    teacher.locator(".st-key-quiz-reset button").click()
    expect(teacher.get_by_text("No guesses yet.")).to_be_visible()
    other.bring_to_front()
    expect(other.get_by_text("Which method will agree best")).to_be_visible()  # by itself
    expect(other.get_by_text("Your guess")).to_have_count(0)
    teacher.bring_to_front()
    teacher.locator(".st-key-quiz-next button").click()
    teacher.wait_for_url(re.compile(r"picture=(?!page)"))
    other.bring_to_front()
    other.wait_for_url(re.compile(r"picture=(?!page)"))
