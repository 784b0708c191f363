"""What spoils pictures: noise, blur, darkness, lost contrast, compression (after Hendrycks & Dietterich 2019).

Each corruption has a strength from 0, which leaves the picture as it is, to 1, which leaves little of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segmethods.core.messages import Message, ParameterError
from segmethods.core.types import Image

NOISE = 100.0
"""Standard deviation of the strongest noise, in levels out of 256."""

BLUR = 8.0
"""Standard deviation of the strongest blur, in pixels."""

FADING = 0.96
"""What the strongest darkness takes of the light, and the strongest fading of the contrast."""


@dataclass(frozen=True)
class Corruption:
    """One way to spoil a picture.

    Parameters
    ----------
    id : str
        Short and fit for an address.
    title, explanation : Message
        Its name, and one sentence that says what happens.
    amount : callable
        Strength -> how much that is in the corruption's own unit, to be read by a person.
    function : callable
        Image, strength and seed -> image.
    """

    id: str
    title: Message
    explanation: Message
    amount: Callable[[float], Message]
    function: Callable[[Image, float, int], Image]


def corrupt(image: Image, kind: str, strength: float, seed: int = 0) -> Image:
    """Spoil a picture.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB; it is not changed.
    kind : str
        One of `CORRUPTIONS`.
    strength : float
        From 0, nothing, to 1.
    seed : int
        Of the noise; the others have no chance in them.

    Returns
    -------
    ndarray, uint8, shape (H, W, 3)

    Raises
    ------
    ParameterError
        If there is no such corruption, or the strength lies outside its range.

    Examples
    --------
    >>> image = np.full((2, 2, 3), 100, np.uint8)
    >>> corrupt(image, "darkness", 0.5)[0, 0].tolist()
    [52, 52, 52]
    """
    if kind not in CORRUPTIONS:
        raise ParameterError(
            "There is no corruption {name}. Choose from {choices}.", name=kind, choices=", ".join(CORRUPTIONS)
        )
    if not 0 <= strength <= 1:
        raise ParameterError("The strength must lie between 0 and 1; it is {value}.", value=f"{strength:g}")
    return CORRUPTIONS[kind].function(image, strength, seed) if strength > 0 else image.copy()


def jpeg_quality(strength: float) -> int:
    """The quality, 1 to 100 as Pillow counts it, at which the corruption ``"jpeg"`` saves.

    Examples
    --------
    >>> jpeg_quality(0), jpeg_quality(0.5), jpeg_quality(1)
    (95, 10, 1)
    """
    return round(float(95 / 95**strength))


def _add_noise(image: Image, strength: float, seed: int) -> Image:
    noise = np.random.default_rng(seed).standard_normal(image.shape, np.float32)
    return _to_bytes(image + np.float32(NOISE * strength) * noise)


def _blur(image: Image, strength: float, _seed: int) -> Image:
    import cv2

    return np.asarray(cv2.GaussianBlur(image, (0, 0), BLUR * strength), np.uint8)


def _darken(image: Image, strength: float, _seed: int) -> Image:
    return _to_bytes(image * np.float32(1 - FADING * strength))


def _fade(image: Image, strength: float, _seed: int) -> Image:
    middle = image.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
    return _to_bytes(middle + (image - middle) * np.float32(1 - FADING * strength))


def _compress(image: Image, strength: float, _seed: int) -> Image:
    from PIL import Image as Pillow

    file = io.BytesIO()
    Pillow.fromarray(image).save(file, "JPEG", quality=jpeg_quality(strength))
    return np.array(Pillow.open(file).convert("RGB"))


def _to_bytes(values: np.typing.NDArray[np.float32]) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


CORRUPTIONS: dict[str, Corruption] = {
    c.id: c
    for c in (
        Corruption(
            "noise",
            Message("Noise"),
            Message("Every channel of every pixel moves at random, as in a photo taken at night."),
            lambda s: Message("σ = {levels} of 256 levels", {"levels": f"{NOISE * s:.0f}"}),
            _add_noise,
        ),
        Corruption(
            "blur",
            Message("Blur"),
            Message("Every pixel becomes a mean of its neighbours, as in a photo out of focus."),
            lambda s: Message("over {pixels} pixels", {"pixels": f"{BLUR * s:.1f}"}),
            _blur,
        ),
        Corruption(
            "darkness",
            Message("Darkness"),
            Message("Less light: all values shrink towards black, and neighbouring shades fall together."),
            lambda s: Message("{percent}% of the light", {"percent": f"{100 * (1 - FADING * s):.0f}"}),
            _darken,
        ),
        Corruption(
            "contrast",
            Message("Less contrast"),
            Message("All values move towards the picture's mean, as in fog."),
            lambda s: Message("{percent}% of the contrast", {"percent": f"{100 * (1 - FADING * s):.0f}"}),
            _fade,
        ),
        Corruption(
            "jpeg",
            Message("JPEG compression"),
            Message("Blocks of 8 × 8 pixels keep only their coarse patterns, as in a picture saved very small."),
            lambda s: Message("quality {quality} of 100", {"quality": jpeg_quality(s)}),
            _compress,
        ),
    )
}
"""Id -> corruption, in the order in which pages show them."""
