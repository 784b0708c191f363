"""What a method costs: time for many images on this machine, memory, and the terms of the weights that it uses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from segmethods.core.messages import Message
from segmethods.methods import get_method
from segmethods.models.weights import catalogue
from segmethods.reporting.titles import name_method

MANY = 10_000
"""Images that a price is told for: one image's time says nothing to most people."""

NOTICEABLE = 1.5
"""A method that isn't faster by this factor isn't called faster: two runs of one method differ nearly as much."""

_UNITS = (
    (60.0, Message("{count:second|seconds}")),
    (60.0, Message("{count:minute|minutes}")),
    (24.0, Message("{count:hour|hours}")),
    (math.inf, Message("{count:day|days}")),
)


def tell_duration(seconds: float) -> Message:
    """A rough length of time.

    Examples
    --------
    >>> [str(tell_duration(s)) for s in (0.2, 40, 60, 800, 5400, 200_000)]
    ['0.2 seconds', '40 seconds', '60 seconds', '13 minutes', '1.5 hours', '2.5 days']
    """
    count, units = seconds, iter(_UNITS)
    size, unit = next(units)
    while round(count) >= size * 1.5:
        count /= size
        size, unit = next(units)
    rough = round(2 * count) / 2 if 1 <= count < 10 else float(f"{count:.2g}")
    return Message(unit.template, {"count": int(rough) if rough.is_integer() else rough})


def round_times(ratio: float) -> str:
    """How many times more, one significant digit: a second measurement would give another second digit.

    Examples
    --------
    >>> [round_times(r) for r in (1.7, 3.4, 46, 960)]
    ['1.7', '3', '50', '1,000']
    """
    return f"{ratio:.1f}" if ratio < 2 else f"{float(f'{ratio:.0e}'):,.0f}"


def tell_memory(size: int) -> str:
    """Bytes as people read them, one megabyte at least.

    Examples
    --------
    >>> tell_memory(84_000_000), tell_memory(1_240_000_000)
    ('84 MB', '1.2 GB')
    """
    return f"{max(1, size / 1e6):.0f} MB" if size < 999_500_000 else f"{size / 1e9:.1f} GB"


def tell_machine(machine: str) -> Message:
    """What `segmethods.core.machine.describe_machine` says, as a message: its cores have a name in every language.

    Examples
    --------
    >>> str(tell_machine("AMD EPYC, 2 cores"))
    'AMD EPYC, 2 cores'
    """
    found = re.fullmatch(r"(.*), (\d+) cores?", machine)
    if found is None:
        return Message(machine)
    return Message("{processor}, {cores:core|cores}", {"processor": found[1], "cores": int(found[2])})


def tell_many(seconds: float) -> Message | None:
    """What many images take, where one takes so many seconds; None where nobody measured.

    Examples
    --------
    >>> str(tell_many(0.21))
    '35 minutes'
    """
    return tell_duration(seconds * MANY) if math.isfinite(seconds) and seconds > 0 else None


def tell_measured(machine: str) -> Message:
    """How the times were taken."""
    return Message(
        "Measured on {machine}, picture by picture, while other work may have shared its processor: alone a method can "
        "be quicker. What is prepared only once doesn’t count.",
        {"machine": tell_machine(machine)},
    )


def tell_price(title: object, seconds: float, memory: int, machine: str, is_shared: bool = False) -> list[Message]:
    """What many images take, and how much memory; nothing where nobody measured.

    Parameters
    ----------
    title : str or Message
        What the method is called.
    seconds : float
        The median of an image, see `segmethods.execution.compare.try_timed`.
    memory : int
        Bytes of its working memory, see `segmethods.core.working_memory`; 0 if unknown.
    machine : str
        Where that was measured.
    is_shared : bool
        Whether other work may have shared the processor meanwhile, as on pages, where methods run side by side.
    """
    duration = tell_many(seconds)
    if duration is None:
        return []
    values = {
        "first": title,
        "many": f"{MANY:,}",
        "duration": duration,
        "memory": tell_memory(memory),
        "machine": tell_machine(machine),
    }
    said = Message("{many} such pictures take {first} about {duration} on {machine}.", values)
    if memory:
        said = Message(
            "{many} such pictures take {first} about {duration} on {machine}; it needs up to {memory} of working "
            "memory beside the program and its weights.",
            values,
        )
    shared = Message("Other work may have run meanwhile: alone it can be quicker.")
    return [said, shared] if is_shared else [said]


def tell_terms(method: str, params: Mapping[str, Any]) -> list[Message]:
    """Under which terms the weights of a method may be used; nothing for methods that have learned nothing."""
    known = get_method(method)
    if known.used_weights is None:
        return []
    used = set(known.used_weights({p.name: p.default for p in known.parameters} | dict(params)))
    terms = dict.fromkeys(shorten_terms(w.terms) for w in catalogue().values() if w.sha256 in used)
    title = name_method(method, params)
    return [
        Message("Terms of the weights of {first}: {terms}.", {"first": title, "terms": Message(text)})
        for text in terms
        if text
    ]


def shorten_terms(terms: str) -> str:
    """What terms come to; the model card has them in full.

    Examples
    --------
    >>> shorten_terms("Non-commercial research only, as CamVid. The code is MIT.")
    'Non-commercial research only'
    """
    return terms.split(", as ")[0].split(";")[0].split(". ")[0].strip(". ")
