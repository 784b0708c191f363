"""Weights that know nothing, for tests of everything but knowledge."""

import hashlib
from pathlib import Path

import torch
from safetensors.torch import save_file

from segmethods.core.types import CAMVID, VOC
from segmethods.models.architectures import build
from segmethods.models.architectures.network import Network
from segmethods.models.weights import Validation, Weights

VOCABULARIES = {"voc": VOC, "camvid": CAMVID}


def random_network(name: str, classes: int = 5, seed: int = 0) -> Network:
    """A network whose layers pass on numbers of a common size, so that what goes in matters to what comes out."""
    torch.manual_seed(seed)
    network = build(name, classes)
    for weight in network.parameters():
        if not weight.any():  # what begins with no say has one here
            torch.nn.init.normal_(weight, std=0.05)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        network.train().logits(torch.randn(2, 3, 160, 160))
    return network.eval().requires_grad_(False)


def random_weights(folder: Path, network: str, variant: str = "voc", seed: int = 0) -> Weights:
    """A weights file of a random network, and its record."""
    classes = VOCABULARIES[variant]
    module = random_network(network, len(classes), seed)
    file = folder / f"{network}-{variant}.safetensors"
    save_file({name: value.contiguous() for name, value in module.state_dict().items()}, file)
    return Weights(
        name=f"{network}-{variant}",
        network=network,
        variant=variant,
        classes=classes,
        file=file,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        bytes=file.stat().st_size,
        parameters=sum(weight.numel() for weight in module.parameters()),
        mean=(127.0, 127.0, 127.0),
        deviation=(128.0, 128.0, 128.0),
        size=96,
        terms="none",
        score=Validation(0.0, 0.0, (), "nothing"),
        origin="own",
    )
