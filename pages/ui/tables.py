"""Tables whose titles and texts are not cut off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui.plotting import columns_of

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
