"""What methods found, told without a truth: nothing is ranked, empty answers are left out, and doubts are said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from segmethods.core.messages import Message
from segmethods.core.palette import has_background
from segmethods.core.types import Segmentation
from segmethods.methods._network import SPECK, SURE, NetworkTrace
from segmethods.reporting.titles import name_method

LARGE = 0.02
"""Share of the image from which on a doubtful find is told."""

WHOLE = 0.95
"""Share of the image from which on a single class is doubted: things have surroundings."""

MOST = 2
"""Classes that are told."""


@dataclass(frozen=True)
class Find:
    """A class that a method found.

    Parameters
    ----------
    name : str
        English name of the class.
    share : float
        Of the image.
    confidence : float
        Mean probability that the network gives it there; NaN if it gives none.
    """

    name: str
    share: float
    confidence: float

    @property
    def is_sure(self) -> bool:
        """Whether the network itself is sure of it; a method without probabilities is taken at its word."""
        return not self.confidence < SURE


@dataclass(frozen=True)
class Finds:
    """What a method found, largest first, everything that it can name, and its parameters.

    Of a method that is sure of nothing, whether the image looks like those that it learned from; None if nobody knows.
    """

    classes: tuple[Find, ...] = ()
    known: tuple[str, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    is_familiar: bool | None = None


def list_finds(result: Segmentation) -> Finds | None:
    """What a method found and named; None if it can't name anything."""
    classes = result.classes
    if not classes.is_named:
        return None
    first = 1 if has_background(classes) else 0
    trace = result.trace if isinstance(result.trace, NetworkTrace) else None
    likely = np.full(len(classes), np.nan) if trace is None else trace.confidence
    found = tuple(
        Find(classes.names[i], share, float(likely[i]))
        for i, share in result.shares().items()
        if first <= i < len(classes) and share >= SPECK
    )
    return Finds(found, classes.names[first:], result.params, None if trace is None else trace.is_familiar)


def tell_finds(finds: Mapping[str, Finds | None]) -> list[Message]:
    """What was found, by how many of the methods that can name anything, and what of it is doubtful.

    Parameters
    ----------
    finds : mapping
        Method -> what it found; None for those that can't name anything.

    Examples
    --------
    >>> person = {m: Finds((Find("person", share, 0.9),)) for m, share in (("fcn", 0.06), ("deeplab", 0.07))}
    >>> print(*tell_finds({**person, "segnet": Finds(), "kmeans": None}), sep="|")
    Found: person, by 2 of 3 networks (6 to 7% of the picture).|1 network finds nothing.|Methods that have learned \
nothing can't name what they find.|Without a truth nothing is ranked.
    """
    named = {method: found for method, found in finds.items() if found is not None}
    sure = _by_class(named.values())[:MOST]
    said = [_say_class(name, shares, len(named)) for name, shares in sure]
    said += [
        Message("{count:more network sees|more networks see} {name} without being sure.", values)
        for name, _ in sure
        if (values := {"count": _count_unsure(name, named.values()), "name": Message(name)})["count"]
    ]
    if named and not said:
        said = _say_unsure(named)
    empty = sum(not found.classes for found in named.values())
    if 0 < empty < len(named):
        said.append(Message("{count:network finds|networks find} nothing.", {"count": empty}))
    said += _say_doubt(named)
    if not named:
        said.append(Message("These methods can't name what they find."))
    elif len(named) < len(finds):
        said.append(Message("Methods that have learned nothing can't name what they find."))
    return [*said, Message("Without a truth nothing is ranked.")]


def tell_set(images: Sequence[Mapping[str, Finds | None]]) -> list[Message]:
    """What was found in a set of images, told without a truth: in how many of them, and how many nobody is sure of.

    Parameters
    ----------
    images : sequence of mapping
        For each image what `tell_finds` is told.

    Examples
    --------
    >>> car, nothing = Finds((Find("car", 0.2, 0.9),)), Finds()
    >>> both = {"fcn": nothing, "deeplab": nothing}
    >>> print(*tell_set([{"fcn": car, "deeplab": car}, {**both, "fcn": car}, both]))
    Found: car in 2 of 3 pictures. In 1 of 3 pictures no network is sure of anything. Without a truth nothing is ranked.
    """
    named = [{m: found for m, found in finds.items() if found is not None} for finds in images]
    every = len(images)
    if not any(named):
        return [Message("These methods can't name what they find."), Message("Without a truth nothing is ranked.")]
    sure = [dict(_by_class(found.values())) for found in named]
    found, filling = (
        Counter(name for shares in sure for name in sorted(shares) if (max(shares[name]) >= WHOLE) == is_whole)
        for is_whole in (False, True)
    )
    said = [
        Message("Found: {name} in {count} of {all} pictures.", {"name": Message(name), "count": count, "all": every})
        for name, count in found.most_common(MOST)
    ]
    said += [
        Message(
            "Doubtful: {name} in {count} of {all} pictures; one class rarely fills a picture.",
            {"name": Message(name), "count": count, "all": every},
        )
        for name, count in filling.most_common(1)
    ]
    unsure = sum(not shares for shares in sure)
    if unsure == every:
        said = [Message("No network is sure of anything in any of these pictures.")]
    elif unsure:
        values = {"count": unsure, "all": every}
        doubt = Message("In {count} of {all} pictures no network is sure of anything.", values)
        said = [doubt, *said] if 2 * unsure > every else [*said, doubt]
    foreign = sum(_is_foreign(found.values()) for found in named)
    if foreign:
        values = {"count": foreign}
        said.append(Message("{count:picture looks|pictures look} unlike those that the networks learned from.", values))
    return [*said, Message("Without a truth nothing is ranked.")]


