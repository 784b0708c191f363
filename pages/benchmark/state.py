"""What a visitor has chosen on this page, and the part of the address that says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.state.address import put_address, read_address, write_address
from pages.state.session import Upload, session
from segmethods.benchmark import ShapeSettings
from segmethods.core.messages import Message, ParameterError
from segmethods.datasets.shapes import parse_shapes

Data = Literal["samples", "shapes", "own"]
DATA: tuple[Data, ...] = get_args(Data)
TASKS = ("methods", "sweep")
OF_COMPARE = ("picture", "view", "truth", "alignment", "opacity", "lang")
"""What the Compare page's address says beside the methods."""


@dataclass
class Choices:
    """The choices of one visitor.

    Parameters
    ----------
    data : str
        Which data set: the samples, shapes, or the visitor's own.
    shapes : ShapeSettings
        How the shapes look.
    files : tuple of Upload
        What the visitor gave: one zip file, or pictures without truth.
    task : str
        ``"methods"`` compares methods; ``"sweep"`` one method at several values of a parameter.
    sweep, parameter : str
        The method and its parameter; empty for the first one that can be swept.
    low, high, steps : float, float, int
        Where the values of a number begin and end, and how many there are; None for the parameter's whole range.
    run : str
        The run that is open; empty while a new one is being prepared.
    runs, deleted : list of str, set of str
        The visitor's runs, newest first, and those that they deleted.
    metric, panel : str
        The score that decides, and the chart that is shown.
    pair : tuple of str
        The labels of the two methods that are compared.
    looked_at : str
        The label of the method whose best and worst pictures are shown.
    beside : tuple of str
        Runs that lie beside the open one.
    addresses : set
        All addresses that this page wrote or read; a click may still carry one that a click before it has changed.
    """

    data: Data = "samples"
    shapes: ShapeSettings = field(default_factory=lambda: ShapeSettings(count=20))
    files: tuple[Upload, ...] = ()
    task: str = "methods"
    sweep: str = "kmeans"
    parameter: str = ""
    low: float | None = None
    high: float | None = None
    steps: int = 7
    run: str = ""
    runs: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    metric: str = "mean_iou"
    panel: str = ""
    pair: tuple[str, ...] = ()
    looked_at: str = ""
    beside: tuple[str, ...] = ()
    addresses: set[frozenset[tuple[str, str]]] = field(default_factory=set, repr=False)

    @property
    def source(self) -> str:
        """The data set as `segmethods.benchmark.open_dataset` and the address call it."""
        return str(self.shapes) if self.data == "shapes" else self.data


def choices() -> Choices:
    """The choices of the visitor whose page is being drawn."""
    known: Choices | None = st.session_state.get("benchmark")
    if known is None:
        known = st.session_state["benchmark"] = Choices()
    return known


def key_of(name: str) -> str:
    """The key of the widget that shows the choice `name`."""
    return f"benchmark.{name}"


def take(name: str) -> None:
    """Callback of the widget of the choice `name`: what the visitor chose becomes the choice."""
    value = st.session_state[key_of(name)]
    setattr(choices(), name, tuple(value) if isinstance(value, list) else value)


def follow_address() -> None:
    """Take the run, or the data set and methods, of an address that is none of this session's own."""
    query, chosen, context = st.query_params.to_dict(), choices(), get_script_run_ctx()
    if _is_known(query, chosen) and not (context and context.is_history_navigation):
        return
    if "run" in query:
        chosen.run = query["run"]
        return
    if "data" in query:
        chosen.run = ""
        _read_data(query["data"], chosen)
    visitor = session()
    source = visitor.source  # an address without a picture would set it back to the samples
    read_address({k: v for k, v in query.items() if k == "methods" or "." in k}, visitor, [visitor.sample])
    visitor.source = source


def publish_address() -> None:
    """Write the open run, or else the choices of a new one, to the address."""
    chosen, visitor = choices(), session()
    if chosen.run:
        query = {"run": chosen.run}
    else:
        methods = {k: v for k, v in write_address(visitor).items() if k not in OF_COMPARE}
        query = {"data": chosen.source, **methods}
    query["lang"] = visitor.language
    _is_known(query, chosen)
    put_address(query)


def _is_known(query: dict[str, str], chosen: Choices) -> bool:
    """Whether the page has met this address before; from now on it has."""
    items = frozenset((k, v) for k, v in query.items() if k != "lang")
    known = items in chosen.addresses
    chosen.addresses.add(items)
    return known


def _read_data(text: str, chosen: Choices) -> None:
    kind = text.partition(":")[0]
    if kind not in DATA:
        session().notes.append(Message("There is no data set {name}; the samples are shown.", {"name": text[:40]}))
        return
    chosen.data = kind
    if kind == "shapes":
        try:
            chosen.shapes = parse_shapes(text)
        except ParameterError as error:
            session().notes.append(error.message)
