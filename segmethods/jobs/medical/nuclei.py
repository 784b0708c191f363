"""Nuclei: bright or dark blobs that touch, each to be counted once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import Image
from segmethods.jobs._masks import Mask, blur_widely, fill_holes, grey_image, keep_large, ratio, sum_counts, to_grey
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, Pipeline, Step
from segmethods.jobs.learned import predict
from segmethods.methods._network import resize_long_side

Instances = NDArray[np.int32]

DIAMETER = 40.0
"""The diameter, in pixels, at which the network sees the median nucleus of an image."""
ENLARGED, LARGEST = (0.7, 1.4, 2.8), 1200
"""By how much the network sees an image enlarged to learn how large nuclei are, and the longest side that it sees."""
CLOSE, ALIKE = 1.8, 0.15
"""Nuclei are about as large as they should be within this factor; sizes this near in logarithm are the same."""
WHITE = (255, 65535)
"""What programs write for white: the number of an object in a mask."""
LIKELY, SMALLEST = 0.6, 30
"""From where on a pixel is a nucleus, and the fewest pixels of one."""
BLURRED, HIGH = 0.22, 0.03
"""By how much of a core's diameter the map of cores is blurred, and how high a hill rises above its pass."""

FIGURES = (
    Figure(
        "ap50",
        Message("AP at IoU 0.5"),
        Message(
            "Right finds over all finds, false or right, and all misses; a find is right at an IoU of at least 0.5."
        ),
        "Data Science Bowl 2018",
    ),
    Figure(
        "pq",
        Message("Panoptic quality"),
        Message("Mean IoU of right finds times their F1."),
        "Kirillov 2019",
    ),
    Figure(
        "count_error",
        Message("Count error"),
        Message("How far the number of nuclei is off, over the true number, summed over images."),
        "this project",
        higher_is_better=False,
    ),
)


def foreground(image: Image) -> tuple[NDArray[np.uint8], bool]:
    """A grey image in which nuclei are bright, and whether it had to be turned for that.

    In stained tissue nuclei are the dark, bluish ones; the red channel shows them best. An image that is mostly bright
    is taken for stained.
    """
    grey = to_grey(image)
    if float(np.median(grey)) > 127:
        red = image[:, :, 0]
        return np.asarray(255 - red, np.uint8), True
    return grey, False


