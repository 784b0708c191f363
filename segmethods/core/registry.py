"""Functions become methods: the signature is the form.

``@method`` reads a function's signature once and keeps a `Method` record in the registry. Widgets, validation of
parameters, the ``list`` command and the translations all come from that record.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from segmethods.core.extras import require
from segmethods.core.machine import own_seconds, seconds_since
from segmethods.core.messages import ParameterError
from segmethods.core.palette import guess_colour
from segmethods.core.types import Segmentation, Timings

Family = Literal["classical", "network", "ensemble"]
"""What kind of method."""

Stage = Literal["prepare", "infer", "finish"]

Function = TypeVar("Function", bound=Callable[..., Segmentation])


@dataclass(frozen=True)
class Range:
    """Lowest and highest value of a number, both allowed, and the step of its slider."""

    low: float
    high: float
    step: float = 1


@dataclass(frozen=True)
class About:
    """What a parameter is called and does, in the user's words.

    Parameters
    ----------
    label : str
        "Colour groups", not "n_clusters".
    help : str
        One sentence: what moves when it moves.
    options : mapping, optional
        Choice -> its label, where the choice itself is not fit to be shown.
    when : mapping, optional
        Other parameter -> values with which this one has an effect; a form hides it otherwise.
    """

    label: str
    help: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class DynamicChoices:
    """Choices that a signature can't list, such as weights, which users can add; an annotation of ``str``.

    Parameters
    ----------
    choices : callable
        Gives what may be chosen now.
    """

    choices: Callable[[], Sequence[str]]


@dataclass(frozen=True)
class Several:
    """Parameters that a signature can't list, one for each network for instance; an annotation of ``**others``.

    Parameters
    ----------
    parameters : tuple of Parameter
        All of them.
    before : str
        The parameter in front of which they stand in a form.
    """

    parameters: tuple[Parameter, ...]
    before: str


UsedWeights = Callable[[Mapping[str, Any]], tuple[str, ...]]
"""Takes all parameters of a method; gives the SHA-256 of the weights that it uses with them."""

_HUGE = 1e15
"""No parameter is that large; whole numbers far beyond it don't even fit a float."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method, as read from its signature."""

    name: str
    kind: Literal["int", "float", "bool", "choice", "choices"]
    default: Any
    about: About
    range: Range | None = None
    listed: tuple[str, ...] = ()
    dynamic: DynamicChoices | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """What may be chosen now: what the signature lists, then its `DynamicChoices`."""
        return (*self.listed, *(self.dynamic.choices() if self.dynamic else ()))

    def check(self, value: Any) -> Any:
        """`value` in the parameter's own type, or `ParameterError` with what is allowed."""
        value = value.item() if isinstance(value, np.generic) else value
        options = self.options
        match self.kind:
            case "bool":
                fine = isinstance(value, bool)
            case "choice":
                fine = _is_among(value, options)
            case "choices":
                fine = isinstance(value, list | tuple) and bool(value) and all(_is_among(v, options) for v in value)
                value = tuple(o for o in options if o in value) if fine else value
            case _:
                return self._check_number(value)
        if not fine:
            raise ParameterError(
                "{name} can't be {value}. Choose from {choices}.",
                name=self.name,
                value=repr(value),
                choices=", ".join(map(str, options)) or "true, false",
            )
        return value

    def _check_number(self, value: Any) -> int | float:
        assert self.range is not None  # numbers always have one, see _read_parameter
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _HUGE:
            raise ParameterError("{name} must be a number, not {value}.", name=self.name, value=repr(value))
        if self.kind == "int" and not float(value).is_integer():
            raise ParameterError("{name} must be a whole number, not {value}.", name=self.name, value=repr(value))
        if not self.range.low <= value <= self.range.high:
            raise ParameterError(
                "{name} must lie between {low} and {high}; it is {value}.",
                name=self.name,
                low=f"{self.range.low:g}",
                high=f"{self.range.high:g}",
                value=f"{value:.10g}",
            )
        return int(value) if self.kind == "int" else float(value)


def _is_among(value: object, options: Sequence[str]) -> bool:
    """Whether a value is one of the options; an array, which would be compared one by one, is none."""
    return isinstance(value, Hashable) and value in options


