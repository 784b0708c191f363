"""Does a hand-in add up? The method is run again and scored again; what was claimed has to agree with that.

What counts as not adding up:

- it is a copy: a hand-in under another name has its number, or its parameters and word for word its longer answer;
- its name, answer or number was changed;
- the file is no hand-in, is damaged, or would unpack to more than any hand-in does;
- it answers another exercise than the teacher's, or the exercise inside was changed;
- it was made on another picture;
- the exercise doesn't allow its method, or a locked parameter has another value;
- the mask is not the one that was handed in, by its digest;
- the parameters, run again, give another mask;
- the scores it states are not those of its mask.

Other machines round otherwise. A classical method must give the same mask to the last pixel where the same versions ran
on the same kind of machine, and else in all but a thousandth of the pixels. Networks may differ in a fiftieth: reduced
precision, which depends on the processor, moves outlines that much. Such differences are remarks. The score that is
reported is always the one of the mask made here, so nothing is gained by them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import FIFOCache

from segmethods.classroom.exercise import Exercise
from segmethods.classroom.exercise_files import load_exercise
from segmethods.classroom.handin import HandIn, read_hand_in, versions
from segmethods.classroom.judging import judge
from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.types import Failure, Labels, Outcome, Segmentation
from segmethods.execution.compare import try_segment
from segmethods.io.images import digest
from segmethods.io.label_png import decode_labels
from segmethods.methods import get_method
from segmethods.metrics import METRICS

ROUNDING = 1e-6
"""By how much a claimed score may differ: it was computed from the same counts."""
ELSEWHERE = 0.001
"""Share of pixels in which a classical method may differ on another machine or with other versions."""
NETWORKS = 0.02
"""Share of pixels in which a network may differ."""
TELLING = 20
"""Letters from which on an answer that two students share word for word is no chance."""
MOST_RERUNS = 64
"""Outcomes kept while a class is verified; classmates often use the same parameters."""


@dataclass(frozen=True)
class Verification:
    """What came of verifying one hand-in.

    Parameters
    ----------
    file : str
        Its name.
    student, answer, method : str
        As it says; empty where it can't be read.
    params : mapping
        Likewise.
    exercise : str
        Digest of the exercise that it answers.
    number : str
        The same in every copy of one hand-in.
    claimed, score : float or None
        Mean IoU as it says, and as computed here from the method run again; None where there is none.
    faults : tuple of Message
        Why it doesn't add up.
    remarks : tuple of Message
        What is worth knowing and no fault.
    """

    file: str
    student: str = ""
    answer: str = ""
    method: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    exercise: str = ""
    number: str = ""
    claimed: float | None = None
    score: float | None = None
    faults: tuple[Message, ...] = ()
    remarks: tuple[Message, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether nothing was found that is at fault."""
        return not self.faults


class Reruns:
    """Outcomes of methods that were run again, so that equal hand-ins cost one run."""

    def __init__(self) -> None:
        self._known: FIFOCache[tuple[str, str, str], Outcome] = FIFOCache(MOST_RERUNS)

    def get(self, exercise: Exercise, method: str, params: Mapping[str, Any]) -> Outcome:
        """What the method makes of the exercise's picture."""
        key = (exercise.digest, method, json.dumps(params, sort_keys=True))
        if key not in self._known:
            self._known[key] = try_segment(exercise.image, method, params)
        outcome: Outcome = self._known[key]
        return outcome


def verify_each(
    hand_ins: Iterable[tuple[str, str | Path | bytes]], exercise: Exercise | None = None
) -> Iterator[Verification]:
    """`verify` for a whole class, giving each result as soon as it is there; copies are found among all before it.

    Parameters
    ----------
    hand_ins : iterable of (str, path or bytes)
        What to call each, and its ZIP; see `segmethods.classroom.collecting`.
    exercise : Exercise, optional
        As for `verify`.
    """
    reruns = Reruns()
    seen: dict[tuple[str, ...], Verification] = {}
    for name, hand_in in hand_ins:
        found = verify(hand_in, exercise, name, reruns)
        yield _compare_with_others(found, seen)


def _compare_with_others(found: Verification, seen: dict[tuple[str, ...], Verification]) -> Verification:
    """Note a hand-in, and say if it is a copy of one that was seen before."""
    signs: list[tuple[str, ...]] = [("number", found.number)] if found.number else []
    if len(found.answer) >= TELLING:
        signs.append(("work", found.method, json.dumps(dict(found.params), sort_keys=True), found.answer))
    for sign in signs:
        first = seen.setdefault(sign, found)
        if first is found:
            continue
        values = {"file": first.file, "student": first.student or "–"}
        if first.student != found.student:
            fault = Message("It has the parameters and word for word the answer of {file}, by {student}.", values)
            if sign[0] == "number":
                fault = Message("It is the same hand-in as {file}, by {student}: one of the two is a copy.", values)
            return replace(found, faults=(*found.faults, fault))
        if sign[0] == "number":
            return replace(found, remarks=(*found.remarks, Message("It is the same as {file}.", values)))
    return found


