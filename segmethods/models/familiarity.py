"""Whether an image looks like those that weights learned from, by what an encoder that ImageNet taught sees in it.

No network can know this by itself: one that knows cats and sofas finds them in a page of print. The images that weights
learned from are summed up in a few dozen looks and a limit, from which no image can be made again;
``python -m segmethods.training.familiarity`` writes them down.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.models.encoder import features, network_file

SIDE = 224

Looks = NDArray[np.float32]
"""What an image looks like, or several do, one a row."""


def look(image: Image) -> Looks:
    """What the encoder sees: mean and spread of each of its maps."""
    maps = np.stack(features(image, SIDE))
    flat = maps.reshape(len(maps), -1)
    return np.concatenate([flat.mean(axis=1), flat.std(axis=1)])


def distances(some: Looks, others: Looks) -> Looks:
    """Root of the mean squared difference of each pair."""
    return np.asarray(np.sqrt(((some[:, None] - others[None]) ** 2).mean(axis=2)), np.float32)


def looks_file(classes: str) -> Path:
    """Where it lies what the images look like that the weights for these classes learned from."""
    return settings().assets_dir / "weights" / f"looks-{classes}.npz"


def looks_familiar(classes: str, image: Image) -> bool | None:
    """Whether an image looks like those that weights learned from.

    Parameters
    ----------
    classes : str
        Id of the weights' vocabulary.
    image : ndarray, uint8, shape (H, W, 3)
        RGB.

    Returns
    -------
    bool or None
        None where nobody knows what those look like, or what looks at images is not installed.
    """
    if not (looks_file(classes).is_file() and network_file("encoder").is_file() and find_spec("openvino")):
        return None
    known = _read(looks_file(classes))
    asked = (look(image) - known["mean"]) / known["spread"]
    return bool(distances(asked[None], known["kept"]).min() <= known["limit"])


@cache
def _read(file: Path) -> Mapping[str, Looks]:
    with np.load(file, allow_pickle=False) as saved:
        return {name: saved[name].astype(np.float32) for name in saved.files}
