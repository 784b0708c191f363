"""The sample gallery: pictures of the installed scikit-image and one of our own, with truth masks drawn by us."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from segmethods.core.messages import ParameterError
from segmethods.core.settings import settings
from segmethods.core.types import CAMVID, VOC, GroundTruth, Image, Vocabulary
from segmethods.io.ground_truth import load_ground_truth
from segmethods.io.images import load_image

Text = Mapping[str, str]
"""Language (``"en"``, ``"zh"``) -> text."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture that everybody has, and what is in it.

    Parameters
    ----------
    id : str
        Short and fit for an address.
    source : str
        The file in scikit-image's data folder, or ``drawn/`` and the name of one of our own.
    title, about, credit : mapping
        Language -> text; the last says who made the picture, and its terms.
    vocabulary : Vocabulary
        `VOC`, `CAMVID`, or one of the sample's own.
    classes : mapping
        Id of each class in the truth -> language -> its name.
    mask : str or None
        The truth's file beside ``samples.json``; None where there is no truth.
    how : str
        How the truth was made.
    """

    id: str
    source: str
    title: Text
    about: Text
    credit: Text
    vocabulary: Vocabulary
    classes: Mapping[int, Text]
    mask: str | None
    how: str

    def image(self) -> Image:
        """The picture, ``uint8 (H, W, 3)`` RGB."""
        return load_image(self.path)

    def truth(self) -> GroundTruth | None:
        """What a person says is in it."""
        if self.truth_path is None:
            return None
        return load_ground_truth(self.truth_path, self.image().shape[:2], classes=self.vocabulary)

    @property
    def path(self) -> Path:
        """The picture's file."""
        return (_folder() if "/" in self.source else _images()) / self.source

    @property
    def truth_path(self) -> Path | None:
        """The truth's file."""
        return None if self.mask is None else _folder() / self.mask


@cache
def list_samples() -> tuple[Sample, ...]:
    """All samples, in the gallery's order.

    Examples
    --------
    >>> len(list_samples()) >= 10
    True
    """
    records = json.loads((_folder() / "samples.json").read_text(encoding="utf-8"))
    return tuple(_read(record) for record in records)


def get_sample(sample_id: str) -> Sample:
    """The sample with this id, or `ParameterError` with the ids that exist.

    Examples
    --------
    >>> get_sample("chelsea").vocabulary.id
    'voc'
    """
    samples = {s.id: s for s in list_samples()}
    if sample_id not in samples:
        raise ParameterError(
            "There is no sample {name}. Choose from {choices}.", name=sample_id, choices=", ".join(samples)
        )
    return samples[sample_id]


def _read(record: Mapping[str, object]) -> Sample:
    fields = dict(record)
    classes = {int(c["id"]): c["name"] for c in fields["classes"]}  # type: ignore[attr-defined]
    names = tuple(classes.get(i, {}).get("en", f"class {i}") for i in range(max(classes, default=-1) + 1))
    own = Vocabulary(f"sample-{fields['id']}", names)
    return Sample(
        **{key: fields[key] for key in ("id", "source", "title", "about", "credit", "how")},  # type: ignore[arg-type]
        vocabulary={"voc": VOC, "camvid": CAMVID}.get(str(fields["vocabulary"]), own),
        classes=classes,
        mask=fields["truth"],  # type: ignore[arg-type]
    )


def _folder() -> Path:
    return settings().assets_dir / "samples"


@cache
def _images() -> Path:
    package = importlib.util.find_spec("skimage")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("scikit-image is not installed")
    return Path(package.origin).parent / "data"
