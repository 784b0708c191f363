"""Files that are there whole or not at all."""

import os
from contextlib import suppress

from segmethods.core.atomic import atomic_write


def test_two_who_write_the_same_file_do_not_meet(tmp_path):
    file = tmp_path / "a.txt"
    with atomic_write(file) as first, atomic_write(file) as second:
        first.write_text("first")
        second.write_text("second")
    assert file.read_text() == "first"  # whose block ended last
    assert list(tmp_path.iterdir()) == [file]


def test_what_stops_the_writing_leaves_the_file_as_it_was(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("before")
    with suppress(InterruptedError), atomic_write(file) as part:
        part.write_text("half")
        raise InterruptedError
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_what_somebody_left_who_was_killed_is_cleared_away(tmp_path):
    old, new, other = (tmp_path / name for name in ("a[1].txt.old.part", "a[1].txt.new.part", "x.part"))
    for part in (old, new, other):
        part.write_bytes(b"half")
    for part in (old, other):
        os.utime(part, (0, 0))
    with atomic_write(tmp_path / "a[1].txt") as part:
        part.write_text("all")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a[1].txt", new.name, other.name]
