"""Models: what the networks know, and what more can be fetched."""

from pathlib import Path

import streamlit as st

from pages.models.groups import draw_classes, draw_group, family_name, groups
from pages.ui.language import t
from segmethods.core.settings import settings
from segmethods.models.weights import embedded, fetchable, own, state

STYLE = (Path(__file__).parent / "models.css").read_text(encoding="utf-8")


def main() -> None:
    st.html(f"<style>\n{STYLE}</style>")
    with st.container(key="models"):
        st.title(t("What the networks know"), anchor=False)
        st.markdown(
            t(
                "A network is an architecture and its weights: the numbers that training has found. All networks "
                "of a family learned the same classes; from which pictures each learned and for how long, its card "
                "says."
            )
        )
        _draw_included()
        _draw_own()
        _draw_fetchable()


def _draw_included() -> None:
    known = embedded()
    if not known:
        st.warning(t("No weights are in this copy. Restore assets/weights."))
    for group in groups(known):
        st.header(family_name(group[0]), anchor=False)
        draw_classes(group)
        draw_group(group)


def _draw_own() -> None:
    st.header(t("Your own"), anchor=False)
    known = own()
    for group in groups(known):
        draw_classes(group)
        draw_group(group)
    if not known:
        st.caption(t("None yet. Train a network on pictures of your own, and it is listed here:"))
        st.code("python -m segmethods train fcn-voc --data FOLDER --name own", language=None, wrap_lines=True)


def _draw_fetchable() -> None:
    """The weights of others; where nothing may be fetched, those that are there."""
    st.header(t("Torchvision’s networks"), anchor=False)
    known = fetchable()
    if settings().fetching:
        st.caption(
            t(
                "Larger ones, which know the classes of everyday photos. They are fetched when you want them, and "
                "stay on the computer that runs Segmethods."
            )
        )
    else:
        st.caption(t("Fetching is switched off on this server."))
        known = {name: weights for name, weights in known.items() if state(weights) != "not fetched"}
    for group in groups(known):
        draw_group(group)


main()
