"""What a whole set comes to in sentences: who leads where there is a truth, else what was found."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.pictures.rows import Plan, Row
from pages.ui.language import explain_verdict, translate
from segmethods.benchmark import Results, judge_set, verdict
from segmethods.core.messages import Message
from segmethods.datasets.image_sets import ImageSet
from segmethods.reporting.findings import tell_set


def open_headline(question: str, text: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The place of the verdict, where a question and a text stand until every picture is computed."""
    with st.container(key="pictures-headline"):
        return st.title(question, anchor=False), st.markdown(text)


def draw_headline(
    places: tuple[DeltaGenerator, DeltaGenerator], found: ImageSet, rows: Sequence[Row], plan: Plan
) -> None:
    """The verdict, its first sentence larger."""
    if not rows or len(rows) < len(found.images):
        return
    first, *others = judge_rows(found, rows, plan)
    places[0].title(translate(first), anchor=False)
    places[1].markdown(explain_verdict(others, "metric"))


def judge_rows(found: ImageSet, rows: Sequence[Row], plan: Plan) -> list[Message]:
    """The verdict on a set: with a truth as Benchmark says it, without one what was found."""
    results = find_results(found, rows, plan)
    if results is not None:
        return verdict(results, is_shared=True)
    finds = [{m: cell.finds for m, cell in row.cells.items() if cell.problem is None} for row in rows]
    if not any(finds):
        return [Message("No method gave a result; the cells say why.")]
    return tell_set([one for one in finds if one])


def find_results(found: ImageSet, rows: Sequence[Row], plan: Plan) -> Results | None:
    """Results like those of a run over the pictures that have a truth of classes; None if there are none."""
    counts = [cell.counts for row in rows for cell in row.cells.values() if cell.counts is not None]
    if found.dataset is None or not found.dataset.classes.names or not any(one.table for one in counts):
        return None
    return judge_set(found.dataset, plan, counts)
