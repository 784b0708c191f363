"""A folder as a data set, with the truths that lie in it in no layout: the one rule of commands and pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segmethods.core.messages import ParameterError
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.folders import open_folder
from segmethods.datasets.loose_truths import NOBODYS, add_loose_truths, list_pictures
from segmethods.datasets.reasons import OTHER_FORM, UNMASKED
from segmethods.datasets.settling import settle_truths
from segmethods.io.id_maps import IdMap


def open_whole(
    folder: Path, split: str, source: str, name: str = "", ids: IdMap | None = None, keep_white: bool = False
) -> Dataset:
    """The data set in a folder; its parameters are those of :func:`segmethods.datasets.folders.open_folder`.

    Outlines beside pictures whose other truths are masks are read as well, and where there is no layout, masks and
    outlines that are named like the pictures.

    Raises
    ------
    ParameterError
        If there is no data set, no such part, or its classes can't be told.
    """
    try:
        known = open_folder(folder, split, source, name, ids, keep_white)
    except ParameterError as error:
        if split or ids is not None or error.message.template not in UNMASKED:
            raise
        found = add_loose_truths(folder, None, list_pictures(folder))
        if found is None or not found.pairs:
            told = [one.reason for one in found.skipped if one.reason != NOBODYS] if found else []
            if not told:
                raise
            raise ParameterError(told[0].template, **told[0].values) from error
        return settle_truths(replace(found, name=name or folder.absolute().name, source=source), keep_white)
    outlined = {one.name for one in known.skipped if one.reason.template == OTHER_FORM.template}
    if not outlined or ids is not None:
        return known
    waiting = [file for file in list_pictures(folder) if _ends_like(file, outlined)]
    every = add_loose_truths(folder, known, waiting) or known
    read = {pair.image for pair in every.pairs}
    gone = {name for name in outlined if any(_ends_like(file, {name}) for file in waiting if file in read)}
    kept = tuple(one for one in every.skipped if one.name not in gone and one.reason != NOBODYS)
    return settle_truths(replace(every, skipped=kept), keep_white)


def _ends_like(file: Path, names: set[str]) -> bool:
    return any(f"/{file.as_posix()}".endswith(f"/{name}") for name in names)
