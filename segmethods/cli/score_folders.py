"""``score`` with folders: predictions made elsewhere, summed over all images and ranked."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from segmethods.benchmark.predictions import score_folders
from segmethods.benchmark.results import Results, Summary, leaderboard
from segmethods.benchmark.statistics import compare_pair, ranking, verdict
from segmethods.cli.table import format_table
from segmethods.core.types import Vocabulary
from segmethods.io.depth import percent
from segmethods.metrics import METRICS, POLICY

LEADING = ("mean_iou", "panoptic_quality", "covering")
"""The first of these that is defined ranks the folders."""

SHOWN = (
    "mean_iou",
    "dice",
    "pixel_accuracy",
    "average_precision",
    "panoptic_quality",
    "aggregated_jaccard",
    "covering",
    "pri",
    "vi",
    "boundary_f",
)


def run_folders(
    truth: Path,
    folders: list[Path],
    classes: Vocabulary | None,
    objects: bool | None,
    boundaries: bool,
    as_json: bool,
    out: TextIO,
) -> int:
    """Score, print the results, and return the exit code."""
    results, void = score_folders(truth, folders, classes, objects, boundaries)
    rows = leaderboard(results)
    metric = next((m for m in LEADING if any(math.isfinite(row.scores[m]) for row in rows)), LEADING[-1])
    if as_json:
        print(json.dumps(_report(results, rows, metric) | {"not_judged": void}, indent=2, allow_nan=False), file=out)
    else:
        print(_table(results, rows, metric), file=out)
        print(f"Not judged: {percent(void)} of the pixels. {POLICY}", file=out)
    return 0


def _report(results: Results, rows: list[Summary], metric: str) -> dict[str, Any]:
    ranked = [row.label for row in ranking(results, metric)]
    told = [{k: v for k, v in row.as_json().items() if not k.startswith("seconds")} for row in rows]
    differences = [compare_pair(results, ranked[0], other, metric) for other in ranked[1:]] if ranked else []
    return {
        "images": len(results.images),
        "results": told,
        "metric": metric,
        "ranking": ranked,
        "differences": [
            {
                "first": d.first,
                "second": d.second,
                "estimate": _defined(d.estimate),
                "low": _defined(d.low),
                "high": _defined(d.high),
                "p": _defined(d.p),
                "images": d.images,
            }
            for d in differences
        ],
        "approximate": ["boundary"] if _is_approximate(results) else [],
    }


def _table(results: Results, rows: list[Summary], metric: str) -> str:
    shown = [m for m in SHOWN if any(math.isfinite(row.scores[m]) for row in rows)]
    head = ["PREDICTIONS", *(METRICS[m].symbol.upper() for m in shown), "ALIGNED"]
    cells = [[row.label, *(_text(row.scores[m]) for m in shown), row.alignment] for row in rows]
    lines = [f"{results.run.dataset}, {len(results.images)} images, counts of all of them summed"]
    lines += [str(verdict(results, metric)), format_table([head, *cells])]
    if _is_approximate(results):
        lines.append("Boundary F is approximate: outlines this large of several annotators can be 0.005 too high.")
    return "\n".join(lines)


def _is_approximate(results: Results) -> bool:
    return any(tally.boundaries.approximate for rows in results.tallies.values() for tally in rows)


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else value


def _text(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.3f}"
