"""Models of the background: each sees frame after frame and says which pixels don't belong to the still scene.

Every model has the calls that a pipeline needs: `start` with frames to learn from, `apply` with the next frame, and
`image`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import VOC, Image

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

SAMPLES, NEEDED = 20, 2
"""A pixel remembers so many colours, and is background if so many of them are near (Barnich & Van Droogenbroeck)."""


class Background(Protocol):
    """What a pipeline asks of a model."""

    def start(self, frames: Sequence[Image]) -> None:
        """Learn from the first frames, among which things may move."""

    def apply(self, frame: Image) -> Mask:
        """Which pixels are foreground, before cleaning, bool (H, W); the model learns from the frame."""

    def image(self) -> Image:
        """The background as the model believes it to be."""


class RunningAverage:
    """A mean that forgets slowly; what is far from it is foreground, and foreground hardly joins the mean."""

    def __init__(self, level: int = 30, rate: float = 0.02) -> None:
        self.level, self.rate = level, rate
        self.mean: NDArray[np.float32] = np.zeros((1, 1, 3), np.float32)

    def start(self, frames: Sequence[Image]) -> None:
        """The median of the first frames: at any place, what moves is seen in few of them."""
        self.mean = median_image(frames).astype(np.float32)

    def apply(self, frame: Image) -> Mask:
        """Compare with the mean, colour by colour, and let the mean follow."""
        far = cv2.absdiff(frame, self.image()).max(axis=2) > self.level
        cv2.accumulateWeighted(frame, self.mean, self.rate, (~far).astype(np.uint8))
        cv2.accumulateWeighted(frame, self.mean, self.rate / 10, far.astype(np.uint8))
        return np.asarray(far)

    def image(self) -> Image:
        """The mean."""
        return to_image(self.mean)


class OpenCVModel:
    """One of OpenCV's: MOG2 keeps a few Gaussians a pixel, KNN a set of samples."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def start(self, frames: Sequence[Image]) -> None:
        """Show it the first frames."""
        for frame in frames:
            self.model.apply(frame)

    def apply(self, frame: Image) -> Mask:
        """Its foreground."""
        return np.asarray(self.model.apply(frame) == 255)

    def image(self) -> Image:
        """Its background."""
        return np.asarray(self.model.getBackgroundImage(), np.uint8)


def mixture() -> OpenCVModel:
    """Zivkovic's adaptive mixture of Gaussians. Its test for shadows takes dark cars for shadows, so it is off."""
    return OpenCVModel(cv2.createBackgroundSubtractorMOG2(history=500, varThreshold=36, detectShadows=False))


def neighbours() -> OpenCVModel:
    """Zivkovic and van der Heijden's nearest neighbours."""
    return OpenCVModel(cv2.createBackgroundSubtractorKNN(history=300, dist2Threshold=800, detectShadows=False))


