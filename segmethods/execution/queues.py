"""Who is served next: a queue for each client, quick work first, and the work of one picture kept together."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from typing import Generic, Protocol, TypeVar


class Queued(Protocol):
    """What waits in a queue."""

    @property
    def is_quick(self) -> bool:
        """Whether it takes so little time that it may go before what other clients wait for."""

    @property
    def group(self) -> str:
        """What it has in common with others, such as the picture that each of them reads; empty for nothing."""


Item = TypeVar("Item", bound=Queued)


class FairQueues(Generic[Item]):
    """A queue for each client, from which workers take in turn.

    Quick items of all clients go before slow ones of any, and first those of the client that waits for least: who moved
    one control isn't kept by who has just come and wants everything. Slow ones of a group follow each other, at one
    worker if others have something else to do: what they have in common is then read or computed once, and of thirty
    clients who came at the same time the first is served soon, where taking turns would serve all of them late.
    """

    def __init__(self) -> None:
        self._quick: OrderedDict[str, deque[Item]] = OrderedDict()
        self._slow: OrderedDict[str, deque[Item]] = OrderedDict()

    def add(self, client_id: str, item: Item) -> None:
        """Put an item at the end of a client's queue."""
        self._lane(item).setdefault(client_id, deque()).append(item)

    def remove(self, client_id: str, item: Item) -> None:
        """Take an item out of a client's queue, wherever it stands."""
        lane = self._lane(item)
        lane[client_id].remove(item)
        if not lane[client_id]:
            del lane[client_id]

    def count(self, client_id: str) -> int:
        """How many items a client has waiting."""
        return len(self._quick.get(client_id, ())) + len(self._slow.get(client_id, ()))

    def __bool__(self) -> bool:
        return bool(self._quick or self._slow)

    def take(self, group: str, taken: Collection[str]) -> Item:
        """The next item, taken out of all queues in which it stands.

        Parameters
        ----------
        group : str
            What the worker that asks was at last.
        taken : collection of str
            The groups that other workers are at.
        """
        if self._quick:
            item = self._quick[min(self._quick, key=self.count)][0]
            _take_out(self._quick, item)
            return item
        waiting = [(client_id, item) for client_id, queue in self._slow.items() for item in queue]
        client_id, item = min(waiting, key=lambda one: _rank(one[1].group, group, taken))
        _take_out(self._slow, item)
        if client_id in self._slow and not _has_group(self._slow[client_id], item.group):
            self._slow.move_to_end(client_id)
        return item

    def order(self) -> list[Item]:
        """The items in the order in which a single worker would take them."""
        found = [item for client_id in sorted(self._quick, key=self.count) for item in self._quick[client_id]]
        turns = deque(list(queue) for queue in self._slow.values())
        while turns:
            first, *rest = turns.popleft()
            found += [first, *(item for item in rest if first.group and item.group == first.group)]
            if left := [item for item in rest if not first.group or item.group != first.group]:
                turns.append(left)
        return list(dict.fromkeys(found))

    def _lane(self, item: Item) -> OrderedDict[str, deque[Item]]:
        return self._quick if item.is_quick else self._slow


def _take_out(lane: OrderedDict[str, deque[Item]], item: Item) -> None:
    """Take an item out of all queues of a lane."""
    for client_id in [client_id for client_id, queue in lane.items() if item in queue]:
        lane[client_id] = deque(one for one in lane[client_id] if one is not item)
        if not lane[client_id]:
            del lane[client_id]


def _has_group(items: Iterable[Queued], group: str) -> bool:
    return bool(group) and any(item.group == group for item in items)


def _rank(group: str, mine: str, taken: Collection[str]) -> tuple[bool, bool]:
    return not group or group != mine, bool(group) and group in taken
