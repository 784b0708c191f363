"""A network taken out of its runtime, so that its parts can be called one by one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from segmethods.core.extras import require
from segmethods.core.messages import SegmethodsError
from segmethods.core.settings import count_threads
from segmethods.core.types import Image
from segmethods.methods._network import Size, ensure_weights, resize_long_side, working_size
from segmethods.models.architectures import NETWORKS
from segmethods.models.runtime import Probabilities, load_runner
from segmethods.models.weights import Weights, embedded, verified_path

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.network import Network
    from segmethods.models.runtime.assembly import WithPreprocessing

    AnyNetwork = TypeVar("AnyNetwork", bound=Network)
else:
    AnyNetwork = TypeVar("AnyNetwork")

KEPT = 4
"""Networks that a process keeps loaded, about 30 MB each."""


@dataclass(frozen=True, eq=False)
class LoadedModel(Generic[AnyNetwork]):
    """A network with its weights in place, in evaluation mode, and what comes before and after it.

    Parameters
    ----------
    weights : Weights
        Of the network.
    network : Network
        The torch module.
    ready : WithPreprocessing
        The module that the runtimes run, which holds `network`.
    """

    weights: Weights
    network: AnyNetwork
    ready: WithPreprocessing

    def resize(self, image: Image, size: Size) -> Image:
        """The image at the working size that a choice stands for."""
        return resize_long_side(image, working_size(size, self.weights))

    def preprocess(self, image: Image) -> Tensor:
        """What the network's own layers get of a resized image: float (1, 3, H', W'), normalised and padded."""
        import torch

        return self.network.pad(self.ready.normalised(torch.from_numpy(image[None])))

    def postprocess(self, logits: Tensor, image: Image) -> Probabilities:
        """Class probabilities of the pixels of a resized image.

        Parameters
        ----------
        logits : Tensor, float, shape (1, C, h, w)
            What the network's last layer gives.
        image : ndarray, uint8, shape (H, W, 3)
            The one that `preprocess` was given.

        Returns
        -------
        ndarray, float32, shape (C, H, W)
        """
        probabilities: Probabilities = self.network.upsample_and_crop(logits, image.shape[:2]).softmax(dim=1)[0].numpy()
        return probabilities


def load_model(kind: type[AnyNetwork], network: str, variant: str) -> LoadedModel[AnyNetwork]:
    """The network with these weights, loaded once a process.

    Parameters
    ----------
    kind : type
        The network's class.
    network, variant : str
        As for :func:`segmethods.models.weights.find`.

    Raises
    ------
    WeightsError
        If the weights are missing or damaged.
    MissingPackageError
        If torch is not installed.
    """
    model = assemble_model(ensure_weights(network, variant))
    assert isinstance(model.network, kind)  # torchvision's weights, of other classes, are no choice here
    return model


@lru_cache(maxsize=KEPT)
def assemble_model(weights: Weights) -> LoadedModel[Any]:
    """The network of these weights, loaded once a process."""
    require("torch")
    import torch

    from segmethods.models.runtime.assembly import assemble

    torch.set_num_threads(count_threads())
    ready = assemble(weights, verified_path(weights), "whole")
    return LoadedModel(weights, ready.network.to(memory_format=torch.channels_last), ready)


def preload_models() -> None:
    """Load the embedded networks that know everyday things, so that the first inspection doesn't wait for it."""
    for weights in embedded().values():
        if weights.variant == "voc":
            preload(weights)


def preload_streets(network: str) -> None:
    """Load what a network knows of streets, so that whoever chooses these weights in its lesson doesn't wait for it."""
    preload(embedded()[f"{network}-camvid"])


def preload_street_answers(network: str) -> None:
    """Load what answers for streets and nothing to look inside, which would need torch."""
    _preload_runners(embedded()[f"{network}-camvid"])


def preload(weights: Weights) -> None:
    """Load a network for inspections and answers."""
    _preload_runners(weights)
    with suppress(SegmethodsError):
        if NETWORKS[weights.network].parts == ("whole",):
            assemble_model(weights)


def _preload_runners(weights: Weights) -> None:
    with suppress(SegmethodsError):  # whoever asks for it is told
        for part in NETWORKS[weights.network].parts:
            load_runner(weights, part)
