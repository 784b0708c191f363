"""The grid of results: cells that fill in as their methods finish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from pages.compare.board import CELLS, Board
from pages.compare.comparison import HASHES, Comparison, Result, judge, name_deciding, score_result
from pages.compare.headline import tell
from pages.state.images import KnownTruth, LoadedImage
from pages.state.keeping import Keeper
from pages.state.presence import notice_presence
from pages.state.session import Session
from pages.ui import cells, numbers
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.language import class_name, join_sentences, localized, t, translate
from pages.ui.layers import boundary_layer, display_size, error_layer, image_layer, mask_layer, with_gaps
from pages.ui.outcomes import OutcomeStream
from pages.ui.ready_html import ReadyHtml
from segmethods.core.palette import has_background
from segmethods.core.types import Failure, Outcome, Segmentation, Vocabulary
from segmethods.execution.compare import plan_comparison
from segmethods.io.ground_truth import share_void
from segmethods.io.samples import get_sample
from segmethods.methods import method_colour
from segmethods.methods._network import NetworkTrace
from segmethods.metrics import METRICS, Alignment, Scores, explain_alignment
from segmethods.reporting.ranking import leading_metric
from segmethods.reporting.titles import name_method

Layers = Mapping[cells.Layer, bytes]

MOST_NAMES = 40
"""Class names that are listed; of longer vocabularies the others are counted."""


@st.fragment(key=CELLS)
def draw_cells(board: Board, session: Session) -> None:
    """Compare, and fill each method's cell when it has finished."""
    notice_presence()  # what an older run waits for isn't wanted any more
    plan = plan_comparison(session.methods, session.params)
    board.comparison = _compare(board.image, board.truth, plan, session)
    tell(board.comparison, session)


def _compare(
    image: LoadedImage, truth: KnownTruth | None, plan: Mapping[str, Mapping[str, Any]], session: Session
) -> Comparison:
    if session.compare.drawn.get("picture") != image.digest:
        session.compare.drawn = {"picture": image.digest}
    scores: dict[str, Scores] = {}

    def draw(method_id: str, outcome: Outcome) -> str:
        if truth is not None and not isinstance(outcome, Failure):
            scores[method_id] = judge(image, outcome, truth, session.compare.alignment)
        layers = session.compare.drawn[method_id] = outcome_layers(image, outcome, truth, scores.get(method_id))

        def make() -> str:
            name = translate(name_method(method_id, outcome.params))
            return draw_outcome(name, outcome, layers, scores.get(method_id), truth)

        if isinstance(outcome, Failure):
            return make()
        judged = (truth.digest, session.compare.alignment) if truth else ()
        said = session.language, judged, outcome.timings
        return _finished.get(image.digest, (Result(image, outcome).key, *said), make)

    with OutcomeStream(image, plan) as work:
        outcomes = dict(iter(lambda: work.next(), None))  # those that are known already
        drawn = {
            method_id: draw(method_id, outcomes[method_id])
            if method_id in outcomes
            else _pending(work, method_id, plan[method_id], session)
            for method_id in plan
        }
        st.html(ReadyHtml(cells.image_style(_image_layer(image), display_size(image.pixels.shape))))
        with st.container(key="cells"):
            st.html(ReadyHtml(_first_cell(image, truth)))
            slots = {method_id: st.html(ReadyHtml(cell)) for method_id, cell in drawn.items()}
        while work.unread:
            fresh: dict[str, str] = {}
            if answer := work.next():
                outcomes |= [answer]
                fresh[answer[0]] = draw(*answer)
            else:
                work.wait()
                fresh = {method_id: _pending(work, method_id, plan[method_id], session) for method_id in work.unread}
            for method_id, cell in fresh.items():
                if cell != drawn[method_id]:
                    drawn[method_id] = cell
                    slots[method_id].html(ReadyHtml(cell))
    return Comparison(
        image, truth, session.compare.alignment, {method_id: outcomes[method_id] for method_id in plan}, scores
    )


def _pending(work: OutcomeStream, method_id: str, params: Mapping[str, Any], session: Session) -> str:
    """The cell of a method that hasn't finished: what it waits for, over its last picture if there is one."""
    note, is_its_turn = work.describe(method_id)
    name, last = translate(name_method(method_id, params)), session.compare.drawn.get(method_id)
    return cells.running(name, note, last) if last or is_its_turn else cells.waiting(name, note)


def draw_outcome(
    name: str, outcome: Outcome, layers: Layers, scores: Scores | None, truth: KnownTruth | None = None
) -> str:
    """The finished cell of an outcome, as HTML."""
    if isinstance(outcome, Failure):
        return cells.failed(name, translate(outcome.message))
    shares, classes = outcome.shares(), outcome.classes
    name_of = partial(class_name, classes)
    chips, more = cells.legend(shares, classes, name_of)
    words, words_help = what_it_knows(outcome)
    return cells.done(
        name,
        layers,
        _finding(name, shares, classes),
        names=cells.names_by_colour(shares, classes, name_of),
        chips=chips,
        more=_more(more),
        words=words,
        words_help=words_help,
        time=numbers.seconds(outcome.timings.total),
        colour=method_colour(outcome.method),
        **(_about(scores, truth) if scores is not None else {}),
    )


