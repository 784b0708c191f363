"""What a visitor has chosen on a job's page, and what its address says of that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.state.address import Field
from pages.state.session import Session
from pages.state.widgets import bind_widget
from segmethods.jobs.frame import Job, Knob

MOST = 24
METRES = 0.5


@dataclass
class JobChoices:
    """The choices on one job's page.

    Parameters
    ----------
    task : str
        The sub-set.
    source : str
        ``"generated"`` or ``"own"``.
    count, seed : int
        How many images are drawn, and from which seed.
    knobs : dict
        Knob -> its value, where the visitor moved it.
    shown : int
        The image that is looked at, from 0.
    curve : str
        The knob whose curve is shown; empty for none.
    metres : float
        How many metres wide a pixel is, where areas are told in hectares.
    played : str
        The pipeline whose answer to a clip is played.
    """

    task: str
    source: str = "generated"
    count: int = 8
    seed: int = 0
    knobs: dict[str, float] = field(default_factory=dict)
    shown: int = 0
    curve: str = ""
    metres: float = METRES
    played: str = ""


def choices_of(job: Job) -> JobChoices:
    """The visitor's choices for this job."""
    kept: dict[str, JobChoices] = st.session_state.setdefault("jobs", {})
    return kept.setdefault(job.id, JobChoices(job.tasks[0].id, count=job.images))


def bind(
    job: Job, name: str, value: Any, start: str = "value", *, among: Iterable[Any] = (), knob: bool = False
) -> dict[str, Any]:
    """Arguments for the widget of a choice or of a knob: it shows `value`, and what the visitor chooses is stored."""
    key = f"jobs.{job.id}.{name}"
    return {**bind_widget(key, value, start, among=among), "on_change": _store, "args": (job, name, key, knob)}


def _store(job: Job, name: str, key: str, knob: bool) -> None:
    chosen, value = choices_of(job), st.session_state[key]
    if knob:
        chosen.knobs[name] = value
    else:
        setattr(chosen, name, value)


def job_fields(job: Job) -> tuple[Field, ...]:
    """What the address of a job's page says: what differs from the defaults."""
    tasks, knobs = tuple(t.id for t in job.tasks), tuple(k.id for k in job.knobs)
    numbers = (("count", 1, MOST, job.images), ("seed", 0, 9999, 0), ("shown", 0, MOST - 1, 0))
    return (
        _word_field(job, "task", tasks, tasks[0]),
        *(_number_field(job, *number) for number in numbers),
        *(_knob_field(job, knob) for knob in job.knobs),
        _word_field(job, "curve", knobs, ""),
        *((_metres_field(job),) if any(task.areas for task in job.tasks) else ()),
    )


def _word_field(job: Job, name: str, options: tuple[str, ...], default: str) -> Field:
    def write(_: Session) -> str | None:
        value: str = getattr(choices_of(job), name)
        return None if value == default else value

    def read(_: Session, text: str) -> None:
        if text not in options:
            raise ValueError(text)
        setattr(choices_of(job), name, text)

    return Field(name, write, read, lambda _: setattr(choices_of(job), name, default))


def _number_field(job: Job, name: str, low: int, high: int, default: int) -> Field:
    def write(_: Session) -> str | None:
        value: int = getattr(choices_of(job), name)
        return None if value == default else str(value)

    def read(_: Session, text: str) -> None:
        if not low <= int(text) <= high:
            raise ValueError(text)
        setattr(choices_of(job), name, int(text))

    return Field(name, write, read, lambda _: setattr(choices_of(job), name, default))


def _knob_field(job: Job, knob: Knob) -> Field:
    def write(_: Session) -> str | None:
        value = choices_of(job).knobs.get(knob.id, knob.default)
        return None if value == knob.default else f"{value:g}"

    def read(_: Session, text: str) -> None:
        if not knob.low <= float(text) <= knob.high:
            raise ValueError(text)
        choices_of(job).knobs[knob.id] = float(text)

    def reset(_: Session) -> None:
        choices_of(job).knobs.pop(knob.id, None)

    return Field(knob.id, write, read, reset)


def _metres_field(job: Job) -> Field:
    def write(_: Session) -> str | None:
        value = choices_of(job).metres
        return None if value == METRES else f"{value:g}"

    def read(_: Session, text: str) -> None:
        if not 0.05 <= float(text) <= 100:
            raise ValueError(text)
        choices_of(job).metres = float(text)

    return Field("metres", write, read, lambda _: setattr(choices_of(job), "metres", METRES))
