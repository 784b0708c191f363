"""Every test run has a home of its own: nothing is read from the user's folders and nothing is left there."""

import os
import tempfile

import pytest

from tests.kinds import kind_of

HOME = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[HOME] = tempfile.TemporaryDirectory(prefix="segmethods-tests-", ignore_cleanup_errors=True)
    os.environ["SEGMETHODS_EXACT"] = "on"  # what networks find must not depend on the processor
    os.environ["SEGMETHODS_HOME"] = config.stash[HOME].name


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[HOME].cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test its kind; `tests.kinds` says which. Files with slow ones come first, so that no core idles."""
    slow: set[str] = set()
    for item in items:
        names = frozenset(getattr(item, "fixturenames", ()))
        kind = kind_of(item.nodeid.partition("[")[0], names)
        item.add_marker(kind)
        if kind == "browser":  # what a busy machine draws too late is no fault of the page; a fault fails twice
            item.add_marker(pytest.mark.flaky(reruns=1))
            item.add_marker(pytest.mark.timeout(method="thread"))  # Playwright's loop survives no exception
        if kind != "unit":
            slow.add(item.location[0])
    items.sort(key=lambda item: item.location[0] not in slow)