def verify(
    hand_in: str | Path | bytes, exercise: Exercise | None = None, name: str = "", reruns: Reruns | None = None
) -> Verification:
    """Recompute a hand-in and say what doesn't add up. Nothing is raised for a bad one.

    Parameters
    ----------
    hand_in : path or bytes
        The ZIP.
    exercise : Exercise, optional
        The teacher's own copy, which alone counts then. Without it the hand-in is judged by the exercise that it
        carries, which a student could have changed.
    name : str, optional
        What to call the hand-in; the path if left out.
    reruns : Reruns, optional
        Shared by hand-ins that are verified together.
    """
    name = name or (str(hand_in) if isinstance(hand_in, str | Path) else "hand-in.zip")
    found = Verification(name)
    try:
        claim = read_hand_in(hand_in, name)
        found = replace(
            found,
            student=claim.student,
            answer=claim.answer,
            method=claim.method,
            params=claim.params,
            exercise=claim.digests.get("exercise", ""),
            number=claim.number,
            claimed=claim.scores["mean_iou"],
        )
        asked = exercise or load_exercise(claim.exercise, f"exercise.json in {name}")
    except SegmethodsError as error:
        return replace(found, faults=(error.message,))
    if claim.digests.get("exercise") != asked.digest:
        return replace(found, faults=(_other_exercise(claim, asked, exercise is not None),))
    return _judge(found, claim, asked, reruns or Reruns())


def _judge(found: Verification, claim: HandIn, exercise: Exercise, reruns: Reruns) -> Verification:
    try:
        params = get_method(claim.method).validate(claim.params)
    except SegmethodsError as error:
        return replace(found, faults=(error.message,))
    faults = list(_broken_rules(claim, params, exercise))
    remarks = list(_other_versions(claim, params))
    outcome = reruns.get(exercise, claim.method, params)
    if isinstance(outcome, Failure):
        faults.append(Message("It can't be run again: {problem}", {"problem": outcome.message}))
        return replace(found, faults=tuple(faults), remarks=tuple(remarks))
    mask = _read_mask(claim, exercise)
    if isinstance(mask, Message):
        faults.append(mask)
        judged = outcome
    else:
        judged = replace(outcome, labels=mask)
        (count, is_fault) = _difference(mask, outcome, is_same=not remarks)
        values = {"count": count, "all": mask.size}
        if is_fault:
            other = "Its parameters don't give this mask: {count} of {all} pixels differ when they are run again."
            faults.append(Message(other, values))
        elif count:
            remarks.append(Message("{count} of {all} pixels differ when it is run again here.", values))
    faults += _wrong_scores(claim, judged, exercise)
    value = judge(outcome, exercise.truth).mean_iou
    return replace(found, score=None if math.isnan(value) else value, faults=tuple(faults), remarks=tuple(remarks))


def _other_exercise(claim: HandIn, asked: Exercise, is_teachers: bool) -> Message:
    if is_teachers:
        return Message(
            "It answers another exercise ({theirs}), not this one ({ours}).",
            {"theirs": claim.digests.get("exercise", "?")[:8], "ours": asked.digest[:8]},
        )
    return Message("The exercise in it was changed after it was handed in.")


def _broken_rules(claim: HandIn, params: Mapping[str, Any], exercise: Exercise) -> Iterator[Message]:
    if not claim.is_sealed:
        yield Message("Its name, answer or number was changed after it was handed in.")
    if claim.digests.get("picture") != digest(exercise.image):
        yield Message("It was made on another picture than the exercise's.")
    if claim.method not in exercise.methods:
        yield Message(
            "The exercise doesn't allow {method}, only {choices}.",
            {"method": claim.method, "choices": ", ".join(exercise.methods)},
        )
    for name, value in exercise.locked.get(claim.method, {}).items():
        if params[name] != value:
            yield Message(
                "{name} is locked at {value}, and it says {claimed}.",
                {"name": name, "value": json.dumps(value), "claimed": json.dumps(params[name])},
            )


def _other_versions(claim: HandIn, params: Mapping[str, Any]) -> Iterator[Message]:
    here = versions(claim.method, params)
    others = sorted(what for what, version in here.items() if claim.versions.get(what) != version)
    if others:
        yield Message("It was made with other versions than here: {what}.", {"what": ", ".join(others)})


def _read_mask(claim: HandIn, exercise: Exercise) -> Labels | Message:
    """The handed-in mask, or what is wrong with it."""
    if hashlib.sha256(claim.mask).hexdigest() != claim.digests.get("mask"):
        return Message("The mask was changed after it was handed in.")
    try:
        mask = decode_labels(claim.mask, "mask.png")
    except SegmethodsError as error:
        return error.message
    if mask.shape != exercise.truth.labels.shape:
        return Message("Its mask is of another size than the picture.")
    return mask


def _difference(mask: Labels, outcome: Segmentation, is_same: bool) -> tuple[int, bool]:
    """In how many pixels a mask differs from the one made here, and whether that is more than machines differ."""
    count = int(np.count_nonzero(mask != outcome.labels))
    is_network = get_method(outcome.method).family != "classical"
    allowed = NETWORKS if is_network else 0.0 if is_same else ELSEWHERE
    return count, count > allowed * mask.size


def _wrong_scores(claim: HandIn, judged: Segmentation, exercise: Exercise) -> list[Message]:
    """The claimed scores that `judged` doesn't reach."""
    told = judge(judged, exercise.truth)
    faults = []
    for name, claimed in claim.scores.items():
        value = getattr(told, name)
        true = None if math.isnan(value) else float(value)
        wrong = claimed is not true if None in (claimed, true) else abs((claimed or 0) - (true or 0)) > ROUNDING
        if wrong:
            faults.append(
                Message(
                    "It states a {score} of {claimed}; its mask reaches {true}.",
                    {"score": Message(METRICS[name].title), "claimed": _number(claimed), "true": _number(true)},
                )
            )
    return faults


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
