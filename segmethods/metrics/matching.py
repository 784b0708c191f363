"""As many pairs as possible between the pixels of two maps, one to one, each pair no farther apart than a distance.

That is a maximum matching in a graph which is never built: the neighbours of a pixel are the offsets within the
distance. Nearly all pairs come from one pass over the offsets. For the pixels left over, each side's distance to the
next free partner is kept as a label, and a pixel takes the neighbour with the lowest one; whoever loses its partner
goes on (push-relabel for matchings: Goldberg & Tarjan 1988; Langguth et al. 2014). All pixels move at once, so numpy
does the work, and labels are renewed by a search from all free partners (global relabelling).

Pixels are places in a flat map with a margin as wide as the distance, so that an offset is a single number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int32]
Mask = NDArray[np.bool_]

FAR = np.int32(1 << 29)
"""The label of what can't reach a free partner."""

FEW = 64
"""Half as many offsets serve first; most pairs need no more."""

AT_ONCE = 1 << 20
"""Places looked up together."""

WORK = 5_000_000_000
"""Places looked up in all, some 20 seconds; only maps made to be hard need more."""

VOTERS = 4000
"""Pixels that are asked for the commonest displacement of the two maps."""


@dataclass(frozen=True)
class Matching:
    """Which pixels of a map have a partner in another one.

    Parameters
    ----------
    matched : ndarray, bool, shape (N,)
        For the pixels of the first map, in row order. Their number is unique, their choice may not be.
    missed : int
        At most so many more pairs may exist; 0 unless the search was cut short.
    """

    matched: Mask
    missed: int = 0


def match_most(first: Mask, second: Mask, distance: float, nearest_first: bool = False, work: int = WORK) -> Matching:
    """Pair pixels of two maps one to one, as many as possible.

    Parameters
    ----------
    first, second : ndarray, bool, shape (H, W)
        The pixels to pair.
    distance : float
        Largest distance of a pair, in pixels.
    nearest_first : bool
        Begin with the nearest pixels rather than with those that the commonest displacement brings together: slower,
        but the pairs are short.
    work : int
        When to give up, in places looked up.

    Examples
    --------
    >>> first, second = np.zeros((2, 1, 9), bool)
    >>> first[0, [2, 5]] = second[0, [4, 7]] = True
    >>> match_most(first, second, 2.5).matched.tolist()  # nearest first, 5 would take 4, and 2 would have none
    [True, True]
    """
    margin, width = int(distance), first.shape[1] + 2 * int(distance)
    here, there = (np.flatnonzero(np.pad(boundary, margin)).astype(np.int32) for boundary in (first, second))
    rows, columns = _offsets(distance)
    size = (first.shape[0] + 2 * margin) * width
    if not here.size or not there.size:
        return Matching(np.zeros(here.size, bool))
    found = _Pairs(np.full(size, -1, np.int32), np.full(size, -1, np.int32))
    start = 0 if nearest_first else _commonest(here, there, rows * width + columns, size)
    order = np.argsort((rows - rows[start]) ** 2 + (columns - columns[start]) ** 2, kind="stable")
    _pair_in_order(found, here, there, (rows * width + columns)[order].astype(np.int32))
    left = (int(np.count_nonzero(mates[side] < 0)) for mates, side in ((found.right, here), (found.left, there)))
    few_here, few_there = left
    offsets = (rows * width + columns).astype(np.int32)
    if few_here <= few_there:
        missed = _Search(found, here, there, work).run(offsets)
    else:
        missed = _Search(_Pairs(found.left, found.right), there, here, work).run(offsets)
    return Matching(found.right[here] >= 0, missed)


@dataclass(frozen=True)
class _Pairs:
    """The partner of each place, int32 (size,), -1 without one: `right` of the first side's, `left` of the second's."""

    right: Places
    left: Places


