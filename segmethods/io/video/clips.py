"""A clip: how large, how fast, how long, and its frames as often as somebody wants to go through them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from segmethods.core.messages import ImageError, Message
from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.io.images import SUFFIXES as IMAGE_SUFFIXES
from segmethods.io.images import load_image
from segmethods.io.video.decoder import DecoderDied, return_decoder, take_decoder

SUFFIXES = (".mp4", ".m4v", ".webm", ".avi", ".mov", ".gif")
FOLDER_RATE = 25.0
"""Frames a second of a folder of frames, which says none."""

FAULTS = {
    "rate": Message("{name} declares {rate} frames a second, which can't be. Save it again with a rate, such as 25."),
    "no_picture": Message(
        "{name} has no moving picture that can be read: only sound, a codec unknown here, or damage. "
        "Save it as MP4 or WebM."
    ),
    "large": Message("{name} has frames of {size} pixels; at most {pixels} pixels are read here. Make it smaller."),
    "many": Message("{name} has {count} frames; at most {most} are read here. Cut out a shorter piece."),
    "long": Message("{name} lasts {seconds} seconds; at most {most_seconds} are read here. Cut out a shorter piece."),
    "sizes": Message("{name} changes its size at frame {frame}, from {before} to {after}. Save it again at one size."),
    "short": Message("{name} is cut short: it ends after {read} of {count} frames. Copy it again, or save it again."),
    "empty": Message("{name} has no frame. Choose another file."),
    "damaged": Message("{name} is damaged and can't be decoded. Save it again as MP4 or WebM."),
    "kind": Message(
        "{name} is no video that is read here. Use MP4, WebM, AVI, MOV or GIF, or on the command line a folder of "
        "frames."
    ),
    "bytes": Message("{name} has {size} MB; at most {most_megabytes} MB are read here. Cut out a shorter piece."),
}


class VideoError(ImageError):
    """A clip that can't be read; one line says what to do."""


@dataclass(frozen=True, eq=False)
class Clip:
    """Moving images.

    Parameters
    ----------
    name : str
    size : tuple of int
        Width and height of the frames as they are given.
    rate : float
        Frames a second.
    count : int
        How many frames there are.
    frames : callable
        A new pass over all frames, each uint8 (H, W, 3) RGB.
    files : tuple of Path
        The file of each frame, where the clip is a folder.
    left_out : tuple of str
        Names of files of that folder that can't be read.
    """

    name: str
    size: tuple[int, int]
    rate: float
    count: int
    frames: Callable[[], Iterator[Image]]
    files: tuple[Path, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.count / self.rate

    def frame(self, number: int) -> Image:
        """One frame, from 0."""
        for i, image in enumerate(self.frames()):
            if i == number:
                return image
        raise IndexError(number)


def arrays_clip(name: str, frames: Sequence[Image], rate: float = FOLDER_RATE) -> Clip:
    """A clip of frames that are in memory."""
    high, wide = frames[0].shape[:2]
    return Clip(name, (wide, high), rate, len(frames), lambda: iter(frames))


def folder_clip(folder: Path, name: str = "", rate: float = FOLDER_RATE) -> Clip:
    """The images of a folder in order of name, one a frame; it is gone through once, to leave out damaged ones.

    Raises
    ------
    VideoError
        If there is none, or they change their size.
    ImageError
        If none can be read; it says what is wrong with the first.
    """
    name = name or folder.name
    files = list_frames(folder)
    if not files:
        raise VideoError("{name} has no images. Give a folder with one image a frame.", name=name)
    size: tuple[int, int] | None = None
    kept: list[Path] = []
    errors: dict[str, ImageError] = {}
    for number, file in enumerate(files, 1):
        try:
            high, wide = load_image(file).shape[:2]
        except ImageError as error:
            errors[file.name] = error
            continue
        size = size or (wide, high)
        if (wide, high) != size:
            before, after = (f"{w} × {h}" for w, h in (size, (wide, high)))
            raise fault("sizes", name, before=before, after=after, frame=number)
        kept.append(file)
    if size is None:
        raise next(iter(errors.values()))
    return Clip(name, size, rate, len(kept), partial(map, load_image, kept), tuple(kept), tuple(errors))


def list_frames(folder: Path) -> list[Path]:
    """The images in a folder, in order of name."""
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in IMAGE_SUFFIXES and not f.name.startswith("."))


