"""Predictions made elsewhere: zip files of saved masks against one of truths, each zip a method of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import PurePath
from typing import Any

import pandas as pd
import streamlit as st

from pages.benchmark.kept_scores import keep_scores, read_scores, sum_up
from pages.state.benchmark import BenchmarkState
from pages.state.fields import SCORED
from pages.state.images import Upload
from pages.state.presence import when_gone
from pages.state.uploads import unpack_upload
from pages.ui.actions import draw_bar
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.announce import announce
from pages.ui.image_picker import make_upload, style_uploaders
from pages.ui.language import escape_markdown, t, translate, translate_all
from pages.ui.share import draw_link
from pages.ui.tables import fit_columns
from segmethods.benchmark.predictions import (
    PairAsked,
    PairScore,
    ScoreOptions,
    score_folders,
    score_pair,
)
from segmethods.core.settings import settings
from segmethods.execution.background import BackgroundJob
from segmethods.execution.executors import PoolExecutor, shared_pool
from segmethods.metrics import METRICS

TICK = 1.0
KEY = "predictions.job"
ARCHIVES = ["zip", "tar", "gz", "tgz"]
NAMES = 180
"""Pixels of the column of names at most."""
PATIENCE = 4
"""A map may take this many times the deadline of a method to be scored."""


class ScoreJob(BackgroundJob[tuple[int, int]]):
    """Scoring in a thread; the maps themselves are read and counted in the pool."""

    def __init__(self, truth: Upload, found: Sequence[Upload], boundaries: bool) -> None:
        self.kept = ""

        def work(job: BackgroundJob[tuple[int, int]]) -> None:
            truths = unpack_upload(truth.data, truth.name)
            folders = {name: unpack_upload(f.data, f.name) for name, f in zip(name_archives(found), found, strict=True)}
            with shared_pool(f"predictions {id(self)}", PATIENCE * settings().deadline) as pool:
                options = ScoreOptions(boundaries=boundaries)
                scores = score_folders(
                    truths,
                    list(folders.values()),
                    options,
                    lambda done, total: job.report((done, total)),
                    lambda asked: _score_all(pool, asked),
                    list(folders),
                )
            self.kept = keep_scores(sum_up(scores))

        super().__init__(work, (0, 0), "scoring of predictions")


def _score_all(pool: PoolExecutor, asked: Sequence[PairAsked]) -> Iterator[PairScore]:
    """The scores of all maps in their order, a few at a time in the pool."""
    waiting: list[Future[PairScore]] = []
    for item in asked:
        waiting.append(pool.submit(score_pair, item))
        if len(waiting) >= pool.slots:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def name_archives(files: Sequence[Upload]) -> list[str]:
    """What the methods are called: the names of their archives without endings, numbered where two are equal."""
    stems = [PurePath(file.name).name.partition(".")[0] for file in files]
    return [s if stems.count(s) == 1 else f"{s} {stems[: i + 1].count(s)}" for i, s in enumerate(stems)]


def is_by_link(chosen: BenchmarkState) -> bool:
    """Whether scores are shown that were not made in this visit: whoever opens a link looks for them first."""
    return bool(chosen.scored) and KEY not in st.session_state


def draw_predictions(chosen: BenchmarkState) -> None:
    """The uploads, the switch for boundaries, how far it is, and the ranking."""
    st.header(t("Predictions made elsewhere"))
    st.caption(
        t(
            "A zip file with the truth masks, and one for each method with its masks under the same names. Each of "
            "these is ranked as a method of its own; `classes.txt` beside the truths names the classes."
        )
    )
    style_uploaders()
    left, right = st.columns(2, gap="large")
    with left:
        truth = st.file_uploader(t("Truth masks"), type=ARCHIVES, key="predictions.truth")
    with right:
        found = st.file_uploader(t("Predictions"), type=ARCHIVES, key="predictions.found", accept_multiple_files=True)
    boundaries = st.toggle(
        t("Score boundaries"), value=True, key="predictions.boundaries", help=t("Takes most of the time.")
    )
    job: ScoreJob | None = st.session_state.get(KEY)
    ready = truth is not None and bool(found) and not (job is not None and job.is_active)
    if st.button(t("Score"), key="predictions.start", disabled=not ready, icon=":material/play_arrow:"):
        assert truth is not None
        files = [make_upload(file) for file in found]
        job = st.session_state[KEY] = ScoreJob(make_upload(truth), files, boundaries)
        chosen.scored = ""
        when_gone("predictions", job.stop)
    if job is not None and not job.is_over:
        _draw_progress()
    elif job is not None and job.problem is not None:
        st.error(escape_markdown(translate(job.problem)))
    elif job is not None and job.kept and not chosen.scored:
        chosen.scored, job.kept = job.kept, ""
    if chosen.scored:
        draw_scores(chosen.scored)


@st.fragment(run_every=TICK)
def _draw_progress() -> None:
    job: ScoreJob = st.session_state[KEY]
    if job.is_over:
        st.rerun()
    done, total = job.progress
    text = t("{done} of {total} masks", done=done, total=total) if total else t("Reading the files")
    draw_bar(done / max(total, 1), text, "predictions", job.stop)


def draw_scores(name: str) -> None:
    """Who leads, every score, what was assumed, and the address."""
    kept = read_scores(name)
    if kept is None:
        days = settings().keep_runs // 86_400
        st.info(t("These scores are not here: they are kept {days} days, or the link is damaged.", days=days))
        return
    first, *others = map(translate, kept.verdict)
    st.markdown(f"**{escape_markdown(first)}** {escape_markdown(' '.join(others))}")
    announce("predictions", first)
    rows, metric = kept.rows, kept.metric
    shown = [metric, *(m for m in rows[0].scores if m != metric and any(r.scores[m] is not None for r in rows))]
    table = pd.DataFrame(
        {
            t("Method"): row.label,
            **{t(METRICS[m].title): row.scores[m] for m in shown},
            t("Classes"): t(", ").join(translate(ALIGNMENT_NOTES[a]) for a in row.alignments),
        }
        for row in rows
    )
    columns: dict[str, Any] = {t("Method"): st.column_config.TextColumn(pinned=True)}
    columns |= {t(METRICS[m].title): st.column_config.NumberColumn(format="%.3f") for m in shown}
    fitted = fit_columns(table, columns)
    fitted[t("Method")]["width"] = min(fitted[t("Method")]["width"], NAMES)  # on a phone a score stands beside it
    st.dataframe(table, hide_index=True, column_config=fitted, placeholder="–")
    st.caption(escape_markdown(translate_all(kept.said)))
    with st.popover(t("Share"), icon=":material/link:"):
        days = settings().keep_runs // 86_400
        st.markdown(t("Whoever has this link sees these scores for {days} days; no picture goes along.", days=days))
        draw_link((SCORED,))