def split_touching(mask: Mask, depth: float = 1.0) -> Instances:
    """Numbers of the pieces of a mask, cut at waists: a watershed on the distance to the background."""
    from skimage.feature import peak_local_max
    from skimage.segmentation import watershed

    distance = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    smooth = cv2.GaussianBlur(distance, (0, 0), depth)
    peaks = peak_local_max(smooth, min_distance=4, labels=cv2.connectedComponents(mask.astype(np.uint8))[1])
    markers = np.zeros(mask.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return np.asarray(watershed(-smooth, markers, mask=mask), np.int32)


def _conclude(image: Image, grey: NDArray[np.uint8], mask: Mask) -> Answer:
    cleaned = fill_holes(keep_large(mask, 20))
    instances = split_touching(cleaned)
    steps = (
        Step(Message("Nuclei bright"), grey_image(grey)),
        Step(Message("Above the level"), grey_image(cleaned)),
        Step(Message("Cut at waists"), colour_instances(image, instances)),
    )
    return Answer(instances, steps)


def run_otsu(case: JobSample) -> Answer:
    """Otsu's level, then a watershed on the distance to the background."""
    grey, _ = foreground(case.image)
    level, _ = cv2.threshold(cv2.GaussianBlur(grey, (0, 0), 1.0), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return _conclude(case.image, grey, cv2.GaussianBlur(grey, (0, 0), 1.0) > level)


def run_local(case: JobSample) -> Answer:
    """A level for each neighbourhood, where the image is brighter than its surroundings."""
    grey, _ = foreground(case.image)
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    side = max(31, min(grey.shape) // 4) | 1
    around = blur_widely(grey.astype(np.float32), side / 3)
    level, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return _conclude(case.image, grey, (smooth > around + 3) & (smooth > 0.6 * level))


def run_network(case: JobSample) -> Answer:
    """A small U-Net that tells cores from rims, so that touching nuclei come apart.

    It knows nuclei of one size best. So it looks at the image enlarged in several ways first, and then so that the
    nuclei found have this size. An image larger than it ever sees is made as large as that first.
    """
    height, width = case.image.shape[:2]
    seen = resize_long_side(case.image, LARGEST) if max(height, width) > LARGEST else case.image
    shares = predict_sized(partial(predict, "nuclei"), seen)
    found = part_nuclei(shares)
    instances = cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST)
    steps = (
        Step(Message("How likely nucleus"), grey_image(1 - shares[0])),
        Step(Message("How likely rim"), grey_image(shares[2])),
        Step(Message("Insides grown to the rims"), colour_instances(seen, found)),
    )
    return Answer(np.asarray(instances, np.int32), steps)


def predict_sized(look: Callable[[Image, int], NDArray[np.float32]], image: Image) -> NDArray[np.float32]:
    """What a network says of an image at the size at which the median nucleus has the diameter that it knows best.

    From small to large, the first size counts at which nuclei are about as large as they should be: seen too large, one
    nucleus falls into many that have just the right size.
    """
    side = max(image.shape[:2])
    sizes = [min(LARGEST, round(enlarged * side)) for enlarged in ENLARGED]
    for size in sizes:
        shares = look(image, size)
        found = size / side * median_diameter(part_nuclei(shares))
        if DIAMETER / CLOSE <= found <= DIAMETER * CLOSE:
            break
    for _ in range(2):
        wanted = int(np.clip(size * DIAMETER / found, sizes[0] / 2, sizes[-1]))
        if abs(math.log(wanted / size)) < ALIKE:
            break
        size, shares = wanted, look(image, wanted)
        found = size / side * median_diameter(part_nuclei(shares))
    return average_turns(look, image, size, shares)


def average_turns(
    look: Callable[[Image, int], NDArray[np.float32]], image: Image, size: int, shares: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The mean of what a network says of an image, of its mirror image, and of both upside down: a nucleus has no top.

    Parameters
    ----------
    look : callable
    image : ndarray, uint8, shape (H, W, 3)
    size : int
        The long side at which the network sees it.
    shares : ndarray of float32, shape (C, H, W)
        What it says of the image as it is.
    """
    total = shares.copy()
    for axes in ((1,), (0,), (0, 1)):
        turned = look(np.ascontiguousarray(np.flip(image, axes)), size)
        total += np.flip(turned, tuple(axis + 1 for axis in axes))
    return np.asarray(total / 4, np.float32)


def check_numbers(instances: Instances) -> Instances:
    """The numbers of nuclei, unchanged.

    Raises
    ------
    ImageError
        If it is a mask of nuclei and background: one number, white or in more than two pieces.
    """
    numbers, pieces = count_pieces(instances)
    if len(numbers) == 1 and (pieces[0] > 2 or (pieces[0] == 2 and numbers[0] in WHITE)):
        raise ImageError("All nuclei of the label have one number together. Give each a number of its own.")
    return instances


def count_pieces(instances: Instances) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """The numbers of nuclei, and in how many pieces each lies; what touches at a corner is one piece."""
    from skimage.measure import label

    parts = label(instances, background=0, connectivity=2)
    first = np.unique(parts, return_index=True)[1]
    numbers, pieces = np.unique(instances.ravel()[first], return_counts=True)
    return numbers[numbers > 0], pieces[numbers > 0]


def note_pieces(instances: Instances) -> tuple[Message, ...]:
    """A note on nuclei that another one crosses, or that somebody numbered alike by mistake."""
    numbers, pieces = count_pieces(instances)
    several = numbers[pieces > 1]
    if not several.size:
        return ()
    told = {"count": str(len(several)), "numbers": ", ".join(str(n) for n in several[:5])}
    return (
        Message("Nuclei that lie in several pieces under one number: {count} ({numbers}). Each counts as one.", told),
    )


def median_diameter(instances: Instances) -> float:
    """The diameter of the disc that has the area of the median object; `DIAMETER` where there is none."""
    areas = np.bincount(instances.ravel())[1:]
    areas = areas[areas > 0]
    return float(np.sqrt(np.median(areas) * 4 / np.pi)) if areas.size else DIAMETER


def part_nuclei(shares: NDArray[np.float32]) -> Instances:
    """Nuclei from the shares of background, core and rim: one for each hill of the cores, wherever isn't background.

    Hills are looked for in a blurred map, the more so the larger the nuclei are, since a nucleus has spots of its own.
    """
    from skimage.morphology import h_maxima
    from skimage.segmentation import watershed

    mask = keep_large(shares[0] < 1 - LIKELY, SMALLEST)
    size = median_diameter(cv2.connectedComponents(((shares[1] > 0.5) & mask).astype(np.uint8))[1])
    hills = cv2.GaussianBlur(shares[1], (0, 0), max(0.8, BLURRED * size))
    tops = (h_maxima((255 * hills).astype(np.int32), round(255 * HIGH)) > 0) & mask
    _, markers = cv2.connectedComponents(tops.astype(np.uint8), connectivity=8)
    return np.asarray(watershed(-hills, markers, mask=mask), np.int32)


PIPELINES = (
    Pipeline(
        "otsu_watershed",
        Message("Otsu + watershed"),
        Message("One level for the image, then cut where shapes have waists."),
        run_otsu,
        why=Message(
            "One level for all: right where all nuclei are equally bright on an even ground. Dim nuclei beside "
            "bright ones are lost, and the cut at waists splits long nuclei and joins crowded ones."
        ),
    ),
    Pipeline(
        "local_watershed",
        Message("Local threshold + watershed"),
        Message("A level for each neighbourhood, then cut where shapes have waists."),
        run_local,
        why=Message(
            "Its level follows the light, so dim nuclei in dim places are found. In stained tissue the ground is "
            "as uneven as the nuclei, and much that it finds is none."
        ),
    ),
    Pipeline(
        "network",
        Message("Network with rims"),
        Message("A small U-Net tells insides from rims; insides are grown to the rims."),
        run_network,
        why=Message(
            "It learned where one nucleus ends and the next begins: the rims. So crowded nuclei come apart "
            "without a rule about waists, in glowing and in stained images. Nuclei much smaller than the others "
            "of an image it still misses."
        ),
    ),
)


def count(case: JobSample, value: Instances | None) -> Counts:
    """Finds matched with nuclei one to one, by IoU."""
    from scipy.optimize import linear_sum_assignment

    truth = np.unique(case.truth, return_inverse=True)[1].reshape(case.truth.shape)
    found = np.zeros_like(truth) if value is None else np.unique(value, return_inverse=True)[1].reshape(truth.shape)
    table = np.zeros((int(truth.max()) + 1, int(found.max()) + 1), np.int64)
    np.add.at(table, (truth, found), 1)
    has_ground = [int((case.truth == 0).any()), int(value is None or (value == 0).any())]
    inner = table[has_ground[0] :, has_ground[1] :]
    union = table.sum(1)[has_ground[0] :, None] + table.sum(0)[None, has_ground[1] :] - inner
    iou = inner / np.maximum(union, 1)
    rows, columns = linear_sum_assignment(-np.where(iou >= 0.5, iou, 0))
    hits = iou[rows, columns]
    hits = hits[hits >= 0.5]
    return {
        "tp": len(hits),
        "fp": iou.shape[1] - len(hits),
        "fn": iou.shape[0] - len(hits),
        "iou": float(hits.sum()),
        "off": abs(iou.shape[1] - iou.shape[0]),
    }


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """AP, PQ and the count error of all images together."""
    tp, fp, fn, iou, off = sum_counts(tallies, "tp", "fp", "fn", "iou", "off")
    return {
        "ap50": ratio(tp, tp + fp + fn),
        "pq": ratio(iou, tp + (fp + fn) / 2),
        "count_error": ratio(off, tp + fn) if tp + fn else math.nan,
    }


def colour_instances(image: Image, instances: Instances) -> Image:
    """Each object in a colour of its own."""
    hues = (np.arange(int(instances.max()) + 1) * 67 % 180).astype(np.uint8)
    table = cv2.cvtColor(
        np.dstack([hues, np.full_like(hues, 200), np.full_like(hues, 230)]).reshape(1, -1, 3), cv2.COLOR_HSV2RGB
    )[0]
    painted: Image = image.copy()
    inside = instances > 0
    painted[inside] = (0.45 * image[inside] + 0.55 * table[instances[inside]]).astype(np.uint8)
    return painted


def draw(case: JobSample, value: Instances) -> Image:
    """Each nucleus in a colour of its own."""
    return colour_instances(case.image, value)


def describe(value: Instances) -> Mapping[str, float]:
    """How many nuclei, and how large."""
    areas = np.bincount(value.ravel())[1:]
    areas = areas[areas > 0]
    return {"count": float(len(areas)), "median_area": float(np.median(areas)) if len(areas) else math.nan}
