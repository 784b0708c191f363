"""What the networks share: an image brought to working size, and class probabilities turned into an answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.machine import own_seconds, seconds_since
from segmethods.core.palette import has_background
from segmethods.core.registry import About, DynamicChoices, Function, count_seconds, is_timed, method, stage
from segmethods.core.types import Image, Segmentation, Trace
from segmethods.core.working_memory import WORK
from segmethods.io.images import digest
from segmethods.methods._instances import InstanceRule, find_instances
from segmethods.models.architectures import NETWORKS
from segmethods.models.familiarity import looks_familiar
from segmethods.models.runtime import Probabilities, Runner, describe_runtime, load_runner
from segmethods.models.weights import Weights, catalogue, fetch, get_weights, own
from segmethods.models.weights.published import PUBLISHED

SPECK = 0.005
"""Share of the image below which nobody speaks of a find."""

SURE = 0.8
"""Mean probability below which a find is doubted: what networks name rightly on our samples has 0.85 and more, what
they name on micrographs 0.25 to 0.77."""

Size = Literal["auto", "256", "320", "384", "480", "512", "640"]
SIZES = {"auto": "As trained"} | {size: f"{size} pixels" for size in ("256", "320", "384", "480", "512", "640")}
WEIGHTS_ABOUT = About(
    "Weights",
    "What the network has learned, and with that which classes it knows.",
    {"voc": "Everyday photos (VOC)", "camvid": "Street scenes (CamVid)"}
    | {record.variant: str(record.title) for record in PUBLISHED},
)
SIZE_ABOUT = About(
    "Working size",
    "The long side of the picture that the network sees. Larger shows it smaller things, and takes longer.",
    SIZES,
)
INSTANCES_ABOUT = About(
    "Single objects",
    "Separates each class into objects and counts them: pixels that are connected, or these cut where they are narrow.",
    {"none": "Not separated", "connected": "Connected regions", "watershed": "Cut at waists (watershed)"},
)

EmbeddedWeights = Annotated[Literal["voc", "camvid"], WEIGHTS_ABOUT]
WorkingSize = Annotated[Size, SIZE_ABOUT]
InstancesChoice = Annotated[InstanceRule, INSTANCES_ABOUT]


def weights_for(*networks: str, published: bool = True) -> DynamicChoices:
    """What the parameter ``weights`` of a method may be: what is trained here, published elsewhere, or the user's own.

    Parameters
    ----------
    *networks : str
        The networks that the method runs.
    published : bool
        Whether torchvision's weights are among the choices.
    """
    trained = [recipe.variant for network in networks for recipe in NETWORKS[network].recipes]
    fetched = [record.variant for record in PUBLISHED if published and record.network in networks]

    def choices() -> tuple[str, ...]:
        users = [weights.variant for weights in own().values() if weights.network in networks]
        return tuple(dict.fromkeys([*trained, *fetched, *users]))

    return DynamicChoices(choices)


def digest_weights(networks: Iterable[str], variant: str) -> tuple[str, ...]:
    """SHA-256 of the weights that these networks have under this name; of those that have none, nothing."""
    known = {(weights.network, weights.variant): weights.sha256 for weights in catalogue().values()}
    return tuple(known[network, variant] for network in networks if (network, variant) in known)


def network_method(network: str) -> Callable[[Function], Function]:
    """Register a function as the method of a network; title, source and colour are those of its `NetworkSpec`."""
    spec = NETWORKS[network]
    return method(
        spec.id,
        title=spec.title,
        family="network",
        source=spec.source,
        colour=spec.colour,
        needs=("cv2",),
        used_weights=lambda params: digest_weights([network], params["weights"]),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class NetworkTrace(Trace):
    """How sure a network was, and what it was.

    Parameters
    ----------
    entropy : ndarray, float16, shape (h, w)
        At working size: how undecided the network is, from 0 (certain) to 1 (every class alike).
    peaks : ndarray, float16, shape (C,)
        The highest probability that each class has at any pixel.
    confidence : ndarray, float16, shape (C,)
        The mean probability of each class where it is the likeliest; NaN where it never is.
    working_size : tuple of int
        Height and width of the image that the network saw.
    weights : str
        The name of the weights.
    runtime : str
        What ran them, such as ``"openvino, bfloat16"``.
    is_familiar : bool or None
        Whether the image looks like those that the weights learned from, asked where it is sure of nothing; None
        where that isn't asked or nobody knows.
    """

    entropy: NDArray[np.float16]
    peaks: NDArray[np.float16]
    confidence: NDArray[np.float16]
    working_size: tuple[int, int]
    weights: str
    runtime: str
    is_familiar: bool | None = None

    @classmethod
    def of(cls, probabilities: Probabilities, known: Weights, /, **more: Any) -> Self:
        """The trace of class probabilities, float32 (C, h, w); `more` are the fields of a subclass."""
        entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=0)
        return cls(
            entropy=np.clip(entropy / math.log(len(probabilities)), 0, 1).astype(np.float16),
            peaks=probabilities.max(axis=(1, 2)).astype(np.float16),
            confidence=_mean_where_best(probabilities),
            working_size=(probabilities.shape[1], probabilities.shape[2]),
            **{"weights": known.name, "runtime": describe_runtime(), **more},
        )

    def complete(self, answer: Segmentation, image: Image, /) -> Self:
        """Of a network that is sure of nothing, with whether the image looks like those that it learned from."""
        first = 1 if has_background(answer.classes) else 0
        if any(share >= SPECK and self.confidence[i] >= SURE for i, share in answer.shares().items() if i >= first):
            return self
        with WORK.apart():
            return replace(self, is_familiar=looks_familiar(answer.classes.id, image))


def _mean_where_best(probabilities: Probabilities) -> NDArray[np.float16]:
    best, count = probabilities.argmax(axis=0).ravel(), len(probabilities)
    with np.errstate(invalid="ignore"):
        total = np.bincount(best, probabilities.max(axis=0).ravel(), count)
        return np.asarray(total / np.bincount(best, minlength=count), np.float16)


def predict(network: str, image: Image, variant: str, size: Size, instances: InstanceRule) -> Segmentation:
    """The answer of a network that takes whole images.

    Loading the network, which happens once a process, is not a part of any stage and not timed; nor is `get_ready`.
    """
    known = ensure_weights(network, variant, image)
    probabilities = infer(known, image, size)
    with stage("finish"):
        return to_segmentation(probabilities, image.shape, known, instances, NetworkTrace.of(probabilities, known))


Answers = MutableMapping[tuple[str, int, bool], tuple[Probabilities, float, int]]
"""By the SHA-256 of weights, the long side of the image and whether it was mirrored: what a network said, its seconds,
and the bytes of its working memory."""

_shared: ContextVar[Answers | None] = ContextVar("shared", default=None)


@contextmanager
def sharing(answers: Answers) -> Iterator[None]:
    """Let the methods inside use each other's answers of networks; all of them have to look at the same image.

    Parameters
    ----------
    answers : mapping
        Where the answers are kept, and the seconds and the memory that they took. An answer that is there already
        counts with these in a method's timings and memory, as if it had been computed anew.
    """
    token = _shared.set(answers)
    try:
        yield
    finally:
        _shared.reset(token)


def infer(known: Weights, image: Image, size: Size, *, mirrored: bool = False) -> Probabilities:
    """What a network says of an image: float32 (C, h, w) at working size, summing to one over C; not to be changed.

    If mirrored, it is what the network says of the mirror image, turned back.
    """
    run, answers, side = load_runner(known), _shared.get(), working_size(size, known)
    key = (known.sha256, side, mirrored)
    if answers is not None and key in answers:
        earlier, seconds, memory = answers[key]
        count_seconds("infer", seconds)
        WORK.count(memory)
        return earlier
    WORK.lap()
    with stage("prepare"):
        small = resize_long_side(image, side)
        seen = np.ascontiguousarray(small[:, ::-1]) if mirrored else small
    get_ready(run, seen[None])
    begun = own_seconds()
    with stage("infer"):
        said = run(seen[None])[0]
        probabilities: Probabilities = said[..., ::-1] if mirrored else said
    spent = seconds_since(begun)
    if answers is not None:
        with suppress(ValueError):  # it alone is larger than what is kept
            answers[key] = probabilities, spent, WORK.lap()
    return probabilities


_ready: WeakKeyDictionary[Runner, set[tuple[int, ...]]] = WeakKeyDictionary()
"""The sizes of images that loaded networks are ready for."""


def get_ready(run: Runner, images: Image) -> None:
    """Have a network prepare its layers for images of this size, which is once a process, as loading it is.

    It takes twice as long as an answer does, and would be told as the time of an image. Where no time is told, the
    answer itself prepares them.
    """
    sizes = _ready.setdefault(run, set())
    if images.shape not in sizes and is_timed():
        with WORK.apart():
            run(images)
    sizes.add(images.shape)


def to_segmentation(
    probabilities: Probabilities,
    shape: tuple[int, ...],
    known: Weights,
    instances: InstanceRule,
    trace: NetworkTrace,
) -> Segmentation:
    """The answer that follows from class probabilities at working size.

    Parameters
    ----------
    probabilities : ndarray, float32, shape (C, h, w)
        Summing to one over C.
    shape : tuple of int
        The image's; height and width first.
    known : Weights
        Of the network.
    instances : str
        How classes are parted into single objects, if at all.
    trace : NetworkTrace
        What the answer carries.
    """
    labels = argmax_upsampled(probabilities, shape)
    found = None if instances == "none" else find_instances(labels, known.classes, instances)
    return Segmentation(labels, known.classes, probabilities=to_float16(probabilities), instances=found, trace=trace)


def ensure_weights(network: str, variant: str, image: Image | None = None) -> Weights:
    """The weights of a network, fetched first where they don't ship with the project.

    Weights that have learned from this very image give way to those of their fold that hasn't seen it.
    """
    known = get_weights(network, variant)
    if known.origin == "fetched":
        fetch(known)
    return known.unseen(digest(image)) if known.folds and image is not None else known


def working_size(size: Size, weights: Weights) -> int:
    """The long side in pixels that a choice stands for."""
    return weights.size if size == "auto" else int(size)


def resize_long_side(image: Image, side: int) -> Image:
    """The image with its long side at ``side`` pixels and its short side at no less than one."""
    import cv2

    height, width = fit_long_side(image.shape[0], image.shape[1], side)
    interpolation = cv2.INTER_AREA if side < max(image.shape[:2]) else cv2.INTER_LINEAR
    small: Image = cv2.resize(image, (width, height), interpolation=interpolation).astype(np.uint8, copy=False)
    return small


def argmax_upsampled(probabilities: Probabilities, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The best class of every pixel, from probabilities stretched over the image.

    One class is stretched at a time, so that a large image takes the memory of three of its planes and not of twenty.

    Parameters
    ----------
    probabilities : ndarray, float32, shape (C, h, w)
        Summing to one over C.
    shape : tuple of int
        Height and width of the image.

    Returns
    -------
    ndarray, uint8, shape (height, width)
    """
    import cv2

    height, width = shape[:2]
    best = np.zeros((height, width), np.float32)
    labels = np.zeros((height, width), np.uint8)
    for class_id, plane in enumerate(probabilities):
        if plane.max() * len(probabilities) < 1:  # the winner has at least its share, so this class wins nowhere
            continue
        stretched = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)
        better = stretched > best
        labels[better] = class_id
        np.copyto(best, stretched, where=better, casting="unsafe")
    return labels


def to_float16(probabilities: Probabilities) -> NDArray[np.float16]:
    """In half precision; what is too small for its ordinary numbers becomes zero: converting that is very slow."""
    is_small = probabilities < np.finfo(np.float16).smallest_normal
    return np.where(is_small, np.float32(0), probabilities).astype(np.float16)
