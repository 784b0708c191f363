"""Scores of predictions made elsewhere, kept under a name that can't be guessed, so that they have an address."""

from __future__ import annotations

import json
import math
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from segmethods.benchmark import leaderboard, verdict
from segmethods.benchmark.predictions import FolderScores
from segmethods.benchmark.statistics import find_metric
from segmethods.core.atomic import atomic_write
from segmethods.core.messages import Message, pack_message, unpack_message
from segmethods.core.settings import settings
from segmethods.io.ground_truth import tell_judged
from segmethods.metrics import METRICS

NAME = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(frozen=True)
class KeptRow:
    """One method's name, its scores, None where one is undefined, and how its segments got their classes."""

    label: str
    scores: Mapping[str, float | None]
    alignments: tuple[str, ...]


@dataclass(frozen=True)
class KeptScores:
    """What the page shows of predictions.

    Parameters
    ----------
    verdict : tuple of Message
        Who leads, and how sure that is.
    metric : str
        The score that decides.
    rows : tuple of KeptRow
        The best first.
    said : tuple of Message
        How many images there are, what is not judged, and what was assumed.
    """

    verdict: tuple[Message, ...]
    metric: str
    rows: tuple[KeptRow, ...]
    said: tuple[Message, ...]


def sum_up(scores: FolderScores) -> KeptScores:
    """What the page shows of scores."""
    results, metric = scores.results, find_metric(scores.results)
    said = [
        Message("{count:picture|pictures}, counts of all of them summed.", {"count": len(results.images)}),
        tell_judged(scores.void),
        *scores.notes,
    ]
    if any(tally.boundaries.approximate for tallies in results.tallies.values() for tally in tallies):
        said.append(Message("Boundary F is approximate: outlines this large can be 0.005 too high."))
    better = METRICS[metric].higher_is_better
    rows = sorted(leaderboard(results), key=lambda row: _rank(row.scores[metric], better))
    kept = [
        KeptRow(
            row.label,
            {name: value if math.isfinite(value) else None for name, value in row.scores.items()},
            tuple(alignment for alignment in row.alignment.split(", ") if alignment),
        )
        for row in rows
    ]
    return KeptScores(tuple(verdict(results, metric)), metric, tuple(kept), tuple(said))


def _rank(score: float, higher_is_better: bool) -> float:
    return math.inf if math.isnan(score) else -score if higher_is_better else score


def keep_scores(kept: KeptScores) -> str:
    """Write scores down, and return their name; those that are too old go."""
    folder, name = _folder(), secrets.token_urlsafe(12)
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.json"):
        if time.time() - file.stat().st_mtime > settings().keep_runs:
            file.unlink(missing_ok=True)
    content = {
        "verdict": list(map(pack_message, kept.verdict)),
        "metric": kept.metric,
        "rows": [{"label": r.label, "scores": r.scores, "alignments": r.alignments} for r in kept.rows],
        "said": list(map(pack_message, kept.said)),
    }
    with atomic_write(folder / f"{name}.json") as part:
        part.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")
    return name


def read_scores(name: str) -> KeptScores | None:
    """The scores of this name; None if there are none."""
    file = _folder() / f"{name}.json"
    if not NAME.fullmatch(name) or not file.is_file():
        return None
    content = json.loads(file.read_text(encoding="utf-8"))
    rows = (KeptRow(row["label"], row["scores"], tuple(row["alignments"])) for row in content["rows"])
    told, said = (tuple(map(unpack_message, content[key])) for key in ("verdict", "said"))
    return KeptScores(told, content["metric"], tuple(rows), said)


def _folder() -> Path:
    return settings().data_dir / "scored"
