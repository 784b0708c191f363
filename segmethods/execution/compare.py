"""Many methods, one image, one outcome each."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from segmethods.core.faults import describe_fault
from segmethods.core.messages import ImageError, Message, MethodError, ParameterError, SegmethodsError
from segmethods.core.registry import run
from segmethods.core.types import Failure, Image, Outcome, Segmentation
from segmethods.core.working_memory import WORK
from segmethods.methods import get_method, list_methods

log = logging.getLogger(__name__)


def segment(image: Image, method: str, **params: Any) -> Segmentation:
    """Segment one image with one method.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB, as :func:`segmethods.load_image` gives it.
    method : str
        A method's id, see :func:`segmethods.list_methods`.
    **params
        Parameters of the method; the others keep their defaults.

    Raises
    ------
    ParameterError
        For a method, parameter or value that doesn't exist.
    MethodError
        If the method has no answer for this image.
    ImageError
        If the array is not an image.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.zeros((4, 6, 3), np.uint8)
    >>> image[:, 3:] = 200
    >>> segment(image, "threshold").labels[0].tolist()
    [0, 0, 0, 1, 1, 1]
    """
    chosen = get_method(method)
    # The check that counts. Plans are checked to be refused at once; weights that they name may be gone by now.
    checked = chosen.validate(params)
    _check_image(image)
    result = run(chosen, image, checked)
    labels = result.labels
    if labels.shape != image.shape[:2] or labels.dtype not in (np.uint8, np.uint16):
        raise MethodError(
            "{method} gave labels of shape {shape} and type {type}. They must be uint8 or uint16, of the image's size.",
            method=method,
            shape=str(labels.shape),
            type=str(labels.dtype),
        )
    return replace(result, trace=result.trace and result.trace.complete(result, image))


def try_segment(image: Image, method: str, params: Mapping[str, Any]) -> Outcome:
    """Like `segment`, but what goes wrong comes back as a `Failure`. Exceptions end here, once."""
    try:
        return segment(image, method, **params)
    except SegmethodsError as error:
        lasting = type(error) is MethodError  # weights out of reach, a kind of it, may be there the next time
        return Failure(method, error.message, params=dict(params), lasting=lasting)
    except Exception as error:
        log.exception("%s failed", method)
        return Failure(method, describe_error(error), traceback.format_exc(), params=dict(params))


QUICK, ENOUGH, LONG = 0.05, 0.5, 5.0
"""Seconds of runs that time a method, and that time one which this process runs for the first time; and seconds of a
first run that isn't done again: of so many what was prepared is a small part."""

MOST_RUNS = 5
"""How often a method is run at most to be timed."""

_known: set[str] = set()
"""Methods that this process has run: what they need is imported."""


def try_timed(image: Image, method: str, params: Mapping[str, Any], most_runs: int = MOST_RUNS) -> Outcome:
    """Like `try_segment`, with the median of some runs as its time, none of which had anything to prepare.

    A method's first run in a process imports what it needs, so it doesn't count. Its memory is the largest working
    memory of the runs that count, see `segmethods.core.working_memory`. In workers, where others wait, one run counts.
    """
    is_first = method not in _known
    _known.add(method)
    WORK.begin()
    outcome = try_segment(image.copy() if is_first else image, method, params)
    if is_first and isinstance(outcome, Segmentation) and outcome.timings.total < LONG:
        WORK.begin()
        outcome = try_segment(image, method, params)
    if not isinstance(outcome, Segmentation):
        return outcome
    runs, enough = [outcome.timings], ENOUGH if is_first else QUICK
    while sum(run.total for run in runs) < enough and len(runs) < most_runs:
        again = try_segment(image, method, params)
        if not isinstance(again, Segmentation):
            break
        runs.append(again.timings)
    runs.sort(key=lambda timings: timings.total)
    return replace(outcome, timings=runs[len(runs) // 2], memory=WORK.end())


def compare(
    image: Image, methods: Iterable[str] | None = None, params: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Outcome]:
    """Segment one image with several methods.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    methods : iterable of str, optional
        Ids of methods; all of them if left out.
    params : mapping, optional
        Method id -> its parameters, as in ``{"kmeans": {"k": 5}}``.

    Returns
    -------
    list of Segmentation or Failure
        One outcome for each method, in the given order. One method's failure doesn't stop the others.

    Raises
    ------
    ParameterError
        If `methods` or `params` name something that doesn't exist; nothing is run then.
    """
    return list(compare_each(image, methods, params))


def compare_each(
    image: Image, methods: Iterable[str] | None = None, params: Mapping[str, Mapping[str, Any]] | None = None
) -> Iterator[Outcome]:
    """`compare`, giving each outcome as soon as it is there."""
    plan = plan_comparison(methods, params)
    _check_image(image)
    return (try_timed(image, method, checked) for method, checked in plan.items())


def plan_comparison(
    methods: Iterable[str] | None = None, params: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    """Method id -> all its parameters, checked, in the order in which they will run."""
    if not isinstance(methods, Iterable | None):
        raise ParameterError(
            "Methods are given as a list, such as {example}, not as {value}.",
            example='["kmeans", "fcn"]',
            value=repr(methods),
        )
    if not isinstance(params, Mapping | None):
        raise ParameterError(
            "Parameters of methods are given by their names, such as {example}, not as {value}.",
            example='{"kmeans": {"k": 5}}',
            value=repr(params),
        )
    given = dict(params or {})
    methods = [methods] if isinstance(methods, str) else methods
    chosen = list(list_methods()) if methods is None else [get_method(method) for method in methods]
    for method, values in given.items():
        get_method(method).validate(values)
    if len({method.id for method in chosen}) < len(chosen):
        raise ParameterError("A method is named twice. Name each of them once.")
    return {method.id: method.validate(given.get(method.id, {})) for method in chosen}


def _check_image(image: Image) -> None:
    if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        given = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ImageError(
            "An image must be a uint8 array of shape (height, width, 3), not {given}. Use load_image to read a file.",
            given=given,
        )
    if image.size == 0:
        raise ImageError("The image has no pixels. Choose another one.")


def describe_error(error: Exception) -> Message:
    """One line for the user on an error that nobody expected."""
    if fault := describe_fault(error):
        return fault
    text = " ".join(str(error).split())
    line = f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
    return Message("An error inside the method: {error}. The log has the details.", {"error": line})