class Consensus:
    """ViBe's samples with the feedback of SuBSENSE: where the scene moves by itself, more is allowed.

    A pixel keeps 20 colours that it had; it is background if two of them are near. If not, its neighbours are asked: a
    leaf that swings by a pixel is known next door (Elgammal 2000). Random samples are replaced, at the pixel and at a
    neighbour. A pixel that blinks, and doesn't belong to a thing, gets a wider threshold. Specks that cleaning throws
    away are learned as background.
    """

    level, up, down, most, period = 20, 0.1, 0.005, 1.5, 8.0
    """Sum of the three colours' differences that is near; what a blink adds to the factor of it, what a quiet frame
    takes off, its largest value; one frame in so many is remembered."""
    asked, needed = 10, 4
    """Samples of each pixel of a neighbourhood of 3 by 3 that are asked, and how many of all of them must be near."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)

    def start(self, frames: Sequence[Image]) -> None:
        """Every sample of a pixel comes from one of the first frames, drawn at random."""
        stack = np.stack(frames)
        high, wide = stack.shape[1:3]
        rows, columns = np.indices((high, wide))
        self.samples = np.empty((3, SAMPLES, high, wide), np.uint8)
        for i in range(SAMPLES):
            drawn = stack[self.rng.integers(0, len(stack), (high, wide)), rows, columns]
            self.samples[:, i] = drawn.transpose(2, 0, 1)
        self.mean = median_image(frames).astype(np.float32)
        self.factor = np.ones((high, wide), np.float32)
        self.last = self.things = np.zeros((high, wide), bool)
        for frame in frames:
            self.apply(frame)

    def apply(self, frame: Image) -> Mask:
        """Compare with the samples, then let thresholds and samples follow."""
        planes = np.ascontiguousarray(frame.transpose(2, 0, 1))
        limit = (self.level * self.factor).astype(np.uint8)
        found: Mask = (_differences(self.samples, planes) <= limit).sum(axis=0, dtype=np.uint8) < NEEDED
        if found.any():
            rows, columns = np.nonzero(found)
            found[found] = self._is_unlike_neighbours(rows, columns, planes, limit)
        blinks = (found ^ self.last) & ~self.things
        self.factor = np.clip(self.factor + np.where(blinks, self.up, -self.down), 1, self.most).astype(np.float32)
        self.last = found
        self._learn(~(found & self.things), planes)
        cv2.accumulateWeighted(frame, self.mean, 0.02, (~found).astype(np.uint8))
        self.things = cv2.dilate(clean(found).astype(np.uint8), np.ones((5, 5))) > 0
        return found

    def _is_unlike_neighbours(
        self, rows: Places, columns: Places, planes: NDArray[np.uint8], limit: NDArray[np.uint8]
    ) -> Mask:
        """Which of some pixels are far from what they and their neighbours were, bool (N,)."""
        high, wide = limit.shape
        near = np.zeros(rows.size, np.uint8)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                at = np.clip(rows + down, 0, high - 1), np.clip(columns + right, 0, wide - 1)
                samples = self.samples[:, : self.asked, at[0], at[1]]
                apart = _differences(samples, planes[:, rows, columns])
                near += (apart <= limit[rows, columns]).sum(axis=0, dtype=np.uint8)
        return np.asarray(near < self.needed)

    def _learn(self, still: Mask, planes: NDArray[np.uint8]) -> None:
        high, wide = still.shape
        rows, columns = np.nonzero(still & (self.rng.random((high, wide), np.float32) < 1 / self.period))
        colours = planes[:, rows, columns]
        for spread in (0, 1):
            near_rows = np.clip(rows + self.rng.integers(-spread, spread + 1, rows.size), 0, high - 1)
            near_columns = np.clip(columns + self.rng.integers(-spread, spread + 1, rows.size), 0, wide - 1)
            self.samples[:, self.rng.integers(0, SAMPLES, rows.size), near_rows, near_columns] = colours

    def image(self) -> Image:
        """The mean of what was background."""
        return to_image(self.mean)


def _differences(samples: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How far each sample is from the colour at its place, the three colours' differences added, at most 255.

    Parameters
    ----------
    samples : ndarray of uint8, shape (3, S, ...)
    colours : ndarray of uint8, shape (3, ...)
    """
    red, green, blue = (cv2.absdiff(p, np.broadcast_to(c, p.shape)) for p, c in zip(samples, colours, strict=True))
    return np.asarray(cv2.add(cv2.add(red, green), blue), np.uint8)


class NetworkMask:
    """No model of the background: a network names what can move by itself, whether it moves or not.

    It looks at every third frame; the frames between have the answer of the last one.
    """

    every = 3
    kinds = tuple("aeroplane bicycle bird boat bus car cat cow dog horse motorbike person sheep train".split())

    def start(self, frames: Sequence[Image]) -> None:
        """Nothing is learned; the median is kept to be shown."""
        self.median = median_image(frames)
        self.number = 0
        self.found: Mask = np.zeros(self.median.shape[:2], bool)

    def apply(self, frame: Image) -> Mask:
        """The pixels of classes that can move."""
        from segmethods.execution.compare import segment

        if self.number % self.every == 0:
            labels = segment(frame, "deeplab").labels
            self.found = np.isin(labels, [VOC.names.index(kind) for kind in self.kinds])
        self.number += 1
        return self.found

    def image(self) -> Image:
        """The median of the first frames."""
        return self.median


def to_image(mean: NDArray[np.float32]) -> Image:
    """A mean as an image."""
    return np.asarray(cv2.convertScaleAbs(mean), np.uint8)


def median_image(frames: Sequence[Image]) -> Image:
    """The median of at most 25 frames, pixel by pixel."""
    chosen = [frames[i] for i in np.unique(np.linspace(0, len(frames) - 1, 25).round().astype(int))]
    return np.asarray(np.median(np.stack(chosen), axis=0), np.uint8)


def clean(mask: Mask, least: float = 0.001) -> Mask:
    """Without specks and holes: a median, a closing, and pieces of at least this share of the image, filled."""
    grey = cv2.medianBlur(mask.astype(np.uint8), 7 if mask.shape[1] > 240 else 5)
    grey = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(grey, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    kept = [outline for outline in outlines if cv2.contourArea(outline) >= least * grey.size]
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, kept, -1, 1, cv2.FILLED)
    return np.asarray(filled > 0)