def what_it_knows(outcome: Segmentation) -> tuple[str, str]:
    """How many objects a network found, or that it found nothing it knows; and which classes its weights know.

    Both are empty for methods that have learned nothing.
    """
    if not isinstance(outcome.trace, NetworkTrace):
        return "", ""
    classes, comma = outcome.classes, t(", ")
    first = 1 if has_background(classes) else 0
    names = [class_name(classes, class_id) for class_id in range(first, len(classes))]
    listed = comma.join(names[:MOST_NAMES]) + (
        f" ({_more(len(names) - MOST_NAMES)})" if len(names) > MOST_NAMES else ""
    )
    known = t("These weights know {count:class|classes} and nothing else: {names}.", count=len(names), names=listed)
    known += " " + (
        t("Computed in bfloat16, shorter numbers that are faster on this processor.")
        if outcome.trace.runtime.endswith("bfloat16")
        else t("Computed in float32, the exact numbers.")
    )
    if first and set(outcome.shares()) == {0}:
        return t("Nothing that these weights know."), known
    if outcome.instances:
        counts = outcome.instances.counts().items()
        counted = [t("{count} × {name}", count=n, name=class_name(classes, class_id)) for class_id, n in counts]
        return comma.join(counted) or t("No single objects."), known
    return t("Knows {count:class|classes}", count=len(names)), known


def outcome_layers(image: LoadedImage, outcome: Outcome, truth: KnownTruth | None, scores: Scores | None) -> Layers:
    """What lies over the picture in an outcome's cell; nothing for a failure."""
    if isinstance(outcome, Failure):
        return {}
    result = Result(image, outcome)
    layers: dict[cells.Layer, bytes] = dict(_layers(result))
    if truth is not None and scores is not None:
        layers["errors"] = _error_layer(result, truth, scores.alignment)
    return layers


def _about(scores: Scores, truth: KnownTruth | None) -> dict[str, Any]:
    """The score that decides, and how its segments got their class; in grey where the truth helped."""
    metric = leading_metric([{m: getattr(scores, m) for m in ("foreground_iou", "mean_iou")}])
    metric = metric if metric in ("foreground_iou", "mean_iou") else "mean_iou"
    name, meaning = name_deciding(metric, truth), t(METRICS[metric].explanation)
    alignment = translate(explain_alignment(scores.alignment, scores.segments, scores.other_names))
    bound = t("So this is an upper bound, and has no rank.") if scores.is_helped else ""
    return {
        "score": t("IoU {value}", value=numbers.score(getattr(scores, metric))),
        "score_note": translate(ALIGNMENT_NOTES[scores.alignment]),
        "score_help": f"{name}: {join_sentences([meaning, alignment, bound])}",
        "is_bound": scores.is_helped,
    }


def _first_cell(image: LoadedImage, truth: KnownTruth | None) -> str:
    height, width = image.pixels.shape[:2]
    note = " · ".join([t("{width} × {height} pixels", width=width, height=height), *map(translate, image.notes)])
    name = localized(get_sample(image.sample).title) if image.sample else image.name
    if truth is None:
        return cells.image(t("Picture"), name, note=note)
    classes = truth.truth.classes
    name_of = partial(class_name, classes)
    chips, more = cells.legend(truth.shares, classes, name_of)
    return cells.image(
        t("Picture and truth"),
        _finding(name, truth.shares, classes),
        _truth_layers(truth),
        names=cells.names_by_colour(truth.shares, classes, name_of, t("not judged") if share_void(truth.truth) else ""),
        note=note,
        chips=chips,
        more=_more(more),
    )


def _finding(name: str, shares: Mapping[int, float], classes: Vocabulary) -> str:
    """What a picture shows, for those who can't see it."""
    largest = list(shares.items())[:3]
    parts = [f"{class_name(classes, class_id)} {numbers.share(share)}" for class_id, share in largest]
    return t("{method}: {shares} of the picture", method=name, shares=", ".join(parts))


def _more(count: int) -> str:
    return t("{count} more", count=count) if count else ""


_finished: Keeper[str] = Keeper(100_000_000, len)
"""Finished cells as HTML, some 40 kB each: a hundred visitors look at nine of them."""

_seen: Keeper[Layers] = Keeper(100_000_000, lambda layers: sum(map(len, layers.values())))
"""What lies over the picture in such a cell."""

_photos: Keeper[bytes] = Keeper(30_000_000, len)


def _image_layer(image: LoadedImage) -> bytes:
    return _photos.get(image.digest, (), lambda: image_layer(image.pixels))


def _layers(result: Result) -> Layers:
    return _seen.get(result.image.digest, result.key, lambda: _make_layers(result.segmentation))


def _make_layers(outcome: Segmentation) -> Layers:
    if outcome.instances is None:
        return {"mask": mask_layer(outcome.labels, outcome.classes), "boundaries": boundary_layer(outcome)}
    ids = outcome.instances.ids
    parted = np.where(ids > 0, ids + len(outcome.classes), outcome.labels).astype(np.uint16)
    return {
        "mask": mask_layer(with_gaps(outcome.labels, ids), outcome.classes),
        "boundaries": boundary_layer(replace(outcome, labels=parted)),
    }


@st.cache_data(max_entries=1024, show_spinner=False, hash_funcs=HASHES)
def _error_layer(result: Result, truth: KnownTruth, alignment: Alignment) -> bytes:
    return error_layer(score_result(result, truth, alignment).aligned, truth.truth)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def _truth_layers(truth: KnownTruth) -> Layers:
    labels, classes = truth.truth.labels, truth.truth.classes
    return {"mask": mask_layer(labels, classes), "boundaries": boundary_layer(Segmentation(labels, classes))}
