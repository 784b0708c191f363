"""Every test run has a home of its own: nothing is read from the user's folders and nothing is left there."""

import os
import tempfile

import pytest

from tests.kinds import kind_of

HOME = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[HOME] = tempfile.TemporaryDirectory(prefix="segmethods-tests-", ignore_cleanup_errors=True)
    os.environ["SEGMETHODS_HOME"] = config.stash[HOME].name


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[HOME].cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test its kind; `tests.kinds` says which."""
    for item in items:
        names = frozenset(getattr(item, "fixturenames", ()))
        item.add_marker(kind_of(item.nodeid.partition("[")[0], names))
