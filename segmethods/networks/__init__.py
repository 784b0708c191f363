"""The networks, as their papers have them: torch modules that know nothing of files or runtimes."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmethods.networks.network import Network

NETWORKS = {
    "patch_cnn": ("segmethods.networks.patch_cnn", "PatchCNN"),
    "fcn": ("segmethods.networks.fcn", "FCN"),
    "segnet": ("segmethods.networks.segnet", "SegNet"),
    "deeplab": ("segmethods.networks.deeplab", "DeepLab"),
}


def build(name: str, classes: int) -> "Network":
    """A network by its name, with fresh random weights.

    Raises
    ------
    ValueError : there is no network of that name; the message lists those there are.
    """
    if name not in NETWORKS:
        raise ValueError(f"no network {name!r}: choose one of {', '.join(NETWORKS)}")
    module, kind = NETWORKS[name]
    network: Network = getattr(import_module(module), kind)(classes)
    return network
