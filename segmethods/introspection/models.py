"""A network taken out of its runtime, so that its parts can be called one by one; for looks, which see inside it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from segmethods.core.extras import require
from segmethods.core.messages import SegmethodsError
from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.models.architectures import NETWORKS
from segmethods.models.runtime import Scores, runner
from segmethods.models.weights import Weights, embedded, verified

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.network import Network
    from segmethods.models.runtime.assembly import Ready

KEPT = 4
"""Networks that a process keeps open, about 30 MB each."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A network with its weights in place, in evaluation mode, and what comes before and after it.

    Parameters
    ----------
    network : Network
        The torch module.
    ready : Ready
        The module that the runtimes run, which holds `network`.
    """

    network: Network
    ready: Ready

    def enter(self, picture: Image) -> Tensor:
        """What the network's own layers get: float (1, 3, H', W'), normalised, with its margins."""
        import torch

        return self.network.pad(self.ready.normalised(torch.from_numpy(picture[None])))

    def leave(self, scores: Tensor, picture: Image) -> Scores:
        """Scores of the network's last layer as class probabilities of the picture's pixels.

        Parameters
        ----------
        scores : Tensor, float, shape (1, C, h, w)
        picture : ndarray, uint8, shape (H, W, 3)
            The one that entered.

        Returns
        -------
        ndarray, float32, shape (C, H, W)
        """
        probabilities: Scores = self.network.upsample_and_crop(scores, picture.shape[:2]).softmax(dim=1)[0].numpy()
        return probabilities


@lru_cache(maxsize=KEPT)
def opened(weights: Weights) -> Opened:
    """The network of these weights, opened once a process.

    Raises
    ------
    WeightsError
        If the weights are missing or damaged.
    MissingPackageError
        If torch is not installed.
    """
    require("torch")
    import torch

    from segmethods.models.architectures.network import Network
    from segmethods.models.runtime.assembly import assemble

    torch.set_num_threads(settings().threads)
    ready = assemble(weights, verified(weights), "whole")
    assert isinstance(ready.network, Network)  # published networks of torchvision are no choice of a look
    return Opened(ready.network.to(memory_format=torch.channels_last), ready)


def open_networks() -> None:
    """Have the embedded networks at hand in this process, so that neither the first look nor the first choice of other
    weights need wait for them.
    """
    for weights in embedded().values():
        with suppress(SegmethodsError):  # whoever asks for them is told
            runner(weights)
            if weights.family == "voc" and NETWORKS[weights.network].parts == ("whole",):
                opened(weights)
