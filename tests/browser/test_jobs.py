"""The page of a job at a desk and on a phone."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.seeing import wait_for

FITS = "all => all.every(e => e.scrollWidth <= e.clientWidth + 1)"
ROWS = "all => Object.values(Object.groupBy(all, e => Math.round(e.getBoundingClientRect().bottom / 20)))"


@pytest.mark.parametrize(("width", "columns"), [(1280, 5), (390, 2)])
def test_what_a_job_shows_fits_its_page(url: str, visit: Visit, width: int, columns: int) -> None:
    """Five steps and five sliders stand in a row at a desk; on a phone no slider stands alone in half a row."""
    page = visit(f"{url}/iris?count=2", viewport={"width": width, "height": 900})
    wait_for(page, "() => document.querySelectorAll('.sm-steps').length >= 3")
    assert page.locator(".sm-rows").count()
    assert page.locator(".sm-rows, [data-testid=stMain]").evaluate_all(FITS)
    sliders = page.locator(".st-key-job-knobs > *")
    widths = sliders.evaluate_all(f"all => ({ROWS})(all).map(row => row.reduce((sum, e) => sum + e.clientWidth, 0))")
    assert len(widths) == -(-5 // columns)
    assert max(widths) - min(widths) < 60
    if width > 640:
        assert page.locator(".sm-steps").evaluate_all(FITS)
        tops = page.locator(".sm-steps").last.locator("figure").evaluate_all("all => all.map(e => e.offsetTop)")
        assert len(tops) == 5
        assert len(set(tops)) == 1
