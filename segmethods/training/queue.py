"""Teachings wait in a fair queue and run one at a time, each in a process of its own. Needs no torch."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segmethods.core.extras import require
from segmethods.core.messages import Message, ParameterError, SegmethodsError
from segmethods.core.settings import PACKAGE, settings
from segmethods.execution.background import BackgroundJob
from segmethods.models.weights.user import check_name
from segmethods.training.plans import SHORTEST, TeachingPlan, TeachingProgress, read_plan, write_plan

log = logging.getLogger(__name__)

TURN = 0.3
"""Seconds between looks at whose turn it is."""

PATIENCE = 60.0
"""Seconds in which a process that was told to stop may write down how far it is."""

COMMAND = (sys.executable, "-m", "segmethods.training.teaching")
"""What follows a plan; the plan's folder comes after it."""

NAME = re.compile(r"[A-Za-z0-9_-]{16}")

TeachingJob = BackgroundJob[TeachingProgress]


@dataclass(frozen=True)
class _Waiting:
    ident: str
    client: str


_jobs: dict[str, TeachingJob] = {}
_waiting: list[_Waiting] = []
_served: Counter[str] = Counter()
_lock = threading.Lock()
_at_work = threading.Lock()


def start_teaching(plan: TeachingPlan, client: str, classes: tuple[str, ...]) -> str:
    """Put a plan into the queue of a client; returns what the teaching is called.

    Raises
    ------
    SegmethodsError
        If this server or this installation teaches no networks, or the plan makes no sense.
    """
    limits = settings()
    if not limits.training:
        raise ParameterError("Networks are not taught on this server. Install Segmethods on a computer of your own.")
    require("torch", "torchvision", "filelock")
    if not SHORTEST <= plan.minutes <= limits.training_minutes:
        raise ParameterError(
            "A network may learn for {low} to {high} minutes here.", low=f"{SHORTEST:g}", high=limits.training_minutes
        )
    check_name(plan.name, plan.network, classes)
    ident = secrets.token_urlsafe(12)
    images = _folder(ident) / "pictures"  # which stay as long as the teaching, however long the visitor is away
    shutil.copytree(plan.folder, images)
    write_plan(replace(plan, folder=str(images)), _folder(ident))
    return _begin(ident, client)


def resume_teaching(ident: str, client: str) -> str:
    """Go on with a teaching that was stopped."""
    require("torch", "torchvision", "filelock")
    return _begin(ident, client)


def find_teaching(ident: str) -> tuple[TeachingPlan, TeachingProgress, TeachingJob | None] | None:
    """A teaching: its plan, how far it is, and its job if this server has seen it; None if there is none."""
    if not NAME.fullmatch(ident) or not (_folder(ident) / "plan.json").is_file():
        return None
    plan, job = read_plan(_folder(ident)), _jobs.get(ident)
    return plan, job.progress if job else _read_log(ident, plan), job


def stop_teaching(ident: str) -> None:
    """Stop a teaching; it writes down how far it is, and can go on later."""
    if job := _jobs.get(ident):
        job.stop()


def forget_teaching(ident: str) -> None:
    """Stop a teaching and delete what is unfinished of it; the weights that came of it stay."""
    if job := _jobs.pop(ident, None):
        job.stop()
        job.wait(PATIENCE)
    if NAME.fullmatch(ident):
        shutil.rmtree(_folder(ident), ignore_errors=True)


def is_finished(progress: TeachingProgress) -> bool:
    """Whether all networks have learned as long as they should."""
    return progress.part >= progress.parts


def _begin(ident: str, client: str) -> str:
    known = _jobs.get(ident)
    if known is None or known.is_over:
        plan = read_plan(_folder(ident))
        with _lock:
            _waiting.append(_Waiting(ident, client))
        _jobs[ident] = BackgroundJob(lambda job: _work(job, ident, client, plan), _read_log(ident, plan), "a teaching")
    return ident


def _work(job: TeachingJob, ident: str, client: str, plan: TeachingPlan) -> None:
    try:
        _wait_for_turn(job, ident)
        try:
            _served[client] += 1
            _run(job, ident, plan)
        finally:
            _at_work.release()
    finally:
        with _lock:
            _waiting[:] = [one for one in _waiting if one.ident != ident]


def _wait_for_turn(job: TeachingJob, ident: str) -> None:
    """Return with `_at_work` held; of those who wait, the client who was served least goes first."""
    while True:
        with _lock:
            order = [one.ident for one in sorted(_waiting, key=lambda one: _served[one.client])]
            if order[0] == ident and _at_work.acquire(blocking=False):
                _waiting[:] = [one for one in _waiting if one.ident != ident]
                job.report(replace(job.progress, place=0))
                return
        job.report(replace(job.progress, place=order.index(ident) + 1))
        time.sleep(TURN)


def _run(job: TeachingJob, ident: str, plan: TeachingPlan) -> None:
    """Let a process follow the plan, and tell how far it is."""
    command = [*COMMAND, str(_folder(ident))]
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    with (_folder(ident) / "log.txt").open("ab") as errors, (_folder(ident) / "progress.jsonl").open("a") as kept:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, "PYTHONPATH": path}
        )
        watcher = threading.Thread(target=_stop_when_told, args=(job, process), daemon=True)
        watcher.start()
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            if "problem" in told:
                template, values = told["problem"]
                raise SegmethodsError(template, **values)
            kept.write(line)
            kept.flush()
            job.progress = _advance(job.progress, told, plan)
        status = process.wait()
    if status == 0:
        job.progress = replace(job.progress, part=job.progress.parts, seconds=job.progress.total)
    elif not job.is_stopped:
        last = (_folder(ident) / "log.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        log.error("teaching %s ended with %s: %s", ident, status, last)
        job.problem = Message("The training broke off ({reason}).", {"reason": "".join(last)[:200] or str(status)})


def _stop_when_told(job: TeachingJob, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        if job.stopping.wait(TURN):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _advance(progress: TeachingProgress, told: Mapping[str, Any], plan: TeachingPlan) -> TeachingProgress:
    if "scores" in told:
        return replace(progress, scores=tuple((str(name), float(value)) for name, value in told["scores"]))
    part, seconds, loss = int(told["part"]), float(told["seconds"]), float(told["loss"])
    done = part * plan.minutes * 60 + min(seconds, plan.minutes * 60)
    before = tuple(point for point in progress.curve if (point[0], point[1]) < (part, seconds / 60))
    curve = before if math.isnan(loss) else (*before, (part, seconds / 60, loss))
    return replace(progress, part=part, seconds=done, curve=curve)


def _read_log(ident: str, plan: TeachingPlan) -> TeachingProgress:
    """How far a teaching was when it was left."""
    progress = TeachingProgress(parts=plan.folds + 1, total=plan.total_minutes * 60)
    file = _folder(ident) / "progress.jsonl"
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        progress = _advance(progress, json.loads(line), plan)
    return progress


def _folder(ident: str) -> Path:
    return settings().data_dir / "teaching" / ident
