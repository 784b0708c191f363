"""Weights: those that ship with the project, the user's own, and those that can be fetched.

- ``catalogue()`` gives all of them by name: embedded ones first, then the user's own, then those that can be fetched.
  ``by_name(name)`` and ``get_weights(network, variant)`` give one.
- ``state(weights)`` says whether they are there and whole; a file is read again only when it has changed.
  ``verify(weights)`` reads every byte again. ``verified_path(weights)`` gives the file, or raises.
- ``fetch(weights, progress)`` downloads them, all or nothing. ``list_missing(plan)`` says which have to be fetched.
- ``register_user_weights(file, variant)`` adds a file that training wrote; ``variant`` is then a choice of its
  parameter ``weights`` everywhere. ``remove(weights)`` deletes fetched and own ones.

All of them raise `WeightsError`, one translatable line.
"""

from segmethods.models.weights.catalogue import by_name, catalogue, embedded, get_weights, own
from segmethods.models.weights.fetching import fetch, is_fetched, list_missing
from segmethods.models.weights.integrity import READY, State, remove, state, verified_path, verify
from segmethods.models.weights.published import fetchable
from segmethods.models.weights.records import Fold, Validation, Weights, WeightsError
from segmethods.models.weights.user import register_user_weights

__all__ = [
    "READY",
    "Fold",
    "State",
    "Validation",
    "Weights",
    "WeightsError",
    "by_name",
    "catalogue",
    "embedded",
    "fetch",
    "fetchable",
    "get_weights",
    "is_fetched",
    "list_missing",
    "own",
    "register_user_weights",
    "remove",
    "state",
    "verified_path",
    "verify",
]
