"""Texts that a person reads, kept apart from their values so that a page can translate them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any


@dataclass(frozen=True)
class Message:
    """A template in English and the values that fill it.

    The template is the key of the translation catalogues; ``str(message)`` is the English text, see `fill`.

    Examples
    --------
    >>> str(Message("{name} is empty.", {"name": "cat.png"}))
    'cat.png is empty.'
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.template, self.values)


def pack_message(value: object) -> Any:
    """A message and the messages in it as JSON has them; `unpack_message` gives them back.

    Examples
    --------
    >>> pack_message(Message("{name} is empty.", {"name": "cat.png"}))
    {'template': '{name} is empty.', 'values': {'name': 'cat.png'}}
    """
    if isinstance(value, Message):
        return {"template": value.template, "values": {name: pack_message(v) for name, v in value.values.items()}}
    return value if isinstance(value, int | float | str) else str(value)


def unpack_message(value: Any) -> Any:
    """What `pack_message` was given."""
    if isinstance(value, dict):
        return Message(value["template"], {name: unpack_message(v) for name, v in value["values"].items()})
    return value


class Count(int):
    """A whole number that chooses its noun."""

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        return f"{int(self)} {one if self == 1 else many}" if bar else format(int(self), spec)


class Amount(float):
    """A number with a fraction, which takes its noun in the plural."""

    def __format__(self, spec: str) -> str:
        _, bar, many = spec.partition("|")
        return f"{float(self):g} {many}" if bar else format(float(self), spec)


_COUNTED: Mapping[type, Callable[[Any], object]] = {int: Count, float: Amount}


def fill(template: str, values: Mapping[str, object]) -> str:
    """A template with its places filled; after a number the noun in the singular or in the plural.

    Examples
    --------
    >>> [fill("{n:hour|hours}", {"n": n}) for n in (0, 1, 1.5, 2)]
    ['0 hours', '1 hour', '1.5 hours', '2 hours']
    """
    return "".join(fill_parts(template, values))


def fill_parts(template: str, values: Mapping[str, object]) -> Iterator[str]:
    """What `fill` joins: the template's own words and what fills its places, in turn.

    Examples
    --------
    >>> list(fill_parts("{n:hour|hours} left", {"n": 2}))
    ['', '2 hours', ' left']
    """
    for words, name, spec, _ in Formatter().parse(template):
        yield words
        if name is not None:
            yield format(_COUNTED.get(type(values[name]), _same)(values[name]), spec or "")


def _same(value: object) -> object:
    return value


class SegmethodsError(Exception):
    """An error that tells a person, in one line, what to do.

    Parameters
    ----------
    template : str
        English text with ``{named}`` places; one or two sentences on one line, the last one says what to do.
    **values
        What fills the places.

    Examples
    --------
    >>> str(SegmethodsError("{name} is empty. Choose another file.", name="cat.png"))
    'cat.png is empty. Choose another file.'
    """

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(template, values)
        self.message = Message(template, values)

    def __str__(self) -> str:
        return str(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message.template, dict(self.message.values))


def _rebuild(kind: type[SegmethodsError], template: str, values: dict[str, object]) -> SegmethodsError:
    return kind(template, **values)


class ImageError(SegmethodsError):
    """A file that can't be read as a picture or as a mask."""


class ParameterError(SegmethodsError):
    """A method or parameter that doesn't exist, or a value outside its range."""


class MethodError(SegmethodsError):
    """A method that has no answer for this picture."""
