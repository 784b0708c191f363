"""The masks of a clip: which frame each belongs to, and which can't be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from segmethods.core.messages import Message, SegmethodsError
from segmethods.io.files import read_bytes
from segmethods.io.images import load_image
from segmethods.io.opening import open_file
from segmethods.io.stored_masks import read_stored
from segmethods.io.video.clips import list_frames
from segmethods.jobs.frame import JobError

Mask = Callable[[], np.ndarray[Any, Any]]


def read_masks(place: Path, frames: Sequence[Path]) -> dict[int, Mask]:
    """The masks of a clip by the number of their frame; names are matched by their digits."""
    folder = next((place / name for name in ("masks", "labels") if (place / name).is_dir()), None)
    if folder is None:
        return {}
    numbers = {_digits(file): i for i, file in enumerate(frames)}
    return {numbers[_digits(f)]: partial(_mask, f) for f in list_frames(folder) if _digits(f) in numbers}


def check_masks(masks: Mapping[int, Mask], size: tuple[int, int]) -> tuple[dict[int, Mask], tuple[Message, ...]]:
    """The masks that can be read and have the size of the clip, and a note on the others."""
    kept, left_out = {}, []
    for frame, load in masks.items():
        try:
            high, wide = load().shape
            if (wide, high) != size:
                raise JobError(
                    "The mask of frame {frame} has {wide} × {high} pixels, the clip {size}.",
                    frame=frame + 1,
                    wide=wide,
                    high=high,
                    size=f"{size[0]} × {size[1]}",
                )
            kept[frame] = load
        except SegmethodsError as error:
            left_out.append(error.message)
    if not left_out:
        return kept, ()
    told = {"count": str(len(left_out)), "reason": left_out[0]}
    return kept, (Message("Masks that are left out: {count}. The first: {reason}", told),)


def _digits(file: Path) -> str:
    digits = "".join(c for c in file.stem if c.isdigit()).lstrip("0")
    return digits or file.stem


def _mask(file: Path) -> np.ndarray[Any, Any]:
    """The stored values of a mask; where these are 0 and 1, 1 moves."""
    stored = read_stored(open_file(read_bytes(file, file.name), file.name), file.name)
    values = np.asarray(load_image(file)[:, :, 0] if stored.ids is None else stored.ids)
    return np.asarray(np.where(values > 0, 255, 0) if values.max() == 1 else values)
