"""The networks, one folder each: the facts about it (``SPEC``), read without torch, and its torch module in ``model``.

A new network is one new folder here, whose ``__init__`` has a `NetworkSpec` called ``SPEC``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from segmethods.models.architectures.spec import NetworkSpec

if TYPE_CHECKING:
    from torch import Tensor

    from segmethods.models.architectures.network import Network


def _find_specs() -> dict[str, NetworkSpec]:
    folders = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    specs: list[NetworkSpec] = [import_module(f"{__name__}.{folder}").SPEC for folder in folders]
    return {spec.id: spec for spec in sorted(specs, key=lambda spec: (spec.year, spec.id))}


NETWORKS = _find_specs()
"""Id -> facts, in the order of the papers."""


def build(name: str, classes: int, *, presence: bool = False) -> Network:
    """Build a network by its name, with fresh random weights.

    Parameters
    ----------
    name : str
        Key of `NETWORKS`.
    classes : int
        Number of classes.
    presence : bool
        Whether it gets an image-level head, which predicts the classes of the whole image. A network of windows can't
        have one.

    Raises
    ------
    ValueError
        If there is no network of that name; the message lists those there are.
    """
    if name not in NETWORKS:
        raise ValueError(f"no network {name!r}: choose one of {', '.join(NETWORKS)}")
    network = NETWORKS[name].build(classes)
    if presence:
        network.add_image_head(classes)
    return network


def restore(network: str, classes: int, weights: Mapping[str, Tensor]) -> Network:
    """Build a network and put the weights of a file in place, which has no counts of batches.

    Parameters
    ----------
    network : str
        Key of `NETWORKS`.
    classes : int
        Number of classes.
    weights : mapping of str to Tensor
        All tensors of the file, of any float type.

    Raises
    ------
    RuntimeError
        If the weights are not this network's, all of them and no others.
    """
    built = build(network, classes, presence=any(name.startswith("presence.") for name in weights))
    counts = {name: value for name, value in built.state_dict().items() if name.endswith("num_batches_tracked")}
    built.load_state_dict({name: value.float() for name, value in weights.items()} | counts)
    return built
