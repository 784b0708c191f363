"""Bytes of files, or one line that says why there are none."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from segmethods.core.messages import ImageError
from segmethods.core.settings import settings

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif")
"""How the names of such files end."""


def read_bytes(source: str | Path | bytes | BinaryIO, name: str = "") -> bytes:
    """The bytes of a file, if they are neither too many nor none.

    Raises
    ------
    ImageError
        For a missing file, a folder, an empty file, or one larger than the settings allow.
    """
    name, limit = name or name_of(source), settings().max_bytes
    data: object
    if isinstance(source, str | Path):
        data = _read_path(Path(source), name, limit)
    elif isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    else:
        data = source.read(limit + 1) if hasattr(source, "read") else None
    if not isinstance(data, bytes):
        raise ImageError(
            "Give a path, bytes or a file opened with mode 'rb', not {given}.", given=type(source).__name__
        )
    if not data and name.lower().endswith(".txt"):
        return b"\n"  # by which YOLO says that an image shows nothing
    if not data:
        raise ImageError("{name} is empty. Choose another file.", name=name)
    if len(data) > limit:
        raise ImageError(
            "{name} is larger than {limit} MB. Save it smaller and try again.", name=name, limit=f"{limit / 1e6:g}"
        )
    return data


def name_of(source: object) -> str:
    """What to call a source in a message."""
    if isinstance(source, str | Path):
        return str(source)
    name = getattr(source, "name", "")
    return name if isinstance(name, str) and name else "The picture"


def _read_path(path: Path, name: str, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError as error:
        raise ImageError("There is no file {name}. Check the path.", name=name) from error
    except IsADirectoryError as error:
        raise ImageError("{name} is a folder. Choose a picture in it.", name=name) from error
    except (OSError, ValueError) as error:
        if path.is_dir():  # Windows says "permission denied"
            raise ImageError("{name} is a folder. Choose a picture in it.", name=name) from error
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(
            "{name} can't be opened ({reason}). Check the path and your rights.", name=name, reason=reason
        ) from error
