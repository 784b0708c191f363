"""A script that defines a method, with a trace of its own kind, and has a pool run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import segmethods as sm

SCRIPT = """
from dataclasses import dataclass

import numpy as np

import segmethods as sm
from segmethods.core.types import Trace
from segmethods.execution.pool import Pool


@dataclass(frozen=True, eq=False)
class OwnTrace(Trace):
    level: float


@sm.method("own", title="Own", family="classical", source="this test")
def own(image):
    return sm.Segmentation(np.zeros(image.shape[:2], np.uint8), sm.BINARY, trace=OwnTrace(3.5))


if __name__ == "__main__":
    pool = Pool(workers=1, threads=1, deadline=60, cache_bytes=1_000_000)
    with pool.submit("me", np.zeros((4, 5, 3), np.uint8), "digest", {"own": {}}) as batch:
        _, outcome = batch.next(60)
    pool.close()
    print(type(outcome.trace) is OwnTrace, outcome.trace.level)
"""


def test_a_trace_of_the_main_script_comes_back(tmp_path: Path) -> None:
    script = tmp_path / "own.py"
    script.write_text(SCRIPT)
    env = {**os.environ, "PYTHONPATH": str(Path(sm.__file__).parents[1])}
    done = subprocess.run([sys.executable, script], env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["True", "3.5"], done.stderr
