"""What a user takes along: a link that opens the same comparison, the masks, the scores."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.compare.board import Board
from pages.compare.charts import wants_boundaries
from pages.compare.comparison import Comparison, name_deciding
from pages.state.fields import compare_fields
from pages.ui.actions import offer_archive, offer_file, offer_report
from pages.ui.language import t, translate
from pages.ui.reports import report_language
from pages.ui.share import draw_link
from segmethods.reporting.comparison_report import draw_charts, report_comparison
from segmethods.reporting.objects import find_objects, write_objects
from segmethods.reporting.outcome_json import report
from segmethods.reporting.package import Analysed, free_stem, pack_results
from segmethods.reporting.report import write_report
from segmethods.reporting.snippets import as_command, as_python


def draw_takeaway(place: DeltaGenerator, board: Board) -> None:
    """Two small menus: share, and take away."""
    with place:
        _draw_menus(board)


@st.fragment
def _draw_menus(board: Board) -> None:
    """Filled when they are opened: few open them, and what is compared may have changed since the page was drawn."""
    with st.container(horizontal=True):
        share = st.popover(t("Share"), icon=":material/link:", key="share", on_change="rerun")
        download = st.popover(t("Take away"), icon=":material/download:", key="takeaway-menu", on_change="rerun")
    if share.open:
        with share:
            _draw_share(board.compared)
    if download.open:
        with download:
            comparison = board.compared
            _draw_downloads(comparison, [translate(m) for m in comparison.verdict])


def _draw_share(comparison: Comparison) -> None:
    if not comparison.image.sample:
        st.markdown(
            t("This link opens the same methods and settings. Your picture stays with you; others add their own.")
        )
    else:
        st.markdown(t("This link opens the same comparison."))
    draw_link(compare_fields())
    _draw_code(comparison)


def _draw_code(comparison: Comparison) -> None:
    plan = {method_id: outcome.params for method_id, outcome in comparison.outcomes.items()}
    st.markdown(t("The same as a command, and as Python:"))
    st.code(as_command([comparison.image.name], plan), language="shell", wrap_lines=True)
    st.code(as_python(comparison.image.name, plan), language="python", wrap_lines=True)


def _draw_downloads(comparison: Comparison, told: Sequence[str]) -> None:
    stem = free_stem(comparison.image.name, set())
    offer_report(lambda: make_report(comparison, told), stem, "download", width="stretch")
    offer_archive(lambda: pack_archive(comparison, told), stem, "download", width="stretch")
    offer_file(
        t("Scores (CSV)"),
        lambda: make_table(comparison).encode(),
        f"{stem}-scores.csv",
        "download.csv",
        icon=":material/table:",
        width="stretch",
    )
    st.caption(
        t(
            "The report is one file that can be looked through and printed. The ZIP has the picture, all masks, "
            "charts, settings, and a script that makes the same masks again."
        )
    )


def make_report(comparison: Comparison, told: Sequence[str]) -> str:
    """The report on the comparison, in the visitor's language."""
    language = report_language()
    question = t("What do the methods find in {name}?", name=comparison.image.name)
    page = report_comparison(
        [_analysed(comparison)],
        question,
        [line for line in told if line],
        (),
        language,
        score_name=_score_name(comparison),
    )
    return write_report(page, language.say, language.code)


def pack_archive(comparison: Comparison, told: Sequence[str]) -> bytes:
    """Picture, masks, report, charts, scores, settings, and the script that makes the masks again, in one ZIP."""
    image = _analysed(comparison)
    charts = {
        f"charts/{name}.svg": svg
        for name, svg in draw_charts([image], report_language(), _score_name(comparison)).items()
    }
    stem = free_stem(comparison.image.name, set())
    texts = {"report.html": make_report(comparison, told), f"{stem}-scores.csv": make_table(comparison)}
    found = [(image.name, method_id, find_objects(result)) for method_id, result in comparison.results.items()]
    texts |= charts | {f"{stem}-objects.csv": write_objects(found)}
    return pack_results([image], texts, wants_boundaries(comparison))


def _score_name(comparison: Comparison) -> str:
    return "" if comparison.truth is None else name_deciding(comparison.ranked[0], comparison.truth)


def _analysed(comparison: Comparison) -> Analysed:
    image = comparison.image
    return Analysed(image.name, image.pixels, list(comparison.outcomes.values()), comparison.scores)


def make_table(comparison: Comparison) -> str:
    """One row a method, as CSV: its times in seconds and its scores."""
    boundaries = wants_boundaries(comparison)
    reports = [
        report(outcome, comparison.scores.get(method_id), boundaries)
        for method_id, outcome in comparison.outcomes.items()
    ]
    return pd.DataFrame(
        {"method": r["method"], "title": r["title"], "status": r["status"], "error": r["error"]}
        | {f"seconds_{stage}": value for stage, value in r["seconds"].items()}
        | {name: value for name, value in r["scores"].items() if name != "class_iou"}
        for r in reports
    ).to_csv(index=False)
