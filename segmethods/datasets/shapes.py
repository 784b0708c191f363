"""Pictures of geometric objects whose truth is exact, drawn from a seed: any number of them, as hard as you like."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ParameterError
from segmethods.core.types import VOID, GroundTruth, Image, Vocabulary
from segmethods.datasets.sample_refs import LoadedSample, SampleRef

SHAPES = Vocabulary("shapes", ("background", "disc", "rectangle", "triangle", "ring"))

LIMITS = {
    "count": (1, 100_000),
    "seed": (0, 2**31 - 1),
    "noise": (0.0, 1.0),
    "contrast": (0.0, 1.0),
    "overlap": (0.0, 1.0),
    "objects": (1, 40),
    "size": (32, 1024),
}


@dataclass(frozen=True)
class ShapeSettings:
    """How such pictures look.

    Parameters
    ----------
    count : int
        How many pictures.
    seed : int
        Picture i of a seed is the same in every set, on every machine.
    noise : float
        Standard deviation of the noise, as a share of the whole range of brightness.
    contrast : float
        How far objects differ from the background, as a share of what fits: 0 makes them invisible.
    overlap : float
        The share of an object that may lie on earlier ones; 0 keeps objects apart.
    objects : int
        Objects that a picture has at most.
    size : int
        Width and height in pixels.

    Raises
    ------
    ParameterError
        For a value outside of `LIMITS`.
    """

    count: int = 50
    seed: int = 0
    noise: float = 0.05
    contrast: float = 0.6
    overlap: float = 0.2
    objects: int = 6
    size: int = 160

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ParameterError(
                    "{name} must lie between {low} and {high}; it is {value}.",
                    name=name,
                    low=f"{low:g}",
                    high=f"{high:g}",
                    value=f"{value:g}",
                )

    def __str__(self) -> str:
        """The settings that differ from the defaults, as `parse_shapes` reads them.

        Examples
        --------
        >>> str(ShapeSettings(noise=0.2, count=8)), str(ShapeSettings())
        ('shapes:count=8,noise=0.2', 'shapes')
        """
        changed = [f"{f.name}={getattr(self, f.name):g}" for f in fields(self) if getattr(self, f.name) != f.default]
        return ":".join(["shapes", *([",".join(changed)] if changed else [])])


@dataclass(frozen=True)
class ShapeRecipe:
    """The recipe of one picture: the settings and its number."""

    settings: ShapeSettings
    number: int

    def draw(self) -> LoadedSample:
        """The picture and its truth."""
        look = self.settings
        random = np.random.default_rng([look.seed, self.number])
        labels = np.zeros((look.size, look.size), np.uint8)
        back = random.uniform(0.25, 0.75)
        tint = random.uniform(-0.08, 0.08, 3)
        colours = np.repeat((back + tint)[None, :], look.objects + 1, axis=0)
        which = np.zeros((look.size, look.size), np.intp)
        for n in range(1, int(random.integers(1, look.objects + 1)) + 1):
            mask, kind = _place(random, which, look.overlap)
            labels[mask], which[mask] = kind, n
            away = 1.0 if back < 0.5 else -1.0
            room = (1 - back if away > 0 else back) * random.uniform(0.6, 1.0)
            colours[n] += look.contrast * (away * room + random.uniform(-0.25, 0.25, 3))
        pixels = colours[which] + random.normal(0, 1, (look.size, look.size, 3)) * look.noise
        image: Image = np.clip(np.round(pixels * 255), 0, 255).astype(np.uint8)
        return LoadedSample(image, GroundTruth(labels, SHAPES), (labels,), VOID, which.astype(np.uint16))


def parse_shapes(text: str) -> ShapeSettings:
    """The settings that a data set's name such as ``"shapes:count=50,noise=0.2"`` stands for.

    Raises
    ------
    ParameterError
        For a setting that doesn't exist or a value that isn't allowed.

    Examples
    --------
    >>> parse_shapes("shapes:noise=0.2").noise, parse_shapes("shapes").count
    (0.2, 50)
    """
    given: dict[str, Any] = {}
    kinds: dict[str, type] = {f.name: type(f.default) for f in fields(ShapeSettings)}
    for part in filter(None, text.partition(":")[2].split(",")):
        name, _, value = (word.strip() for word in part.partition("="))
        if name not in kinds:
            raise ParameterError(
                "shapes has no setting {name}. It has {choices}.", name=repr(name), choices=", ".join(kinds)
            )
        try:
            given[name] = kinds[name](value)
        except ValueError as error:
            raise ParameterError("{name} must be a number, not {value}.", name=name, value=repr(value)) from error
    return ShapeSettings(**given)


def draw_pairs(look: ShapeSettings) -> tuple[SampleRef, ...]:
    """The pairs of a set of shapes. How many there are says nothing about how each looks."""
    alike = replace(look, count=1)
    names = (f"shapes-{number:05}" for number in range(look.count))
    return tuple(SampleRef(name, ShapeRecipe(alike, n), (), "labels", SHAPES, (name,)) for n, name in enumerate(names))


Mask = NDArray[np.bool_]
TRIES = 40


def _place(random: np.random.Generator, which: NDArray[np.intp], overlap: float) -> tuple[Mask, int]:
    """A shape that lies far enough from the others, or nothing if none does after some tries."""
    taken = which > 0
    for _ in range(TRIES):
        kind = int(random.integers(1, len(SHAPES)))
        mask = _shape(random, kind, len(which))
        area = np.count_nonzero(mask)
        if area and np.count_nonzero(mask & taken) <= overlap * area and not _swallows(mask, which):
            return mask, kind
    return np.zeros_like(taken), 0


def _swallows(mask: Mask, which: NDArray[np.intp]) -> bool:
    """Whether an object that is there would be hidden by more than a half."""
    before, hidden = np.bincount(which.ravel())[1:], np.bincount(which[mask], minlength=int(which.max()) + 1)[1:]
    return bool((2 * hidden > before).any())


def _shape(random: np.random.Generator, kind: int, size: int) -> Mask:
    radius = random.uniform(0.08, 0.2) * size
    row, column = random.uniform(radius, size - radius, 2)
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.indices((size, size)) - np.array([row, column])[:, None, None]
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    distance = np.hypot(x, y)
    match kind:
        case 1:
            mask = distance <= radius
        case 2:
            mask = (np.abs(u) <= radius * 0.9) & (np.abs(v) <= radius * random.uniform(0.4, 0.9))
        case 3:
            mask = (v >= -radius / 2) & (v <= radius - np.abs(u) * np.sqrt(3))
        case _:
            mask = (distance <= radius) & (distance >= radius * random.uniform(0.4, 0.65))
    return np.asarray(mask)
