"""``score`` with folders: predictions made elsewhere, summed over all images and ranked."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from tqdm import tqdm

from segmethods.benchmark.differences import compare_pair, correct_holm
from segmethods.benchmark.predictions import ScoreOptions, score_folders
from segmethods.benchmark.results import Results, Summary, leaderboard
from segmethods.benchmark.statistics import find_metric, ranking
from segmethods.benchmark.verdict import verdict
from segmethods.cli.table import format_table
from segmethods.io.ground_truth import tell_judged
from segmethods.metrics import METRICS, POLICY

SHOWN = (
    "foreground_iou",
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


def open_bar(total: int | None, unit: str) -> Any:
    """A bar of progress on a terminal, whose clock goes on while one large map is scored."""
    tqdm.monitor_interval = 1
    quiet = not sys.stderr.isatty()
    return tqdm(total=total, file=sys.stderr, disable=quiet, leave=False, unit=unit, maxinterval=1)


def run_folders(truth: Path, folders: list[Path], options: ScoreOptions, as_json: bool, out: TextIO) -> int:
    """Score, print the results, and return the exit code."""
    with open_bar(None, " maps") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        scored = score_folders(truth, folders, options, show)
    rows = leaderboard(scored.results)
    metric = find_metric(scored.results)
    notes = list(map(str, scored.notes))
    if as_json:
        report = _report(scored.results, rows, metric) | {"not_judged": scored.void, "notes": notes}
        print(json.dumps(report, indent=2, allow_nan=False), file=out)
    else:
        print(_table(scored.results, rows, metric), file=out)
        print("\n".join([f"{tell_judged(scored.void)} {POLICY}", *notes]), file=out)
    return 0


def _report(results: Results, rows: list[Summary], metric: str) -> dict[str, Any]:
    ranked = ranking(results, metric).placed
    told = [{k: v for k, v in row.as_json().items() if not k.startswith("seconds")} for row in rows]
    differences = [compare_pair(results, ranked[0], other, metric) for other in ranked[1:]]
    corrected = correct_holm([d.p for d in differences])
    return {
        "images": len(results.images),
        "results": told,
        "metric": metric,
        "ranking": list(ranked),
        "verdict": [str(sentence) for sentence in verdict(results, metric)],
        "differences": [
            {
                "first": d.first,
                "second": d.second,
                "estimate": _defined(d.estimate),
                "low": _defined(d.low),
                "high": _defined(d.high),
                "p": _defined(d.p),
                "p_holm": _defined(p),
                "images": d.images,
            }
            for d, p in zip(differences, corrected, strict=True)
        ],
        "approximate": ["boundary"] if _is_approximate(results) else [],
    }


def _table(results: Results, rows: list[Summary], metric: str) -> str:
    shown = [m for m in SHOWN if any(math.isfinite(row.scores[m]) for row in rows)]
    head = ["PREDICTIONS", *(METRICS[m].symbol.upper() for m in shown), "ALIGNED"]
    cells = [[row.label, *(_text(row.scores[m]) for m in shown), row.alignment] for row in rows]
    lines = [f"{results.run.dataset}, {len(results.images)} images, counts of all of them summed"]
    lines += [*map(str, verdict(results, metric)), format_table([head, *cells])]
    if _is_approximate(results):
        lines.append("Boundary F is approximate: outlines this large of several annotators can be 0.005 too high.")
    return "\n".join(lines)


def _is_approximate(results: Results) -> bool:
    return any(tally.boundaries.approximate for rows in results.tallies.values() for tally in rows)


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else value


def _text(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.3f}"
