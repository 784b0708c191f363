"""Curves of methods on a picture that is spoilt more and more: they fill in, stop at a click and outlive a reload."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import PATIENCE, Visit
from tests.browser.seeing import wait_for
from tests.browser.test_learn import settle

STRENGTHS = 6
ADDRESS = "robustness?picture=page&kind=blur&strength=0.25&lang=en"


def points(page: Page) -> Locator:
    return page.locator(".scatterlayer .point")


def run(page: Page) -> Locator:
    return page.locator(".st-key-robustness-run button")


def test_curves_can_be_stopped(cold_url: str, visit: Visit) -> None:
    large = ADDRESS.replace("picture=page", "picture=coffee")  # too much to be done before the click on Stop
    page, everything = visit(f"{cold_url}/{large}"), 9 * STRENGTHS
    settle(page)
    assert points(page).count() == 0
    expect(run(page)).to_have_text(f"Run {everything} times and draw the curves")
    run(page).click()
    page.locator(".st-key-robustness-stop button").dispatch_event("click")  # it is drawn anew all the time
    expect(run(page)).to_be_visible()
    assert page.get_by_test_id("stProgress").count() == 0
    left = int(re.findall(r"\d+", run(page).inner_text())[0])
    assert 0 < left <= everything
    expect(points(page)).to_have_count(everything - left)


def test_curves_fill_in_while_the_page_answers_and_outlive_a_reload(cold_url: str, visit: Visit) -> None:
    page = visit(f"{cold_url}/{ADDRESS}&shown=histogram,edges")
    settle(page)
    run(page).click()
    page.get_by_role("slider", name="Strength").first.focus()
    page.keyboard.press("ArrowRight")  # what is computed goes on, and the page answers
    expect(page.get_by_role("figure", name="Blur: over 2.4 pixels")).to_be_visible()
    expect(points(page)).to_have_count(2 * STRENGTHS, timeout=3 * PATIENCE)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    assert run(page).count() == 0
    expect(page.get_by_role("figure", name="Blur: no method finds much here")).to_be_visible()
    expect(page.locator(".scatterlayer .trace")).to_have_count(3)  # two curves, and a blank answer

    page.reload()
    settle(page)
    expect(points(page)).to_have_count(2 * STRENGTHS)
    assert run(page).count() == 0


def test_a_click_before_the_code_of_the_widgets_is_there_leaves_them_as_they_were(url: str, visit: Visit) -> None:
    held: list[Route] = []
    page = visit("about:blank")
    page.route(re.compile(r"/(Slider|Selectbox)\.[^/]+\.js$"), lambda route: held.append(route))
    page.goto(f"{url}/{ADDRESS}")
    page.get_by_role("button", name="Cat").click()
    page.wait_for_url("**/robustness?picture=chelsea&kind=blur*")
    wait_for(page, "document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')")
    for route in held:
        route.continue_()
    settle(page)
    expect(page.get_by_role("combobox", name="Kind of damage")).to_have_value("Blur")
    expect(page.get_by_role("slider", name="Strength").first).to_have_value("0.25")
