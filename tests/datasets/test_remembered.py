"""What was found in a file is found again once another file has its place."""

from __future__ import annotations

import os
from pathlib import Path

from segmethods.datasets.remembered import remember


def test_a_file_that_was_replaced_is_read_again_though_size_and_time_are_the_same(tmp_path: Path) -> None:
    file, other = tmp_path / "a.png", tmp_path / "b.png"
    file.write_bytes(b"old")
    other.write_bytes(b"new")
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    assert remember("content", (file,), file.read_bytes) == b"old"
    os.utime(other, ns=times)
    other.replace(file)
    assert file.stat().st_mtime_ns == times[1]
    assert remember("content", (file,), file.read_bytes) == b"new"
