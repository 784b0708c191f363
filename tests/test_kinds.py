"""Every test has one kind, and a quick one starts nothing."""

import inspect
import re
from pathlib import Path

import pytest

from tests.kinds import BROWSER, PROCESS, kind_of

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"unit", "process", "browser"}
STARTS = re.compile(r"\bsubprocess\.|\bAppTest\b|\bPopen\(|\bWorker\(")


def test_every_test_has_exactly_one_kind(request: pytest.FixtureRequest) -> None:
    kinds = {item.nodeid: [m.name for m in item.iter_markers() if m.name in KINDS] for item in request.session.items}
    assert {name: found for name, found in kinds.items() if len(found) != 1} == {}


def test_a_unit_test_starts_no_process_and_no_page(request: pytest.FixtureRequest) -> None:
    functions = {
        item.nodeid.partition("[")[0]: item.function
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.get_closest_marker("unit") and item.path != Path(__file__)
    }
    assert [name for name, function in functions.items() if STARTS.search(inspect.getsource(function))] == []


@pytest.mark.parametrize("place", [*BROWSER, *PROCESS])
def test_what_the_lists_name_is_there(place: str) -> None:
    file, _, name = place.partition("::")
    assert (ROOT / file).exists()
    assert f"def {name}(" in (ROOT / file).read_text("utf-8") if name else True


def test_the_kind_follows_from_the_place_and_the_fixtures() -> None:
    assert kind_of("tests/browser/test_learn.py::test_a") == "browser"
    assert kind_of("tests/execution/test_pool.py::test_a") == "process"
    assert kind_of("tests/test_make.py::test_a") == "process"
    assert kind_of("tests/test_makeshift.py::test_a") == "unit"
    assert kind_of("tests/introspection/test_networks.py::test_a", frozenset({"pool"})) == "process"
    assert kind_of("segmethods/core/types.py::segmethods.core.types") == "unit"
