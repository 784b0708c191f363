"""What a person's own pictures are to teach a network: the plan of it, and how long that takes. Needs no torch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from segmethods.core.atomic import atomic_write

FOLDS = 3
"""So many networks each leave out a part of the pictures; one more learns from all."""

FEWEST = 4
"""Pictures with a truth that are needed: three folds of fewer would each learn from two."""

SHORTEST = 3.0
"""Minutes below which a network learns too little."""


@dataclass(frozen=True)
class TeachingPlan:
    """What is taught.

    Parameters
    ----------
    name : str
        What the user calls the weights.
    folder, title : str
        Where the pictures lie (see `segmethods.datasets.image_sets.read_image_set`), and what they are called.
    minutes : float
        For each network.
    network : str
        Which network learns.
    folds : int
        How many networks leave out a part of the pictures.
    seed : int
        What chance begins with.
    """

    name: str
    folder: str
    title: str
    minutes: float
    network: str = "deeplab"
    folds: int = FOLDS
    seed: int = 0

    @property
    def total_minutes(self) -> float:
        """Minutes of all networks together.

        Examples
        --------
        >>> TeachingPlan("mine", "", "", 3).total_minutes
        12.0
        """
        return float(self.minutes * (self.folds + 1))


@dataclass(frozen=True)
class TeachingProgress:
    """How far the teaching is.

    Parameters
    ----------
    place : int
        How many others are before it; 0 while it is at work or over.
    part, parts : int
        The network that is learning, from 0, and how many there are; the last one learns from all pictures.
    seconds, total : float
        That were learned, and that will be.
    curve : tuple of (int, float, float)
        Network, its minutes and its loss, as it went on.
    scores : tuple of (str, float)
        Class -> IoU on pictures that the networks have not seen, once all folds are done.
    """

    place: int = 0
    part: int = 0
    parts: int = FOLDS + 1
    seconds: float = 0.0
    total: float = 0.0
    curve: tuple[tuple[int, float, float], ...] = ()
    scores: tuple[tuple[str, float], ...] = ()


def write_plan(plan: TeachingPlan, place: Path) -> None:
    """Keep a plan in its folder."""
    place.mkdir(parents=True, exist_ok=True)
    with atomic_write(place / "plan.json") as part:
        part.write_text(json.dumps(asdict(plan)), encoding="utf-8")


def read_plan(place: Path) -> TeachingPlan:
    """The plan that was kept in a folder."""
    return TeachingPlan(**json.loads((place / "plan.json").read_text(encoding="utf-8")))
