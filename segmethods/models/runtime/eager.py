"""Eager PyTorch: what the network's own module says, with nothing in between."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from segmethods.core.settings import count_threads
from segmethods.models.runtime.assembly import assemble
from segmethods.models.weights import Weights


class Eager:
    """A torch module that takes and gives arrays; channels last, which processors like better."""

    def __init__(self, module: torch.nn.Module) -> None:
        self._module = module.to(memory_format=torch.channels_last)

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The scores of some pictures, one array for all."""
        with torch.inference_mode():
            scores: NDArray[np.float32] = self._module(torch.from_numpy(np.ascontiguousarray(images))).numpy()
        return scores


def loaded(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Eager:
    """The network of a weights file, ready to run."""
    torch.set_num_threads(count_threads())
    return Eager(assemble(weights, file, part))
