"""``verify``: recompute what a class handed in."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, TextIO

from segmethods.classroom import Verification, load_exercise, verify_each
from segmethods.classroom.collecting import collect_hand_ins
from segmethods.cli.table import format_table
from segmethods.core.messages import Message, ParameterError

COLUMNS = (
    "file",
    "student",
    "method",
    "claimed_iou",
    "iou",
    "adds_up",
    "faults",
    "remarks",
    "answer",
    "exercise",
    "params",
)


def add_command(commands: Any) -> None:
    """Add ``verify`` to the parser's commands."""
    text = (
        "Run the method of every hand-in again, recompute its scores and list the class. "
        "A hand-in carries its exercise; give the teacher's own copy with --exercise, and only that one counts. "
        "The exit code is 1 if some hand-in doesn't add up."
    )
    parser = commands.add_parser("verify", help="recompute what a class handed in", description=text)
    parser.add_argument(
        "files", nargs="+", metavar="HANDIN.zip", help="a hand-in, a folder of them, or the ZIP of a learning platform"
    )
    parser.add_argument("--exercise", metavar="FILE", type=Path, help="the exercise that they have to answer")
    parser.add_argument("--csv", action="store_true", help="print CSV instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Verify, list the class, and return the exit code."""
    from tqdm import tqdm

    exercise = None if args.exercise is None else load_exercise(args.exercise)
    files = list(collect_hand_ins(args.files))
    if not files:
        raise ParameterError("There is no hand-in in {folder}. They are zip files.", folder=", ".join(args.files))
    quiet = not sys.stderr.isatty()
    bar = tqdm(verify_each(_shorten(files), exercise), total=len(files), file=sys.stderr, disable=quiet, leave=False)
    found = list(bar)
    (_print_csv if args.csv else _print_table)(found, out)
    return int(not all(one.adds_up for one in found))


def _shorten(files: Sequence[tuple[str, Path | bytes]]) -> list[tuple[str, Path | bytes]]:
    """Files without the folders that all of them lie in; what is left names students, on most platforms."""
    folders = [Path(name).parent.parts for name, _ in files]
    shared = sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, zip(*folders, strict=False)))
    return [("/".join(Path(name).parts[shared:]), file) for name, file in files]


def _print_table(found: list[Verification], out: TextIO) -> None:
    rows = [["FILE", "STUDENT", "METHOD", "IOU", "RESULT"]]
    for one in found:
        verdict = "adds up" if one.adds_up else f"DOES NOT ADD UP: {_join(one.faults)}"
        told = f"{verdict} ({_join(one.remarks)})" if one.remarks else verdict
        rows.append([one.file, one.student or "–", one.method or "–", _number(one.score) or "–", told])
    good = sum(one.adds_up for one in found)
    print(format_table(rows), f"{good} of {len(found)} add up.", sep="\n\n", file=out)
    if len({one.exercise for one in found if one.exercise}) > 1:
        print("They answer different exercises; --exercise FILE says which one counts.", file=out)


def _print_csv(found: list[Verification], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        texts = (one.file, one.student, one.method)
        params = "; ".join(f"{name}={json.dumps(value)}" for name, value in sorted(one.params.items()))
        rest = (_join(one.faults), _join(one.remarks), one.answer, one.exercise, params)
        numbers = (_number(one.claimed), _number(one.score), "yes" if one.adds_up else "no")
        writer.writerow([*map(_harmless, texts), *numbers, *map(_harmless, rest)])


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def _join(messages: Iterable[Message]) -> str:
    return " ".join(map(str, messages))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
