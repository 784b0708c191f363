"""What a visitor takes along from a whole set: the table, the report, and everything in one ZIP."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

import streamlit as st

from pages.pictures.headline import find_results, judge_rows
from pages.pictures.rows import Row, open_image, plan_of, read_truth
from pages.state.address import share_address
from pages.state.fields import method_fields
from pages.state.images import LoadedImage
from pages.state.session import Session
from pages.ui import numbers
from pages.ui.actions import offer_archive, offer_file, offer_report
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.language import t, translate
from pages.ui.reports import analyse, report_language
from pages.ui.skipped import tell_skipped
from segmethods.benchmark import Results, find_metric, leaderboard, name_deciding, ranking
from segmethods.core.types import Segmentation
from segmethods.datasets.image_sets import ImageSet, SetImage
from segmethods.datasets.sample_refs import Skipped
from segmethods.methods import method_colour
from segmethods.reporting.comparison_report import HELPED, draw_charts, report_comparison
from segmethods.reporting.objects import find_objects, name_label, write_objects
from segmethods.reporting.package import Analysed, free_stem, pack_results
from segmethods.reporting.report import Chart, Table, write_report
from segmethods.reporting.snippets import as_command, as_python
from segmethods.reporting.svg import Bar, bar_chart
from segmethods.reporting.titles import name_method

COLUMNS = (
    *("picture", "method", "main_class", "share", "objects"),
    *("foreground_iou", "mean_iou", "truth_helped", "seconds", "disagreement", "error"),
)
MOST = 40
"""Pictures of a report; a ZIP has them all."""


def draw_takeaway(found: ImageSet, rows: Sequence[Row], visitor: Session) -> None:
    """Buttons for the CSV, the report and the ZIP, once every picture is computed."""
    if not rows or len(rows) < len(found.images):
        return
    stem = free_stem(f"{found.name}.x", set())
    with st.container(key="pictures-takeaway", horizontal=True):
        with st.popover(t("Share"), icon=":material/link:"):
            _draw_share(found, visitor)
        table, dots = ":material/table:", ":material/scatter_plot:"
        offer_file(
            t("Table (CSV)"), lambda: make_csv(rows, found.skipped).encode(), f"{stem}.csv", "pictures.csv", icon=table
        )
        offer_file(
            t("Objects (CSV)"),
            lambda: list_objects(analyse_all(rows, visitor)).encode(),
            f"{stem}-objects.csv",
            "pictures.objects",
            icon=dots,
        )
        offer_report(lambda: make_report(found, rows, visitor), stem, "pictures")
        offer_archive(lambda: make_archive(found, rows, visitor), stem, "pictures")


def _draw_share(found: ImageSet, visitor: Session) -> None:
    """The same as a link, a command, and Python."""
    st.markdown(t("This link opens the same methods and settings. Your pictures stay with you; others add their own."))
    address = st.context.url or ""
    st.code(f"{address}?{share_address(method_fields(), visitor)}", language=None, wrap_lines=True)
    plan, files = plan_of(visitor.methods, visitor.params), [image.file.name for image in found.images]
    st.markdown(t("The same as a command, and as Python:"))
    st.code(as_command(files, plan), language="shell", wrap_lines=True)
    st.code(as_python(files[0], plan), language="python", wrap_lines=True)


def make_csv(rows: Sequence[Row], skipped: Sequence[Skipped] = ()) -> str:
    """A row for each picture and method, and one for each file that was left out; in English, whoever asks for it."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        for method, cell in row.cells.items():
            numbers = [cell.share, cell.count, *(cell.scores.get(m) for m in ("foreground_iou", "mean_iou"))]
            numbers += [cell.is_helped, cell.seconds, row.disagreement]
            main = "" if cell.main is None else name_label(cell.classes, cell.main)
            table.writerow([_file_name(row.image), method, main, *map(_number, numbers), cell.problem or ""])
        if row.problem:
            table.writerow([_file_name(row.image), *[""] * 9, row.problem])
    for one in skipped:
        table.writerow([one.name, *[""] * 9, f"left out: {one.reason}"])
    return file.getvalue()


