"""Where a file of weights is written, and how."""

import json
import os
from collections.abc import Mapping
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
    """Write weights in half precision, with what a model card must say in the file's header, whole or not at all."""
    half = {
        name: (value.half() if value.dtype.is_floating_point else value).contiguous()
        for name, value in weights.items()
        if not name.endswith("num_batches_tracked")
    }
    part = out.with_suffix(".part")
    part.write_bytes(save(half, metadata={"segmethods": json.dumps(about)}))  # which others may read, too
    os.replace(part, out)
