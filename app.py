"""The front door of the dashboard: pages, theme, language; nothing else."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.benchmark.background_runs import keep_watch
from pages.serving import middleware
from pages.state.navigation import follow_address, keep_address
from pages.state.parameters import reset_unavailable_parameters
from pages.state.presence import notice_presence
from pages.state.session import begin_run, session
from pages.ui.come_back import come_back
from pages.ui.early_page import reveal_page
from pages.ui.faults import show_fault
from pages.ui.image_picker import style_uploaders
from pages.ui.keep_focus import keep_focus
from pages.ui.language import choose_language, translate
from pages.ui.mend_markup import mend_markup
from pages.ui.menu import draw_menu, find_page
from pages.ui.own_words import say_own_words
from pages.ui.password import ask_for_password
from pages.ui.preload import preload_libraries
from pages.ui.theme import ICON, apply_theme


def main() -> None:
    begin_run()
    notice_presence()
    spec, page = find_page()
    follow_address(spec.address)
    reset_unavailable_parameters(session())
    st.set_page_config(page_title=f"{translate(spec.title)} · Segmethods", page_icon=ICON, layout="wide")
    apply_theme()
    style_uploaders()
    with st.sidebar:
        reveal_page()
        say_own_words()
        keep_focus()
        come_back()
        mend_markup()
        choose_language()
        draw_menu(spec, session())
    if ask_for_password():
        page.run()
        keep_address()


if __name__ == "__main__":  # a visitor; worker processes import this file again under another name
    main()
elif __name__ == "app":  # the server, before its first visitor
    # Until somebody has been shown a page, Streamlit takes the folder "pages" for pages of its own making, and tells
    # a first visitor of /models that there is no such page.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, middleware=middleware(), on_script_error=show_fault)
    preload_libraries()
    keep_watch()
