"""One pool for the tests of this folder, and methods that do what a test tells them."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.registry import unregister
from segmethods.core.types import Image
from segmethods.execution.batch import Batch
from segmethods.execution.pool import Pool
from segmethods.io.images import digest
from tests.waiting import wait_until

# Importing it registers methods: only the fixture below and the worker processes do.
collect_ignore = ["obedient.py"]

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Gate:
    """A folder through which a test and the methods of obedient.py talk."""

    folder: Path

    def new(self) -> int:
        """A number that no other test has."""
        return next(_numbers)

    def open(self, *numbers: int) -> None:
        for number in numbers:
            (self.folder / f"open-{number}").touch()

    def starts(self, number: int) -> list[int]:
        """The processes in which the method was started with this number."""
        return [int(line) for line in self._lines(f"started-{number}")]

    def wait_for_start(self, number: int) -> int:
        wait_until(lambda: self.starts(number), 30, f"the start of {number}")
        return self.starts(number)[0]

    def finished(self) -> list[int]:
        """Numbers, in the order in which their methods ended."""
        return [int(line) for line in self._lines("finished")]

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().split() if path.exists() else []


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    folder = tmp_path_factory.mktemp("gate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMETHODS_TEST_GATE", str(folder))
        yield Gate(folder)


@pytest.fixture(scope="module", autouse=True)
def obedient_methods() -> Iterator[None]:
    path = Path(__file__).with_name("obedient.py")
    spec = importlib.util.spec_from_file_location("obedient", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["obedient"] = module
    spec.loader.exec_module(module)
    yield
    for method in module.METHODS:
        unregister(method)


@pytest.fixture(scope="session")
def leftovers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for temporary files of the pool's workers."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="session")
def pool(gate: Gate, leftovers: Path) -> Iterator[Pool]:
    """One worker, so that the order of its work is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(leftovers))
        pool = Pool(workers=1, threads=1, deadline=600, cache_bytes=100_000_000)
        yield pool
        pool.close()


@pytest.fixture(scope="session")
def image() -> Image:
    return np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)


def submit(pool: Pool, owner: str, image: Image, plan: Mapping[str, Mapping[str, object]]) -> Batch:
    checked = {method: sm.get_method(method).validate(params) for method, params in plan.items()}
    return pool.submit(owner, image, digest(image), checked)
