"""Compare: one picture, cut up by many methods, side by side."""

from functools import partial
from pathlib import Path

import streamlit as st

from pages.compare.board import Board, redraw_results
from pages.compare.cells import draw_cells
from pages.compare.charts import draw_charts
from pages.compare.headline import fill_headline, open_headline, reserve_height
from pages.compare.methods import draw_no_methods
from pages.compare.takeaway import draw_takeaway
from pages.compare.views import choose_view
from pages.state.fields import compare_fields
from pages.state.navigation import publish_address, take_address
from pages.state.presence import when_gone
from pages.state.session import session
from pages.ui.enlarge import allow_enlarging
from pages.ui.image_picker import choose_image
from pages.ui.language import t
from pages.ui.methods import choose_methods
from pages.ui.notices import draw_notices
from pages.ui.own_image import draw_own_image
from pages.ui.suggestion import draw_suggestion
from pages.ui.truth import choose_truth, draw_truth_note
from pages.ui.under_pointer import name_under_pointer

STYLE = (Path(__file__).parent / "compare.css").read_text(encoding="utf-8")


def main() -> None:
    st.html(f"<style>{STYLE}</style>")
    choices = session()
    take_address(compare_fields())
    with st.sidebar:
        image = choose_image(choices)
        truth = choose_truth(image, choices)
        st.subheader(t("Methods"))
        choose_methods(choices, partial(redraw_results, choices))
    publish_address(compare_fields())

    draw_own_image(choices)
    allow_enlarging()
    name_under_pointer()
    draw_notices(choices)
    draw_truth_note(choices)
    if not choices.methods:
        draw_no_methods(choices)
        return
    reserve_height(truth, choices)
    draw_suggestion([(image.digest, lambda: image.pixels)], choices)
    board = Board(image, truth)
    when_gone("board", board.let_go)
    when_gone("drawn", choices.compare.let_go)
    with st.container(key="top", horizontal=True):
        headline = open_headline(image, choices)
        takeaway = st.container(key="takeaway", width="content")
    choose_view(truth, choices)
    draw_cells(board, choices)
    fill_headline(headline, choices)
    draw_takeaway(takeaway, board)
    draw_charts(board)
    choices.compare.is_whole = True


main()
