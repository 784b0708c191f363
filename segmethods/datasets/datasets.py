"""Data sets: pictures with their truth, from a folder, a zip file, the samples, or drawn on the spot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from segmethods.core.messages import ParameterError
from segmethods.core.types import Vocabulary
from segmethods.datasets.archives import unpack
from segmethods.datasets.layouts import find_pairs
from segmethods.datasets.pairs import Pair, Skipped
from segmethods.datasets.shapes import SHAPES, ShapeSettings, draw_pairs, parse_shapes
from segmethods.io.samples import list_samples


@dataclass(frozen=True)
class Dataset:
    """Pictures with their truth.

    Parameters
    ----------
    name : str
        Short; says which part of a data set it is.
    source : str
        What `open_dataset` was asked for.
    pairs : tuple of Pair
        In the order in which they are run.
    skipped : tuple of Skipped
        Files that have no partner, or are none that can be read.
    classes : Vocabulary
        What the ids of all truths mean; empty for regions without names.
    """

    name: str
    source: str
    pairs: tuple[Pair, ...]
    skipped: tuple[Skipped, ...]
    classes: Vocabulary

    def digest(self) -> str:
        """SHA-256 of all pictures and truths and their names, wherever they lie; reads every file."""
        sha = hashlib.sha256("\n".join(self.classes.names).encode())
        for pair in self.pairs:
            sha.update(pair.digest().encode())
        return sha.hexdigest()


def open_dataset(source: str | Path | bytes, limit: int | None = None, name: str = "") -> Dataset:
    """Find the pictures of a data set and their truths.

    Parameters
    ----------
    source : str, path or bytes
        A folder (see :mod:`segmethods.datasets.layouts`); ``FOLDER@train`` for another part of it than ``val``; a zip
        file of such a folder, or its bytes; ``"samples"``, the bundled pictures that have a truth; ``"shapes"``,
        pictures of geometric objects, or ``"shapes:count=50,noise=0.2"`` (see
        :class:`segmethods.datasets.shapes.ShapeSettings`).
    limit : int, optional
        Take only the first so many pictures. Of shapes, draw so many.
    name : str, optional
        What to call uploaded bytes.

    Raises
    ------
    ParameterError
        If there is no data set, no picture in it has a truth, or the zip file is refused.

    Examples
    --------
    >>> shapes = open_dataset("shapes:noise=0.1", limit=3)
    >>> shapes.name, [pair.name for pair in shapes.pairs]
    ('shapes:noise=0.1', ['shapes-00000', 'shapes-00001', 'shapes-00002'])
    >>> shapes.classes.names
    ('background', 'disc', 'rectangle', 'triangle', 'ring')
    """
    if limit is not None and limit < 1:
        raise ParameterError("The limit must be at least 1.")
    if isinstance(source, bytes):
        found = _open_folder(unpack(source, name or "The zip file"), "", name or "zip", Path(name).stem)
    elif str(source) == "samples":
        found = _open_samples()
    elif str(source).partition(":")[0] == "shapes":
        look = parse_shapes(str(source))
        return shapes_dataset(look if limit is None else replace(look, count=limit))
    else:
        found = _open_path(str(source))
    if not found.pairs:
        raise ParameterError(
            "No picture in {name} has a truth. Left out: {count:file|files}, such as {first}. "
            "Name masks like pictures.",
            name=found.name,
            count=len(found.skipped),
            first=found.skipped[0].name if found.skipped else "none",
        )
    return replace(found, pairs=found.pairs[:limit])


def shapes_dataset(look: ShapeSettings) -> Dataset:
    """Pictures of geometric objects, with exact truth."""
    name = str(replace(look, count=ShapeSettings.count))
    return Dataset(name, str(look), draw_pairs(look), (), SHAPES)


def _open_path(source: str) -> Dataset:
    path, split = Path(source), ""
    if not path.exists() and "@" in source:
        before, _, split = source.rpartition("@")
        path = Path(before)
    if path.is_dir():
        return _open_folder(path, split, source)
    if not path.exists():
        raise ParameterError("There is no data set {name}. Give a folder, a zip file, samples or shapes.", name=source)
    return _open_folder(unpack(path, source), split, source, path.stem)


def _open_folder(folder: Path, split: str, source: str, name: str = "") -> Dataset:
    found = find_pairs(folder.absolute(), split, source)
    return Dataset(name or found.name, source, found.pairs, found.skipped, found.classes)


def _open_samples() -> Dataset:
    pairs = tuple(
        Pair(s.id, s.path, (s.truth_path,), "labels", s.vocabulary, (s.source, f"{s.id}.png"))
        for s in list_samples()
        if s.truth_path is not None
    )
    return Dataset("samples", "samples", pairs, (), join_classes(pair.classes for pair in pairs))


def join_classes(vocabularies: Iterable[Vocabulary]) -> Vocabulary:
    """One vocabulary with the names of all, each once; the first one's ids stay.

    Examples
    --------
    >>> join_classes([Vocabulary("a", ("paper", "ink")), Vocabulary("b", ("paper", "coin"))]).names
    ('paper', 'ink', 'coin')
    """
    every = tuple(dict.fromkeys(vocabularies))
    names = tuple(dict.fromkeys(name for vocabulary in every for name in vocabulary.names))
    return every[0] if every and names == every[0].names else Vocabulary("joined", names)
