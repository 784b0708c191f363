"""Where what training makes is written, and how."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from segmethods.messages import ParameterError


def check_place(out: Path) -> None:
    """Raise `ParameterError` unless a new file of weights can be written there; its folder is made."""
    if out.suffix != ".safetensors":
        raise ParameterError("{file} must end in .safetensors, as files of weights do.", file=str(out))
    if out.exists():
        raise ParameterError("There is a file {file} already. Remove it, or choose another one.", file=str(out))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_suffix(".part")
        part.touch()
        part.unlink()
    except OSError as error:
        raise ParameterError(
            "{folder} can't hold a file ({reason}). Choose another place.",
            folder=str(out.parent),
            reason=error.strerror,
        ) from error


def write_weights(out: Path, weights: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write weights in half precision, with what a model card must say in the file's header; see `whole`."""
    half = {
        name: (value.half() if value.dtype.is_floating_point else value).contiguous()
        for name, value in weights.items()
        if not name.endswith("num_batches_tracked")
    }
    with whole(out) as part:
        part.write_bytes(save(half, metadata={"segmethods": json.dumps(about)}))  # which others may read, too


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A place beside a file to write it to, whole: a kill or a full disk leaves what was there before.

    Raises
    ------
    ParameterError : it can't be written.
    """
    part = file.with_suffix(".part")
    try:
        yield part
        os.replace(part, file)
    except (OSError, RuntimeError) as error:  # torch has the latter for a full disk
        part.unlink(missing_ok=True)
        raise ParameterError(
            "{file} can't be written ({reason}). Make room for it and do the same again; train goes on with --resume.",
            file=str(file),
            reason=getattr(error, "strerror", None) or "disk full or broken",
        ) from error
