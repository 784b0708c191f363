"""What a lesson is, before anybody looks at it: its name, its sample, what can be moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segmethods.core.registry import Parameter, read_parameters
from segmethods.methods import get_method


@dataclass(frozen=True)
class Lesson:
    """A lesson, before anybody looks at it.

    Parameters
    ----------
    id : str
        Its address, its module and the name of its Markdown files.
    sample : str
        The sample that shows best what the lesson is about.
    controls : tuple of Parameter
        What a student can move; the address carries their values.
    tokens, private_tokens : tuple of str
        Names of short texts, such as the code of a class, that the address carries as well; a link to share leaves
        out the private ones.
    """

    id: str
    sample: str
    controls: tuple[Parameter, ...] = ()
    tokens: tuple[str, ...] = ()
    private_tokens: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The controls, under the name that forms know."""
        return self.controls


def of_method(method_id: str, *names: str, **defaults: Any) -> tuple[Parameter, ...]:
    """Parameters of a method, to be controls of a lesson, which may start elsewhere than the method does.

    Examples
    --------
    >>> [(p.name, p.default) for p in of_method("kmeans", "k", seed=3)]
    [('k', 4), ('seed', 3)]
    """
    return _choose(get_method(method_id).parameters, names, defaults)


def of_function(function: Callable[..., Any], *names: str, **defaults: Any) -> tuple[Parameter, ...]:
    """Parameters of a function of `segmethods.introspection`, as `of_method` gives those of a method."""
    return _choose(read_parameters(function), names, defaults)


def _choose(
    parameters: Sequence[Parameter], names: Sequence[str], defaults: Mapping[str, Any]
) -> tuple[Parameter, ...]:
    known = {p.name: p for p in parameters}
    moved = (replace(known[name], default=known[name].check(value)) for name, value in defaults.items())
    return (*(known[name] for name in names), *moved)
