"""``benchmark``: many methods over a data set, recorded picture by picture."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any, TextIO

from segmethods.benchmark import (
    Results,
    Store,
    Summary,
    benchmark,
    explain_nothing,
    find_metric,
    leaderboard,
    open_dataset,
    plan_configs,
    ranking,
    read_results,
    verdict,
)
from segmethods.cli.comparison import read_params
from segmethods.cli.ids import add_id_options, add_white_option
from segmethods.cli.table import format_table
from segmethods.cli.weights import choose_weights
from segmethods.core.messages import Message, ParameterError
from segmethods.datasets.polarity import tell_option
from segmethods.io.id_maps import choose_ids
from segmethods.metrics import METRICS


def add_command(commands: Any) -> None:
    """Add ``benchmark`` to the parser's commands."""
    text = "Run methods over a data set and rank them. Every finished picture is recorded at once."
    parser = commands.add_parser("benchmark", help="run methods over a data set", description=text)
    parser.add_argument(
        "dataset",
        metavar="DATASET",
        help="a folder, zip or tar file of images and masks in one of the layouts that README.md lists (FOLDER@train "
        "for another part than val); samples; shapes, or shapes:noise=0.2,overlap=0.5",
    )
    parser.add_argument("--methods", metavar="ID,ID", help="the methods to run, see `list` (default: all)")
    parser.add_argument("--params", metavar="JSON", default="{}", help="""such as '{"kmeans": {"k": 5}}'""")
    parser.add_argument("--weights", metavar="NAME", help="what the networks know: voc, camvid, or see `weights list`")
    parser.add_argument("--limit", metavar="N", type=int, help="only the first N pictures; of shapes, draw N")
    parser.add_argument(
        "--workers", metavar="N", type=int, help="processes on this machine (default: one a core, to 4)"
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="do the work on a Dask cluster, such as tcp://host:8786")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where runs are recorded (default: the data folder)")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was broken off")
    parser.add_argument(
        "--boundaries",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to score boundaries, which takes most of the time on dense outlines",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    add_id_options(parser)
    add_white_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Run the benchmark, print the leaderboard, and return the exit code: 1 if a method never gave an answer."""
    from tqdm import tqdm

    if args.workers is not None and args.workers < 1:
        raise ParameterError("The number of workers must be at least 1.")
    methods = None if args.methods is None else [word.strip() for word in args.methods.split(",")]
    entries = plan_configs(*choose_weights(methods, read_params(args.params), args.weights), args.boundaries)
    ids = choose_ids(args.ids, args.ignore)
    dataset, store = open_dataset(args.dataset, args.limit, ids=ids, keep_white=args.keep_white), Store(args.out)
    before = dataset.describe()
    for line in (*before, *tell_option(dataset.notes)):
        print(line, file=sys.stderr)
    progress = benchmark(dataset, entries, store, args.resume, args.workers, args.scheduler)
    quiet = not sys.stderr.isatty()
    first = next(progress)
    with tqdm(
        total=first.total, initial=first.done, file=sys.stderr, disable=quiet, leave=False, unit=" images"
    ) as bar:
        try:
            for step in progress:
                bar.update(step.done - bar.n)
        except KeyboardInterrupt:
            bar.write("Stopped. Go on with --resume.", file=sys.stderr)
            raise
    results = read_results(store, first.run)
    rows = leaderboard(results)
    if args.json:
        print(json.dumps(_report(results, rows), indent=2, allow_nan=False), file=out)
    else:
        print(_table(results, rows, before), file=out)
    if problem := explain_nothing(results.run, results):
        print(f"error: {problem}", file=sys.stderr)
        return 2
    return int(any(row.failed == row.images for row in rows))


def _report(results: Results, rows: list[Summary]) -> dict[str, object]:
    run = results.run
    return {
        "dataset": run.dataset,
        "images": len(results.images),
        "skipped": [{"name": left_out.name, "reason": str(left_out.reason)} for left_out in run.skipped],
        "notes": list(map(str, run.notes)),
        "metric": find_metric(results),
        "ranking": list(ranking(results).placed),
        "verdict": [str(sentence) for sentence in verdict(results)],
        "results": [row.as_json() for row in rows],
    }


def _table(results: Results, rows: list[Summary], told: list[Message]) -> str:
    """The leaderboard, and what was assumed and isn't told already."""
    run, count = results.run, len(results.images)
    lines = [f"{run.dataset}, {count} {'image' if count == 1 else 'images'}"]
    if any(row.scores["mean_iou"] == row.scores["mean_iou"] for row in rows):
        lines += map(str, verdict(results))
    metric = find_metric(results)
    table = [_head(), *(_row(metric, row, place) for row, place in _order(results, rows))]
    lines.append(format_table(_without_empty(table)))
    known = set(map(str, told))
    lines += [note for note in map(str, run.notes) if note not in known]
    if run.skipped:
        lines.append(f"{len(run.skipped)} left out:")
        lines += [f"  {left_out.name}: {left_out.reason}" for left_out in run.skipped]
    return "\n".join(lines)


def _order(results: Results, rows: list[Summary]) -> list[tuple[Summary, str]]:
    """The lines with their places: ranked ones first, then those without a place, baselines and people."""
    placed = ranking(results).placed
    places = {label: f"{place}" for place, label in enumerate(placed, 1)}
    ordered = sorted(rows, key=lambda row: placed.index(row.label) if row.label in placed else len(placed))
    return [(row, places.get(row.label, "")) for row in ordered]


SHOWN = ("foreground_iou", "mean_iou", "pixel_accuracy", "covering", "pri", "vi", "boundary_f")
KINDS = {"method": "", "baseline": "baseline: ", "ceiling": "ceiling: "}
HELP = "WITH HELP"
"""What the deciding score would be if the truth named the segments: an upper bound."""


def _head() -> list[str]:
    names = [METRICS[m].title.upper() if m in ("covering", "boundary_f") else METRICS[m].symbol.upper() for m in SHOWN]
    return ["", "METHOD", *names, HELP, "MEDIAN TIME", "ALIGNED"]


def _row(metric: str, row: Summary, place: str) -> list[str]:
    scores = [_number(row.scores[m]) for m in SHOWN]
    bound = _number(row.bounds[metric]) if metric in row.bounds else ""
    time = "" if math.isnan(row.seconds_median) else _seconds(row.seconds_median)
    failed = f", no answer on {row.failed}" if row.failed else ""
    many = f" ({row.segments:.0f} segments)" if row.alignment != "by name" and row.kind == "method" else ""
    aligned = f"{row.alignment}{many}{failed}".removeprefix(", ")
    return [place, KINDS[row.kind] + row.label, *scores, bound, time, aligned]


def _without_empty(table: list[list[str]]) -> list[list[str]]:
    """The table without places, the foreground's IoU, boundary F and upper bounds where no line has any."""
    optional = ("", METRICS["foreground_iou"].symbol.upper(), METRICS["boundary_f"].title.upper(), HELP)
    kept = [
        head not in optional or any(cell not in ("", "n/a") for cell in cells)
        for head, *cells in zip(*table, strict=True)
    ]
    return [[cell for cell, is_kept in zip(row, kept, strict=True) if is_kept] for row in table]


def _seconds(value: float) -> str:
    return f"{1000 * value:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def _number(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.3f}"
