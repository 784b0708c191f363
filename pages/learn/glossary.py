"""The words of the field in both languages, each explained in a sentence or two; lessons link to them."""

from __future__ import annotations

import streamlit as st

from pages.learn.layout import apply_style
from pages.learn.lesson_text import link_words, read_glossary
from pages.state.session import session
from pages.ui.language import t
from pages.ui.notices import draw_notices


def main() -> None:
    apply_style()
    draw_notices(session())
    text = read_glossary(session().language)
    st.title(text.title, anchor=False)
    st.markdown(text.line)
    for word, section in text.sections.items():
        with st.container(key=f"section-{word}", gap=None):
            st.header(section.heading, anchor=word)
            st.markdown(link_words(section.body, session()))
    st.page_link("pages/learn/page.py", label=t("All lessons"))


if __name__ == "__main__":
    main()
