"""What COCO's files say of objects, and whether they list the pictures of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from segmethods.core.messages import ImageError, Message
from segmethods.io.polygons import Mask, fill_rings
from segmethods.io.run_lengths import decode_runs

UNLISTED = Message("Left out: {count:outline|outlines} of pictures that {file} doesn't list.")


def tell_unlisted(content: Mapping[str, Any], name: str) -> tuple[Message, ...]:
    """How many outlines of a COCO file are of pictures that it doesn't list.

    Raises
    ------
    ImageError
        If two pictures have one number, so that their outlines can't be told apart.
    """
    known = Counter(str(record.get("id")) for record in content.get("images") or [])
    if twice := next((number for number, count in known.items() if count > 1), ""):
        raise ImageError("{name} has two pictures with the id {id}. Export it again.", name=name, id=twice)
    count = sum(str(entry.get("image_id")) not in known for entry in content["annotations"]) if known else 0
    return (Message(UNLISTED.template, {"count": count, "file": name}),) if count else ()


def read_segmentation(segmentation: Any, size: tuple[int, int]) -> Mask:
    """The pixels of an object: outlines or run lengths.

    Raises
    ------
    ValueError
        If it is none, or of another size.

    Examples
    --------
    >>> read_segmentation([[0, 0, 2, 0, 2, 1, 0, 1]], (1, 3)).tolist()
    [[True, True, False]]
    """
    if not segmentation:
        raise ValueError("boxes without outlines")
    if isinstance(segmentation, dict):
        if tuple(segmentation["size"]) != size:
            raise ValueError("run lengths of another size")
        return decode_runs(segmentation["counts"], size)
    mask = np.zeros(size, bool)
    for part in segmentation:  # parts of one object, each filled by itself
        mask |= fill_rings([np.array(part, np.float64).reshape(-1, 2)], size)
    return mask
