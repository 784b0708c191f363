"""Zip files of strangers: unpacked where they can do no harm, or refused in one line."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from segmethods.core.messages import ParameterError
from segmethods.core.settings import settings

BLOCK = 1 << 20
RATIO = 200
"""A file that grows more than this when it is unpacked was made to do harm: pictures hardly shrink at all."""
SMALL = 10_000_000
"""Up to this many bytes, a file may grow as much as it likes: a mask of one class shrinks to nearly nothing."""


def unpack(source: Path | bytes, name: str) -> Path:
    """Unpack a zip file into the cache folder, once: the folder's name is its SHA-256.

    Parameters
    ----------
    source : path or bytes
        The zip file.
    name : str
        What error messages call it.

    Returns
    -------
    Path
        The folder with its files.

    Raises
    ------
    ParameterError
        For a damaged or encrypted file, one with more files or bytes than the settings allow, or one with files that
        lie outside of it.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        folder = settings().cache_dir / "datasets" / digest
        if folder.is_dir():
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        file.seek(0)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="unpacking-", ignore_cleanup_errors=True) as place:
            _unpack_into(Path(place), file, name)
            try:
                (Path(place) / "files").rename(folder)
            except OSError:  # another process was faster
                if not folder.is_dir():
                    raise
    return folder


def _unpack_into(place: Path, file: BinaryIO, name: str) -> None:
    root = place / "files"
    root.mkdir()
    try:
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            _check(members, name)
            left = settings().max_dataset_bytes
            for member in members:
                left -= _copy(archive, member, root / _inside(member, name), left, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError) as error:
        raise ParameterError("{name} is damaged or no ordinary zip file. Pack it again.", name=name) from error
    except RuntimeError as error:  # what zipfile says of encrypted members
        raise ParameterError("{name} is encrypted. Pack it without a password.", name=name) from error
    except OSError as error:
        raise ParameterError(
            "{name} can't be unpacked ({reason}). Check the disk and the names in it.",
            name=name,
            reason=error.strerror or "?",
        ) from error


def _check(members: list[zipfile.ZipInfo], name: str) -> None:
    limits = settings()
    if len(members) > limits.max_dataset_files:
        raise ParameterError(
            "{name} has {count} files, more than {limit}. Split it up.",
            name=name,
            count=len(members),
            limit=limits.max_dataset_files,
        )
    if sum(m.file_size for m in members) > limits.max_dataset_bytes:
        raise _too_large(name)


def _inside(member: zipfile.ZipInfo, name: str) -> PurePosixPath:
    """Where a file goes, if that is inside of the folder."""
    there = member.filename.replace("\\", "/")
    path = PurePosixPath(there.replace(":", "_"))  # which Windows takes for the name of a drive or of a stream
    strange = path.is_absolute() or PureWindowsPath(there).drive or ".." in path.parts or "\0" in there
    if strange or not path.parts or stat.S_ISLNK(member.external_attr >> 16):
        raise ParameterError(
            "{name} has the file {file}, which points outside of it. Pack it again, without links and '..'.",
            name=name,
            file=repr(member.filename[:100]),
        )
    return path


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int, name: str) -> int:
    """Write one file and say how many bytes it really has; what the zip says of them is a claim."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("xb") as file:
        while block := source.read(BLOCK):
            written += len(block)
            if written > left or (written > SMALL and written > RATIO * max(member.compress_size, 1)):
                raise _too_large(name)
            file.write(block)
    return written


def _too_large(name: str) -> ParameterError:
    limit = f"{settings().max_dataset_bytes / 1e9:g}"
    return ParameterError("{name} unpacks to more than {limit} GB, or is made to. Split it up.", name=name, limit=limit)


def forget_unpacked() -> None:
    """Delete all that was unpacked."""
    shutil.rmtree(settings().cache_dir / "datasets", ignore_errors=True)
