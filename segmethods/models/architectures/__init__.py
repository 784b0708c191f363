"""The networks, as their papers have them: torch modules that know nothing of files or runtimes."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.network import Network

NETWORKS = {
    "patch_cnn": ("segmethods.models.architectures.patch_cnn", "PatchCNN"),
    "fcn": ("segmethods.models.architectures.fcn", "FCN"),
    "segnet": ("segmethods.models.architectures.segnet", "SegNet"),
    "deeplab": ("segmethods.models.architectures.deeplab", "DeepLab"),
}


def build(name: str, classes: int, *, presence: bool = False) -> "Network":
    """A network by its name, with fresh random weights.

    Parameters
    ----------
    presence : whether it also judges which classes are in the picture at all. A network of windows cannot.

    Raises
    ------
    ValueError : there is no network of that name; the message lists those there are.
    """
    if name not in NETWORKS:
        raise ValueError(f"no network {name!r}: choose one of {', '.join(NETWORKS)}")
    module, kind = NETWORKS[name]
    network: Network = getattr(import_module(module), kind)(classes)
    if presence:
        network.judge_presence(classes)
    return network


def restore(network: str, classes: int, weights: "Mapping[str, Tensor]") -> "Network":
    """A network with the weights of a file in place, which keeps no counts of batches.

    Raises
    ------
    RuntimeError : the weights are not this network's, all of them and no others.
    """
    built = build(network, classes, presence=any(name.startswith("presence.") for name in weights))
    counts = {name: value for name, value in built.state_dict().items() if name.endswith("num_batches_tracked")}
    built.load_state_dict({name: value.float() for name, value in weights.items()} | counts)
    return built
