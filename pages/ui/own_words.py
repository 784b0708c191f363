"""The page's language as browsers know it, and our words in place of those that Streamlit says in English only."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.state.session import session
from pages.ui.language import t, translate
from segmethods.core.messages import Message

WORDS = (
    Message("Add files"),
    Message("Autosize"),
    Message("Automatic"),
    Message("Average"),
    Message("Calendar"),
    Message("Clear all"),
    Message("Clear entry"),
    Message("Clear photo"),
    Message("Clear selection"),
    Message("Clear value"),
    Message("Close"),
    Message("Close Search"),
    Message("Close fullscreen"),
    Message("Collapse sidebar"),
    Message("Compact"),
    Message("Connecting"),
    Message("Connecting to Streamlit server"),
    Message("Connection error"),
    Message("Copied"),
    Message("Copy column name"),
    Message("Copy to clipboard"),
    Message("Count"),
    Message("Dataframe column menu"),
    Message("Decrement"),
    Message("Distinct"),
    Message("Download as CSV"),
    Message("Drag and drop a file here"),
    Message("Drag and drop directories here"),
    Message("Drag and drop files here"),
    Message("Empty"),
    Message("Expand sidebar"),
    Message("Format"),
    Message("Fullscreen"),
    Message("Hide column"),
    Message("Hide password"),
    Message("Increment"),
    Message("Invalid input."),
    Message("Learn how to allow access."),
    Message("Main menu"),
    Message("Maximum"),
    Message("Median"),
    Message("Navigate to home page"),
    Message("Next Result"),
    Message("No options"),
    Message("No results"),
    Message("Open"),
    Message("Page not found"),
    Message("Percent"),
    Message("Pin column"),
    Message("Plain"),
    Message("Previous Result"),
    Message("Range"),
    Message("Rerun"),
    Message("Running..."),
    Message("Scientific"),
    Message("Search"),
    Message("Select all"),
    Message("Show password"),
    Message("Show/hide columns"),
    Message("Sidebar"),
    Message("Skip to main content"),
    Message("Sort ascending"),
    Message("Sort descending"),
    Message("Standard deviation"),
    Message("Statistics"),
    Message("Stop"),
    Message("Sum"),
    Message("Switch camera"),
    Message("Take Photo"),
    Message("This app would like to use your camera."),
    Message("Type to search"),
    Message("Unpin column"),
    Message("Upload"),
    Message("Upload directories"),
    Message("Uploading..."),
)
"""What version 1.67 says on widgets that we use."""

AMBIGUOUS = {"Minimum": Message("Smallest value")}
"""What else means something in a method."""

BEGINNINGS = (Message("Help for {name}"), Message("Remove {name}"))
"""What it says with a name after it."""

_script = (Path(__file__).parent / "own_words.js").read_text(encoding="utf-8")
_own_words = st.components.v2.component("own_words", js=f"\n{_script}")


def say_own_words() -> None:
    """Name the page's language, and speak it; call it once a run."""
    language = session().language
    pairs = {m.template: t(m.template) for m in WORDS}
    if language != "en":
        pairs |= {english: translate(ours) for english, ours in AMBIGUOUS.items()}
    begins = {m.template.removesuffix("{name}"): t(m.template, name="\0") for m in BEGINNINGS}
    changed = {english: ours for english, ours in pairs.items() if english != ours}
    data = {"language": {"en": "en", "zh": "zh-CN"}[language], "words": changed, "begins": begins if changed else {}}
    _own_words(key="own-words", data=data)
