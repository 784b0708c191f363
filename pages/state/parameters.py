"""The parameters of methods in a session: those that differ from their defaults."""

from __future__ import annotations

from typing import Any

from pages.state.session import Session
from segmethods.core.messages import Message, ParameterError
from segmethods.core.registry import Method
from segmethods.methods import get_method


def set_parameter(session: Session, method: Method, name: str, value: Any) -> None:
    """Note a parameter's value in the session, which keeps only those that differ from the default."""
    default = next(p.default for p in method.parameters if p.name == name)
    chosen = {n: v for n, v in session.params.get(method.id, {}).items() if n != name}
    if value != default:
        chosen[name] = value
    session.params = {key: v for key, v in {**session.params, method.id: chosen}.items() if v}


def reset_unavailable_parameters(session: Session) -> None:
    """Go back to the default where a chosen value is no longer there, such as weights that were removed; say so."""
    for method_id, params in list(session.params.items()):
        method = get_method(method_id)
        for parameter in method.parameters:
            value = params.get(parameter.name, parameter.default)
            try:
                parameter.check(value)
            except ParameterError:
                set_parameter(session, method, parameter.name, parameter.default)
                values = {
                    "value": str(value),
                    "method": Message(method.title),
                    "parameter": Message(parameter.about.label),
                }
                session.notes.append(
                    Message("“{value}” ({method}, {parameter}) is gone; the default is used instead.", values)
                )
