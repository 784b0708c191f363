"""What to run: methods with their parameters, or one method at several values of a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.state.benchmark import TASKS, BenchmarkState
from pages.state.session import Session
from pages.state.widgets import bind_choice, bind_widget, store_choice
from pages.ui.actions import draw_switch
from pages.ui.controls import has_effect, value_text
from pages.ui.language import t, translate
from pages.ui.methods import choose_methods
from segmethods.benchmark import RunConfig, plan_configs, plan_sweep
from segmethods.core.messages import Message
from segmethods.core.registry import Method, Parameter
from segmethods.methods import get_method, list_methods
from segmethods.reporting.titles import name_method

TASK_NAMES = {"methods": Message("Compare methods"), "sweep": Message("Tune one parameter")}
MOST_STEPS = 12


def choose_plan(chosen: BenchmarkState, visitor: Session) -> tuple[RunConfig, ...]:
    """The lines of the leaderboard that the visitor wants; none while no method is chosen."""
    st.header(t("Methods"))
    draw_switch(t("What to run"), TASKS, TASK_NAMES, chosen, "task", chosen.task)
    if chosen.task == "sweep":
        return _choose_sweep(chosen, visitor)
    choose_methods(visitor)
    boundaries = _choose_boundaries(chosen)
    return plan_configs(visitor.methods, _params(visitor), boundaries) if visitor.methods else ()


def sweepable(method: Method, visitor: Session) -> list[Parameter]:
    """The parameters of a method that have an effect now and several values."""
    values = {p.name: p.default for p in method.parameters} | visitor.params.get(method.id, {})
    return [p for p in method.parameters if p.kind != "choices" and p.name != "seed" and has_effect(p, values)]


def sweep_values(parameter: Parameter, low: float | None, high: float | None, steps: int) -> list[Any]:
    """The values of a sweep, each once.

    Examples
    --------
    >>> kmeans = {p.name: p for p in get_method("kmeans").parameters}
    >>> sweep_values(kmeans["k"], None, None, 4), sweep_values(kmeans["k"], 2, 4, 9)
    ([2, 5, 9, 12], [2, 3, 4])
    >>> sweep_values(kmeans["space"], None, None, 4)
    ['rgb', 'lab', 'hsv']
    """
    if parameter.kind == "bool":
        return [False, True]
    if parameter.range is None:
        return list(parameter.options)
    bounds = parameter.range
    first, last = bounds.low if low is None else low, bounds.high if high is None else high
    spread = np.linspace(first, last, steps)
    stepped = bounds.low + np.round((spread - bounds.low) / bounds.step) * bounds.step
    values = np.unique(np.clip(np.round(stepped, 10), bounds.low, bounds.high)).tolist()
    return [parameter.check(value) for value in values]


def _choose_sweep(chosen: BenchmarkState, visitor: Session) -> tuple[RunConfig, ...]:
    methods = {m.id: m for m in list_methods() if sweepable(m, visitor)}
    chosen.sweep = chosen.sweep if chosen.sweep in methods else next(iter(methods))
    method = methods[chosen.sweep]
    parameters = {p.name: p for p in sweepable(method, visitor)}
    if chosen.parameter not in parameters:
        chosen.parameter, chosen.low, chosen.high = next(iter(parameters)), None, None
    parameter = parameters[chosen.parameter]
    left, right = st.columns(2)
    left.selectbox(
        t("Method"),
        list(methods),
        format_func={m.id: t(m.title) for m in methods.values()}.__getitem__,
        **bind_choice(chosen, "sweep", chosen.sweep, among=methods),
    )
    right.selectbox(
        t("Parameter"),
        list(parameters),
        **bind_widget("benchmark.parameter", chosen.parameter, among=parameters),
        format_func={p.name: t(p.about.label) for p in parameters.values()}.__getitem__,
        on_change=_take_parameter,
        args=(chosen,),
    )
    values = _choose_values(parameter, chosen)
    st.caption(
        t(
            "{count} values: {values}. The other parameters stay as you set them under Compare methods.",
            count=len(values),
            values=", ".join(value_text(parameter, v) for v in values),
        )
    )
    others = {k: v for k, v in visitor.params.get(method.id, {}).items() if k != parameter.name}
    boundaries = _choose_boundaries(chosen)
    return plan_sweep(method.id, parameter.name, values, others, boundaries) if len(values) > 1 else ()


def _choose_values(parameter: Parameter, chosen: BenchmarkState) -> Sequence[Any]:
    if parameter.range is None:
        return sweep_values(parameter, None, None, 0)
    number = int if parameter.kind == "int" else float
    low, high, step = (number(x) for x in (parameter.range.low, parameter.range.high, parameter.range.step))
    span = (number(low if chosen.low is None else chosen.low), number(high if chosen.high is None else chosen.high))
    left, right = st.columns(2)
    left.slider(
        t("From – to"),
        low,
        high,
        step=step,
        **bind_widget("benchmark.span", span),
        on_change=_take_span,
        args=(chosen,),
    )
    right.slider(t("Number of values"), 2, MOST_STEPS, **bind_choice(chosen, "steps", chosen.steps))
    return sweep_values(parameter, chosen.low, chosen.high, chosen.steps)


def _choose_boundaries(chosen: BenchmarkState) -> bool:
    """Whether boundaries are scored."""
    return st.toggle(
        t("Score boundaries"), help=t("Takes most of the time."), **bind_choice(chosen, "boundaries", chosen.boundaries)
    )


def entry_title(entry: RunConfig, swept: str = "") -> str:
    """A line of the leaderboard as the visitor reads it: the method, or the value of the parameter that is swept."""
    method = get_method(entry.method)
    parameter = next((p for p in method.parameters if p.name == swept), None)
    if parameter is None:
        return translate(name_method(entry.method, entry.params))
    return value_text(parameter, entry.params[swept])


def _take_parameter(chosen: BenchmarkState) -> None:
    store_choice(chosen, "parameter")
    chosen.low = chosen.high = None


def _take_span(chosen: BenchmarkState) -> None:
    chosen.low, chosen.high = st.session_state["benchmark.span"]


def _params(visitor: Session) -> dict[str, dict[str, Any]]:
    return {method_id: params for method_id, params in visitor.params.items() if method_id in visitor.methods}
