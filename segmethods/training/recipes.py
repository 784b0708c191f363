"""How each network is trained on each family of pictures: the numbers, in one place."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """The settings of one training run.

    Attributes
    ----------
    network, family : which network, and the vocabulary that it learns.
    minutes : how long the run takes unless it is told otherwise.
    side, batch : pixels along a crop, crops in a step.
    scales : a photo is magnified by a factor between these before it is cropped.
    size : long side of the pictures that it is judged on, and that it will run at.
    rate : the highest learning rate of the new layers; the backbone's is ``backbone`` times that.
    frozen : so many of the backbone's first parts (the stem, then the stages) stay as they start.
    photos : share of the crops that come from photos without masks.
    mixed : share of the crops into which the things of another are carried.
    turn : degrees by which crops are turned at most; tint : share by which their colours change at most.
    teacher : weight of the teacher's soft answers beside the masks.
    features : weight of the teacher's features, which the encoder learns to guess.
    overlap : weight of the Lovász loss, which counts every class the same, beside the cross-entropy.
    presence : whether the network learns in the end, from whole photos, which classes are in a picture at all.
    start : the embedded weights that it starts from, or None for ImageNet.
    """

    network: str
    family: str
    minutes: float
    side: int = 224
    batch: int = 12
    scales: tuple[float, float] = (0.4, 1.3)
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
    start: str | None = "fcn-voc"


WHOLE: dict[str, Any] = {
    "side": 320,
    "batch": 8,
    "scales": (0.55, 1.4),
    "rate": 8e-4,
    "backbone": 0.2,
    "photos": 0.55,
}
"""Crops that often hold a whole photo: what a thing is, is told by what is around it."""

STREETS: dict[str, Any] = {"batch": 8, "backbone": 0.3, "frozen": 2, "turn": 6.0, "tint": 0.25}
"""Streets are not what ImageNet shows: their pictures are few, but the encoder has further to go. Poles stand upright;
dusk colours everything."""

FINE: dict[str, Any] = STREETS | {"rate": 8e-4, "side": 320, "scales": (0.85, 2.1), "size": 640}
"""Poles, signs and people far away are a few pixels wide: seen larger than they are, they are found more often."""

RECIPES = {
    "fcn-voc": Recipe("fcn", "voc", 146, side=256, batch=8, scales=(0.5, 1.6), size=352, presence=True, start=None),
    "deeplab-voc": Recipe("deeplab", "voc", 112, **WHOLE, size=416, presence=True),
    "segnet-voc": Recipe("segnet", "voc", 52, side=256, batch=10, scales=(0.5, 1.5), presence=True),
    "patch_cnn-voc": Recipe("patch_cnn", "voc", 17, side=240, frozen=2, features=0.0),
    "deeplab-camvid": Recipe("deeplab", "camvid", 147, **FINE),
    "fcn-camvid": Recipe("fcn", "camvid", 46, **FINE, start="deeplab-camvid"),
    "segnet-camvid": Recipe("segnet", "camvid", 38, **FINE, start="fcn-camvid"),
    "patch_cnn-camvid": Recipe(
        "patch_cnn", "camvid", 14, **STREETS, side=256, scales=(0.6, 1.7), size=480, start="deeplab-camvid"
    ),
}

UNTOLD = {"network", "family", "minutes", "size", "start"}
"""What a file says elsewhere than among the settings of its recipe, or otherwise."""
