"""A teacher's own exercise: a picture, its truth, the methods that may be used, and a question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from segmethods.core.messages import ParameterError, SegmethodsError
from segmethods.core.types import GroundTruth, Image
from segmethods.io.images import digest
from segmethods.methods import get_method


class ExerciseError(SegmethodsError):
    """An exercise that can't be read or made."""


@dataclass(frozen=True, eq=False)
class Exercise:
    """What a teacher asks.

    Parameters
    ----------
    title, question : str
        The teacher's own words, either may be empty.
    name : str
        The picture's name; the sample's id where it is one.
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    truth : GroundTruth
        Of the image's size.
    methods : tuple of str
        Ids of the methods that may be used, at least one.
    locked : mapping
        Method id -> the parameters that can't be changed, with their values.
    sample : str
        The sample's id, empty for a picture of the teacher's own.
    files : mapping
        ``"picture"`` and ``"truth"`` as encoded in the file, those that it carries.
    """

    title: str
    question: str
    name: str
    image: Image = field(repr=False)
    truth: GroundTruth = field(repr=False)
    methods: tuple[str, ...]
    locked: Mapping[str, Mapping[str, Any]]
    sample: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the exercise asks, pixel by pixel; two files that ask the same have the same."""
        truth = hashlib.sha256(np.ascontiguousarray(self.truth.labels.astype("<u2")).data).hexdigest()
        asked = {
            "title": self.title,
            "question": self.question,
            "picture": digest(self.image),
            "truth": truth,
            "classes": self.truth.classes.names,
            "methods": self.methods,
            "locked": self.locked,
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def settle(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters of a method as the exercise lets it run: the locked ones as locked, the others as given.

        Raises
        ------
        ParameterError
            If the exercise doesn't allow the method, or the method a value.
        """
        if method not in self.methods:
            raise ParameterError(
                "The exercise doesn't allow {name}. Choose from {choices}.",
                name=method,
                choices=", ".join(self.methods),
            )
        return get_method(method).validate({**params, **self.locked.get(method, {})})
