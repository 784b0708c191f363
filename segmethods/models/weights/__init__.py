"""What networks know: weights that ship with the project, weights of the user's own, and those that can be fetched.

What a page or a command needs:

- ``catalogue()`` -> ``{name: Weights}``: all of them, embedded ones first, then the user's own, then those that can be
  fetched. A `Weights` has ``name, network, family, classes, bytes, parameters, terms, size, origin, url``, its
  published ``score`` (``score.mean``, ``score.pixels``, ``score.classes``, ``score.on``), and, where they exist,
  ``card`` (model card, Markdown) and ``curve`` (validation curve, CSV), both paths or None. ``by_name(name)`` gives
  one of them.
- ``state(weights)`` -> ``"embedded" | "own" | "fetched"`` if they are whole, else ``"not fetched" | "missing" |
  "damaged"``. Cheap after the first time: a file is read again only when it has changed.
- ``verify(weights)`` -> the same, after every byte was read again.
- ``fetch(weights, progress)`` -> path; ``progress(come, total)`` is told the bytes. They appear whole or not at all. An
  exception that ``progress`` raises stops it. What is whole already is not fetched again; what is damaged is.
- ``missing(plan)`` -> the weights that have to be fetched for methods with parameters, by method.
- ``remove(weights)``: for fetched and own ones.
- ``keep(file, family)`` -> `Weights`: takes a file that training wrote as weights of the user's own. From then on every
  form, link and command offers ``family`` as a choice of the network's parameter ``weights``.

All of them raise `WeightsError`, one translatable line (``error.message``).
"""

from segmethods.models.weights.catalogue import by_name, catalogue, embedded, find, own
from segmethods.models.weights.fetching import fetch, is_fetched, missing
from segmethods.models.weights.integrity import READY, State, remove, state, verified, verify
from segmethods.models.weights.published import fetchable
from segmethods.models.weights.records import Validation, Weights, WeightsError
from segmethods.models.weights.user import keep

__all__ = [
    "READY",
    "State",
    "Validation",
    "Weights",
    "WeightsError",
    "by_name",
    "catalogue",
    "embedded",
    "fetch",
    "fetchable",
    "find",
    "is_fetched",
    "keep",
    "missing",
    "own",
    "remove",
    "state",
    "verified",
    "verify",
]
