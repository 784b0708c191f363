"""From weights to a torch module that takes images and gives class probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from segmethods.models.architectures import NETWORKS, restore
from segmethods.models.architectures.network import Network
from segmethods.models.weights import Weights, WeightsError
from segmethods.models.weights.published import PUBLISHED


class WithPreprocessing(nn.Module):
    """A network with normalisation before it and softmax after it."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: nn.Module, weights: Weights) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(weights.mean).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(weights.deviation).view(1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) to float (N, C, h, w), summing to one over C."""
        return torch.softmax(self.network(self.normalised(images)), dim=1)

    def normalised(self, images: Tensor) -> Tensor:
        """uint8 (N, H, W, 3) to float (N, 3, H, W), normalised."""
        return (images.permute(0, 3, 1, 2).float() - self.mean) / self.deviation


class WindowLogits(nn.Module):
    """A window classifier without padding: one output for each window."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Normalised images, (N, 3, H, W), to logits, (N, C, h, w)."""
        return self.network.logits(image)


class TorchvisionOutput(nn.Module):
    """A network of torchvision, reduced to its main output."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Normalised images, (N, 3, H, W), to logits, (N, C, h, w)."""
        logits: Tensor = self.network(image)["out"]
        return logits


def assemble(weights: Weights, file: Path, part: Literal["whole", "window"]) -> WithPreprocessing:
    """The network with its weights in place, in evaluation mode."""
    network = _published(weights, file) if weights.origin == "fetched" else _own(weights, file, part)
    return WithPreprocessing(network, weights).eval().requires_grad_(False)


def _own(weights: Weights, file: Path, part: Literal["whole", "window"]) -> nn.Module:
    from safetensors.torch import load_file

    try:
        network = restore(weights.network, len(weights.classes), load_file(file))
    except RuntimeError as error:
        raise WeightsError(
            "The weights {name} were trained for an earlier {network}. Train them again, or remove them.",
            name=weights.name,
            network=NETWORKS[weights.network].title,
        ) from error
    return WindowLogits(network) if part == "window" else network


def _published(weights: Weights, file: Path) -> nn.Module:
    from torchvision.models import segmentation

    record = next(record for record in PUBLISHED if record.name == weights.name)
    build = getattr(segmentation, record.builder)
    heads = {"aux_loss": True} if record.has_auxiliary_head else {}
    network = build(weights=None, weights_backbone=None, num_classes=len(weights.classes), **heads)
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    network.aux_classifier = None
    return TorchvisionOutput(network)
