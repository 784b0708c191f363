"""What is said of times and prices."""

from __future__ import annotations

import re

import numpy as np
import pytest

from segmethods.reporting.cost import tell_duration, tell_price
from segmethods.reporting.svg import Bar, bar_chart, line_chart

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@pytest.mark.parametrize("seconds", [*np.geomspace(0.05, 4e7, 60).tolist(), 89.4, 5400.0, 5300.0, 129_600.0])
def test_a_length_of_time_is_never_told_wrong_by_a_quarter(seconds: float) -> None:
    count, unit = str(tell_duration(seconds)).split()
    told = float(count) * SECONDS[unit.rstrip("s")]
    assert told == pytest.approx(seconds, rel=0.25)
    assert unit.endswith("s") == (count != "1")


@pytest.mark.parametrize("memory", [0, 84_000_000])
def test_a_price_says_that_the_processor_was_shared(memory: int) -> None:
    alone, shared = (
        [str(said) for said in tell_price("FCN", 0.3, memory, "EPYC, 2 cores", is_shared)]
        for is_shared in (False, True)
    )
    assert shared[:-1] == alone
    assert "Other work may have run" in shared[-1]


@pytest.mark.parametrize(
    "chart", [bar_chart([Bar("A", 0.5, "#888888")], "T", "IoU"), line_chart({"A": [(0, 1.0), (2, 0.5)]}, "T", "min")]
)
def test_charts_ask_first_for_a_font_that_other_programs_know(chart: str) -> None:
    fonts = re.findall(r'font-family="([^"]*)"', chart)
    assert fonts
    assert all(font.startswith("Arial,") for font in fonts)
