"""The front door of the dashboard: page list, theme, language; nothing else."""

import streamlit as st

from pages.ui.address import follow_address
from pages.ui.language import choose_language, t
from pages.ui.theme import ICON, apply_theme


def main() -> None:
    st.set_page_config(page_title="Segmethods", page_icon=ICON, layout="wide")
    follow_address()
    apply_theme()
    compare = "pages/compare/page.py"
    page = st.navigation(
        [
            st.Page(compare, title=t("Compare"), default=True),
            st.Page(compare, title=t("Compare"), url_path="compare", visibility="hidden"),
        ]
    )
    with st.sidebar:
        choose_language()
    page.run()


# Worker processes import this file again; the page is drawn only in the server's own.
if __name__ == "__main__":
    main()
