"""Forms made from the signatures of methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.state.parameters import set_parameter
from pages.state.session import Session
from pages.state.widgets import bind_widget
from pages.ui.language import t
from segmethods.core.registry import Method, Parameter


def parameter_form(method: Method, session: Session, moved: Callable[[], object] = lambda: None) -> None:
    """A widget for each parameter that has an effect now; what the user changes goes to the session.

    Parameters
    ----------
    moved : callable
        Called after a change that leaves the form as it is, such as that of most sliders.
    """
    values = {p.name: p.default for p in method.parameters} | session.params.get(method.id, {})

    def take(name: str, value: Any) -> None:
        was_moved = method.id in session.params
        set_parameter(session, method, name, value)
        if was_moved == (method.id in session.params) and is_by_itself(method, name):
            moved()

    for parameter in method.parameters:
        if has_effect(parameter, values):
            draw_control(method.id, parameter, values[parameter.name], take)
    if method.id in session.params:
        st.button(
            t("Back to the defaults"),
            key=f"{method.id}.defaults",
            type="tertiary",
            on_click=_forget_parameters,
            args=(method, session),
        )


def _forget_parameters(method: Method, session: Session) -> None:
    del session.params[method.id]


def has_effect(parameter: Parameter, values: Mapping[str, Any]) -> bool:
    """Whether a parameter changes anything, the others being as in `values`."""
    return all(values[name] in allowed for name, allowed in parameter.about.when.items())


def is_by_itself(method: Method, name: str) -> bool:
    """Whether a parameter is a number on which no other parameter's effect depends."""
    return all(name not in p.about.when and (p.name != name or p.range is not None) for p in method.parameters)


def value_text(parameter: Parameter, value: Any) -> str:
    """A value as the parameter's widget shows it."""
    if isinstance(value, tuple):
        return t(", ").join(value_text(parameter, one) for one in value)
    if isinstance(value, bool):
        return t("on") if value else t("off")
    if isinstance(value, str):
        return t(parameter.about.options[value]) if value in parameter.about.options else value
    return f"{value:g}"


def _help(parameter: Parameter, named: bool) -> str | None:
    """What a parameter does, and, for those who go on to Python, what the code calls it."""
    about = [t(parameter.about.help)] if parameter.about.help else []
    return "\n\n".join([*about, t("In Python: {name}", name=f"`{parameter.name}`")] if named else about) or None


def draw_control(
    form: str,
    parameter: Parameter,
    value: Any,
    take: Callable[[str, Any], None],
    *,
    most: float | None = None,
    named: bool = True,
) -> Any:
    """The widget of one parameter; returns what it shows.

    Parameters
    ----------
    form : str
        Whose parameter it is; with the parameter's name it makes the widget's key.
    value : Any
        What it shall show.
    take : callable
        Called with the parameter's name and the user's choice, checked, before the page is drawn anew.
    most : float, optional
        A lower end of the range, where something else leaves no more.
    named : bool
        Whether the help says what the code calls it.
    """
    about, range_ = parameter.about, parameter.range
    if most is not None and range_ is not None:
        range_ = replace(range_, high=min(most, range_.high))
        value = min(value, range_.high)
    key = f"{form}.{parameter.name}"

    labels = {o: t(about.options[o]) if o in about.options else o for o in parameter.options}

    def take_choice() -> None:
        chosen = st.session_state[key]
        if chosen != []:  # the last of several choices can't be taken away; the widget shows it again
            take(parameter.name, parameter.check(chosen))

    common: dict[str, Any] = {
        "label": t(about.label),
        "help": _help(parameter, named),
        "on_change": take_choice,
    }
    match parameter.kind:
        case "int" | "float":
            assert range_ is not None
            number = int if parameter.kind == "int" else float
            low, high, step = (number(x) for x in (range_.low, range_.high, range_.step))
            return st.slider(min_value=low, max_value=high, step=step, **bind_widget(key, number(value)), **common)
        case "bool":
            return st.toggle(**bind_widget(key, value), **common)
        case "choices":
            many = bind_widget(key, list(value), "default")
            return st.pills(
                options=parameter.options, selection_mode="multi", format_func=labels.__getitem__, **many, **common
            )
        case _:
            one = bind_widget(key, value, among=parameter.options)
            return st.selectbox(options=parameter.options, format_func=labels.__getitem__, **one, **common)
