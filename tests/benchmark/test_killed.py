"""A benchmark killed at any moment (``kill -9``) goes on where it was, and ends with the same numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from segmethods.benchmark import Store
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
IMAGES = 8
RUN = ["benchmark", "shapes:size=96,objects=4", "--limit", str(IMAGES), "--methods", "threshold,kmeans", "--json"]


def start(out: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "segmethods", *RUN, "--workers", "1", "--out", str(out), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def read(process: subprocess.Popen[str]) -> dict[str, object]:
    """The report of a process, without what it took: its times and its memory."""
    out, _ = process.communicate(timeout=400)
    assert process.returncode == 0
    report = json.loads(out)
    for row in report["results"]:
        del row["seconds_median"], row["seconds_p90"], row["memory"]
    report["verdict"] = [
        line for line in report["verdict"] if "such pictures take" not in line and "faster" not in line
    ]
    return report


def done(out: Path) -> int:
    return Store(out).runs()[0].done if (out / "benchmark.sqlite").exists() and Store(out).runs() else 0


def test_kill_9_and_resume(tmp_path: Path) -> None:
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    undisturbed = start(whole)
    for least in (1, IMAGES // 2):
        process = start(broken, "--resume")
        wait_until(lambda least=least: done(broken) >= least, 240, f"{least} finished pictures")
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert done(broken) < IMAGES
    before = {(t.image, t.label): t.timings for t in Store(broken).tallies(1)}
    assert len(before) >= 4 * IMAGES // 2
    report = read(start(broken, "--resume"))
    after = {(t.image, t.label): t.timings for t in Store(broken).tallies(1)}
    assert {key: after[key] for key in before} == before  # nothing was computed again: its seconds are the old ones
    assert len(after) == 4 * IMAGES
    assert len(Store(broken).runs()) == 1
    assert report == read(undisturbed)
    assert report["images"] == IMAGES


def test_a_finished_run_has_nothing_to_repeat(tmp_path: Path) -> None:
    first = read(start(tmp_path))
    before = {(t.image, t.label): t.timings for t in Store(tmp_path).tallies(1)}
    assert read(start(tmp_path, "--resume")) == first
    assert {(t.image, t.label): t.timings for t in Store(tmp_path).tallies(1)} == before


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs POSIX signals")
def test_no_worker_outlives_its_benchmark(tmp_path: Path) -> None:
    process = start(tmp_path)
    wait_until(lambda: done(tmp_path) >= 1, 240, "a finished picture")
    children = _children(process.pid)
    assert children
    process.kill()
    process.communicate()
    wait_until(lambda: not any(_is_alive(pid) for pid in children), 120, "the end of the workers")


def _children(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _is_alive(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
