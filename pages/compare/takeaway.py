"""What a user takes along: a link that opens the same comparison, the masks, the scores."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import PurePath
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.compare.comparison import Comparison
from pages.state.address import write_address
from pages.state.fields import compare_fields
from pages.state.session import Session
from pages.ui.language import t
from segmethods.io.label_png import encode_labels
from segmethods.reporting.outcome_json import report


def draw_takeaway(place: DeltaGenerator, comparison: Comparison, session: Session) -> None:
    """Two small menus: share, and take away."""
    with place, st.container(horizontal=True):
        with st.popover(t("Share"), icon=":material/link:"):
            _draw_share(comparison, session)
        with st.popover(t("Take away"), icon=":material/download:"):
            _draw_downloads(comparison)


def _draw_share(comparison: Comparison, session: Session) -> None:
    if not comparison.picture.sample:
        st.markdown(
            t("This link opens the same methods and settings. Your picture stays with you; others add their own.")
        )
    else:
        st.markdown(t("This link opens the same comparison."))
    query = urlencode(write_address(compare_fields(), session), safe=",")
    st.code(f"{st.context.url}?{query}", language=None, wrap_lines=True)


def _draw_downloads(comparison: Comparison) -> None:
    stem = PurePath(comparison.picture.name).stem or "picture"
    st.download_button(
        t("Masks and scores (ZIP)"),
        lambda: pack_archive(comparison, stem),
        f"{stem}-segmethods.zip",
        "application/zip",
        key="download.zip",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        t("Scores (CSV)"),
        lambda: make_table(comparison).encode(),
        f"{stem}-scores.csv",
        "text/csv",
        key="download.csv",
        on_click="ignore",
        width="stretch",
    )
    st.caption(t("Masks are index PNGs: the value of a pixel is its class."))


def pack_archive(comparison: Comparison, stem: str) -> bytes:
    """All masks, and the scores as the command line writes them, in one ZIP."""
    reports = [report(outcome, comparison.scores.get(method_id)) for method_id, outcome in comparison.outcomes.items()]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for told in reports:
            result = comparison.results.get(told["method"])
            if result is not None:
                told["labels"] = f"{stem}-{result.method}.png"
                archive.writestr(told["labels"], encode_labels(result.labels, result.classes), zipfile.ZIP_STORED)
        height, width = comparison.picture.image.shape[:2]
        about = {"image": comparison.picture.name, "width": width, "height": height, "results": reports}
        archive.writestr(f"{stem}-scores.json", json.dumps(about, indent=2, allow_nan=False))
        archive.writestr(f"{stem}-scores.csv", make_table(comparison))
    return buffer.getvalue()


def make_table(comparison: Comparison) -> str:
    """One row a method, as CSV: its times in seconds and its scores."""
    reports = [report(outcome, comparison.scores.get(method_id)) for method_id, outcome in comparison.outcomes.items()]
    return pd.DataFrame(
        {"method": r["method"], "title": r["title"], "status": r["status"], "error": r["error"]}
        | {f"seconds_{stage}": value for stage, value in r["seconds"].items()}
        | {name: value for name, value in r["scores"].items() if name != "class_iou"}
        for r in reports
    ).to_csv(index=False)
