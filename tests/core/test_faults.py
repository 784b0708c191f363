"""What the machine is at fault for is said in one line, and nothing else is taken for it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from segmethods.core.faults import describe_fault


def fill_disk() -> None:
    with open("/dev/full", "w") as file:
        file.write("a" * 100_000)


def fill_base() -> None:
    with sqlite3.connect(":memory:") as base:
        base.execute("pragma max_page_count = 2")
        base.execute("create table a (b)")
        base.execute("insert into a values (?)", [b"1" * 100_000])


def read_base(path: Path) -> None:
    sqlite3.connect(path).execute("create table a (b)")
    sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute("insert into a values (1)")


def lock_base(path: Path) -> None:
    holder = sqlite3.connect(path)
    holder.execute("begin exclusive")
    sqlite3.connect(path, timeout=0).execute("create table a (b)")


def allocate_in_opencv() -> None:
    cv2.resize(np.zeros((9, 9), np.float64), (2**30, 2**30))


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda _: np.zeros(1 << 50), "There is too little memory"),
        (lambda _: allocate_in_opencv(), "There is too little memory"),
        (lambda _: fill_disk(), "The disk is full"),
        (lambda _: fill_base(), "The disk is full"),
        (read_base, "SQLite can't be written (attempt to write a readonly"),
        (lock_base, "Another process keeps the data base busy"),
    ],
)
def test_faults_of_the_machine(do: Callable[[Path], object], says: str, tmp_path: Path) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each case raises something else
        do(tmp_path / "base.sqlite")
    line = str(describe_fault(caught.value))
    assert line.startswith(says)
    assert "\n" not in line


def test_a_closed_folder_is_named() -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/srv/data/a.sqlite")
    assert str(describe_fault(error)).startswith("/srv/data/a.sqlite can't be written (Permission denied).")


@pytest.mark.parametrize("error", [ValueError("a full day"), FileNotFoundError(2, "no such file"), KeyError("locked")])
def test_a_bug_is_no_fault_of_the_machine(error: Exception) -> None:
    assert describe_fault(error) is None
