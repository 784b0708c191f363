"""Images and ground truths as a session holds them: decoded, with the digest that caches know them by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from segmethods.core.messages import Message
from segmethods.core.types import GroundTruth, Image, Segmentation, Vocabulary


@dataclass(frozen=True)
class Upload:
    """A file that the user gave: its name, its bytes or where they are kept, and what tells it from others."""

    name: str
    content: bytes | Path = field(repr=False)
    digest: str

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()

    @cached_property
    def owner(self) -> str:
        """What masks know it by: a digest of its bytes alone, whatever set of pictures it is in."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """An image that the user looks at.

    Parameters
    ----------
    digest : str
        Of the pixels: the same image, the same digest.
    sample : str
        The sample's id; empty for an image of the user's own.
    notes : tuple of Message
        What was assumed when its file was read.
    pages : int
        How many pages, channels, slices or frames the file has.
    orientation : int
        The EXIF orientation by which it was turned.
    file_digest : str
        Of the user's file that it was read from, all of whose pages have one mask.
    """

    name: str
    pixels: Image = field(repr=False)
    digest: str
    sample: str = ""
    notes: tuple[Message, ...] = ()
    pages: int = 1
    orientation: int = 1
    file_digest: str = ""

    @property
    def owner(self) -> str:
        """What masks know it by."""
        return self.file_digest or self.digest


@dataclass(frozen=True, eq=False)
class KnownTruth:
    """A ground truth, the digest that caches know it by, and the share of the image that each class covers."""

    truth: GroundTruth = field(repr=False)
    digest: str
    shares: dict[int, float]
    name: str = ""
    notes: tuple[Message, ...] = ()
    suggestion: Vocabulary | None = None
    """What the colours of its file may mean."""


def know_truth(truth: GroundTruth, digest: str = "", name: str = "") -> KnownTruth:
    """A ground truth with its digest, which is taken of its labels where nothing shorter is known."""
    shares = Segmentation(truth.labels, truth.classes).shares()
    known = {label: share for label, share in shares.items() if label < len(truth.classes)}
    return KnownTruth(truth, digest or digest_of(truth), known, name)


def digest_of(labelled: GroundTruth | Segmentation) -> str:
    """A digest of labels and their classes."""
    labels = labelled.labels
    sha = hashlib.sha256(repr((labels.shape, labels.dtype.str, labelled.classes)).encode())
    sha.update(labels.tobytes())
    return sha.hexdigest()


HASHES: dict[str | type[Any], Callable[[Any], object]] = {
    Upload: lambda upload: (upload.digest, upload.name),
    LoadedImage: lambda image: (image.digest, image.name, image.sample),
    KnownTruth: lambda truth: truth.digest,
    GroundTruth: digest_of,
}
"""How Streamlit's caches tell such values apart: ``@st.cache_data(hash_funcs=HASHES)``."""
