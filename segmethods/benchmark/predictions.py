"""Predictions made elsewhere: folders of saved maps against a folder of truths, as results like those of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from segmethods.benchmark.evaluation import ImageCounts
from segmethods.benchmark.numbering import number_truths
from segmethods.benchmark.plans import RunConfig
from segmethods.benchmark.prediction_folders import list_maps, match_maps, name_folders, title_truths
from segmethods.benchmark.results import Results
from segmethods.benchmark.store import Run
from segmethods.core.messages import Message, ParameterError
from segmethods.core.types import BINARY, VOID, GroundTruth, Vocabulary, segments
from segmethods.datasets.assumptions import tell_assumed
from segmethods.datasets.mask_facts import has_void, read_facts
from segmethods.datasets.masks import SOME
from segmethods.datasets.sample_refs import OBJECT_VOID
from segmethods.io.class_names import find_class_names
from segmethods.io.colour_masks import Colour
from segmethods.io.files import read_bytes
from segmethods.io.grey_masks import tell_greys
from segmethods.io.ground_truth import DEEP, find_only
from segmethods.io.id_images import number_objects
from segmethods.io.id_maps import IdMap
from segmethods.io.label_maps import Saved
from segmethods.io.label_pairs import load_pair
from segmethods.io.prediction_doubts import tell_objects
from segmethods.metrics import BoundaryCounts, Confusion, Contingency, MapCounts, Maps, score, tabulate

NAMED = "The classes are those of {file}."
ONE_CLASS = Message("In {some} of {all} truths every judged pixel is of one class, such as {name} in {file}.")


@dataclass(frozen=True)
class ScoreOptions:
    """How saved maps are scored.

    Parameters
    ----------
    classes : Vocabulary, optional
        What the ids mean; by a file of class names beside the truths, or else numbered, if left out.
    colours : sequence of (int, int, int)
        The colours of `classes` in masks that show them by colours.
    ids : IdMap, optional
        What the ids of the truths become; those of the predictions are classes already.
    objects : bool, optional
        Whether labels are single objects, 0 none; if left out, pictures of 16 bits are, and arrays with huge numbers.
    boundaries : bool
        Whether to count boundaries.
    """

    classes: Vocabulary | None = None
    colours: Sequence[Colour] = ()
    ids: IdMap | None = None
    objects: bool | None = None
    boundaries: bool = True


@dataclass(frozen=True, eq=False)
class FolderScores:
    """What folders of predictions are worth.

    Parameters
    ----------
    results : Results
        As of a run.
    void : float
        The share of the pixels that the truths don't judge.
    notes : tuple of Message
        What was assumed, each sentence once, with a file that it is true of.
    """

    results: Results
    void: float
    notes: tuple[Message, ...] = ()


def score_folders(
    truth: Path,
    folders: Sequence[Path],
    options: ScoreOptions | None = None,
    show: Callable[[int, int], None] | None = None,
    run: Callable[[Sequence[PairAsked]], Iterable[PairScore]] | None = None,
    names: Sequence[str] = (),
) -> FolderScores:
    """Score every folder of predictions against the truths: counts of all images, to be summed.

    Parameters
    ----------
    truth : path
        A folder of masks.
    folders : sequence of path
        Folders of predictions, one a method, with a file for each truth that is named like it.
    options : ScoreOptions, optional
    show : callable, optional
        Is told how many predictions are done, of how many.
    run : callable, optional
        Who calls `score_pair` for each of many and gives the answers in their order; this process if left out.
    names : sequence of str
        What the folders are called, each name once; by themselves if left out.

    Raises
    ------
    ImageError
        If a file can't be read, or a prediction isn't as large as its truth.
    ParameterError
        If a folder has no masks, or lacks a prediction.
    """
    options = options or ScoreOptions()
    truths, notes = list_maps(truth), []
    found = {}
    for name, folder in zip(names or name_folders(folders), folders, strict=True):
        found[name], more = match_maps(folder, truth, truths)
        notes += more
    files = list(truths.values())
    single = number_objects(map(read_bytes, files)) if options.objects is None else options.objects
    classes, colours, more = _choose_classes(options, truth, files, single, folders)
    notes += more
    two = not single and classes is None and _is_void_everywhere(files)
    void_alone = two or (len(classes or ()) > 2 and any(map(has_void, files[:SOME])))
    asked = [
        PairAsked(title, name, predictions[file], file, classes, tuple(colours), single, void_alone, not two, options)
        for title, file in zip(title_truths(truths), files, strict=True)
        for name, predictions in found.items()
    ]
    show = show or (lambda _done, _total: None)
    show(0, len(asked))
    pairs: list[PairScore] = []
    for pair in map(score_pair, asked) if run is None else run(asked):
        pairs.append(pair)
        show(len(pairs), len(asked))
    tallies = {name: [pair.tally for pair in pairs if pair.tally.label == name] for name in found}
    confusions = {name: [pair.confusion for pair in pairs if pair.tally.label == name] for name in found}
    notes += _tell_one_class(pairs[: len(pairs) : len(found)])
    void = sum(pair.void for pair in pairs) / sum(pair.pixels for pair in pairs)
    if void == 1:
        raise ParameterError("No pixel of the truths is judged. Use other truths.")
    entries = tuple(RunConfig(name, "", {}) for name in found)
    now, size = datetime.now(UTC), len(files)
    named = classes or (options.ids.classes if options.ids else None) or _named(single, confusions)
    about = Run(0, truth.name, str(truth), "", named, entries, size, size, now, now, ())
    used = {name: ", ".join(sorted({t.alignment for t in rows if t.alignment})) for name, rows in tallies.items()}
    results = Results(about, title_truths(truths), tuple(found), tallies, confusions, used)
    assumed = (pair for scored in pairs for pair in scored.notes if not pair[1].template.startswith("Not judged"))
    return FolderScores(results, void, (*notes, *tell_assumed(assumed)))


def _is_void_everywhere(files: Sequence[Path]) -> bool:
    """Whether 255 means void in all truths of two classes, as in half of them or more, by the rule of data sets."""
    facts = [found for found in map(read_facts, files) if found is not None]
    mixed = sum(not found.is_flat for found in facts)
    return all(found.top <= 1 for found in facts) and 2 * sum(found.has_void for found in facts) >= mixed > 0


def _tell_one_class(pairs: Sequence[PairScore]) -> list[Message]:
    """How many truths show but one class."""
    alone = [pair for pair in pairs if pair.only]
    if not alone:
        return []
    values = {"some": len(alone), "all": len(pairs), "name": Message(alone[0].only), "file": alone[0].tally.image}
    return [Message(ONE_CLASS.template, values)]


@dataclass(frozen=True)
class PairAsked:
    """One prediction and its truth, to be scored."""

    image: str
    label: str
    prediction: Path
    truth: Path
    classes: Vocabulary | None
    colours: tuple[Colour, ...]
    single: bool
    void_alone: bool
    white_is_object: bool
    options: ScoreOptions


@dataclass(frozen=True, eq=False)
class PairScore:
    """What was counted of one prediction, what was assumed of which file, and the only class that its truth shows."""

    tally: ImageCounts
    confusion: Confusion | None
    void: int
    pixels: int
    notes: tuple[tuple[str, Message], ...]
    only: str = ""


def score_pair(asked: PairAsked) -> PairScore:
    """Score one prediction; this is what workers do."""
    ids, by_name = asked.options.ids, not asked.single
    pair = load_pair(
        asked.prediction,
        asked.truth,
        asked.classes,
        by_name,
        ids=ids,
        colours=asked.colours,
        void_alone=asked.void_alone,
        white_is_object=asked.white_is_object,
    )
    counts, alignment = _count(*pair, asked.single)
    maps = counts.maps
    files = [f"{file.parent.name}/{file.name}" for file in (asked.prediction, asked.truth)]
    return PairScore(
        _tally(asked.image, asked.label, counts, alignment, asked.options.boundaries),
        counts.classes,
        int(np.count_nonzero(maps.annotators[0] == maps.void)) if maps.void else 0,
        maps.segments.size,
        tuple(
            (file, note)
            for file, saved in zip(files, pair, strict=True)
            for note in saved.notes
            if not (asked.single and ("ids" in note.values or note == DEEP))
        )
        + tuple((files[0], note) for note in (tell_objects(maps.segments, maps.annotators[0]) if asked.single else ())),
        _name_only(pair[1]) if not asked.single else "",
    )


def _name_only(true: Saved) -> str:
    """The class of a truth that shows but one; empty for all others."""
    only = find_only(true.maps[0].labels) if true.has_classes and len(true.maps) == 1 else None
    names = true.maps[0].classes.names
    return names[only] if only is not None and only < len(names) else ""


def _named(single: bool, confusions: Mapping[str, Sequence[Confusion | None]]) -> Vocabulary:
    """Background and object where a score of classes shows that they are the classes; else regions."""
    return BINARY if not single and any(c is not None for rows in confusions.values() for c in rows) else segments(0)


def _choose_classes(
    options: ScoreOptions, truth: Path, files: Sequence[Path], single: bool, folders: Sequence[Path]
) -> tuple[Vocabulary | None, Sequence[Colour], list[Message]]:
    """The classes of all truths, and where they come from."""
    if single or (options.ids is not None and options.ids.classes is not None):
        return None, (), []
    if options.classes is not None:
        return options.classes, options.colours, []
    if known := find_class_names((truth, truth.parent)):
        file, names = known
        _refuse_other_names(file, names.names, folders)
        return names.vocabulary, names.colours, [Message(NAMED, {"file": file.name})]
    numbered, greys = number_truths(files)
    return numbered, tuple((grey, grey, grey) for grey in greys), [tell_greys(greys)] if greys else []


def _refuse_other_names(file: Path, names: Sequence[str], folders: Sequence[Path]) -> None:
    """Raise `ParameterError` if a folder of predictions has names of its own, and others or in another order."""
    for folder in folders:
        own = find_class_names((folder,))
        if own is not None and list(own[1].names) != list(names):
            raise ParameterError(
                "{own} names other classes than {file} of the truths, or in another order. Save predictions with the "
                "ids of the truths; if they have them, take {own} out.",
                own=f"{folder.name}/{own[0].name}",
                file=file.name,
            )


def _count(found: Saved, true: Saved, single: bool) -> tuple[MapCounts, str]:
    first = found.maps[0]
    annotators = tuple(m.labels for m in true.maps)
    if single:
        pair = (annotators[0], first.labels)
        return MapCounts(Maps(annotators[:1], first.labels, void=OBJECT_VOID, objects=pair)), ""
    if not true.has_classes or len(true.maps) > 1:
        return MapCounts(Maps(annotators, first.labels, void=VOID if true.has_classes else None)), ""
    scores = score(first, GroundTruth(annotators[0], true.maps[0].classes))
    return scores.counts, scores.alignment


def _tally(image: str, label: str, counts: MapCounts, alignment: str, boundaries: bool) -> ImageCounts:
    maps = counts.maps
    table: Contingency | None = None
    if maps.truth is not None:
        table = tabulate(maps.truth, maps.segments).without_row(VOID)
    return ImageCounts(
        image,
        label,
        alignment=alignment,
        segments=len(np.unique(maps.segments)),
        table=table,
        regions=counts.regions,
        boundaries=(counts.boundaries if boundaries else None) or BoundaryCounts(),
        objects=counts.objects,
        more=counts.more,
    )
