"""Tables whose titles and texts are not cut off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui.plotting import columns_of
from pages.ui.ready_html import ReadyHtml

LETTER, MARGIN, MOST = 8, 34, 320
"""Pixels of a Latin letter, of what lies around a text, and of a column at most."""


def fit_columns(table: pd.DataFrame, config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of columns as in `config`, each as wide as its title and its texts ask for.

    Examples
    --------
    >>> table = pd.DataFrame({"Time a picture (s)": [0.2], "Method": ["DeepLab"]})
    >>> [column["width"] for column in fit_columns(table, {}).values()]
    [178, 90]
    """
    fitted = {}
    for name in map(str, table.columns):
        column = dict(config.get(name) or st.column_config.Column())
        texts = [str(value) for value in table[name] if isinstance(value, str) and not value.startswith("data:")]
        asked = column["width"] if isinstance(column.get("width"), int) else 0
        need = LETTER * max(map(columns_of, [name, *texts])) + MARGIN
        fitted[name] = column | {"width": min(max(need, asked), MOST)}
    return fitted


def show_rows(rows: Sequence[Mapping[str, str]], label: str) -> None:
    """A few rows as a table that never scrolls sideways: on a phone each row is a list of titles and values.

    Parameters
    ----------
    rows : sequence of mapping
        Each with the same titles -> what stands there; the first one is the row's name.
    label : str
        What the table is about, for those who don't see it.
    """
    st.html(ReadyHtml(write_rows(rows, label)))


def write_rows(rows: Sequence[Mapping[str, str]], label: str) -> str:
    """The HTML of `show_rows`.

    Examples
    --------
    >>> write_rows([{"Name": "A", "F1": "0.50"}], "F1").count("<td")
    1
    """
    titles = "".join(f'<th scope="col" role="columnheader">{escape(title)}</th>' for title in rows[0])
    lines = "".join(f'<tr role="row">{_write_cells(row)}</tr>' for row in rows)
    head = f'<thead><tr role="row">{titles}</tr></thead>'
    return f'<table class="sm-rows" role="table" aria-label="{escape(label)}">{head}<tbody>{lines}</tbody></table>'


def _write_cells(row: Mapping[str, str]) -> str:
    (_, name), *others = row.items()
    cells = (f'<td role="cell" data-title="{escape(title)}">{escape(text)}</td>' for title, text in others)
    return f'<th scope="row" role="rowheader">{escape(name)}</th>{"".join(cells)}'
