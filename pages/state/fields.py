"""What the addresses of the Compare and the Benchmark page say."""

from __future__ import annotations

from typing import Any, cast

from pages.state.address import Field, choice_field, read_value, write_value
from pages.state.benchmark import DATA
from pages.state.parameters import set_parameter
from pages.state.session import ALIGNMENTS, CHARTS, VIEWS, CompareState, Session
from segmethods.core.messages import Message, ParameterError
from segmethods.core.registry import Method, Parameter
from segmethods.datasets.shapes import parse_shapes
from segmethods.io.samples import list_samples
from segmethods.methods import list_methods

OWN_IMAGE = "own"
"""What the address says instead of a sample's id when the picture is the user's own, which no link can carry."""


def compare_fields() -> tuple[Field, ...]:
    """What is compared, and how it is seen."""
    return (IMAGE, METHODS, *_parameter_fields(), VIEW, TRUTH, ALIGNMENT, OPACITY, CHART)


def method_fields() -> tuple[Field, ...]:
    """Which methods are chosen, and their settings."""
    return (METHODS, *_parameter_fields())


def pictures_fields() -> tuple[Field, ...]:
    """Whether there were pictures, and what is run on them."""
    return (OWN_SET, *method_fields())


def benchmark_fields(is_run: bool) -> tuple[Field, ...]:
    """The open run, or else the choices of a new one."""
    return (RUN,) if is_run else (RUN, SCORED, DATA_SET, *method_fields())


def _write_image(session: Session) -> str:
    return OWN_IMAGE if session.has_own_image else session.sample


def _read_image(session: Session, text: str) -> None:
    if text in {sample.id for sample in list_samples()}:
        session.source, session.sample = "samples", text
    elif text == OWN_IMAGE and (session.uploads or session.camera_image):
        session.source = "files" if session.uploads else "camera"
    elif text == OWN_IMAGE:
        session.notes.append(
            Message(
                "This page was made from an own picture, which isn’t kept when a page is loaded anew. Upload it again."
            )
        )
    elif text:
        session.notes.append(Message("There is no sample called {name}; another one is shown.", {"name": text}))


def _read_set(session: Session, text: str) -> None:
    if text != OWN_IMAGE:
        raise ValueError(text)
    if not session.set_digest:
        session.notes.append(
            Message(
                "This page was made from own pictures, which aren’t kept when a page is loaded anew. Upload them again."
            )
        )


def _read_methods(session: Session, text: str) -> None:
    wanted = [method for method in text.split(",") if method]
    known = [m.id for m in list_methods()]
    session.notes += [
        Message("There is no method called {name}.", {"name": method}) for method in wanted if method not in known
    ]
    session.methods = tuple(method for method in known if method in wanted)


def _parameter_fields() -> list[Field]:
    return [_parameter_field(method, parameter) for method in list_methods() for parameter in method.parameters]


def _parameter_field(method: Method, parameter: Parameter) -> Field:
    name = parameter.name

    def write(session: Session) -> str | None:
        moved = session.params.get(method.id, {})
        return write_value(parameter, moved[name]) if method.id in session.methods and name in moved else None

    def read(session: Session, text: str) -> None:
        set_parameter(session, method, name, read_value(parameter, text))

    return Field(f"{method.id}.{name}", write, read, lambda s: set_parameter(s, method, name, parameter.default))


def _compare_choice(key: str, options: tuple[str, ...], default: str | None = None) -> Field:
    return choice_field(
        key,
        options,
        lambda session: str(getattr(session.compare, key)),
        lambda session, text: setattr(session.compare, key, text),
        default,
    )


def _write_truth(session: Session) -> str | None:
    return "none" if session.truth == "none" else None


def _read_truth(session: Session, text: str) -> None:
    if text not in ("own", "none"):
        raise ValueError(text)
    session.truth = text


def _reset_truth(session: Session) -> None:
    if session.truth == "none":
        session.truth = Session().truth


def _write_opacity(session: Session) -> str | None:
    return None if session.compare.opacity == CompareState.opacity else str(session.compare.opacity)


def _read_opacity(session: Session, text: str) -> None:
    if not text.isdecimal() or int(text) > 100:
        raise ValueError(text)
    session.compare.opacity = int(text)


def _reset_opacity(session: Session) -> None:
    session.compare.opacity = CompareState.opacity


def _read_run(session: Session, text: str) -> None:
    session.benchmark.run = text


def _read_scored(session: Session, text: str) -> None:
    session.benchmark.scored = text


def _write_data(session: Session) -> str | None:
    return None if session.benchmark.run else session.benchmark.source


def _read_data(session: Session, text: str) -> None:
    state, kind = session.benchmark, text.partition(":")[0]
    state.run = ""
    if kind not in DATA:
        session.notes.append(Message("There is no data set {name}; the samples are shown.", {"name": text[:40]}))
        return
    state.data = cast(Any, kind)
    if kind == "shapes":
        try:
            state.shapes = parse_shapes(text)
        except ParameterError as error:
            session.notes.append(error.message)


IMAGE = Field("picture", _write_image, _read_image)
OWN_SET = Field("pictures", lambda session: OWN_IMAGE if session.set_digest else None, _read_set)
METHODS = Field("methods", lambda session: ",".join(session.methods), _read_methods)
VIEW = _compare_choice("view", VIEWS)
ALIGNMENT = _compare_choice("alignment", ALIGNMENTS, CompareState.alignment)
CHART = _compare_choice("chart", CHARTS, CompareState.chart)
TRUTH = Field("truth", _write_truth, _read_truth, _reset_truth)
OPACITY = Field("opacity", _write_opacity, _read_opacity, _reset_opacity)
RUN = Field("run", lambda session: session.benchmark.run or None, _read_run, lambda session: _read_run(session, ""))
SCORED = Field(
    "scored",
    lambda session: session.benchmark.scored or None,
    _read_scored,
    lambda session: _read_scored(session, ""),
)
DATA_SET = Field("data", _write_data, _read_data)
