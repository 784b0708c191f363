"""Zip and tar files of strangers: unpacked where they can do no harm, or refused in one line."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, BinaryIO

from segmethods.core.messages import Message, ParameterError
from segmethods.core.settings import settings
from segmethods.datasets.archive_names import decode_names

BLOCK = 1 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
"""How files may be packed; Deflate64, which Windows uses for large files, is none of them."""
OTHERS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 98: "PPMd"}
AES = 99
"""What stands for the method where a file is encrypted."""
RATIO = 200
"""A file that grows more than this when it is unpacked was made to do harm: pictures hardly shrink at all."""
MOST_INNER = 20
"""Up to so many archives in an archive are unpacked as well."""
SMALL = 10_000_000
"""Up to this many bytes, a file may grow as much as it likes: a mask of one class shrinks to nearly nothing."""


def is_archive(name: str) -> bool:
    """Whether a file is an archive by its name.

    Examples
    --------
    >>> is_archive("Set.ZIP"), is_archive("set.tar.gz"), is_archive("cat.png")
    (True, True, False)
    """
    return name.lower().endswith((".zip", ".tar", ".tar.gz", ".tgz", ".gz"))


def unpack(source: Path | bytes, name: str) -> Path:
    """Unpack a zip or tar file into the cache folder, once: the folder's name is its SHA-256.

    Parameters
    ----------
    source : path or bytes
        The zip file, or a tar file, also one packed with gzip, bzip2 or xz.
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
            encoding = _unpack_into(Path(place) / "files", file, name)
            _unpack_inner(Path(place) / "files", name)
            _encoding_of(folder).write_text(encoding)
            try:
                (Path(place) / "files").rename(folder)
            except OSError:  # another process was faster
                if not folder.is_dir():
                    raise
    return folder


def tell_encoding(folder: Path) -> tuple[Message, ...]:
    """How the names in an unpacked archive were read, where the archive didn't say it."""
    file = _encoding_of(folder)
    encoding, *others = (file.read_text() if file.is_file() else "ascii").split() or ["ascii"]
    if encoding in ("ascii", "utf-8"):
        return ()
    told = Message(
        "The archive doesn't say how its names are encoded: they were read as {encoding}.", {"encoding": encoding}
    )
    doubt = Message(
        "They may be {others} as well: to be sure, make the archive anew with names in UTF-8.",
        {"others": ", ".join(others)},
    )
    return (told, doubt) if others else (told,)


def _encoding_of(folder: Path) -> Path:
    return folder.with_suffix(".names")


def _unpack_inner(root: Path, name: str) -> None:
    """Unpack the archives in an archive, each into a folder of its name; not those in them."""
    inner = sorted(file for file in root.rglob("*") if file.is_file() and is_archive(file.name))
    if not 0 < len(inner) <= MOST_INNER:
        return
    for file in inner:
        place = file.with_name(file.name.partition(".")[0])
        with file.open("rb") as content:
            _unpack_into(place, content, f"{name}: {file.name}", _bytes_in(root))
        file.unlink()


