"""Where what training makes is written, and how."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from filelock import FileLock, Timeout
from safetensors.torch import save
from torch import Tensor

from segmethods.core.atomic import atomic_write
from segmethods.core.messages import ParameterError


def check_place(out: Path) -> None:
    """Raise `ParameterError` unless a new file of weights can be written there; its folder is made."""
    if out.suffix != ".safetensors":
        raise ParameterError("{file} must end in .safetensors, as files of weights do.", file=str(out))
    for file in (out, out.with_suffix(".csv")):
        if file.exists():
            raise ParameterError("There is a file {file} already. Remove it, or choose another one.", file=str(file))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise _no_place(out.parent, error) from error


def _no_place(folder: Path, error: OSError) -> ParameterError:
    return ParameterError(
        "{folder} can't hold a file ({reason}). Choose another place.", folder=str(folder), reason=error.strerror
    )


@contextmanager
def reserve(out: Path) -> Iterator[None]:
    """Inside, no other process trains to the same file.

    Raises
    ------
    ParameterError
        If another one does, or the folder can't hold a file.
    """
    place = out.with_suffix(".lock")
    lock = FileLock(place, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ParameterError(
            "Another process is training {file} already. Wait for it, or choose another name or file.", file=str(out)
        ) from error
    except OSError as error:
        raise _no_place(out.parent, error) from error
    try:
        yield
    finally:
        lock.release()
        place.unlink(missing_ok=True)


def write_weights(out: Path, weights: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write weights in half precision, with what a model card must say in the file's header; see `write_file`."""
    half = {
        name: (value.half() if value.dtype.is_floating_point else value).contiguous()
        for name, value in weights.items()
        if not name.endswith("num_batches_tracked")
    }
    with write_file(out) as part:
        part.write_bytes(save(half, metadata={"segmethods": json.dumps(about)}))  # which others may read, too


@contextmanager
def write_file(file: Path) -> Iterator[Path]:
    """A place to write a file to, which is there whole or not at all (see `atomic_write`).

    Raises
    ------
    ParameterError
        If it can't be written.
    """
    try:
        with atomic_write(file) as part:
            yield part
    except (OSError, RuntimeError) as error:  # torch has the latter for a full disk
        raise ParameterError(
            "{file} can't be written ({reason}). Make room for it and do the same again; train goes on with --resume.",
            file=str(file),
            reason=getattr(error, "strerror", None) or "disk full or broken",
        ) from error
