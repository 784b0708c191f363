"""What a run computes: the lines of its leaderboard, each a method with all its parameters."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segmethods.benchmark.evaluation import BASELINES, HUMAN, EvalJob
from segmethods.core.messages import ParameterError
from segmethods.execution.cache import make_key
from segmethods.execution.compare import plan_comparison
from segmethods.execution.tasks import Task
from segmethods.methods import get_method

Params = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class RunConfig:
    """A line of the leaderboard.

    Parameters
    ----------
    label : str
        What it is called; unique in a run.
    method : str
        A method's id.
    params : mapping
        All its parameters.
    boundaries : bool
        Whether its boundaries are scored.
    """

    label: str
    method: str
    params: Mapping[str, Any]
    boundaries: bool = True

    def job(self) -> EvalJob:
        """What a worker has to do for it."""
        return EvalJob(self.label, Task.from_method("", get_method(self.method), self.params), self.boundaries)

    def fingerprint(self) -> str:
        """Everything that its scores depend on beside the picture: parameters, weights, version, what is left out."""
        return json.dumps(make_key("", self.method, self.params)) + ("" if self.boundaries else " without boundaries")


def plan_configs(
    methods: Iterable[str] | None = None, params: Params | None = None, boundaries: bool = True
) -> tuple[RunConfig, ...]:
    """A line for each method.

    Parameters
    ----------
    methods : iterable of str, optional
        Ids of methods; all of them if left out.
    params : mapping, optional
        Method id -> its parameters.
    boundaries : bool
        Whether boundaries are scored.

    Raises
    ------
    ParameterError
        If they name something that doesn't exist.

    Examples
    --------
    >>> [entry.label for entry in plan_configs(["kmeans", "threshold"], {"kmeans": {"k": 3}})]
    ['kmeans', 'threshold']
    """
    plan = plan_comparison(methods, params)
    if not plan:
        raise ParameterError("Choose at least one method.")
    return tuple(RunConfig(method, method, checked, boundaries) for method, checked in plan.items())


def plan_sweep(
    method: str,
    parameter: str,
    values: Sequence[Any],
    params: Mapping[str, Any] | None = None,
    boundaries: bool = True,
) -> tuple[RunConfig, ...]:
    """A line for each value of one parameter of one method.

    Parameters
    ----------
    method, parameter : str
        Ids.
    values : sequence
        What the parameter is set to, each value once.
    params : mapping, optional
        The method's other parameters.
    boundaries : bool
        Whether boundaries are scored.

    Raises
    ------
    ParameterError
        For a method, parameter or value that doesn't exist, and for fewer than two values.

    Examples
    --------
    >>> [entry.label for entry in plan_sweep("kmeans", "k", [2, 3])]
    ['kmeans k=2', 'kmeans k=3']
    """
    known = get_method(method)
    names = [p.name for p in known.parameters]
    if parameter not in names:
        near = difflib.get_close_matches(parameter, names, n=1)
        raise ParameterError(
            "{method} has no parameter {name}. It has {choices}.",
            method=method,
            name=parameter,
            choices=", ".join(near or names) or "none",
        )
    entries: dict[str, RunConfig] = {}
    for value in values:
        checked = known.validate({**(params or {}), parameter: value})
        label = f"{method} {parameter}={_text(checked[parameter])}"
        entries[label] = RunConfig(label, method, checked, boundaries)
    if len(entries) < 2:
        raise ParameterError("A sweep needs at least two values of {name}. Add some.", name=parameter)
    return tuple(entries.values())


def list_jobs(entries: Iterable[RunConfig], several_annotators: bool) -> list[EvalJob]:
    """What a worker has to do with each picture: the entries, the baselines, and people where there are several."""
    entries = tuple(entries)
    taken = {entry.label for entry in entries}
    if len(taken) < len(entries) or taken & {*BASELINES, HUMAN}:
        raise ParameterError("Two lines of the leaderboard have the same name. Name each of them differently.")
    others = (*BASELINES, HUMAN) if several_annotators else BASELINES
    boundaries = all(entry.boundaries for entry in entries)
    return [*(entry.job() for entry in entries), *(EvalJob(label, None, boundaries) for label in others)]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else ",".join(value) if isinstance(value, tuple) else str(value)
