"""The methods: one file a method, and what installed packages add to them.

A new method is one new file here; files whose names begin with ``_`` are what methods share. A package adds methods
by an entry point of the group ``segmethods.methods`` that names the module which registers them.
"""

from __future__ import annotations

import difflib
import importlib
import logging
import pkgutil
import threading
from importlib import metadata
from typing import get_args

from segmethods.core.messages import Message, ParameterError
from segmethods.core.palette import guess_colour
from segmethods.core.registry import REGISTRY, Family, Method
from segmethods.models.architectures import NETWORKS

log = logging.getLogger(__name__)

ORDER = ("threshold", "kmeans", "histogram", "edges", *NETWORKS)
"""Ids in the order of every list; other methods of the same family follow them."""

PLUGIN_GROUP = "segmethods.methods"

_faults: list[Message] = []
_loading = threading.RLock()
_is_loaded = False


def list_methods() -> tuple[Method, ...]:
    """All methods: classical ones first, then networks, then ensembles.

    Examples
    --------
    >>> [method.id for method in list_methods()][:2]
    ['threshold', 'kmeans']
    """
    _load()
    return tuple(sorted(REGISTRY.values(), key=_rank))


def get_method(method_id: str) -> Method:
    """The method with this id.

    Raises
    ------
    ParameterError
        If there is none; it names the ids that exist.
    """
    _load()
    if not isinstance(method_id, str):
        raise ParameterError(
            "A method is called by its id, such as {name}, not {value}.", name="kmeans", value=repr(method_id)
        )
    if method_id not in REGISTRY:
        ids = [method.id for method in list_methods()]
        near = difflib.get_close_matches(method_id, ids, n=1)
        raise ParameterError(
            "There is no method {name}. Choose from {choices}.", name=method_id, choices=", ".join(near or ids)
        )
    return REGISTRY[method_id]


def method_colour(method_id: str) -> str:
    """The colour of a method in every chart, ``"#rrggbb"``; of one that is not installed here, a guess that stays.

    Examples
    --------
    >>> method_colour("kmeans")
    '#56b4e9'
    """
    _load()
    return REGISTRY[method_id].colour if method_id in REGISTRY else guess_colour(method_id)


def list_plugin_faults() -> tuple[Message, ...]:
    """One line for each installed plug-in that can't be used."""
    _load()
    return tuple(_faults)


def _rank(method: Method) -> tuple[int, int]:
    place = ORDER.index(method.id) if method.id in ORDER else len(ORDER)
    return get_args(Family).index(method.family), place


def _load() -> None:
    """Import what registers methods, once; what is imported may itself ask for the methods."""
    global _is_loaded
    with _loading:
        if _is_loaded:
            return
        for module in pkgutil.iter_modules(__path__):
            if not module.name.startswith("_"):
                importlib.import_module(f"{__name__}.{module.name}")
        _is_loaded = True
        for plugin in metadata.entry_points(group=PLUGIN_GROUP):
            _load_plugin(plugin)


def _load_plugin(plugin: metadata.EntryPoint) -> None:
    try:
        plugin.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code; the other methods must go on
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        fault = Message("The plug-in {name} can't be used ({reason}).", {"name": plugin.name, "reason": reason})
        log.warning("%s", fault)
        _faults.append(fault)
