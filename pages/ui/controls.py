"""Forms made from the signatures of methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui.language import t
from pages.ui.session import Session, set_parameter, show
from segmethods.method import Method, Parameter


def parameter_form(method: Method, session: Session) -> None:
    """A widget for each parameter that has an effect now; what the user changes goes to the session."""
    values = {p.name: p.default for p in method.parameters} | session.params.get(method.id, {})
    for parameter in method.parameters:
        if has_effect(parameter, values):
            _draw_widget(method, parameter, values[parameter.name], session)
    if method.id in session.params:
        st.button(t("Back to the defaults"), key=f"{method.id}.defaults", type="tertiary",
                  on_click=_forget_parameters, args=(method, session))  # fmt: skip


def _forget_parameters(method: Method, session: Session) -> None:
    del session.params[method.id]


def has_effect(parameter: Parameter, values: Mapping[str, Any]) -> bool:
    """Whether a parameter changes anything, the others being as in `values`."""
    return all(values[name] in allowed for name, allowed in parameter.about.when.items())


def _label(parameter: Parameter) -> str:
    """What the user reads; the name in the code, in small print, is for those who go on to Python."""
    text, name = t(parameter.about.label), parameter.name
    return text if name.replace("_", " ") in text.lower() else f"{text} :gray[:small[{name}]]"


def _draw_widget(method: Method, parameter: Parameter, value: Any, session: Session) -> None:
    about, range_ = parameter.about, parameter.range
    key = show(f"{method.id}.{parameter.name}", list(value) if parameter.kind == "choices" else value)

    labels = {o: t(about.options[o]) if o in about.options else o for o in parameter.options}

    def take_parameter() -> None:
        chosen = st.session_state[key]
        if chosen != []:  # the last of several choices can't be taken away; the widget shows it again
            set_parameter(session, method, parameter.name, parameter.check(chosen))

    common: dict[str, Any] = {
        "label": _label(parameter),
        "help": t(about.help) if about.help else None,
        "key": key,
        "on_change": take_parameter,
    }
    match parameter.kind:
        case "int" | "float":
            assert range_ is not None
            number = int if parameter.kind == "int" else float
            low, high, step = (number(x) for x in (range_.low, range_.high, range_.step))
            st.slider(min_value=low, max_value=high, step=step, **common)
        case "bool":
            st.toggle(**common)
        case "choices":
            st.pills(options=parameter.options, selection_mode="multi", format_func=labels.__getitem__, **common)
        case _:
            st.selectbox(options=parameter.options, format_func=labels.__getitem__, **common)
