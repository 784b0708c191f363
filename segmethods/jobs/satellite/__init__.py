"""Land cover from above: how many hectares are built up, road, green or open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import VOID, Image
from segmethods.jobs import forest
from segmethods.jobs._masks import grey_image, list_labelled_cases, ratio
from segmethods.jobs.frame import Answer, Counts, Figure, Job, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.learned import NETWORKS, predict
from segmethods.jobs.satellite import areas
from segmethods.jobs.satellite.generated import KNOBS, generate

CLASSES = NETWORKS["satellite"].classes
COLOURS = np.array([(204, 121, 167), (90, 90, 90), (0, 158, 115), (240, 228, 66)], np.uint8)
GROUPS = 6
Labels = NDArray[np.uint8]

FIGURES = (
    Figure(
        "miou",
        Message("Mean IoU"),
        Message("Shared over joint area, mean over classes, all images together."),
        "Everingham 2010",
    ),
    Figure(
        "overall_accuracy",
        Message("Overall accuracy"),
        Message("Share of the judged pixels that are right."),
        "Maxwell 2021",
    ),
    Figure(
        "area_error",
        Message("Area error"),
        Message("Points by which a class’s share of the area is off, mean over classes, all images together."),
        "this project",
        higher_is_better=False,
    ),
    *(
        Figure(f"{kind}_{name}", title, definition, "Maxwell 2021")
        for name in CLASSES
        for kind, title, definition in (
            (
                "iou",
                Message("IoU of {class}", {"class": Message(name)}),
                Message("Shared over joint area of a class."),
            ),
            (
                "producer",
                Message("Producer’s accuracy of {class}", {"class": Message(name)}),
                Message("Share of a class’s true area that is found (recall)."),
            ),
            (
                "user",
                Message("User’s accuracy of {class}", {"class": Message(name)}),
                Message("Share of the area given to a class that is right (precision)."),
            ),
        )
    ),
)


def paint_classes(image: Image, labels: Labels) -> Image:
    """Classes as colours over an image."""
    painted: Image = (0.5 * image + 0.5 * COLOURS[labels]).astype(np.uint8)
    return painted


def run_kmeans(case: JobSample) -> Answer:
    """Pixels grouped by colour with the project's own k-means, each group named by rules on its colour."""
    from segmethods.execution.compare import segment

    scale = 0.5 if min(case.image.shape[:2]) > 1 else 1.0
    small = cv2.resize(case.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    smooth = cv2.medianBlur(small, 5)
    groups = segment(np.ascontiguousarray(smooth, np.uint8), "kmeans", k=GROUPS).labels
    named = np.zeros(groups.shape, np.uint8)
    for group in np.unique(groups):
        named[groups == group] = name_colour(smooth[groups == group])
    named = np.asarray(cv2.medianBlur(named, 9), np.uint8)
    labels = np.asarray(cv2.resize(named, case.image.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    steps = (
        Step(Message("Groups of colours"), grey_image(groups)),
        Step(Message("Groups named by their colour"), paint_classes(case.image, labels)),
    )
    return Answer(labels, steps)


def name_colour(pixels: NDArray[np.uint8]) -> int:
    """The class whose usual colour a group has: green plants, grey streets, bright squares, all else is built up."""
    red, green, blue = pixels.reshape(-1, 3).mean(axis=0)
    bright, colourful = (red + green + blue) / 3, max(red, green, blue) - min(red, green, blue)
    if green >= red and green > blue + 6:
        return 2
    if colourful < 22 and 90 < bright < 150:
        return 1
    return 0


def _from_shares(case: JobSample, shares: NDArray[np.float32]) -> Answer:
    labels = shares.argmax(axis=0).astype(np.uint8)
    steps = (
        Step(Message("How sure"), grey_image(shares.max(axis=0))),
        Step(Message("The likeliest class"), paint_classes(case.image, labels)),
    )
    return Answer(labels, steps)


def run_forest(case: JobSample) -> Answer:
    """Superpixels, and trees that vote on each."""
    return _from_shares(case, forest.predict("satellite", case.image))


def run_network(case: JobSample) -> Answer:
    """A small U-Net; its answers to the image turned by half and by mirror are averaged."""
    turned = np.ascontiguousarray(case.image[::-1, ::-1])
    shares = predict("satellite", case.image) + predict("satellite", turned)[:, ::-1, ::-1]
    return _from_shares(case, np.asarray(shares / 2, np.float32))


PIPELINES = (
    Pipeline(
        "kmeans",
        Message("K-means, named by colour"),
        Message("Groups of colours, named by rules."),
        run_kmeans,
        why=Message(
            "Groups of colour come without any example, and naming them takes a rule each. Roofs are grey, red "
            "and white, streets are grey: by colour alone they can’t be told apart."
        ),
    ),
    Pipeline(
        "forest",
        Message("Superpixels + forest"),
        Message("Trees vote on each superpixel."),
        run_forest,
        why=Message(
            "It adds texture to colour and judges whole superpixels, so single bright pixels don’t matter. A grey "
            "roof and a street have much the same texture: it lacks the shape."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from aerial images of a city."),
        run_network,
        why=Message(
            "It sees around each pixel: a street is long and lies between blocks, a roof is in one. That is what "
            "tells them apart. At the borders of blocks, where people drew coarsely, it is off by some pixels."
        ),
    ),
)


def count(case: JobSample, value: Labels | None) -> Counts:
    """The confusion matrix of judged pixels; without an answer every pixel is wrong."""
    truth = np.asarray(case.truth)
    judged = (truth != VOID) & (truth < len(CLASSES))
    table = np.zeros((len(CLASSES), len(CLASSES) + 1), np.int64)
    found = np.full(truth.shape, len(CLASSES)) if value is None else value
    np.add.at(table, (truth[judged], found[judged]), 1)
    return {"table": table}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Figures of the confusion matrix of the whole area."""
    table = np.sum([t["table"] for t in tallies], axis=0)
    hits, true, found = table[:, :-1].diagonal(), table.sum(axis=1), table[:, :-1].sum(axis=0)
    known = true > 0
    iou = np.array([ratio(h, t + f - h) for h, t, f in zip(hits, true, found, strict=True)])
    shares = np.abs(found - true)[known] / max(1, table.sum())
    each = {
        f"{kind}_{name}": values[i]
        for i, name in enumerate(CLASSES)
        for kind, values in (
            ("iou", iou),
            ("producer", [ratio(h, t) for h, t in zip(hits, true, strict=True)]),
            ("user", [ratio(h, f) for h, f in zip(hits, found, strict=True)]),
        )
    }
    return {
        "miou": float(iou[known].mean()) if known.any() else float("nan"),
        "overall_accuracy": ratio(hits.sum(), table.sum()),
        "area_error": float(100 * shares.mean()) if known.any() else float("nan"),
    } | {name: float(value) for name, value in each.items()}


def hectares(
    described: Mapping[str, float], others: Sequence[Counts], metres: float, pipeline: str
) -> Sequence[Mapping[str, object]]:
    """The area of each class in hectares, where a pixel is so many metres wide.

    Parameters
    ----------
    described : mapping
        What `describe` says of a map.
    others : sequence of Counts
        The counts of other images by the same pipeline; without any, those of real images that it hasn't seen.
    metres : float
    pipeline : str
    """
    unit = described["pixels"] * metres**2 / 10_000
    mapped = np.array([described[f"share_{name}"] * unit for name in CLASSES])
    tables = [c["table"][:, :-1] for c in others] or areas.known_tables()[pipeline]
    return areas.estimate(CLASSES, mapped, tables)


def describe(value: Labels) -> Mapping[str, float]:
    """The share of each class, and how many pixels there are."""
    shares = np.bincount(value.ravel(), minlength=len(CLASSES)) / value.size
    told = {f"share_{name}": float(share) for name, share in zip(CLASSES, shares, strict=True)}
    return told | {"pixels": float(value.size)}


def draw(case: JobSample, value: Labels) -> Image:
    """Classes as colours."""
    return paint_classes(case.image, value)


TASK = Task(
    "all",
    Message("Images from above"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    legend=Message("Pink is built-up, grey is road, green is green space, yellow is passable."),
    areas=hectares,
    familiar="satellite",
)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """``images/`` and ``labels/``: 0 built-up block, 1 road, 2 green, 3 passable, 255 not judged."""
    return {"all": list_labelled_cases(folder, lambda values: values, 3)}


JOB = Job(
    "satellite",
    Message("Land cover"),
    Message(
        "A planner asks how many hectares are built up, paved or green. The figure is the area of each class and how "
        "far it may be off, not how pretty the map is. Shadows and roofs of every colour make it hard."
    ),
    (TASK,),
    read,
    generate,
    KNOBS,
    Message("images/, labels/NAME.png (0 built-up block, 1 road, 2 green, 3 passable, 255 not judged)"),
)