@dataclass(frozen=True)
class Method:
    """A segmentation method: a function and what its signature says."""

    id: str
    title: str
    family: Family
    source: str
    summary: str
    function: Callable[..., Segmentation]
    parameters: tuple[Parameter, ...]
    needs: tuple[str, ...] = ()
    used_weights: UsedWeights | None = None
    colour: str = ""

    def validate(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters of the method: the given ones checked, the others at their defaults.

        Raises
        ------
        ParameterError
            For a name that the method doesn't have or a value that it doesn't allow.
        """
        if not isinstance(params, Mapping):
            raise ParameterError(
                "The parameters of {method} are given by their names, not as {value}.",
                method=self.id,
                value=repr(params),
            )
        known = {p.name: p for p in self.parameters}
        for name in params:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise ParameterError(
                    "{method} has no parameter {name}. It has {choices}.",
                    method=self.id,
                    name=name,
                    choices=", ".join(near or known) or "none",
                )
        return {p.name: p.check(params[p.name]) if p.name in params else p.default for p in self.parameters}


REGISTRY: dict[str, Method] = {}
"""Id -> method, as far as the modules that define them are imported; see :mod:`segmethods.methods`."""


def method(
    method_id: str,
    *,
    title: str,
    family: Family,
    source: str,
    needs: tuple[str, ...] = (),
    used_weights: UsedWeights | None = None,
    colour: str = "",
) -> Callable[[Function], Function]:
    """Register a function as a method.

    The function takes an image (``uint8 (H, W, 3)`` RGB) and keyword-only parameters with defaults, and returns a
    `Segmentation`. Numbers are annotated with a `Range`; choices are ``Literal[...]``; several choices are
    ``tuple[Literal[...], ...]``, or ``str`` with `DynamicChoices`; any of them may carry an `About`. The docstring's
    first paragraph is what users read.
    `needs` names packages that are imported before the clock starts. `used_weights` says which weights the method uses
    with given parameters: its results are computed anew when these change, and only then. `colour` is the method's in
    every chart, ``"#rrggbb"``; without one it gets a colour that is the same in every run. What takes time is counted
    as inference, unless the function says otherwise with `stage`; then only what stands inside a stage counts.

    Raises
    ------
    ValueError
        If the id is taken by another function, or a parameter has no annotation that a form can be made of.
    """

    def register(function: Function) -> Function:
        known = REGISTRY.get(method_id)
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"the method id {method_id!r} is taken by {known.function.__module__}")
        summary = " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
        REGISTRY[method_id] = Method(
            id=method_id,
            title=title,
            family=family,
            source=source,
            summary=summary,
            function=function,
            parameters=read_parameters(function),
            needs=needs,
            used_weights=used_weights,
            colour=colour or guess_colour(method_id),
        )
        return function

    return register


def unregister(method_id: str) -> None:
    """Take a method out of the registry; for tests and notebooks that define methods as they go."""
    del REGISTRY[method_id]


def read_parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """What the signature of a function says of its keyword parameters; the first one is the image.

    Raises
    ------
    ValueError
        If one of them has no default, or no annotation that a form can be made of.
    """
    hints = get_type_hints(function, include_extras=True)
    rest = list(inspect.signature(function).parameters.values())[1:]
    parameters = [_read_parameter(p, hints[p.name]) for p in rest if p.kind is not inspect.Parameter.VAR_KEYWORD]
    for several in (_read_several(p.name, hints[p.name]) for p in rest if p.kind is inspect.Parameter.VAR_KEYWORD):
        place = [p.name for p in parameters].index(several.before)
        parameters[place:place] = several.parameters
    return tuple(parameters)


def _read_several(name: str, hint: Any) -> Several:
    for note in getattr(hint, "__metadata__", ()):
        if isinstance(note, Several):
            return note
    raise ValueError(f"parameters {name!r} need Annotated[..., Several(...)]")


def _read_parameter(parameter: inspect.Parameter, hint: Any) -> Parameter:
    name, default = parameter.name, parameter.default
    if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or default is inspect.Parameter.empty:
        raise ValueError(f"parameter {name!r} must be keyword-only and have a default")
    base, *notes = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
    about = next((n for n in notes if isinstance(n, About)), About(name.replace("_", " ").capitalize()))
    range_ = next((n for n in notes if isinstance(n, Range)), None)
    dynamic = next((n for n in notes if isinstance(n, DynamicChoices)), None)
    if base in (int, float) and range_ is not None:
        return Parameter(name, base.__name__, default, about, range=range_)
    if base is bool:
        return Parameter(name, "bool", default, about)
    if get_origin(base) is Literal:
        return Parameter(name, "choice", default, about, listed=get_args(base), dynamic=dynamic)
    if get_origin(base) is tuple and get_origin(get_args(base)[0]) is Literal:
        return Parameter(name, "choices", default, about, listed=get_args(get_args(base)[0]), dynamic=dynamic)
    if base in (str, tuple[str, ...]) and dynamic is not None:
        return Parameter(name, "choice" if base is str else "choices", default, about, dynamic=dynamic)
    raise ValueError(f"parameter {name!r} needs Annotated[int or float, Range(...)], bool, Literal or tuple of Literal")


_stages: ContextVar[dict[str, float] | None] = ContextVar("stages", default=None)


@contextmanager
def stage(name: Stage) -> Iterator[None]:
    """Count the time spent inside towards one stage of the running method; outside of a run it does nothing."""
    start = own_seconds()
    try:
        yield
    finally:
        count_seconds(name, seconds_since(start))


def is_timed() -> bool:
    """Whether a method is running, whose time is told; lessons that look into a network tell none."""
    return _stages.get() is not None


def count_seconds(name: Stage, seconds: float) -> None:
    """Count seconds towards one stage of the running method, as `stage` does with those that it measures."""
    if (spent := _stages.get()) is not None:
        spent[name] = spent.get(name, 0.0) + seconds


def run(method: Method, image: Any, params: Mapping[str, Any]) -> Segmentation:
    """Run a method with validated parameters and note its id, parameters and timings in the result."""
    require(*method.needs)
    for package in method.needs:
        importlib.import_module(package)
    spent: dict[str, float] = {}
    token, begun = _stages.set(spent), own_seconds()
    try:
        result = method.function(image, **params)
    finally:
        _stages.reset(token)
    spent = spent or {"infer": seconds_since(begun)}
    return replace(result, method=method.id, params=dict(params), timings=Timings(**spent))
