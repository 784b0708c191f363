"""A random forest over colour, texture and place: what was done before networks, and still quick to learn.

Breiman 2001, "Random Forests". The image is cut into superpixels (SLIC, Achanta 2012), each is told by a few numbers,
and the trees vote on its class. scikit-learn grows the trees (``python -m segmethods.jobs.forest``); they are kept as
plain arrays, so that running them needs numpy alone.
"""

from __future__ import annotations

import argparse
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.messages import MethodError
from segmethods.core.settings import settings
from segmethods.core.types import VOID, Image

SIDE = 320
"""Long side of the image that superpixels are made of."""
PIECES = 700
"""Superpixels of an image, about."""
TREES, DEPTH, LEAF = 24, 12, 20
Trees = dict[str, NDArray[np.float32]]


def cut(image: Image) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Superpixels of an image and what is told of each.

    Returns
    -------
    pieces : ndarray, int32, shape (h, w)
        Numbers from 0, at working size.
    features : ndarray, float32, shape (pieces, 18)
    """
    from skimage.segmentation import slic

    height, width = image.shape[:2]
    size = fit_long_side(height, width, SIDE)[::-1]
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if max(height, width) > SIDE else cv2.INTER_LINEAR)
    pieces = slic(small, n_segments=PIECES, compactness=12, start_label=0, channel_axis=2).astype(np.int32)
    return pieces, describe(np.asarray(small, np.uint8), pieces)


def describe(image: Image, pieces: NDArray[np.int32]) -> NDArray[np.float32]:
    """Mean and spread of colour in L*a*b*, at the spot and around it, edges, saturation and place of each piece."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32)
    around = cv2.GaussianBlur(lab, (0, 0), 12)
    grey = lab[:, :, 0]
    slope = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    rough = cv2.GaussianBlur(slope, (0, 0), 6)
    high, wide = pieces.shape
    rows, columns = np.mgrid[0:high, 0:wide].astype(np.float32)
    planes = [*np.moveaxis(lab, 2, 0), *np.moveaxis(around, 2, 0), slope, rough, rows / high, abs(columns / wide - 0.5)]
    count = int(pieces.max()) + 1
    sizes = np.maximum(np.bincount(pieces.ravel(), minlength=count), 1)
    means = [np.bincount(pieces.ravel(), p.ravel(), count) / sizes for p in planes]
    squares = [np.bincount(pieces.ravel(), (p**2).ravel(), count) / sizes for p in planes[:8]]
    spreads = [np.sqrt(np.maximum(s - m**2, 0)) for s, m in zip(squares, means, strict=False)]
    return np.stack([*means, *spreads], axis=1).astype(np.float32)