def _by_class(named: Iterable[Finds]) -> list[tuple[str, list[float]]]:
    """The shares of each class that a network is sure of, those that most networks find first."""
    shares: dict[str, list[float]] = {}
    for found in named:
        for find in found.classes:
            if find.is_sure:
                shares.setdefault(find.name, []).append(find.share)
    return sorted(shares.items(), key=lambda item: (-len(item[1]), -sum(item[1])))


def _count_unsure(name: str, named: Iterable[Finds]) -> int:
    return sum(find.name == name and not find.is_sure for found in named for find in found.classes)


def _say_class(name: str, shares: list[float], methods: int) -> Message:
    low, high = (f"{max(1, round(100 * share))}" for share in (min(shares), max(shares)))
    values = {"count": len(shares), "all": methods, "name": Message(name), "low": low, "high": high}
    if methods == 1:
        return Message("Found: {name} ({high}% of the picture).", values)
    if low == high:
        return Message("Found: {name}, by {count} of {all} networks ({high}% of the picture).", values)
    return Message("Found: {name}, by {count} of {all} networks ({low} to {high}% of the picture).", values)


def _say_unsure(named: Mapping[str, Finds]) -> list[Message]:
    """Which find comes nearest to one that a network is sure of, and whether the image is to blame."""
    nearest = _find_nearest(named)
    said = Message("No network finds anything that it knows here.")
    if nearest is not None:
        values = _describe(nearest[0], named[nearest[0]], nearest[1])
        said = Message("No network is sure of anything here: {method} comes nearest with {name}, {sure} sure.", values)
    if not _is_foreign(named.values()):
        return [said]
    return [said, Message("The picture looks unlike those that they learned from.")]


def _find_nearest(named: Mapping[str, Finds]) -> tuple[str, Find] | None:
    """The find of which a network is surest, and the method that has it."""
    every = [(method, find) for method, found in named.items() for find in found.classes]
    return max(every, key=lambda one: one[1].confidence, default=None)


def _is_foreign(named: Collection[Finds]) -> bool:
    """Whether all that can name anything are known to have learned from other images than this one."""
    return bool(named) and all(found.is_familiar is False for found in named)


def _say_doubt(named: Mapping[str, Finds]) -> list[Message]:
    """The largest find of which no network is sure, that no other one which knows the class sees, or that is all.

    If no network is sure of anything, the surest find was told before.
    """
    doubts, sure = [], {name for name, _ in _by_class(named.values())}
    for method, found in named.items():
        others = [other for key, other in named.items() if key != method]
        for find in found.classes:
            values = _describe(method, found, find)
            if find.share >= LARGE and find.name not in sure:
                said = Message(
                    "Doubtful: {method} sees {name} on {share} of the picture, but is only {sure} sure.", values
                )
            elif find.share >= LARGE and _is_alone(find, others):
                said = Message(
                    "Doubtful: {method} sees {name} on {share} of the picture; no other network does.", values
                )
            elif find.share >= WHOLE:
                said = Message(
                    "Doubtful: {method} sees {name} on {share} of the picture; one class rarely fills a picture.",
                    values,
                )
            else:
                continue
            doubts.append((find, said))
    largest = max(doubts, key=lambda doubt: doubt[0].share, default=None)
    nearest = None if sure else _find_nearest(named)
    return [] if largest is None or (nearest and nearest[1] is largest[0]) else [largest[1]]


def _describe(method: str, found: Finds, find: Find) -> Mapping[str, object]:
    return {
        "name": Message(find.name),
        "share": f"{round(100 * find.share)}%",
        "method": name_method(method, found.params),
        "sure": f"{100 * find.confidence:.0f}%",
    }


def _is_alone(find: Find, others: Iterable[Finds]) -> bool:
    """Whether others know the class, and none of them sees as much as a quarter of it."""
    those = [found for found in others if find.name in found.known]
    return bool(those) and not any(
        other.name == find.name and other.share * 4 >= find.share for found in those for other in found.classes
    )
