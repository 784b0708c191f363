"""A saved prediction beside its saved truth: what the ids of both files mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from segmethods.core.messages import ImageError, Message, ParameterError
from segmethods.core.types import VOID, Labels, Segmentation, Vocabulary, segments
from segmethods.io.annotations import OUTLINES
from segmethods.io.colour_masks import Colour
from segmethods.io.depth import percent
from segmethods.io.grey_masks import LISTED, tell_greys
from segmethods.io.ground_truth import VOID_ONLY
from segmethods.io.id_maps import IdMap
from segmethods.io.label_maps import THRESHOLDS, Saved, load_maps, number_classes
from segmethods.io.palettes import tell_orders
from segmethods.io.prediction_doubts import tell_classes
from segmethods.io.values import list_values

BY_NUMBER = Message("The other file has ids without names, which count as these classes: {names}.")
COLOURS = Message("{name} tells classes by colours. Save ids, or name the classes.").template
UNANSWERED = Message("It has 255 on {share} of the judged pixels: they are of no class and count as wrong.")
WHITE_FOUND = Message(
    "{name} has 0 and 255 alone, but its truth {truth} has the ids {ids}. Save {name} with these ids."
).template
WHITE_TRUE = Message(
    "{name} has the ids {ids}, but its truth {truth} has 0 and 255 alone, background and object. "
    "Save {name} with 0 and 255, or with 0 and 1."
).template


def load_pair(
    prediction: str | Path,
    truth: str | Path,
    classes: Vocabulary | None = None,
    by_name: bool = True,
    thresholds: int = THRESHOLDS,
    ids: IdMap | None = None,
    colours: Sequence[Colour] = (),
    void_alone: bool = False,
    white_is_object: bool = True,
) -> tuple[Saved, Saved]:
    """Read a prediction and its truth so that they can be compared.

    0 and 255 mean background and object where they are the only values, unless the other file or `classes` say that
    there are more classes.

    Parameters
    ----------
    prediction, truth : path
        Files as :func:`segmethods.io.label_maps.load_maps` reads them.
    classes : Vocabulary, optional
        What the ids of both mean; found out if left out.
    by_name : bool
        Whether equal ids of the two files mean the same; segments without names otherwise.
    thresholds : int
        How many thresholds a contour map is cut at.
    ids : IdMap, optional
        What the ids of the truth become; those of the prediction are classes already.
    colours : sequence of (int, int, int), optional
        The colours of `classes` in masks that show them by colours.
    void_alone : bool
        Whether the truth may hold nothing but background and 255, since other truths show that 255 is void.
    white_is_object : bool
        Whether 0 and 255 are background and object in a truth that has no other values.

    Raises
    ------
    ImageError
        If a file can't be read, the two differ in size, or nothing is left to judge.
    ParameterError
        If there are `ids`, but the truth has no classes.
    """

    def load(file: str | Path, is_truth: bool, white_is_object: bool) -> Saved:
        hues = colours or tuple((grey, grey, grey) for grey in greys)
        known = (classes or number_classes(len(greys))) if hues else None
        alone = is_truth and void_alone
        saved = load_maps(file, is_truth, white_is_object, thresholds, "", known, hues, alone)
        if is_truth and greys:
            saved = replace(saved, notes=(*saved.notes, tell_greys(greys)))
        return _map_ids(saved, ids) if is_truth and ids is not None else saved

    greys: tuple[int, ...] = ()
    is_raw = ids is not None and ids.classes is not None
    found, true = load(prediction, False, True), load(truth, True, white_is_object and not is_raw)
    longer = max(true.greys, found.greys, key=len)
    if found.greys != true.greys and not colours and ids is None and len(classes or longer) == len(longer):
        greys = longer  # of which one of the two may lack some
        found, true = load(prediction, False, True), load(truth, True, white_is_object)
    other_tones = found.tones and true.tones and found.tones != true.tones  # ids of two classes, not one object
    if len(classes or ()) > 2 or other_tones or _has_more_classes(found) or _has_more_classes(true):
        before = (found, true)
        try:
            found, true = load(prediction, False, False), load(truth, True, False)
        except ImageError as error:
            if error.message.template != VOID_ONLY or len(classes or ()) > 2:
                raise
            _refuse_white(*before, str(prediction), str(truth))
            raise
    if found.shape != true.shape:
        raise ImageError(
            "{first} is {first_size} pixels, but {second} is {second_size}. Score maps of one picture.",
            first=str(prediction),
            first_size=_size(found),
            second=str(truth),
            second_size=_size(true),
        )
    if told := tell_orders([(str(prediction), found.palette), (str(truth), true.palette)]):
        raise ImageError(told.template, **told.values)
    if classes is not None or is_raw:
        _refuse_colours((prediction, found), (truth, true))
    if ids is not None and ids.classes is not None and found.has_classes:
        found = found.with_classes(ids.classes)
    elif classes is not None:
        found, true = (saved.with_classes(classes) if saved.has_classes else saved for saved in (found, true))
    elif by_name:
        found, true = _name_alike(found, true)
    if not by_name and found.has_classes:
        found = found.with_classes(segments(max(len(label_map.classes) for label_map in found.maps)))
    return _tell_doubts(found, true, by_name), true


def _tell_doubts(found: Saved, true: Saved, by_name: bool) -> Saved:
    """A prediction, how much of what is judged it leaves open as 255, and whether its ids are those of its truth."""
    first = found.maps[0]
    if not first.classes.is_named or len(first.classes) > VOID or not true.has_classes:
        return found
    judged = true.maps[0].labels != VOID
    open_ = int(np.count_nonzero(judged & (first.labels == VOID)))
    values = {"share": percent(open_ / max(int(np.count_nonzero(judged)), 1))}
    told: tuple[Message, ...] = (Message(UNANSWERED.template, values),) if open_ else ()
    if by_name and true.maps[0].classes == first.classes and len(true.maps) == 1:
        answered = judged & (first.labels != VOID)
        told += tell_classes(first.labels, true.maps[0].labels, answered, len(first.classes))
    return replace(found, notes=(*found.notes, *told))


def _refuse_colours(*files: tuple[str | Path, Saved]) -> None:
    """Raise `ParameterError` if a file has colours that nobody has named: numbered by their areas, they are no ids."""
    for file, saved in files:
        if saved.maps[0].classes.id == "colours":
            raise ParameterError(COLOURS, name=str(file))


def _map_ids(true: Saved, ids: IdMap) -> Saved:
    """A truth with its ids mapped."""
    if not true.has_classes:
        raise ParameterError("--ids and --ignore need a truth of classes. Leave them out.")
    maps = tuple(replace(m, labels=ids.map_labels(m.labels), classes=ids.classes or m.classes) for m in true.maps)
    if all((m.labels == VOID).all() for m in maps):
        raise ImageError("No pixel of the truth is judged. Check --ids and --ignore.")
    note = Message("Its ids were mapped ({name}); those of the prediction are taken as they are.", {"name": ids.name})
    return replace(true, maps=maps, notes=(*true.notes, note))


def _refuse_white(found: Saved, true: Saved, prediction: str, truth: str) -> None:
    """Raise `ImageError` if one file has ids of classes and the other background and object alone."""
    values = {"name": prediction, "truth": truth}
    if _has_more_classes(true):
        raise ImageError(WHITE_FOUND, **values, ids=_list_ids(true))
    if _has_more_classes(found):
        raise ImageError(WHITE_TRUE, **values, ids=_list_ids(found))


def _list_ids(saved: Saved) -> str:
    ids = list_values(np.stack([label_map.labels for label_map in saved.maps])).tolist()
    return ", ".join(map(str, ids[:LISTED])) + (", ..." if len(ids) > LISTED else "")


def _has_more_classes(saved: Saved) -> bool:
    """Whether class ids go beyond background and object."""
    return saved.has_classes and any(
        np.any((label_map.labels > 1) & (label_map.labels != VOID)) for label_map in saved.maps
    )


def _name_alike(found: Saved, true: Saved) -> tuple[Saved, Saved]:
    """Both with one vocabulary, where ids or colours are all that is known of one of them."""
    first, second = found.maps[0].classes, true.maps[0].classes
    if first.id == second.id == "colours":
        names = second.names + tuple(name for name in first.names if name not in second.names)
        vocabulary = Vocabulary("colours", names)
        renamed = tuple(_recolour(label_map, vocabulary) for label_map in found.maps)
        return replace(found, maps=renamed), true.with_classes(vocabulary)
    numbered = [saved for saved in (found, true) if saved.maps[0].classes.id in ("mask", "voc", "camvid", OUTLINES)]
    if all(saved.maps[0].classes.id != "mask" for saved in numbered):
        return found, true
    count = max(len(label_map.classes) for saved in numbered for label_map in saved.maps)
    if second.id in ("voc", "camvid") or (second.id == OUTLINES and len(second) == count):
        shared = second
    elif first.id in ("voc", "camvid", OUTLINES) and len(first) == count:
        shared = first
    else:
        shared = number_classes(count)
    found, true = (_share(saved, shared) if saved in numbered else saved for saved in (found, true))
    return found, true


def _share(saved: Saved, shared: Vocabulary) -> Saved:
    """A file with the classes of both, and what the names of its outlines became where the other one has ids."""
    own = saved.maps[0].classes
    if own.id != OUTLINES:
        return saved.with_classes(shared)
    listed = ", ".join(f"{number} {name}" for number, name in enumerate(own.names))
    return replace(saved, notes=(*saved.notes, Message(BY_NUMBER.template, {"names": listed}))).with_classes(shared)


def _recolour(label_map: Segmentation, vocabulary: Vocabulary) -> Segmentation:
    places = np.full(VOID + 1, VOID, np.uint8)
    places[: len(label_map.classes)] = [vocabulary.names.index(name) for name in label_map.classes.names]
    labels: Labels = places[label_map.labels]
    return replace(label_map, labels=labels, classes=vocabulary)


def _size(saved: Saved) -> str:
    return " × ".join(str(side) for side in reversed(saved.shape))