def vote(trees: Trees, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of the trees' class shares, float32 (pieces, classes)."""
    nodes, start = np.zeros((len(features), len(trees["roots"])), np.int64), trees["roots"].astype(np.int64)
    nodes[:] = start
    rows = np.arange(len(features))[:, None]
    feature, left, right = (trees[name].astype(np.int64) for name in ("feature", "left", "right"))
    for _ in range(DEPTH + 1):
        inner = feature[nodes] >= 0
        lower = features[rows, np.maximum(feature[nodes], 0)] <= trees["threshold"][nodes]
        nodes = np.where(inner, np.where(lower, left[nodes], right[nodes]), nodes)
    return np.asarray(trees["shares"][nodes].mean(axis=1), np.float32)


def predict(name: str, image: Image) -> NDArray[np.float32]:
    """Class probabilities of every pixel, float32 (C, H, W)."""
    pieces, features = cut(image)
    shares = vote(load(name), features)[pieces]
    height, width = image.shape[:2]
    planes = [cv2.resize(shares[:, :, c], (width, height)) for c in range(shares.shape[2])]
    return np.stack(planes).astype(np.float32, copy=False)


def forest_file(name: str) -> Path:
    """Where a job's forest lies."""
    return settings().jobs_dir / f"{name}-forest.npz"


@lru_cache(maxsize=4)
def load(name: str) -> Trees:
    """The trees of a forest.

    Raises
    ------
    MethodError
        If its file is not there.
    """
    if not forest_file(name).is_file():
        raise MethodError("The forest {name} of this job is missing: {file}.", name=name, file=str(forest_file(name)))
    with np.load(forest_file(name), allow_pickle=False) as file:
        return {key: file[key].astype(np.float32) for key in file.files}


def grow(images: list[Image], labels: list[NDArray[np.uint8]], classes: int, seed: int = 0) -> Trees:
    """Trees that learned from labelled images; a piece counts with the class that most of it has."""
    from sklearn.ensemble import RandomForestClassifier

    features, answers = [], []
    for image, truth in zip(images, labels, strict=True):
        pieces, told = cut(image)
        small = cv2.resize(truth, (pieces.shape[1], pieces.shape[0]), interpolation=cv2.INTER_NEAREST)
        table = np.zeros((len(told), 256), np.int64)
        np.add.at(table, (pieces.ravel(), small.astype(np.int64).ravel()), 1)
        known = table[:, :VOID].sum(1) > table[:, VOID]
        features.append(told[known])
        answers.append(table[known, :VOID].argmax(1))
    model = RandomForestClassifier(
        TREES, max_depth=DEPTH, min_samples_leaf=LEAF, class_weight="balanced_subsample", random_state=seed, n_jobs=1
    ).fit(np.concatenate(features), np.concatenate(answers))
    return flatten(model, classes)


def flatten(model: Any, classes: int) -> Trees:
    """scikit-learn's trees laid end to end as arrays; a leaf has feature -1."""
    parts: dict[str, list[NDArray[np.float32]]] = {k: [] for k in ("feature", "threshold", "left", "right", "shares")}
    roots, offset = [], 0
    for estimator in model.estimators_:
        tree = estimator.tree_
        shares = np.zeros((tree.node_count, classes))
        shares[:, model.classes_] = tree.value[:, 0] / tree.value[:, 0].sum(1, keepdims=True)
        leaf = tree.children_left < 0
        parts["feature"].append(np.where(leaf, -1, tree.feature))
        parts["threshold"].append(tree.threshold)
        parts["left"].append(tree.children_left + offset)
        parts["right"].append(tree.children_right + offset)
        parts["shares"].append(shares)
        roots.append(offset)
        offset += tree.node_count
    return {name: np.concatenate(part).astype(np.float32) for name, part in parts.items()} | {
        "roots": np.array(roots, np.float32)
    }


def main() -> None:
    """The command: grow a forest for a job, or judge it by folds."""
    from segmethods.jobs.learned import NETWORKS
    from segmethods.jobs.samples import FOLDS, read_examples

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=("driving", "satellite"))
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--folds", type=int, default=0, help="judge by so many folds instead of writing the forest")
    parser.add_argument("--all", action="store_true", help="learn from every image, and not from three quarters")
    args = parser.parse_args()
    examples, classes = read_examples(args.name, args.data), len(NETWORKS[args.name].classes)
    if not args.folds:
        train = [e for e in examples if args.all or e.group % FOLDS]
        trees = grow([e.image for e in train], [e.labels for e in train], classes)
        small = {
            k: v.astype(np.float16 if k == "shares" else np.float32 if k == "threshold" else np.int32)
            for k, v in trees.items()
        }
        forest_file(args.name).parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(forest_file(args.name), allow_pickle=False, **small)
        return
    counts = np.zeros((classes, classes), np.int64)
    for fold in range(args.folds):
        train = [e for e in examples if e.group % args.folds != fold]
        trees = grow([e.image for e in train], [e.labels for e in train], classes)
        for example in (e for e in examples if e.group % args.folds == fold):
            pieces, features = cut(example.image)
            found = vote(trees, features).argmax(1)[pieces].astype(np.uint8)
            found = cv2.resize(found, example.labels.shape[::-1], interpolation=cv2.INTER_NEAREST)
            judged = example.labels != VOID
            np.add.at(counts, (example.labels[judged], found[judged]), 1)
    union = counts.sum(0) + counts.sum(1) - counts.diagonal()
    print(args.name, "IoU", (counts.diagonal() / union).round(3), "pixels", round(counts.trace() / counts.sum(), 3))


if __name__ == "__main__":
    main()
