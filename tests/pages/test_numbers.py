"""Numbers at the edges of their formats."""

import pytest

from pages.ui import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 ms"),
        (0.000999, "1.0 ms"),
        (0.00996, "10 ms"),
        (0.0994, "99 ms"),
        (0.0996, "0.10 s"),
        (0.996, "1.0 s"),
        (9.96, "10 s"),
        (99.6, "100 s"),
        (float("nan"), "–"),
    ],
)
def test_seconds(value: float, text: str) -> None:
    assert numbers.seconds(value).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0049, "<1%"), (0.005, "<1%"), (0.0051, "1%"), (0.994, "99%"), (0.996, ">99%")]
)
def test_share(value: float, text: str) -> None:
    assert numbers.share(value) == text
