"""Runs that were recorded when "memory" was all that a process held."""

from __future__ import annotations

import json

from segmethods.benchmark.count_rows import from_row, to_row
from segmethods.benchmark.evaluation import ImageCounts


def test_what_a_process_held_is_not_taken_for_what_a_method_needs() -> None:
    row = to_row(1, ImageCounts("cat", "threshold", memory=5_000_000))
    assert from_row(row).memory == 5_000_000
    counts = json.loads(row["counts"])
    del counts["working_memory"]
    old = row | {"counts": json.dumps(counts | {"memory": 986_000_000})}
    assert from_row(old).memory == 0
