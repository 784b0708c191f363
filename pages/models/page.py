"""Models: what the networks know, and what more can be fetched."""

from pathlib import Path

import streamlit as st

from pages.models.rows import draw_row, is_coming
from pages.ui.language import t
from segmethods.settings import settings
from segmethods.weights import Weights, embedded, fetchable, own

STYLE = (Path(__file__).parent / "models.css").read_text(encoding="utf-8")


def main() -> None:
    st.html(f"<style>\n{STYLE}</style>")
    with st.container(key="models"):
        st.header(t("What the networks know"), anchor=False)
        st.markdown(t("A network is an architecture and its weights: the numbers that training has found."))
        _draw_included()
        _draw_own()
        # Only a list that something is coming to asks the server again and again.
        coming = any(map(is_coming, fetchable().values()))
        st.fragment(_draw_fetchable, run_every=0.5 if coming else None)(coming)


def _draw_included() -> None:
    st.subheader(t("Included"), anchor=False)
    st.caption(t("All networks of a family learned the same classes from the same pictures. How long each of them learned, "
                 "its card says: it differs."))  # fmt: skip
    _draw_rows(embedded())


def _draw_own() -> None:
    st.subheader(t("Your own"), anchor=False)
    if known := own():
        _draw_rows(known)
    else:
        st.caption(t("None yet. Train a network on pictures of your own, and it is listed here:"))
        st.code("python -m segmethods train fcn-voc --data FOLDER --name own", language=None)


def _draw_fetchable(coming: bool) -> None:
    """The weights of others; the whole page is drawn again when the first one comes and the last one has come."""
    known = fetchable()
    if coming != any(map(is_coming, known.values())):
        st.rerun()
    st.subheader(t("To be fetched"), anchor=False)
    st.caption(
        t("Torchvision's networks, larger ones, trained on COCO. They stay on the computer that runs Segmethods.")
    )
    if not settings().fetching:
        st.caption(t("Fetching is switched off on this server."))
    _draw_rows(known)


def _draw_rows(known: dict[str, Weights]) -> None:
    with st.container(key=f"list-{next(iter(known.values())).origin}", gap=None):
        for weights in known.values():
            draw_row(weights)


main()
