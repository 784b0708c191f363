"""What there is to say about a network, in one record; read without torch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from segmethods.core.messages import Message

if TYPE_CHECKING:
    from segmethods.models.architectures.network import Network

Part = Literal["whole", "window"]
"""What of a network runs: all of it, on images of any size, or its bare windows without margins."""


@dataclass(frozen=True)
class Recipe:
    """The settings of one training run.

    Parameters
    ----------
    network, variant : str
        Which network, and the vocabulary that it learns.
    minutes : float
        How long the run takes unless it is told otherwise.
    side, batch : int
        Pixels along a crop, crops in a step.
    scales : tuple of 2 floats
        An image is magnified by a factor between these before it is cropped.
    finer : int
        How often the grid of the outputs is halved, and their scores stretched over it, before masks are compared.
    size : int
        Long side, in pixels, of the images that it is judged on, and that it will run at.
    rate : float
        The highest learning rate of the new layers.
    backbone : float
        The backbone's learning rate is this times `rate`.
    frozen : int
        So many of the backbone's first parts (the stem, then the stages) stay as they start.
    photos : float
        Share of the crops that come from images without masks.
    mixed : float
        Share of the crops into which the things of another one are pasted.
    turn : float
        Degrees by which crops are turned at most.
    tint : float
        Share by which their colours change at most.
    teacher : float
        Weight of the teacher's soft answers beside the masks.
    features : float
        Weight of the teacher's features, which the encoder learns to predict.
    overlap : float
        Weight of the Lovász loss, which counts every class the same, beside the cross-entropy.
    presence : bool
        Whether the network gets an image-level head in the end, trained on whole images.
    settled : bool
        Whether the encoder measures the statistics of its batch normalisations anew before it learns.
    start : str or None
        The weights that it starts from, of those that ship; None for ImageNet.
    """

    network: str
    variant: str
    minutes: float
    side: int = 224
    batch: int = 12
    scales: tuple[float, float] = (0.4, 1.3)
    finer: int = 0
    size: int = 320
    rate: float = 1e-3
    backbone: float = 0.1
    frozen: int = 3
    photos: float = 0.5
    mixed: float = 0.5
    turn: float = 15.0
    tint: float = 0.15
    teacher: float = 1.0
    features: float = 3.0
    overlap: float = 1.0
    presence: bool = False
    settled: bool = False
    start: str | None = "fcn-voc"


STREETS: dict[str, Any] = {"batch": 8, "backbone": 0.3, "frozen": 2, "turn": 6.0, "tint": 0.25}
"""Settings for street scenes: their images are few, but the encoder has further to go from ImageNet. Poles stand
upright; dusk colours everything."""

FINE: dict[str, Any] = STREETS | {"rate": 8e-4, "side": 320, "scales": (0.85, 2.1), "finer": 2, "size": 640}
"""Poles, signs and people far away are a few pixels wide: enlarged, and compared pixel by pixel, they are found more
often."""


@dataclass(frozen=True)
class NetworkSpec:
    """The facts about one network.

    Parameters
    ----------
    id : str
        What its method, its weights and its recipes are called.
    title : str
        What users read.
    source : str
        Authors and years of its papers.
    year : int
        Of the last of these; networks are listed in this order.
    colour : str
        Of its method in every chart, ``"#rrggbb"``.
    builder : str
        Where its torch class is, as ``"module:Class"``; the class takes the number of classes.
    description : Message
        How it is built, for the model card.
    differs : tuple of Message
        What it does otherwise than its paper; each completes "Differs from the paper in".
    weakness : Message
        What it is bad at.
    recipes : tuple of Recipe
        How its weights are trained.
    ensemble_weight : float
        How much it counts in the ensemble by default.
    in_ensemble : bool
        Whether it is a member of the ensemble by default.
    parts : tuple of {"whole", "window"}
        What the runtime can run of it.
    """

    id: str
    title: str
    source: str
    year: int
    colour: str
    builder: str
    description: Message
    differs: tuple[Message, ...]
    weakness: Message
    recipes: tuple[Recipe, ...]
    ensemble_weight: float = 1.0
    in_ensemble: bool = True
    parts: tuple[Part, ...] = ("whole",)

    def build(self, classes: int) -> Network:
        """The network with fresh random weights; loads torch."""
        module, _, name = self.builder.partition(":")
        network: Network = getattr(import_module(module), name)(classes)
        return network
