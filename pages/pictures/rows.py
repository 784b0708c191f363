"""What every method makes of every picture of a set, in a few numbers that are kept while the visitor stays."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.state.images import LoadedImage
from pages.ui.language import class_name, t, translate
from pages.ui.numbers import share as share_text
from pages.ui.outcomes import OutcomeStream
from segmethods.benchmark import ImageCounts, count_classes_alone
from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import has_background
from segmethods.core.types import VOID, Failure, GroundTruth, Image, Outcome, Segmentation, Vocabulary
from segmethods.datasets.image_sets import ImageSet, SetImage
from segmethods.datasets.sample_refs import NO_CLASSES, LoadedSample
from segmethods.execution.compare import plan_comparison
from segmethods.io.images import digest, read_image
from segmethods.metrics import choose_alignment, mean_agreement, score
from segmethods.reporting.findings import Finds, list_finds
from segmethods.reporting.layers import nearest
from segmethods.reporting.objects import count_objects
from segmethods.reporting.verdict import class_scores

MOST_PIXELS = 500_000
"""Larger label maps are thinned out before methods are compared with each other."""

MOST_LETTERS = 48
"""So many of a reason stand in a cell; the whole one stands below the table."""

Plan = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Cell:
    """What a method made of a picture.

    Parameters
    ----------
    main, classes, share : int, Vocabulary, float
        Its largest class that is no background, if any, what that means, and the class's share of the picture.
    count : int
        Objects.
    finds : Finds or None
        What it found and named; None for methods that can't name anything.
    scores, is_helped : mapping, bool
        Those that may decide, by metric, and whether the truth named the segments; empty without a truth.
    counts : ImageCounts or None
        What the set's verdict is made of.
    seconds, problem : float, Message
        How long it took, or why it failed.
    """

    main: int | None = None
    classes: Vocabulary = NO_CLASSES
    share: float = 0.0
    count: int = 0
    finds: Finds | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    is_helped: bool = False
    counts: ImageCounts | None = None
    seconds: float = math.nan
    problem: Message | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """A picture with its cells by method.

    Parameters
    ----------
    disagreement : float
        How far the methods disagree; NaN until all have answered.
    wanted : tuple of int
        Classes that its truth shows beside the background.
    """

    image: SetImage
    cells: Mapping[str, Cell] = field(default_factory=dict)
    disagreement: float = math.nan
    wanted: tuple[int, ...] = ()
    problem: Message | None = None

    def score(self, metric: str) -> float:
        """The mean of its scores, by which hard pictures come first; NaN without a truth."""
        known = [
            cell.scores[metric] for cell in self.cells.values() if math.isfinite(cell.scores.get(metric, math.nan))
        ]
        return sum(known) / len(known) if known else math.nan


def find_metric(rows: Sequence[Row]) -> str:
    """The score that decides: with one class of interest in all pictures its own IoU."""
    wanted = {class_id for row in rows for class_id in row.wanted}
    return "foreground_iou" if len(wanted) == 1 else "mean_iou"


def known_rows(found: ImageSet, plan: Plan) -> dict[str, Row]:
    """The rows that were computed for these methods and parameters, by picture."""
    kept: dict[str, dict[str, Row]] = st.session_state.setdefault("pictures.rows", {})
    key = f"{found.digest} {json.dumps(plan, sort_keys=True)}"
    while len(kept) > 6 and key not in kept:
        kept.pop(next(iter(kept)))
    return kept.setdefault(key, {})


def fill_rows(found: ImageSet, plan: Plan) -> Iterator[Row]:
    """Compute the rows that are missing; a row is given whenever it has more cells."""
    rows = known_rows(found, plan)
    for image in found.images:
        if image.name in rows:
            continue
        opened = open_image(image.file, image.name)
        if isinstance(opened, Message):
            rows[image.name] = Row(image, problem=opened)
            yield rows[image.name]
            continue
        outcomes: dict[str, Outcome] = {}
        case = read_sample(image)
        row = Row(image, wanted=list_wanted(case))
        with OutcomeStream(opened, plan) as work:
            for method_id, outcome in work:
                outcomes[method_id] = outcome
                row = replace(row, cells={**row.cells, method_id: summarise(outcome, case, image.name)})
                yield row
        rows[image.name] = replace(row, disagreement=measure_disagreement(list(outcomes.values())))
        yield rows[image.name]


def summarise(outcome: Outcome, case: LoadedSample | None, name: str) -> Cell:
    """An outcome in a few numbers."""
    counts = None if case is None else count_classes_alone(name, case, outcome)
    if isinstance(outcome, Failure):
        return Cell(problem=outcome.message, counts=counts)
    classes, shares = outcome.classes, outcome.shares()
    things = {c: s for c, s in shares.items() if not (has_background(classes) and c == 0)}
    main = next(iter(things), None)
    cell = Cell(
        main=main,
        classes=classes,
        share=0.0 if main is None else things[main],
        count=count_objects(outcome),
        finds=list_finds(outcome),
        counts=counts,
        seconds=outcome.timings.total,
    )
    if case is None or case.truth is None:
        return cell
    judged = score(outcome, case.truth, choose_alignment(classes, case.truth.classes))
    return replace(cell, scores=class_scores(judged), is_helped=judged.is_helped)


def measure_disagreement(outcomes: list[Outcome]) -> float:
    """One minus the mean agreement (adjusted Rand index) of all pairs of answers."""
    answers = [_thinned(o) for o in outcomes if isinstance(o, Segmentation)]
    known = [value for value in mean_agreement(answers) if math.isfinite(value)]
    return 1 - sum(known) / len(known) if known else math.nan


def _thinned(outcome: Segmentation) -> Segmentation:
    height, width = outcome.labels.shape
    scale = math.sqrt(MOST_PIXELS / (height * width))
    if scale >= 1:
        return outcome
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return Segmentation(nearest(outcome.labels, size), outcome.classes, method=outcome.method)


@st.cache_resource(max_entries=4, show_spinner=False)
def open_image(file: Any, name: str) -> LoadedImage | Message:
    """A picture of a set, decoded, or what is wrong with it."""
    try:
        opened = read_image(file, file.name if isinstance(file, Path) else name)
    except ImageError as error:
        return error.message
    return LoadedImage(name, opened.image, digest(opened.image), "", opened.notes, opened.pages, opened.orientation)


def read_pixels(image: SetImage) -> Image | None:
    """The pixels of a picture of a set; None if it can't be read."""
    opened = open_image(image.file, image.name)
    return opened.pixels if isinstance(opened, LoadedImage) else None


