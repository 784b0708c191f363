"""Data sets: pictures with their truth, from a folder, a zip file, the samples, or drawn on the spot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segmethods.core.messages import ParameterError
from segmethods.datasets.archives import tell_encoding, unpack
from segmethods.datasets.datasets import Dataset, join_classes
from segmethods.datasets.folders import open_folder_parts
from segmethods.datasets.reasons import UNMASKED
from segmethods.datasets.sample_refs import SampleRef
from segmethods.datasets.shapes import SHAPES, ShapeSettings, draw_pairs, parse_shapes
from segmethods.datasets.whole import open_whole
from segmethods.io.id_maps import IdMap
from segmethods.io.samples import list_samples


def open_dataset(
    source: str | Path | bytes,
    limit: int | None = None,
    name: str = "",
    ids: IdMap | None = None,
    keep_white: bool = False,
) -> Dataset:
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
    ids : IdMap, optional
        What the ids in the masks of a folder become, see :mod:`segmethods.io.id_maps`.
    keep_white : bool
        Whether masks that seem to be the wrong way round, since white covers most of them alone, are judged.

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
        place = unpack(source, name or "The zip file")
        found = open_whole(place, "", name or "zip", Path(name).stem.removesuffix(".tar"), keep_white=keep_white)
        found = replace(found, notes=(*found.notes, *tell_encoding(place)))
    elif str(source) == "samples":
        found = _open_samples()
    elif str(source).partition(":")[0] == "shapes":
        look = parse_shapes(str(source))
        return shapes_dataset(look if limit is None else replace(look, count=limit))
    else:
        folder, split, archive = _find_folder(str(source))
        found = open_whole(folder, split, str(source), archive, ids, keep_white)
        found = replace(found, notes=(*found.notes, *tell_encoding(folder))) if archive else found
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


def open_parts(source: str | Path, ids: IdMap | None = None, keep_white: bool = False) -> dict[str, Dataset]:
    """All parts of a data set by their names, such as train and val; ``""`` where it has none.

    Parameters
    ----------
    source : str or path
        As of `open_dataset`. One part alone where it is named, as in ``FOLDER@train``.
    ids, keep_white
        As of `open_dataset`.

    Raises
    ------
    ParameterError
        As of `open_dataset`.
    """
    if str(source) == "samples" or str(source).partition(":")[0] == "shapes":
        return {"": open_dataset(source)}
    folder, split, name = _find_folder(str(source))
    try:
        return open_folder_parts(folder, split, str(source), name, ids, keep_white)
    except ParameterError as error:
        if error.message.template not in UNMASKED or split:
            raise
        return {"": open_whole(folder, "", str(source), name, ids, keep_white)}


def _find_folder(source: str) -> tuple[Path, str, str]:
    """The folder of a data set, unpacked if need be, the part that is asked for, and its name if it is an archive."""
    path, split = Path(source), ""
    if not path.exists() and "@" in source:
        before, _, split = source.rpartition("@")
        path = Path(before)
    if path.is_dir():
        return path, split, ""
    if not path.exists():
        raise ParameterError("There is no data set {name}. Give a folder, a zip file, samples or shapes.", name=source)
    return unpack(path, source), split, path.stem.removesuffix(".tar")


def _open_samples() -> Dataset:
    pairs = tuple(
        SampleRef(s.id, s.path, (s.truth_path,), "labels", s.vocabulary, (s.source, f"{s.id}.png"))
        for s in list_samples()
        if s.truth_path is not None
    )
    return Dataset("samples", "samples", pairs, (), join_classes(pair.classes for pair in pairs))
