"""What methods are called in sentences, tables and charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segmethods.core.messages import Message
from segmethods.methods import get_method
from segmethods.models.weights import embedded, fetchable


def name_method(method: str, params: Mapping[str, Any]) -> Message:
    """A method by its title, and by the name of its weights if a user taught them.

    Examples
    --------
    >>> str(name_method("deeplab", {"weights": "leaves"}))
    'DeepLab (leaves)'
    """
    title = Message(get_method(method).title)
    weights = params.get("weights")
    if weights is None or weights in {one.variant for one in (*embedded().values(), *fetchable().values())}:
        return title
    return Message("{method} ({weights})", {"method": title, "weights": weights})