def make_report(found: ImageSet, rows: Sequence[Row], visitor: Session) -> str:
    """The report on the hardest pictures of the set, in the visitor's language."""
    return _write(list(analyse_all(rows[:MOST], visitor)), found, rows, visitor)


def make_archive(found: ImageSet, rows: Sequence[Row], visitor: Session) -> bytes:
    """All pictures, masks, charts, tables, settings, the report, and the script that makes the masks again."""
    images = list(analyse_all(rows, visitor))
    results = find_results(found, rows, plan_of(visitor.methods, visitor.params))
    charts = draw_charts(images, report_language(), _score_name(results))
    stem = free_stem(f"{found.name}.x", set())
    texts = {
        "report.html": _write(images[:MOST], found, rows, visitor),
        f"{stem}.csv": make_csv(rows, found.skipped),
        f"{stem}-objects.csv": list_objects(images),
    }
    return pack_results(images, texts | {f"charts/{name}.svg": svg for name, svg in charts.items()})


def list_objects(images: Iterable[Analysed]) -> str:
    """Every object that every method found in every picture, with its area, as CSV."""
    return write_objects(
        [(p.name, o.method, find_objects(o)) for p in images for o in p.outcomes if isinstance(o, Segmentation)]
    )


def analyse_all(rows: Sequence[Row], visitor: Session) -> Iterator[Analysed]:
    """The pictures of these rows, with all label maps."""
    plan = plan_of(visitor.methods, visitor.params)
    for row in rows:
        opened = open_image(row.image.file, row.image.name)
        if isinstance(opened, LoadedImage):
            data = row.image.file.read_bytes()
            yield analyse(opened, plan, read_truth(row.image), _file_name(row.image), data)


def _file_name(image: SetImage) -> str:
    """A picture's name with its ending, once: all files that are taken along call it so."""
    return image.name if PurePath(image.name).name == image.file.name else f"{image.name}{image.file.suffix}"


def _write(images: Sequence[Analysed], found: ImageSet, rows: Sequence[Row], visitor: Session) -> str:
    language, plan = report_language(), plan_of(visitor.methods, visitor.params)
    first, *others = map(translate, judge_rows(found, rows, plan))
    told = [first, t("{count:picture|pictures}, {judged} with truth.", count=len(found.images), judged=found.judged)]
    if len(rows) > len(images):
        told.append(t("Shown are the {count} hardest.", count=len(images)))
    question = t("What do the methods find in {name}?", name=found.name)
    results = find_results(found, rows, plan)
    standing = [*(() if results is None else _standing(results)), *map(translate, found.describe())]
    standing += tell_skipped(found.skipped)
    page = report_comparison(images, question, told, others, language, standing, _score_name(results))
    return write_report(page, language.say, language.code)


def _score_name(results: Results | None) -> str:
    return "" if results is None else translate(name_deciding(results, find_metric(results)))


def _standing(results: Results) -> tuple[Table, Chart]:
    """Who has which place over all pictures that have a truth, as the verdict says it."""
    metric = find_metric(results)
    ranked = ranking(results, metric)
    rows = {row.label: row for row in leaderboard(results)}
    order = [*ranked.placed, *ranked.below, *ranked.bounds]
    name = translate(name_deciding(results, metric))
    head = [t("Method"), t("Place"), name, t("Upper bound"), t("Classes named")]
    table, bars = [], []
    for label in order:
        row = rows[label]
        title = translate(name_method(label, row.params))
        place = str(ranked.placed.index(label) + 1) if label in ranked.placed else t("no rank")
        value = numbers.score(row.scores[metric])
        bound = numbers.score(row.bounds.get(metric, math.nan))
        ways = t(", ").join(translate(ALIGNMENT_NOTES[a]) for a in row.alignment.split(", ") if a)
        table.append([title, place, f"≤ {value}" if label in ranked.bounds else value, bound, ways])
        bars.append(Bar(title, row.scores[metric], method_colour(label) if label in ranked.placed else HELPED))
    blank = results.blank_scores.get(metric, math.nan)
    table.append([t("Blank answer"), t("no rank"), numbers.score(blank), "–", ""])
    title = t("All pictures together; grey: no rank")
    return Table(head, table), Chart(bar_chart(bars, title, name, top=1, mark=blank, mark_name=t("blank answer")))


def _number(value: float | int | bool | None) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
