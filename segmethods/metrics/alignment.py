"""What a method's labels mean in the words of the truth.

A method that names its classes as the truth does is compared by name. Every other one (segments without names, an
object against its background, names of another vocabulary) is aligned with the truth's own help, which flatters it:
such scores always say so, and from how many segments they come.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message, ParameterError
from segmethods.core.types import VOID, Vocabulary
from segmethods.metrics.confusion import count_classes, mean
from segmethods.metrics.contingency import Contingency

Alignment = Literal["by name", "better polarity", "majority", "hungarian", "fitted"]
ALIGNMENTS: tuple[Alignment, ...] = get_args(Alignment)

Meaning = NDArray[np.int64]
"""Truth class (or `VOID`) of every label from 0 up, shape (labels,)."""


def choose_alignment(prediction: Vocabulary, truth: Vocabulary) -> Alignment:
    """The alignment that fits two vocabularies.

    Examples
    --------
    >>> from segmethods.core.types import BINARY, CAMVID, VOC, segments
    >>> choose_alignment(VOC, VOC), choose_alignment(BINARY, BINARY), choose_alignment(segments(4), VOC)
    ('by name', 'better polarity', 'majority')
    >>> choose_alignment(CAMVID, VOC), choose_alignment(Vocabulary("taught", BINARY.names), BINARY)
    ('majority', 'by name')
    """
    if speaks_of(prediction, truth):
        return "by name"
    if prediction.id == "binary" and len(truth) == 2:
        return "better polarity"
    return "majority"


def same_names(first: Vocabulary, second: Vocabulary) -> bool:
    """Whether the ids of two answers mean the same things in the world."""
    return first.is_named and second.is_named and first.names == second.names


def speaks_of(prediction: Vocabulary, truth: Vocabulary) -> bool:
    """Whether a method names its classes as the truth does: one that learned what the object is means it so."""
    return prediction.is_named and prediction.names == truth.names


def align(table: Contingency, prediction: Vocabulary, truth: Vocabulary, alignment: Alignment) -> Meaning:
    """Find what each label of a prediction means.

    Parameters
    ----------
    table : Contingency
        Truth by rows, prediction by columns; for ``"fitted"`` the sum of the tables of a whole data set.
    prediction, truth : Vocabulary
        What the ids mean.
    alignment : str
        ``"by name"``: the label itself. ``"better polarity"``: the map or its complement, whichever has the higher mean
        IoU. ``"majority"``: the class that the segment covers most, ties to the lowest id. ``"hungarian"``: one segment
        for one class so that most pixels fit (Kuhn 1955); the other segments mean nothing and count as wrong.
        ``"fitted"``: for labels that mean the same in every image, as by majority but once for all images; labels that
        the table hasn't got mean the commonest class.

    Returns
    -------
    ndarray, int64, shape (labels,)
        Truth class of every label from 0 to the largest (``"fitted"``: at least to the last of the vocabulary);
        `VOID` for segments without a class.

    Raises
    ------
    ParameterError
        If the alignment doesn't exist or doesn't fit the vocabularies.
    """
    labels = int(table.columns.max(initial=-1)) + 1
    table = table.without_row(VOID)
    match alignment:
        case "by name" if speaks_of(prediction, truth):
            return np.arange(labels)
        case "better polarity" if len(prediction) == len(truth) == 2:
            return _better_polarity(table, labels)
        case "majority":
            return majority(table, labels)
        case "hungarian":
            return _hungarian(table, labels)
        case "fitted":
            return _fitted(table, max(labels, len(prediction)))
    if alignment in ALIGNMENTS:
        raise ParameterError(
            "These classes can't be aligned {alignment}. Choose from {choices}.",
            alignment=alignment,
            choices="majority, hungarian, fitted",
        )
    raise ParameterError(
        "There is no alignment {name}. Choose from {choices}.", name=alignment, choices=", ".join(ALIGNMENTS)
    )


def rename(table: Contingency, meaning: Meaning) -> Contingency:
    """The table with the prediction's labels replaced by what they mean."""
    return Contingency(table.rows, meaning[table.columns], table.counts)


def explain_alignment(alignment: Alignment, segments: int, other_names: bool = False) -> Message:
    """One sentence that says how labels got their meaning, to stand beside the score.

    Parameters
    ----------
    alignment : str
        The alignment that was used.
    segments : int
        How many segments were aligned.
    other_names : bool
        Whether they were classes of another vocabulary than the truth's.

    Examples
    --------
    >>> str(explain_alignment("by name", 4))
    'The method names its classes itself; they are compared with the truth by name.'
    """
    if other_names:
        return Message(
            "The method's classes are not those of the truth: "
            "the {segments} that it found were aligned with the truth's help.",
            {"segments": segments},
        )
    return {
        "by name": Message("The method names its classes itself; they are compared with the truth by name."),
        "better polarity": Message(
            "The method doesn't say which side is the object; the side that fits the truth better was taken."
        ),
        "majority": Message(
            "Each of the {segments} segments was given the class of the truth that it covers most; "
            "many small segments score high this way.",
            {"segments": segments},
        ),
        "hungarian": Message(
            "Each class of the truth was given the one of {segments} segments that fits best; "
            "the others count as wrong.",
            {"segments": segments},
        ),
        "fitted": Message(
            "Each segment number was given one class for all pictures, the one that it covers most in them together."
        ),
    }[alignment]


def _better_polarity(table: Contingency, labels: int) -> Meaning:
    kept = np.arange(labels)
    turned = np.where(kept < 2, 1 - kept, kept)
    ious = [mean(count_classes(rename(table, meaning), 2).iou) for meaning in (kept, turned)]
    return turned if ious[1] > ious[0] else kept


def majority(table: Contingency, labels: int) -> Meaning:
    """The label of the first map that each of the labels 0 .. `labels` - 1 of the second covers most.

    Ties go to the lowest label; a label that the table hasn't got is `VOID`.
    """
    meaning = np.full(labels, VOID, np.int64)
    order = np.lexsort((-table.rows, table.counts))
    meaning[table.columns[order]] = table.rows[order]
    return meaning


def _fitted(table: Contingency, labels: int) -> Meaning:
    meaning = majority(table, labels)
    if table.pixels:
        meaning[meaning == VOID] = int(np.argmax(table.row_sizes()))
    return meaning


def _hungarian(table: Contingency, labels: int) -> Meaning:
    from scipy.optimize import linear_sum_assignment

    overlap = np.zeros((labels, int(table.rows.max(initial=-1)) + 1), np.int64)
    overlap[table.columns, table.rows] = table.counts
    segments, classes = linear_sum_assignment(overlap, maximize=True)
    fits = overlap[segments, classes] > 0
    meaning = np.full(labels, VOID, np.int64)
    meaning[segments[fits]] = classes[fits]
    return meaning
