"""Folders of saved maps: what lies in them, what they are called, and which map belongs to which truth."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from segmethods.core.messages import Message, ParameterError
from segmethods.datasets.files import list_files
from segmethods.datasets.pairing import match_trees
from segmethods.io.annotations import is_annotation
from segmethods.io.formats import UNREAD, recognise_name
from segmethods.io.images import SUFFIXES
from segmethods.io.text_marks import as_utf8

ALONE = "{folder} has {count:file|files} more than there are truths, which don't count."
TRUTH_ITSELF = Message("{folder} holds the truths themselves, which agree with themselves.")


def list_maps(folder: Path) -> dict[PurePosixPath, Path]:
    """The maps in a folder and in the folders in it, by their paths there.

    Raises
    ------
    ParameterError
        If there are none; the message says what is there instead.
    """
    kinds = (*SUFFIXES, ".mat", ".npz", ".npy")
    every = sorted(file for _, there in list_files(folder).under("") for file in there)
    files = [file for file in every if file.suffix.lower() in kinds]
    if not files:
        _refuse_others(folder, every)
    root = Path(os.path.commonpath([file.parent for file in files]))
    return {PurePosixPath(file.relative_to(root).as_posix()): file for file in files}


def _refuse_others(folder: Path, files: Sequence[Path]) -> None:
    """Raise `ParameterError` for a folder without maps."""
    for file in files:
        if file.suffix.lower() in (".json", ".txt", ".xml", ".csv") and is_annotation(as_utf8(file.read_bytes())):
            raise ParameterError(
                "{folder} holds outlines, such as {file}, and folders are scored by masks. Draw them as PNGs whose "
                "pixels are ids of classes and that are named like the other masks; or score file by file.",
                folder=str(folder),
                file=file.name,
            )
        if (known := recognise_name(file.name)) is not None:
            raise ParameterError(UNREAD, name=file.name, kind=known[0], way=known[1])
    if files:
        raise ParameterError(
            "{folder} has no label maps, but files such as {file}. Save maps as PNG, TIFF, .npy, .npz or .mat.",
            folder=str(folder),
            file=files[0].name,
        )
    raise ParameterError("{folder} has no label maps. Choose another folder.", folder=str(folder))


def name_folders(folders: Sequence[Path]) -> list[str]:
    """The folders' names, or their paths where names are equal.

    Raises
    ------
    ParameterError
        If one is given twice.
    """
    places = [folder.resolve() for folder in folders]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise ParameterError("{folder} is given twice. Give each folder once.", folder=str(folders[number]))
    names = [place.name for place in places]
    return names if len(set(names)) == len(names) else [str(folder) for folder in folders]


def match_maps(
    folder: Path, truth: Path, truths: Mapping[PurePosixPath, Path]
) -> tuple[dict[Path, Path], list[Message]]:
    """The prediction of every truth, and what is to be said of a folder of predictions.

    Raises
    ------
    ParameterError
        If a prediction is missing, or it isn't clear which one it is.
    """
    predictions = list_maps(folder)
    matches = match_trees(predictions, truths)
    found = {mask: prediction for prediction, mask in matches.masks.items()}
    missing = [file for file in truths.values() if file not in found]
    if matches.same_name:
        raise ParameterError(
            "{folder} has two files called {name} except for the ending, or its truths have. Take one of them out.",
            folder=str(folder),
            name=matches.same_name[0].stem,
        )
    if missing and not found:
        raise ParameterError(
            "No file of {folder} is called like a truth: it has {file}, and the truths {name}. Name predictions like "
            "their truths, and put them in folders likewise.",
            folder=str(folder),
            file=next(iter(predictions)).as_posix(),
            name=next(iter(truths)).as_posix(),
        )
    if missing:
        raise ParameterError(
            "{folder} has no prediction for {count} of {all} masks, such as {name}. Add them: all are scored or none.",
            folder=str(folder),
            count=len(missing),
            all=len(truths),
            name=missing[0].name,
        )
    count = len(matches.images_alone)
    notes = [Message(ALONE, {"folder": folder.name, "count": count})] if count else []
    itself = folder.resolve() == truth.resolve()
    return found, [*notes, *([Message(TRUTH_ITSELF.template, {"folder": str(folder)})] if itself else [])]


def title_truths(truths: Mapping[PurePosixPath, Path]) -> tuple[str, ...]:
    """Names without endings, or paths where two have one name."""
    stems = [name.stem for name in truths]
    unique = len(set(stems)) == len(stems)
    return tuple(stems if unique else [name.with_suffix("").as_posix() for name in truths])
