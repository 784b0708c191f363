"""Predictions made elsewhere: folders of saved maps against a folder of truths, as results like those of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from segmethods.benchmark.evaluation import Tally
from segmethods.benchmark.plans import Entry
from segmethods.benchmark.results import Results
from segmethods.benchmark.store import Run
from segmethods.core.messages import ParameterError
from segmethods.core.types import VOID, GroundTruth, Vocabulary, segments
from segmethods.datasets.pairing import match_masks
from segmethods.datasets.pairs import OBJECT_VOID
from segmethods.io.deep_png import is_deep
from segmethods.io.files import read_bytes
from segmethods.io.images import SUFFIXES
from segmethods.io.label_maps import load_maps, number_classes
from segmethods.io.label_pairs import load_pair
from segmethods.metrics import BoundaryCounts, Confusion, Contingency, MapCounts, Maps, score, tabulate


def score_folders(
    truth: Path,
    folders: Sequence[Path],
    classes: Vocabulary | None = None,
    objects: bool | None = None,
    boundaries: bool = True,
) -> tuple[Results, float]:
    """Score every folder of predictions against the truths: counts of all images, to be summed.

    Parameters
    ----------
    truth : path
        A folder of masks.
    folders : sequence of path
        Folders of predictions, one a method, with a file for each truth that is named like it.
    classes : Vocabulary, optional
        What the ids mean; numbered from the truths if left out.
    objects : bool, optional
        Whether labels are single objects, 0 none; if left out, 16-bit PNG are.
    boundaries : bool
        Whether to count boundaries.

    Returns
    -------
    Results, float
        As of a run, and the share of the pixels that the truths don't judge.

    Raises
    ------
    ImageError
        If a file can't be read, or a prediction isn't as large as its truth.
    ParameterError
        If a folder has no masks, or lacks a prediction.
    """
    truths = _list_maps(truth)
    found = {name: _match(folder, truths) for name, folder in zip(_names(folders), folders, strict=True)}
    single = all(is_deep(read_bytes(file)) for file in truths) if objects is None else objects
    classes = None if single else classes or _number(truths)
    tallies: dict[str, list[Tally]] = {name: [] for name in found}
    confusions: dict[str, list[Confusion | None]] = {name: [] for name in found}
    void = pixels = 0
    for file in truths:
        for name, predictions in found.items():
            counts, alignment = _count(predictions[file], file, classes, single)
            tallies[name].append(_tally(file.stem, name, counts, alignment, boundaries))
            confusions[name].append(counts.classes)
        void += int(np.count_nonzero(counts.maps.annotators[0] == counts.maps.void)) if counts.maps.void else 0
        pixels += counts.maps.segments.size
    entries = tuple(Entry(name, "", {}) for name in found)
    now, size = datetime.now(UTC), len(truths)
    run = Run(0, truth.name, str(truth), "", classes or segments(0), entries, size, size, now, now, ())
    used = {name: ", ".join(sorted({t.alignment for t in rows if t.alignment})) for name, rows in tallies.items()}
    results = Results(run, tuple(file.stem for file in truths), tuple(found), tallies, confusions, used)
    return results, void / pixels


def _list_maps(folder: Path) -> list[Path]:
    kinds = (*SUFFIXES, ".mat", ".npz", ".npy")
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in kinds and not f.name.startswith("."))
    if not files:
        raise ParameterError("{folder} has no label maps. Choose another folder.", folder=str(folder))
    return files


def _names(folders: Sequence[Path]) -> list[str]:
    """The folders' names, or their paths where names are equal."""
    names = [folder.resolve().name for folder in folders]
    return names if len(set(names)) == len(names) else [str(folder) for folder in folders]


def _match(folder: Path, truths: Sequence[Path]) -> dict[Path, Path]:
    matches = match_masks(_list_maps(folder), truths)
    found = {mask: prediction for prediction, mask in matches.masks.items()}
    missing = [file for file in truths if file not in found]
    if missing:
        raise ParameterError(
            "{folder} has no prediction for {count} of {all} masks, such as {name}. Add them: all are scored or none.",
            folder=str(folder),
            count=len(missing),
            all=len(truths),
            name=missing[0].name,
        )
    return found


def _number(truths: Sequence[Path]) -> Vocabulary | None:
    """Classes from 0 to the highest id of all truths; None if they are background and object, or regions."""
    highest = 1
    for file in truths:
        saved = load_maps(file, truth=True, white_is_object=False)
        if saved.maps[0].classes.id == "colours":
            raise ParameterError("{name} tells classes by colours. Save ids, or name the classes.", name=file.name)
        if not saved.has_classes:
            return None
        labels = saved.maps[0].labels
        highest = max(highest, int(labels[labels != VOID].max(initial=0)))
    return number_classes(highest + 1) if highest > 1 else None


def _count(prediction: Path, truth: Path, classes: Vocabulary | None, single: bool) -> tuple[MapCounts, str]:
    found, true = load_pair(prediction, truth, classes, not single)
    first = found.maps[0]
    annotators = tuple(m.labels for m in true.maps)
    if single:
        pair = (annotators[0], first.labels)
        return MapCounts(Maps(annotators[:1], first.labels, void=OBJECT_VOID, objects=pair)), ""
    if not true.has_classes or len(true.maps) > 1:
        return MapCounts(Maps(annotators, first.labels, void=VOID if true.has_classes else None)), ""
    scores = score(first, GroundTruth(annotators[0], true.maps[0].classes))
    return scores.counts, scores.alignment


def _tally(image: str, label: str, counts: MapCounts, alignment: str, boundaries: bool) -> Tally:
    maps = counts.maps
    table: Contingency | None = None
    if maps.truth is not None:
        table = tabulate(maps.truth, maps.segments).without_row(VOID)
    lines = counts.boundaries if boundaries else None
    return Tally(
        image,
        label,
        alignment=alignment,
        segments=len(np.unique(maps.segments)),
        table=table,
        regions=counts.regions,
        boundaries=lines or BoundaryCounts(),
        objects=counts.objects,
        more=counts.more,
    )
