"""A run to take along: a report in one file, and a ZIP with masks and the script that makes them again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np

from pages.benchmark.background_runs import find_dataset
from pages.benchmark.headline import judge
from pages.benchmark.run_view import RunView, data_name, metric_name, score_text
from pages.state.images import LoadedImage
from pages.ui import numbers
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.language import class_name, t, translate
from pages.ui.reports import analyse, report_language
from pages.ui.skipped import tell_skipped
from segmethods.benchmark import SampleRef, export_rows, get_metric
from segmethods.core.messages import ImageError, Message
from segmethods.datasets.sample_refs import LoadedSample
from segmethods.io.images import digest
from segmethods.methods import method_colour
from segmethods.metrics import METRICS
from segmethods.reporting.comparison_report import HELPED, list_terms
from segmethods.reporting.cost import tell_many, tell_measured
from segmethods.reporting.package import Analysed, free_stem, pack_results
from segmethods.reporting.report import (
    HEADINGS,
    Chart,
    ImageRow,
    Part,
    Report,
    Section,
    Table,
    show_image,
    show_labels,
    write_report,
)
from segmethods.reporting.svg import Bar, bar_chart
from segmethods.reporting.versions import list_versions

SHOWN = 8
"""Pictures of a report: the hardest ones, with their truth."""

CLASSES = 8
"""Classes of a report's table, which has to fit on A4: those that most pictures show."""

PACKED = 24
"""Pictures of a ZIP whose masks are computed again: the hardest ones."""


def run_stem(view: RunView) -> str:
    """How files of a run begin: what was run, and when."""
    started: datetime = view.run.started
    return free_stem(f"{view.run.dataset.replace(':', '-')}-{started:%Y-%m-%d-%H%M}.x", set())


def make_report(view: RunView, most: int = SHOWN) -> str:
    """The report on a run, in the visitor's language; it says which of the `most` hardest pictures can't be read."""
    language = report_language()
    first, others = judge(view)
    question = t("Which method would do for {name}?", name=data_name(view.run))
    machines = dict.fromkeys(line.machine for line in view.lines if line.machine)
    parts: dict[str, Sequence[Part]] = {
        "pictures": [*_images(view, most)] or [t("The pictures of this run are deleted; its scores stay.")],
        "table": [
            _table(view),
            Chart(_chart(view)),
            *map(translate, view.run.notes),
            *tell_skipped(view.run.skipped),
        ],
        "sure": [*map(translate, others), _say_metric(view)],
        "cost": [translate(tell_measured(machine)) for machine in machines],
        "terms": list_terms([(e.method, e.params) for e in view.run.entries], language.say),
        "settings": [
            Table(
                [t("Method"), t("Parameters")],
                [[view.title(e.label), ", ".join(f"{k}={v}" for k, v in e.params.items())] for e in view.run.entries],
            ),
            f"{t('Data set')}: {view.run.source} ({view.run.digest[:16]})",
            ", ".join(f"{name} {number}" for name, number in list_versions().items()),
        ],
    }
    sections = [Section(translate(HEADINGS[key]), part) for key, part in parts.items()]
    return write_report(Report(question, [translate(first)], sections), language.say, language.code)


def make_archive(view: RunView) -> bytes:
    """Report, chart, all rows, and the hardest pictures with their masks, settings and script."""
    texts: dict[str, str | bytes] = {
        "report.html": make_report(view, PACKED),
        "charts/scores.svg": _chart(view),
        f"{run_stem(view)}.csv": export_rows(view.results, "csv"),
        f"{run_stem(view)}.json": export_rows(view.results, "json"),
    }
    return pack_results(_analyse_hardest(view), texts, all(entry.boundaries for entry in view.run.entries))


def _hardest(view: RunView, most: int) -> list[SampleRef]:
    """The pictures on which the leading method does worst, if they are still here."""
    found = find_dataset(view.name, view.run)
    pairs = {pair.name: pair for pair in found[0].pairs} if found else {}
    if not view.methods:
        return []
    scores = view.results.by_image(view.methods[0].label, view.metric)
    order = np.argsort(scores if get_metric(view.metric).higher_is_better else -scores, kind="stable")
    return [pairs[name] for i in order.tolist() if (name := view.results.images[i]) in pairs][:most]


def _load_hardest(view: RunView, most: int) -> Iterator[tuple[SampleRef, LoadedSample | Message]]:
    """The hardest pictures, each read, or why it can't be."""
    for pair in _hardest(view, most):
        try:
            yield pair, pair.load()
        except ImageError as error:
            yield pair, error.message


def _images(view: RunView, most: int) -> Iterator[ImageRow | str]:
    for number, (pair, sample) in enumerate(_load_hardest(view, most)):
        if isinstance(sample, Message):
            yield t("Not shown, since it can’t be read: {reason}", reason=translate(sample))
            continue
        if number >= SHOWN:
            continue
        if sample.truth is None:
            yield show_image(pair.name, sample.image, ())
            continue
        place = view.results.images.index(pair.name)
        lines = [
            f"{view.title(line.label)} "
            f"{score_text(float(view.results.by_image(line.label, view.metric)[place]), view.metric)}"
            for line in view.methods
        ]
        shown = show_labels(t("The truth"), lines, sample.truth.labels, sample.truth.classes)
        yield show_image(pair.name, sample.image, [shown])


def _analyse_hardest(view: RunView) -> Iterator[Analysed]:
    plan = {entry.method: entry.params for entry in view.run.entries}
    if len(plan) < len(view.run.entries):  # a sweep has several answers of one method
        return
    for pair, sample in _load_hardest(view, PACKED):
        if not isinstance(sample, Message):  # the report names it
            image = LoadedImage(f"{pair.name}.png", sample.image, digest(sample.image))
            yield analyse(image, plan, sample.truth)


def _table(view: RunView) -> Table:
    head = [t("Method"), metric_name(view.metric), t("Classes named"), t("Median time"), t("10,000 pictures take")]
    images_with = (view.results.true_pixels > 0).sum(axis=0)
    class_ids = [i for i in np.argsort(-images_with, kind="stable").tolist() if images_with[i]][:CLASSES]
    rows = []
    for line in view.lines:
        value = score_text(view.score(line), view.metric)
        row = [
            view.title(line.label),
            f"≤ {value}" if line.is_helped and line.kind == "method" else value,
            t(", ").join(translate(ALIGNMENT_NOTES[a]) for a in line.alignment.split(", ") if a in ALIGNMENT_NOTES),
            numbers.seconds(line.seconds_median),
            translate(many) if (many := tell_many(line.seconds_median)) else "–",
        ]
        ious = [line.class_iou[i] for i in class_ids if i < len(line.class_iou)]
        rows.append([*row, *(numbers.score(math.nan if iou is None else iou) for iou in ious)])
    return Table([*head, *(f"IoU {class_name(view.run.classes, i)}" for i in class_ids)], rows)


def _chart(view: RunView) -> str:
    bars = [
        Bar(view.title(m.label), view.score(m), HELPED if m.is_helped else method_colour(m.method))
        for m in view.methods
    ]
    name = metric_name(view.metric)
    return bar_chart(bars, name, t("{score}; grey: an upper bound, with the truth’s help", score=name))


def _say_metric(view: RunView) -> str:
    return f"{metric_name(view.metric)}: {t(METRICS[view.metric].explanation)}"
