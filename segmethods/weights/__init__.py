"""What networks know: the weights that ship with the project, and those that can be fetched."""

from segmethods.weights.catalogue import (
    Score,
    Weights,
    WeightsError,
    catalogue,
    embedded,
    fetchable,
    find,
    verified,
)
from segmethods.weights.fetching import fetch, is_fetched

__all__ = [
    "Score",
    "Weights",
    "WeightsError",
    "catalogue",
    "embedded",
    "fetch",
    "fetchable",
    "find",
    "is_fetched",
    "verified",
]