def _bytes_in(root: Path) -> int:
    return sum(file.stat().st_size for file in root.rglob("*") if file.is_file())


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Parameters
    ----------
    name : str
        Its path, with slashes.
    size, packed : int
        Its bytes by what the archive says, unpacked and packed.
    is_link : bool
        Whether it only points to another file.
    content : ZipInfo or TarInfo
        By which the archive finds it.
    """

    name: str
    size: int
    packed: int
    is_link: bool
    content: zipfile.ZipInfo | tarfile.TarInfo


def _unpack_into(root: Path, file: BinaryIO, name: str, taken: int = 0) -> str:
    """Unpack an archive, and say in which encodings its names may be; `taken` bytes of the limit are used."""
    root.mkdir(exist_ok=True)
    start = file.read(512)
    file.seek(0)
    if known := _known_format(start):
        raise ParameterError("{name} is {format}. Pack the folder as a zip file.", name=name, format=known)
    try:
        if tarfile.is_tarfile(file):
            file.seek(0)
            _unpack_tar(root, file, name, taken)
            return ""
        file.seek(0)
        return _unpack_zip(root, file, name, taken)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, UnicodeError) as error:
        raise ParameterError("{name} is damaged or no ordinary zip file. Pack it again.", name=name) from error
    except RuntimeError as error:  # what zipfile says of encrypted members
        raise _encrypted(name) from error
    except OSError as error:
        if error.strerror is None:  # bzip2 of damaged bytes
            raise ParameterError("{name} is damaged or no ordinary zip file. Pack it again.", name=name) from error
        raise ParameterError(
            "{name} can't be unpacked ({reason}). Check the disk and the names in it.",
            name=name,
            reason=error.strerror,
        ) from error


def _known_format(start: bytes) -> str:
    """What a file is that people take for a zip file; empty for others."""
    formats = {b"7z\xbc\xaf": "a 7z file", b"Rar!": "a RAR file", b"(\xb5/\xfd": "a Zstandard file"}
    if start.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "a web page, not the file that was to be downloaded"
    return next((title for mark, title in formats.items() if start.startswith(mark)), "")


def _unpack_zip(root: Path, file: BinaryIO, name: str, taken: int) -> str:
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if any(info.flag_bits & 1 or info.compress_type == AES for info in infos):
            raise _encrypted(name)
        for info in infos:
            if info.compress_type not in METHODS:
                raise ParameterError(
                    "{name} is packed with {method}, which can't be read here. Pack it again as an ordinary zip file, "
                    "for example with 7-Zip and the method Deflate.",
                    name=name,
                    method=OTHERS.get(info.compress_type, f"method {info.compress_type}"),
                )
        titles, encodings = decode_names(infos)
        encoding = " ".join(encodings)
        members = [
            Member(title, info.file_size, info.compress_size, stat.S_ISLNK(info.external_attr >> 16), info)
            for title, info in zip(titles, infos, strict=True)
        ]

        def open_member(member: Member) -> IO[bytes]:
            assert isinstance(member.content, zipfile.ZipInfo)
            return archive.open(member.content)

        _write_members(root, members, open_member, name, taken)
    return encoding


def _unpack_tar(root: Path, file: BinaryIO, name: str, taken: int) -> None:
    with tarfile.open(fileobj=file) as archive:
        members = []
        left = settings().max_dataset_bytes - taken
        for info in archive:  # one by one, since its index is as long as the packed file lets it be
            if info.isdir():
                continue
            members.append(Member(info.name, info.size, info.size, not info.isreg(), info))
            left -= info.size
            if left < 0:
                raise _too_large(name)
            if len(members) > settings().max_dataset_files:
                break

        def open_member(member: Member) -> IO[bytes]:
            assert isinstance(member.content, tarfile.TarInfo)
            content = archive.extractfile(member.content)
            assert content is not None  # links are refused before
            return content

        _write_members(root, members, open_member, name, taken)


def _write_members(
    root: Path, members: Sequence[Member], open_member: Callable[[Member], IO[bytes]], name: str, taken: int
) -> None:
    _check(members, name)
    left = settings().max_dataset_bytes - taken
    last = {_inside(member, name): member for member in members}  # a file that was packed again replaces the first
    for path, member in last.items():
        with open_member(member) as source:
            left -= _copy(source, member, root / path, left, name)


def _check(members: Sequence[Member], name: str) -> None:
    limits = settings()
    if len(members) > limits.max_dataset_files:
        raise ParameterError(
            "{name} has {count} files, more than {limit}. Split it up.",
            name=name,
            count=len(members),
            limit=limits.max_dataset_files,
        )
    if sum(member.size for member in members) > limits.max_dataset_bytes:
        raise _too_large(name)


def _inside(member: Member, name: str) -> PurePosixPath:
    """Where a file goes, if that is inside of the folder."""
    path = PurePosixPath(member.name.replace(":", "_"))  # which Windows takes for the name of a drive or of a stream
    strange = path.is_absolute() or PureWindowsPath(member.name).drive or ".." in path.parts or "\0" in member.name
    if strange or not path.parts or member.is_link:
        raise ParameterError(
            "{name} has the file {file}, which points outside of it. Pack it again, without links and '..'.",
            name=name,
            file=repr(member.name[:100]),
        )
    return path


def _encrypted(name: str) -> ParameterError:
    return ParameterError("{name} is encrypted. Pack it without a password.", name=name)


def _copy(source: IO[bytes], member: Member, target: Path, left: int, name: str) -> int:
    """Write one file and say how many bytes it really has; what the archive says of them is a claim."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with target.open("xb") as file:
        while block := source.read(BLOCK):
            written += len(block)
            if written > left or (written > SMALL and written > RATIO * max(member.packed, 1)):
                raise _too_large(name)
            file.write(block)
    return written


def _too_large(name: str) -> ParameterError:
    limit = f"{settings().max_dataset_bytes / 1e9:g}"
    return ParameterError("{name} unpacks to more than {limit} GB, or is made to. Split it up.", name=name, limit=limit)
