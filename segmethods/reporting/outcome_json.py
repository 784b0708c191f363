"""Outcomes as plain data, the same in the command line's JSON and in what a page lets its users take away."""

from __future__ import annotations

from typing import Any

from segmethods.core.types import Outcome, Segmentation, Timings
from segmethods.methods import get_method
from segmethods.metrics import Scores, list_scores
from segmethods.metrics.registry import QUICK
from segmethods.reporting.objects import find_objects

Report = dict[str, Any]


def report(outcome: Outcome, scores: Scores | None = None, boundaries: bool = True) -> Report:
    """What there is to tell about an outcome, ready for JSON; without boundaries their scores are null.

    Examples
    --------
    >>> from segmethods.core.messages import Message
    >>> from segmethods.core.types import Failure
    >>> told = report(Failure("threshold", Message("No level separates two groups.")))
    >>> told["status"], told["error"]
    ('failed', 'No level separates two groups.')
    """
    about: Report = {
        "method": outcome.method,
        "title": get_method(outcome.method).title,
        "status": "failed",
        "error": None,
        "params": dict(outcome.params),
        "seconds": dict.fromkeys(Timings().as_dict()),
        "labels": None,
        "classes": [],
        "objects": {},
        "pieces": None,
        "scores": {},
    }
    if not isinstance(outcome, Segmentation):
        return about | {"error": str(outcome.message)}
    return about | {
        "status": "ok",
        "seconds": {name: round(value, 6) for name, value in outcome.timings.as_dict().items()},
        "classes": _classes(outcome),
        "objects": _objects(outcome),
        "pieces": len(find_objects(outcome)),
        "scores": {} if scores is None else _scores(scores, boundaries),
    }


def _scores(scores: Scores, boundaries: bool) -> Report:
    left_out = {} if boundaries else dict.fromkeys(metric.id for metric in list_scores())
    return left_out | scores.as_dict(*([] if boundaries else QUICK))


def _classes(result: Segmentation) -> list[Report]:
    names = result.classes.names
    return [
        {"id": class_id, "name": names[class_id] if class_id < len(names) else f"class {class_id}", "share": share}
        for class_id, share in result.shares().items()
    ]


def _objects(result: Segmentation) -> dict[str, int]:
    """How many single objects of each class there are, where a network was asked for them."""
    counts = result.instances.counts() if result.instances else {}
    return {result.classes.names[class_id]: count for class_id, count in counts.items()}