def _offsets(distance: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of all offsets within the distance, the nearest first."""
    reach = int(distance)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    squares = rows**2 + columns**2
    order = np.argsort(squares[squares <= distance**2], kind="stable")
    return rows[squares <= distance**2][order], columns[squares <= distance**2][order]


def _commonest(here: Places, there: Places, offsets: NDArray[np.int64], size: int) -> int:
    """The offset that brings most pixels of a sample together; the nearest of equals."""
    is_there = np.zeros(size, bool)
    is_there[there] = True
    sample = here[:: max(1, here.size // VOTERS)]
    return int(np.argmax([np.count_nonzero(is_there[sample + offset]) for offset in offsets.tolist()]))


def _pair_in_order(found: _Pairs, here: Places, there: Places, offsets: Places) -> None:
    """Pair what is free on both sides, one offset after the other; none of them can give a pixel two partners."""
    free = np.zeros(found.left.size, bool)
    free[there] = True
    left = here
    for offset in offsets:
        hit = free[left + offset]
        if hit.any():
            taken = left[hit] + offset
            found.right[left[hit]], found.left[taken] = taken, left[hit]
            free[taken] = False
            left = left[~hit]
            if not left.size:
                return


class _Search:
    """Partners for what `_pair_in_order` left over.

    Parameters
    ----------
    pairs : _Pairs
        So far; changed in place.
    askers, partners : ndarray, int32, shape (n,)
        The pixels of both sides. Askers go from one partner to the next; it is quicker if they are the side with fewer
        free pixels.
    work : int
        When to give up.
    """

    def __init__(self, pairs: _Pairs, askers: Places, partners: Places, work: int) -> None:
        self.mate, self.holder = pairs.right, pairs.left
        self.askers, self.partners, self.work = askers, partners, work
        self.labels = np.full(self.mate.size, FAR, np.int32)  # of partners: steps to a free one at least, FAR elsewhere
        self.unseen = np.zeros(self.mate.size, bool)

    def run(self, offsets: Places) -> int:
        """Search with a few offsets, then with all; the number of askers for whom it was cut short."""
        asking = self._free_askers()
        for reach in _spread(offsets):
            asking = self._free_askers()
            self.labels[self.partners] = self.holder[self.partners] >= 0
            asking = self._ask(asking, reach, AT_ONCE)
            while asking.size and self.work > 0:
                asking = self._ask(asking, reach, self._relabel(asking, reach))
        return asking.size

    def _free_askers(self) -> Places:
        return self.askers[self.mate[self.askers] < 0]

    def _ask(self, asking: Places, reach: Places, budget: int) -> Places:
        """Rounds in which all who ask take the partner with the lowest label, until the budget is spent."""
        spent = 0
        while asking.size and spent <= budget:
            spent += asking.size * reach.size + 20_000  # a round of a few costs as much as this
            asking = self._ask_once(asking, reach)
        self.work -= spent
        return asking

    def _ask_once(self, asking: Places, reach: Places) -> Places:
        """One round: who is still asking, or has lost a partner to another one. Who can reach nobody gives up."""
        best, lowest, second = (np.empty(asking.size, np.int32) for _ in range(3))
        step = max(1, AT_ONCE // reach.size)
        for start in range(0, asking.size, step):
            part = slice(start, start + step)
            near = asking[part, None] + reach
            labels = self.labels[near]
            rows, columns = np.arange(len(labels)), labels.argmin(axis=1)
            best[part], lowest[part] = near[rows, columns], labels[rows, columns]
            labels[rows, columns] = FAR
            second[part] = labels.min(axis=1)
        hope = lowest < FAR
        asking, best, second = asking[hope], best[hope], second[hope]
        before = self.holder[best]
        self.holder[best] = asking  # of several the last one wins
        won = self.holder[best] == asking
        self.mate[asking[won]] = best[won]
        self.labels[best[won]] = np.minimum(second[won] + 1, FAR)
        robbed = before[won]
        robbed = robbed[robbed >= 0]
        self.mate[robbed] = -1
        return np.concatenate([asking[~won], robbed])

    def _relabel(self, asking: Places, reach: Places) -> int:
        """Set labels to the true distances from the free partners, until all who ask are found; what it cost."""
        self.unseen[self.askers] = True
        self.labels[self.partners] = FAR
        front, steps, cost = self.partners[self.holder[self.partners] < 0], 0, 0
        self.labels[front] = 0
        while front.size and self.unseen[asking].any():
            cost += front.size * reach.size + 20_000
            met = _visit(front, reach, self.unseen)
            steps += 1
            front = self.mate[met]
            front = front[front >= 0]
            self.labels[front] = steps
        if front.size:  # it ended early: the rest is farther away than this
            rest = self.mate[self.askers[self.unseen[self.askers]]]
            self.labels[rest[rest >= 0]] = steps
        self.work -= cost
        return max(cost, 4 * AT_ONCE)


def _spread(offsets: Places) -> list[Places]:
    """A few offsets in all directions, and all of them; only all of them if they are few."""
    if offsets.size <= 4 * FEW:
        return [np.sort(offsets)]
    ahead = offsets[offsets > 0]
    some = np.random.default_rng(0).permutation(ahead)[:FEW]
    return [np.sort(np.concatenate([some, -some])), np.sort(offsets)]


def _visit(front: Places, reach: Places, unseen: Mask) -> Places:
    """What is unseen within reach of the front; it is seen then."""
    if front.size * reach.size <= AT_ONCE:
        near = (front[:, None] + reach).ravel()
        met = np.unique(near[unseen[near]])
        unseen[met] = False
        return met
    parts = [front[:0]]
    for offset in reach:
        near = front + offset
        near = near[unseen[near]]
        unseen[near] = False
        parts.append(near)
    return np.concatenate(parts)
