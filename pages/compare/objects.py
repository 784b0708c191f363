"""How many objects each method found, and how large they are."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
import pandas as pd
import streamlit as st

from pages.compare.comparison import HASHES, Comparison, Result
from pages.ui.language import t
from pages.ui.tables import fit_columns
from segmethods.reporting.objects import FoundObject, find_objects, write_objects


def draw_objects(comparison: Comparison) -> None:
    """A line for each method, and every object as CSV."""
    with st.container(horizontal=True):
        smallest = st.number_input(t("Smallest object"), 1, value=1, key="objects.smallest", width=160)
        largest = st.number_input(
            t("Largest object"), 0, value=0, key="objects.largest", width=160, help=t("In pixels; 0 is no limit.")
        )
    found = {
        method_id: list_objects(Result(comparison.image, result), int(smallest), int(largest))
        for method_id, result in comparison.results.items()
    }
    table = pd.DataFrame([_row(comparison.title(method_id), objects) for method_id, objects in found.items()])
    st.dataframe(
        table,
        hide_index=True,
        column_config=fit_columns(table, {}),
        alt=t("How many objects each method found"),
    )
    st.caption(
        t(
            "An object is what is connected and has one label. The background is none, and of segments without names "
            "each piece counts."
        )
    )
    name = comparison.image.name
    st.download_button(
        t("Objects (CSV)"),
        lambda: write_objects([(name, method_id, objects) for method_id, objects in found.items()]).encode(),
        f"{PurePath(name).stem or 'picture'}-objects.csv",
        "text/csv",
        key="objects.csv",
        on_click="ignore",
    )


def _row(title: str, objects: list[FoundObject]) -> dict[str, str | int | float | None]:
    areas = [one.area for one in objects]
    return {
        t("Method"): title,
        t("Objects"): len(objects),
        t("Median area (pixels)"): float(np.median(areas)) if areas else None,
        t("Smallest (pixels)"): min(areas, default=None),
        t("Largest (pixels)"): max(areas, default=None),
    }


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def list_objects(result: Result, smallest: int = 1, largest: int = 0) -> list[FoundObject]:
    """The objects of a result."""
    return find_objects(result.segmentation, smallest, largest)