def read_sample(image: SetImage) -> LoadedSample | None:
    """A picture of a set with its truth, where there is one that can be read."""
    try:
        return image.sample.load() if image.sample else None
    except ImageError:
        return None


def read_truth(image: SetImage) -> GroundTruth | None:
    """The truth of a picture of a set, where there is one that can be read."""
    case = read_sample(image)
    return None if case is None else case.truth


def list_wanted(case: LoadedSample | None) -> tuple[int, ...]:
    """The classes that a truth shows beside the background."""
    if case is None or case.truth is None:
        return ()
    return tuple(c for c in np.unique(case.truth.labels).tolist() if c not in (0, VOID))


def cell_text(cell: Cell | None, metric: str) -> str:
    """A cell as the visitor reads it: its score, the largest thing that it found, and how many objects."""
    if cell is None:
        return "…"
    if cell.problem is not None:
        return t("failed: {reason}", reason=shorten(translate(cell.problem)))
    found = t("nothing") if cell.main is None else f"{class_name(cell.classes, cell.main)} {share_text(cell.share)}"
    counted = f" · {cell.count}" if cell.count else ""
    value = cell.scores.get(metric, math.nan)
    judged = "" if math.isnan(value) else f"{'≤ ' if cell.is_helped else ''}{value:.2f} · "
    return f"{judged}{found}{counted}"


def problem_text(row: Row) -> str:
    """What is wrong with a picture, for the table."""
    return shorten(translate(row.problem)) if row.problem else ""


def shorten(reason: str) -> str:
    """The beginning of a reason, as much of it as a cell shows.

    Examples
    --------
    >>> shorten("No level."), len(shorten("No level. " * 20))
    ('No level.', 48)
    """
    return reason if len(reason) <= MOST_LETTERS else f"{reason[: MOST_LETTERS - 1].rstrip()}…"


def list_problems(rows: Sequence[Row]) -> dict[tuple[str, str], list[str]]:
    """Method (empty for a picture that can't be read) and whole reason -> the pictures on which it failed."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        whys = [("", row.problem), *((method, cell.problem) for method, cell in row.cells.items())]
        for method, why in whys:
            if why is not None:
                found.setdefault((method, translate(why)), []).append(row.image.name)
    return found


def plan_of(methods: tuple[str, ...], params: Mapping[str, Mapping[str, Any]]) -> Plan:
    """The methods with all their parameters."""
    return plan_comparison(methods, params)
