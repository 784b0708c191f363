"""What methods give back: traces know their arrays, and readers get the kind that they ask for."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

import segmethods as sm
from segmethods.core.types import Instances, Trace, trace_of


@dataclass(frozen=True)
class Layer:
    """A part of a trace."""

    name: str
    maps: NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class LayersTrace(Trace):
    """A trace with arrays in everything that it may hold."""

    level: float
    plane: NDArray[np.float32]
    layers: tuple[Layer, ...]
    votes: Mapping[str, NDArray[np.uint8]]
    missing: NDArray[np.uint8] | None = None


def make_trace() -> LayersTrace:
    return LayersTrace(
        level=3.0,
        plane=np.zeros((2, 3), np.float32),
        layers=(Layer("first", np.zeros((4, 5), np.float16)), Layer("last", np.zeros(6, np.float16))),
        votes={"fcn": np.zeros((7, 8), np.uint8)},
    )


def test_a_trace_finds_all_its_arrays() -> None:
    assert [array.shape for array in make_trace().arrays()] == [(2, 3), (4, 5), (6,), (7, 8)]
    assert make_trace().nbytes == 4 * 6 + 2 * 20 + 2 * 6 + 56


def test_a_segmentation_counts_what_it_carries() -> None:
    labels = np.zeros((2, 3), np.uint8)
    found = Instances(np.zeros((2, 3), np.uint16), (1,))
    whole = sm.Segmentation(labels, sm.BINARY, instances=found, trace=make_trace())
    assert whole.nbytes == 6 + 12 + make_trace().nbytes
    assert sm.Segmentation(labels, sm.BINARY).nbytes == 6


def test_a_trace_travels_between_processes_and_does_not_change() -> None:
    trace = make_trace()
    again = pickle.loads(pickle.dumps(trace))
    assert isinstance(again, LayersTrace)
    assert [array.shape for array in again.arrays()] == [array.shape for array in trace.arrays()]
    with pytest.raises(FrozenInstanceError):
        trace.level = 4.0  # type: ignore[misc]


def test_the_kind_of_trace_that_is_asked_for() -> None:
    @dataclass(frozen=True, eq=False)
    class Other(Trace):
        level: float

    result = sm.Segmentation(np.zeros((2, 3), np.uint8), sm.BINARY, trace=make_trace(), method="layered")
    assert trace_of(result, LayersTrace).level == 3
    assert trace_of(result, Trace) is result.trace
    with pytest.raises(TypeError, match="layered kept LayersTrace, not Other"):
        trace_of(result, Other)
    with pytest.raises(TypeError, match="NoneType"):
        trace_of(sm.Segmentation(np.zeros((2, 3), np.uint8), sm.BINARY), LayersTrace)


def test_every_trace_of_the_project_is_frozen_and_says_what_its_fields_hold() -> None:
    sm.list_methods()
    kinds = [kind for kind in find_subclasses(Trace) if kind.__module__.startswith("segmethods.")]
    assert len(kinds) >= 8
    for kind in kinds:
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]
        assert kind.__doc__, kind
        for name in kind.__annotations__:
            assert name in kind.__doc__, (kind, name)


def find_subclasses(kind: type[Trace]) -> list[type[Trace]]:
    return [sub for direct in kind.__subclasses__() for sub in (direct, *find_subclasses(direct))]
