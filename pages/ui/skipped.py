"""Files that were left out, and why: what changes a figure stands beside it, the whole list in an expander."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.language import escape_markdown, t, translate
from segmethods.core.messages import Message
from segmethods.datasets.sample_refs import Skipped

MANY = 60
"""Skipped files beyond this many are counted and not named."""

KINDS = 3
"""So many different reasons are said in the open."""


def draw_skipped(skipped: Sequence[Skipped], told: Sequence[Message] = ()) -> None:
    """The files that take no part: each reason once in the open, with its first file; all names in an expander.

    Parameters
    ----------
    skipped : sequence of Skipped
    told : sequence of Message
        What stands on the page already.
    """
    if not skipped:
        return
    reasons: dict[str, list[Skipped]] = {}
    known = {message.template for message in told}
    for one in (one for one in skipped if one.reason.template not in known):
        reasons.setdefault(one.reason.template, []).append(one)
    for same in sorted(reasons.values(), key=len, reverse=True)[:KINDS]:
        reason = translate(same[0].reason)
        name = same[0].name if same[0].name not in reason else ""
        is_all = len(same) == len(skipped)
        count = (
            t("{count} of {all:file|files} left out", count=len(same), all=len(skipped))
            if not is_all
            else (t("Left out: {count:file|files}", count=len(same)))
        )
        st.caption(escape_markdown(f"{count} · {f'{name}: ' if name else ''}{reason}"))
    with st.expander(t("Left out: {count:file|files}", count=len(skipped))):
        st.markdown("\n".join(f"- {line}" for line in list_skipped(skipped, in_markdown=True)))


def list_skipped(skipped: Sequence[Skipped], *, in_markdown: bool = False) -> list[str]:
    """A line for each file that was left out, up to `MANY`."""
    write = escape_markdown if in_markdown else str
    mark = "**" if in_markdown else ""
    lines = [f"{mark}{write(one.name)}{mark}: {write(translate(one.reason))}" for one in skipped[:MANY]]
    return [*lines, t("{count} more", count=len(skipped) - MANY)] if len(skipped) > MANY else lines


def tell_skipped(skipped: Sequence[Skipped]) -> list[str]:
    """The same as paragraphs of a report; none where nothing was left out."""
    return [t("Left out: {count:file|files}", count=len(skipped)), *list_skipped(skipped)] if skipped else []
