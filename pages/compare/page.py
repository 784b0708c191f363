"""Compare: one picture, cut up by many methods, side by side."""

from pathlib import Path

import streamlit as st

from pages.compare.cells import draw_cells
from pages.compare.charts import draw_charts
from pages.compare.headline import draw_headline, open_headline
from pages.compare.methods import draw_no_methods
from pages.compare.takeaway import draw_takeaway
from pages.compare.views import choose_view
from pages.state.fields import compare_fields
from pages.state.navigation import publish_address, take_address
from pages.state.session import session
from pages.ui.image_picker import choose_picture
from pages.ui.language import t
from pages.ui.methods import choose_methods
from pages.ui.notices import draw_notices
from pages.ui.truth import choose_truth
from segmethods.execution.compare import plan_comparison

STYLE = (Path(__file__).parent / "compare.css").read_text(encoding="utf-8")


def main() -> None:
    st.html(f"<style>{STYLE}</style>")
    choices = session()
    take_address(compare_fields())
    with st.sidebar:
        picture = choose_picture(choices)
        truth = choose_truth(picture, choices)
        st.subheader(t("Methods"))
        choose_methods(choices)
    publish_address(compare_fields())

    draw_notices(choices)
    if not choices.methods:
        draw_no_methods(choices)
        return
    with st.container(key="top", horizontal=True):
        headline = open_headline(picture, choices)
        takeaway = st.container(key="takeaway", width="content")
    choose_view(truth, choices)
    plan = plan_comparison(choices.methods, choices.params)
    comparison = draw_cells(picture, truth, plan, choices)
    draw_headline(headline, comparison, choices)
    draw_takeaway(takeaway, comparison, choices)
    draw_charts(comparison)


main()
