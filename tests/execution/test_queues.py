"""Who is served next."""

from __future__ import annotations

from dataclasses import dataclass

from segmethods.execution.queues import FairQueues


@dataclass(frozen=True)
class Item:
    name: str
    is_quick: bool = False
    group: str = ""


def fill(*items: tuple[str, Item]) -> FairQueues[Item]:
    queues = FairQueues[Item]()
    for client_id, item in items:
        queues.add(client_id, item)
    return queues


def drain(queues: FairQueues[Item]) -> list[str]:
    names, group = [], ""
    while queues:
        item = queues.take(group, ())
        group = item.group
        names.append(item.name)
    return names


def test_quick_work_of_all_goes_before_slow_work_of_any() -> None:
    queues = fill(
        *[("a", Item(f"a{n}", is_quick=n > 1, group="" if n > 1 else "A")) for n in range(4)],
        *[("b", Item(f"b{n}", is_quick=n > 1, group="" if n > 1 else "B")) for n in range(4)],
    )
    expected = ["a2", "a3", "b2", "b3", "a0", "a1", "b0", "b1"]
    assert [item.name for item in queues.order()] == expected
    assert drain(queues) == expected


def test_one_moved_control_goes_before_all_that_newcomers_want() -> None:
    newcomers = [(client, Item(f"{client}{n}", is_quick=n < 2, group="")) for client in "ab" for n in range(4)]
    queues = fill(*newcomers, ("c", Item("c0", is_quick=True)))
    assert [item.name for item in queues.order()][:5] == ["c0", "a0", "a1", "b0", "b1"]
    assert drain(queues)[:5] == ["c0", "a0", "a1", "b0", "b1"]


def test_slow_work_without_a_group_is_taken_in_turn() -> None:
    queues = fill(*[(client, Item(f"{client}{n}")) for client in "abc" for n in range(3)])
    expected = ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]
    assert [item.name for item in queues.order()] == expected
    assert drain(queues) == expected


def test_a_second_worker_takes_another_group_if_there_is_one() -> None:
    queues = fill(*[(client, Item(f"{client}{n}", group=client)) for client in "ab" for n in range(2)])
    assert queues.take("", ()).name == "a0"
    assert queues.take("", {"a"}).name == "b0"
    assert queues.take("a", {"b"}).name == "a1"
    assert queues.take("a", {"b"}).name == "b1"
    assert not queues


def test_what_two_clients_want_is_taken_out_of_both_queues() -> None:
    both, other = Item("both"), Item("other")
    queues = fill(("a", both), ("b", both), ("b", other))
    assert (queues.count("a"), queues.count("b")) == (1, 2)
    assert [item.name for item in queues.order()] == ["both", "other"]
    assert queues.take("", ()) is both
    assert (queues.count("a"), queues.count("b")) == (0, 1)
    queues.remove("b", other)
    assert not queues
