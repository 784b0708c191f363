"""The door of a server that asks for a password."""

from __future__ import annotations

import math

import streamlit as st

from pages.state.password import check_password, is_needed, seconds_to_wait
from pages.ui.language import t


def ask_for_password() -> bool:
    """Whether the visitor may come in; if not yet, the form that asks for the password is drawn."""
    if not is_needed() or st.session_state.get("admitted"):
        return True
    with st.container(horizontal_alignment="center"), st.form("password", width=360):
        st.subheader("Segmethods")
        given = st.text_input(t("Password"), type="password", autocomplete="current-password")
        is_sent = st.form_submit_button(t("Enter"), type="primary", width="stretch")
        if is_sent and check_password(given):
            st.session_state["admitted"] = True
            st.rerun()
        if is_sent and (seconds := seconds_to_wait()):
            st.error(t("Too many wrong passwords came. Try again in {seconds} seconds.", seconds=math.ceil(seconds)))
        elif is_sent:
            st.error(t("That is not the password."))
    return False
