"""Runs in which nothing was judged: they end with a line that says so."""

from __future__ import annotations

import math

from segmethods.benchmark.results import Results, leaderboard
from segmethods.benchmark.store import Run
from segmethods.core.messages import Message

ALL_LEFT_OUT = Message("Nothing was judged: every picture was left out. The list of what was left out says why.")
ALL_VOID = Message("Nothing was judged: the truth of every picture is void everywhere (255). Use other masks.")


def explain_nothing(run: Run, results: Results | None) -> Message | None:
    """Why a finished run has no scores; None if it has some, or isn't finished.

    Parameters
    ----------
    run : Run
        The run.
    results : Results or None
        What was counted in it; None where no picture was scored.
    """
    if run.finished is None:
        return None
    if results is None or not results.images:
        return ALL_LEFT_OUT
    covering = [line.scores["covering"] for line in leaderboard(results)]  # undefined where no pixel is judged
    return ALL_VOID if all(math.isnan(value) for value in covering) else None
