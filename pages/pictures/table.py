"""Pictures down, methods across: a table that fills in, and from which each picture opens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.pictures.rows import (
    Row,
    cell_text,
    fill_rows,
    find_metric,
    known_rows,
    list_problems,
    open_image,
    plan_of,
    problem_text,
)
from pages.state.images import LoadedImage
from pages.state.own_images import upload_name
from pages.state.session import Session
from pages.ui.announce import announce
from pages.ui.language import class_name, escape_markdown, join_sentences, t, translate
from segmethods.datasets.image_sets import ImageSet, SetImage
from segmethods.metrics import METRICS
from segmethods.reporting.layers import data_url, image_layer
from segmethods.reporting.titles import name_method

THUMB = 96

NAMED = 4
"""Pictures that are named for a reason; the others are counted."""


def draw_table(found: ImageSet, visitor: Session) -> list[Row]:
    """Compute what is missing, and show all rows, the hardest picture first."""
    if not visitor.methods:
        st.info(t("Choose some methods in the sidebar."))
        return []
    plan = plan_of(visitor.methods, visitor.params)
    titles = {method: translate(name_method(method, params)) for method, params in plan.items()}
    rows = known_rows(found, plan)
    place, bar = st.empty(), st.empty()
    if len(rows) < len(found.images):
        for row in fill_rows(found, plan):
            done = sum(len(r.cells) for r in rows.values() if r is not row) + len(row.cells)
            total = len(found.images) * len(plan)
            text = t("{done} of {total:answer|answers}: {name}", done=done, total=total, name=row.image.name)
            bar.progress(min(done / total, 1.0), text=text)
            with place:
                _show(sort_rows([*rows.values(), row], found), visitor, found, titles)
        announce("table", t("All {count:answer|answers} are there.", count=len(found.images) * len(plan)))
    bar.empty()
    ordered = sort_rows(list(rows.values()), found)
    with place.container():
        _show(ordered, visitor, found, titles, can_open=True)
    return ordered


def sort_rows(rows: Sequence[Row], found: ImageSet) -> list[Row]:
    """Where there is a truth, the lowest scores first; else where the methods disagree most."""
    once = list({row.image.name: row for row in rows}.values())
    if found.judged:
        metric = find_metric(once)
        scores = {row.image.name: row.score(metric) for row in once}
        return sorted(
            once,
            key=lambda row: (math.isnan(s := scores[row.image.name]), s, -_finite(row.disagreement)),
        )
    return sorted(once, key=lambda row: -_finite(row.disagreement))


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -1.0


def _show(
    rows: Sequence[Row], visitor: Session, found: ImageSet, titles: Mapping[str, str], can_open: bool = False
) -> None:
    metric = find_metric(rows)
    table = pd.DataFrame(
        [
            {
                " ": thumbnail(row.image),
                t("Picture"): row.image.name,
                t("Disagreement"): None if math.isnan(row.disagreement) else round(row.disagreement, 2),
            }
            | {title: problem_text(row) or cell_text(row.cells.get(m), metric) for m, title in titles.items()}
            for row in rows
        ]
    )
    columns = {
        " ": st.column_config.ImageColumn(width="small"),
        t("Disagreement"): st.column_config.NumberColumn(
            format="%.2f",
            help=t("How far the methods cut this picture up differently: 0 all alike, 1 like chance."),
        ),
    }
    alt = t("What each method finds in each picture")
    if not can_open:
        st.dataframe(table, hide_index=True, column_config=columns, row_height=56, alt=alt)
        return
    chosen = st.dataframe(
        table,
        hide_index=True,
        column_config=columns,
        row_height=56,
        on_select="rerun",
        selection_mode="single-row",
        key="pictures.table",
        alt=alt,
    )
    told = [t("Each cell tells what was found most, its share of the picture, and how many objects there are.")]
    if found.judged:
        told.append(
            t(
                "The number before that is {score} in this picture. Where ≤ stands, the picture’s own truth said which "
                "segment is what: the score is an upper bound and gives no rank.",
                score=name_metric(metric, rows, found),
            )
        )
    told.append(t("Hardest pictures first.") if found.judged else t("Where the methods disagree most comes first."))
    st.caption(join_sentences(told))
    draw_problems(rows, titles)
    selected = chosen["selection"]["rows"]
    if selected:
        _offer(rows[selected[0]].image, visitor, found)
    else:
        st.caption(t("Choose a row to open its picture on the Compare page."))


def draw_problems(rows: Sequence[Row], titles: Mapping[str, str]) -> None:
    """Below the table, the whole reason of every cell that failed, each reason once."""
    problems = list_problems(rows)
    if not problems:
        return
    with st.container(key="pictures-problems", border=True, gap="xsmall"):
        for (method, why), names in problems.items():
            listed = t(", ").join(map(escape_markdown, names[:NAMED]))
            if len(names) > NAMED:
                listed = t("{names} and {count} more", names=listed, count=len(names) - NAMED)
            title = escape_markdown(titles[method]) if method else t("Not read")
            st.markdown(
                t("**{method}** on {pictures}: {reason}", method=title, pictures=listed, reason=escape_markdown(why))
            )


def name_metric(metric: str, rows: Sequence[Row], found: ImageSet) -> str:
    """What a score is called; with one class of interest its IoU has that class's name."""
    wanted = {class_id for row in rows for class_id in row.wanted}
    if metric == "foreground_iou" and found.dataset is not None and len(wanted) == 1:
        return t("IoU of {name}", name=class_name(found.dataset.classes, wanted.pop()))
    return t(METRICS[metric].title)


def _offer(image: SetImage, visitor: Session, found: ImageSet) -> None:
    if st.button(t("Compare methods on {name}", name=image.name), key="pictures.open", icon=":material/arrow_forward:"):
        name = upload_name(found, image)
        visitor.source, visitor.shown = "files", next(u.digest for u in visitor.uploads if u.name == name)
        visitor.truth = "file" if image.sample else "none"
        st.switch_page("pages/compare/page.py", query_params={})


@st.cache_data(max_entries=400, show_spinner=False, hash_funcs={SetImage: lambda image: str(image.file)})
def thumbnail(image: SetImage) -> str:
    """A small picture as an address that holds it; empty if it can't be read."""
    opened = open_image(image.file, image.name)
    return data_url(image_layer(opened.pixels, THUMB), "jpeg") if isinstance(opened, LoadedImage) else ""
