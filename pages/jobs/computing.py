"""The pipelines' answers, asked of the workers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import streamlit as st

from pages.jobs.work import Answered, Asked, answer_generated
from pages.state.presence import Bell, client_id, wait_for
from pages.ui.language import t
from segmethods.core.settings import settings
from segmethods.execution.pool import pool

PATIENCE = 4
"""One image and all pipelines may take this many times the deadline of a method."""


def compute(
    asked: Asked, place: st.delta_generator.DeltaGenerator, with_images: bool = True
) -> list[tuple[Answered, ...]] | None:
    """All pipelines' answers to all images, from the workers; what is known is not computed again."""
    kept: dict[Asked, list[tuple[Answered, ...]]] = st.session_state.setdefault("jobs.answers", {})
    if asked in kept:
        return kept[asked]
    deadline = PATIENCE * settings().deadline
    futures = [
        pool().call(client_id(), answer_generated, asked, i, with_images, deadline=deadline, group=str(hash(asked)))
        for i in range(asked.count)
    ]
    try:
        answers = _wait_for(futures, place)
    finally:
        for future in futures:
            future.cancel()
    while len(kept) >= 6:
        kept.pop(next(iter(kept)))
    kept[asked] = answers
    return answers


def _wait_for(
    futures: Sequence[Future[tuple[Answered, ...]]], place: st.delta_generator.DeltaGenerator
) -> list[tuple[Answered, ...]]:
    bar, bell = place.progress(0.0, text=t("Pipelines at work")), Bell()
    for future in futures:
        future.add_done_callback(bell.ring)
    while (done := sum(future.done() for future in futures)) < len(futures):
        bar.progress(done / len(futures), text=t("Pipelines at work"))
        bell.wait()
    return [wait_for(future, bell) for future in futures]
