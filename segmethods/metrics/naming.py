"""Segments without names get names by a rule that could be used on the next image, because it never sees its truth.

The rule looks at a segment's colour, brightness, size and position, and was learned on other images, whose truth was
known. It is a small decision tree (Breiman et al. 1984): at most eight leaves, each with one class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import VOID, Image, Labels
from segmethods.metrics.alignment import Meaning
from segmethods.metrics.contingency import Contingency
from segmethods.metrics.formulas import class_iou

ALIKE = 1e-9
"""Relative difference of purities below which they are equal, but for rounding."""

Features = NDArray[np.float32]
"""What is known of every segment of an image, shape (labels, len(FEATURES)); NaN in rows of labels that it lacks."""

Pixels = NDArray[np.float64]

FEATURES = (
    "lightness",
    "green to red",
    "blue to yellow",
    "lightness beside the image's",
    "share of the image",
    "across",
    "down",
    "distance from the middle",
    "label",
)
"""Lightness and the two colours are CIE L*a*b*; the last one is 0 where labels mean nothing."""

DEPTH, LEAVES, MOST_SEGMENTS = 3, 200, 20_000
"""A leaf holds at least a two hundredth of the segments, and where there are two classes as many as there are images
that show the rarer: a question that sets a few images apart says nothing of the next one."""

BALANCES = (0.0, 0.5, 1.0)
"""How much a rare class counts for when the tree grows; the one with the best mean IoU on what was learned is kept."""


@dataclass(frozen=True)
class Leaf:
    """A class that all segments get which come here."""

    class_id: int


@dataclass(frozen=True)
class Split:
    """A question: is the feature at most this large?"""

    feature: int
    level: float
    low: Rule
    high: Rule


Rule = Leaf | Split
"""What names segments."""


def describe_segments(image: Image, labels: Labels, is_ordered: bool = False) -> Features:
    """Colour, brightness, size and position of every segment, float32 (labels, features).

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    labels : ndarray, uint8 or uint16, shape (H, W)
        Its segments.
    is_ordered : bool
        Whether a label means the same in every image, as object and background do.

    Examples
    --------
    >>> image = np.zeros((1, 4, 3), np.uint8)
    >>> image[:, 2:] = 255
    >>> found = describe_segments(image, np.array([[0, 0, 1, 1]], np.uint8))
    >>> found[:, FEATURES.index("lightness")].tolist(), found[:, FEATURES.index("across")].tolist()
    ([0.0, 1.0], [0.25, 0.75])
    """
    import cv2

    height, width = labels.shape
    flat = labels.ravel()
    sizes = np.bincount(flat).astype(float)
    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB).reshape(-1, 3)
    rows, columns = np.divmod(np.arange(flat.size), width)
    planes = [lab[:, 0] / 255, lab[:, 1] / 255, lab[:, 2] / 255, (columns + 0.5) / width, (rows + 0.5) / height]
    with np.errstate(invalid="ignore", divide="ignore"):
        light, red, yellow, across, down = (np.bincount(flat, plane) / sizes for plane in planes)
    features = [light, red, yellow, light - np.median(lab[:, 0]) / 255, sizes / flat.size, across, down]
    features += [np.hypot(across - 0.5, down - 0.5), np.arange(sizes.size) * float(is_ordered)]
    return np.where(sizes > 0, np.stack(features), np.nan).T.astype(np.float32)


def learn_names(features: Sequence[Features], tables: Sequence[Contingency], classes: int) -> Rule:
    """Learn a rule from images whose truth is known.

    Parameters
    ----------
    features : sequence of Features
        One for each image.
    tables : sequence of Contingency
        Its true classes (rows) by label (columns).
    classes : int
        Classes in the vocabulary.
    """
    pixels = [_pixels_by_class(table, len(known), classes) for known, table in zip(features, tables, strict=True)]
    known, counted = np.concatenate(features).astype(float), np.concatenate(pixels)
    kept = np.flatnonzero(counted.sum(axis=1))
    kept = kept[np.argsort(-counted[kept].sum(axis=1), kind="stable")[:MOST_SEGMENTS]]
    known, counted = known[kept], counted[kept]
    total = np.maximum(counted.sum(axis=0), 1)
    shown = [count for count in np.count_nonzero([one.any(axis=0) for one in pixels], axis=0).tolist() if count]
    smallest = max(1, len(known) // LEAVES, min(shown) if len(shown) == 2 else 1)
    rules = [_grow(known, counted / total**balance, DEPTH, smallest) for balance in BALANCES]
    return max(rules, key=lambda rule: _mean_iou(apply_rule(rule, known), counted))


def name_segments(rule: Rule, features: Features) -> Meaning:
    """The class of every label of an image; `VOID` for labels that it lacks."""
    return np.where(np.isnan(features[:, 0]), VOID, apply_rule(rule, features.astype(float)))


def apply_rule(rule: Rule, features: Pixels) -> NDArray[np.int64]:
    """The class that the rule gives to each row."""
    if isinstance(rule, Leaf):
        return np.full(len(features), rule.class_id)
    is_low = features[:, rule.feature] <= rule.level
    return np.where(is_low, apply_rule(rule.low, features), apply_rule(rule.high, features))


def _pixels_by_class(table: Contingency, labels: int, classes: int) -> Pixels:
    counted = np.zeros((labels, classes))
    np.add.at(counted, (table.columns, table.rows), table.counts)
    return counted


def _grow(features: Pixels, weights: Pixels, depth: int, smallest: int) -> Rule:
    """The split that leaves the purest halves (Gini), and so on.

    Of splits that part the segments alike, the one with the widest gap: on the next image it errs least.
    """
    total = weights.sum(axis=0)
    leaf = Leaf(int(total.argmax()) if total.size else 0)
    if depth == 0 or len(features) < 2 * smallest or np.count_nonzero(total) < 2:
        return leaf
    best, widest, found = float(_purity(total)), 0.0, None
    for feature in range(features.shape[1]):
        order = np.argsort(features[:, feature], kind="stable")
        values, low = features[order, feature], np.cumsum(weights[order], axis=0)
        gain = _purity(low) + _purity(total - low)
        gain[: smallest - 1] = gain[len(gain) - smallest :] = -np.inf
        gain[:-1][values[1:] <= values[:-1]] = -np.inf
        place = int(gain.argmax())
        if not np.isfinite(gain[place]):
            continue
        gap = float((values[place + 1] - values[place]) / (values[-1] - values[0]))
        is_alike = found is not None and gain[place] >= best * (1 - ALIKE)
        if gain[place] > best * (1 + ALIKE) or (is_alike and gap > widest):
            best, widest, found = float(gain[place]), gap, (feature, float(values[place] + values[place + 1]) / 2)
    if found is None:
        return leaf
    is_low = features[:, found[0]] <= found[1]
    low_rule = _grow(features[is_low], weights[is_low], depth - 1, smallest)
    return Split(*found, low_rule, _grow(features[~is_low], weights[~is_low], depth - 1, smallest))


def _purity(weights: Pixels) -> Pixels:
    """How alike the pixels are, times how many there are: the sum of squares over the sum."""
    whole = weights.sum(axis=-1)
    return np.asarray(np.divide((weights**2).sum(axis=-1), whole, out=np.zeros_like(whole), where=whole > 0))


def _mean_iou(named: NDArray[np.int64], counted: Pixels) -> float:
    classes = counted.shape[1]
    given = np.zeros((classes, classes))
    np.add.at(given, named, counted)
    iou = class_iou(np.diagonal(given), counted.sum(axis=0), given.sum(axis=1))
    return float(np.nanmean(iou)) if np.isfinite(iou).any() else 0.0