def tell_limits() -> Message:
    """What may be read here, for people who are about to choose a file."""
    limits = settings()
    return Message(
        "MP4, WebM, AVI, MOV or GIF, at most {seconds} seconds, {frames} frames and {megabytes} MB.",
        {
            "seconds": limits.max_video_seconds,
            "frames": limits.max_video_frames,
            "megabytes": limits.max_video_bytes // 1_000_000,
        },
    )


def open_clip(source: Path | bytes, name: str = "", side: int = 640) -> Clip:
    """A file of moving images; it is gone through once, so that every fault is known before anybody uses it.

    Parameters
    ----------
    source : Path or bytes
    name : str
        What messages call it.
    side : int
        Larger frames are made smaller until their long side has so many pixels.

    Raises
    ------
    VideoError
        If it can't be read, or is too large, too long or cut short.
    """
    name = name or (source.name if isinstance(source, Path) else "the clip")
    try:
        data = source.read_bytes() if isinstance(source, Path) and _is_small(source, name) else source
    except OSError as error:
        raise VideoError("{name} can't be opened. Choose another file.", name=name) from error
    assert isinstance(data, bytes)
    if len(data) > settings().max_video_bytes:
        raise fault("bytes", name, size=len(data) // 1_000_000)
    suffix = find_kind(data)
    if suffix is None:
        raise fault("kind" if data else "empty", name)
    found: dict[str, Any] = {}
    for told in _decode(data, suffix, name, side, frames=False):
        found |= told if isinstance(told, dict) else {}
    return Clip(name, tuple(found["size"]), found["rate"], found["end"], partial(_frames, data, suffix, name, side))


def _frames(data: bytes, suffix: str, name: str, side: int) -> Iterator[Image]:
    for told in _decode(data, suffix, name, side, frames=True):
        if not isinstance(told, dict):
            yield told


def _decode(data: bytes, suffix: str, name: str, side: int, frames: bool) -> Iterator[dict[str, Any] | Image]:
    """What a child process tells of a file, which lies on disk while it is read."""
    limits = settings()
    decoder = take_decoder()
    with tempfile.TemporaryDirectory(prefix="segmethods-clip-") as folder:
        path = Path(folder, f"clip{suffix}")
        path.write_bytes(data)
        request = {
            "path": str(path),
            "gif": suffix == ".gif",
            "side": side,
            "frames": frames,
            "pixels": limits.max_video_pixels,
            "most": limits.max_video_frames,
            "seconds": limits.max_video_seconds,
        }
        try:
            for told in decoder.ask(request):
                if isinstance(told, dict) and "fault" in told:
                    raise fault(told["fault"], name, **told["values"])
                yield told
        except DecoderDied as error:
            raise fault("damaged", name) from error
        finally:
            return_decoder(decoder)


def _is_small(source: Path, name: str) -> bool:
    size = source.stat().st_size
    if size > settings().max_video_bytes:
        raise fault("bytes", name, size=size // 1_000_000)
    return True


def find_kind(data: bytes) -> str | None:
    """The suffix of a file by its first bytes; None if it is no video that is read here.

    Examples
    --------
    >>> find_kind(b"GIF89a"), find_kind(b"#EXTM3U")
    ('.gif', None)
    """
    if data[:4] == b"RIFF" and data[8:11] == b"AVI":
        return ".avi"
    if data[:4] == b"\x1aE\xdf\xa3":
        return ".webm"
    if data[:4] == b"GIF8":
        return ".gif"
    if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return ".mp4"
    return None


def fault(kind: str, name: str, **values: object) -> VideoError:
    """The line that a fault is told in."""
    limits = settings()
    known: dict[str, object] = values | {
        "pixels": limits.max_video_pixels,
        "most": limits.max_video_frames,
        "most_seconds": limits.max_video_seconds,
        "most_megabytes": limits.max_video_bytes // 1_000_000,
    }
    return VideoError(FAULTS[kind].template, name=name, **known)
