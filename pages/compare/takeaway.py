"""What a user takes along: a link that opens the same comparison, the masks, the scores."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.compare.comparison import Comparison
from pages.ui.address import write_address
from pages.ui.language import t
from pages.ui.session import Session
from segmethods.labels import encode_labels
from segmethods.method import get_method


def draw_takeaway(place: DeltaGenerator, comparison: Comparison, session: Session) -> None:
    """Two small menus: share, and take away."""
    with place, st.container(horizontal=True):
        with st.popover(t("Share"), icon=":material/link:"):
            _draw_share(comparison, session)
        with st.popover(t("Take away"), icon=":material/download:"):
            _draw_downloads(comparison)


def _draw_share(comparison: Comparison, session: Session) -> None:
    own = not comparison.picture.sample
    if own:
        st.markdown(
            t("This link opens the same methods and settings. Your picture stays with you; others add their own.")
        )
    else:
        st.markdown(t("This link opens the same comparison."))
    st.code(f"{st.context.url}?{urlencode(write_address(session, own), safe=',')}", language=None, wrap_lines=True)


def _draw_downloads(comparison: Comparison) -> None:
    stem = PurePath(comparison.picture.name).stem or "picture"
    st.download_button(
        t("Masks and scores (ZIP)"), lambda: pack_archive(comparison, stem), f"{stem}-segmethods.zip",
        "application/zip", key="download.zip", on_click="ignore", width="stretch",
    )  # fmt: skip
    st.download_button(
        t("Scores (CSV)"), lambda: _table(comparison).encode(), f"{stem}-scores.csv", "text/csv",
        key="download.csv", on_click="ignore", width="stretch",
    )  # fmt: skip
    st.caption(t("Masks are index PNGs: the value of a pixel is its class."))


def pack_archive(comparison: Comparison, stem: str) -> bytes:
    """All masks and the scores, in one ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for id, result in comparison.results.items():
            archive.writestr(f"{stem}-{id}.png", encode_labels(result.labels, result.classes), zipfile.ZIP_STORED)
        archive.writestr(f"{stem}-scores.csv", _table(comparison))
    return buffer.getvalue()


def _table(comparison: Comparison) -> str:
    """One row a method, as CSV: its times in seconds and its scores."""
    rows = [
        {"method": id, "title": get_method(id).title, **result.timings.as_dict()}
        | (comparison.scores[id].as_dict() if id in comparison.scores else {})
        for id, result in comparison.results.items()
    ]
    return pd.DataFrame(rows).to_csv(index=False)
