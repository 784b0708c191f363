"""Small clips for tests, and the many ways in which a file of moving images can be wrong."""

from __future__ import annotations

import io
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from segmethods.io.video import write_webm


def frames(count: int = 12, wide: int = 48, high: int = 32) -> list[np.ndarray]:
    """A bright square that goes across."""
    found = []
    for i in range(count):
        frame = np.full((high, wide, 3), 60, np.uint8)
        frame[8:20, 2 * i : 2 * i + 12] = (220, 160, 40)
        found.append(frame)
    return found


def encode(suffix: str, code: str, count: int = 12) -> bytes:
    """A file by OpenCV's writer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"clip{suffix}")
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 25, (48, 32))
        for frame in frames(count):
            writer.write(np.ascontiguousarray(frame[:, :, ::-1]))
        writer.release()
        return path.read_bytes()


def gif(count: int = 5, lasts: int = 80) -> bytes:
    """An animated GIF."""
    out = io.BytesIO()
    first, *rest = (Image.fromarray(frame) for frame in frames(count))
    first.save(out, "GIF", save_all=True, append_images=rest, duration=lasts)
    return out.getvalue()


def good() -> dict[str, bytes]:
    """One of each kind that is read."""
    return {
        "a.webm": write_webm(frames(), 25),
        "a.mp4": encode(".mp4", "mp4v"),
        "a.mov": encode(".mov", "mp4v"),
        "a.avi": encode(".avi", "MJPG"),
        "a.gif": gif(),
    }


def raw_avi(
    wide: int = 48,
    high: int = 48,
    count: int = 6,
    *,
    rate: int = 25,
    scale: int = 1,
    declared: int | None = None,
    kind: bytes = b"vids",
    pixels: bytes | None = None,
) -> bytes:
    """An AVI of uncompressed frames, whose header may say what it likes."""
    told = count if declared is None else declared
    body = (wide * 3 + 3) // 4 * 4 * high if pixels is None else len(pixels)
    data = pixels if pixels is not None else bytes(body)

    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    def listing(name: bytes, content: bytes) -> bytes:
        return chunk(b"LIST", name + content)

    lasts = 1_000_000 * scale // rate if rate else 0
    main = struct.pack("<14I", lasts, 0, 0, 0x10, told, 0, 1, body & 0xFFFFFFFF, wide, high, 0, 0, 0, 0)
    stream = kind + b"DIB " + struct.pack("<IHHIIIIIIIIhhhh", 0, 0, 0, 0, scale, rate, 0, told, body, 0, 0, 0, 0, 0, 0)
    bitmap = struct.pack("<IiiHHIIiiII", 40, wide, high, 1, 24, 0, body, 0, 0, 0, 0)
    header = listing(b"hdrl", chunk(b"avih", main) + listing(b"strl", chunk(b"strh", stream) + chunk(b"strf", bitmap)))
    movie = listing(b"movi", b"".join(chunk(b"00db", data) for _ in range(count)))
    return chunk(b"RIFF", b"AVI " + header + movie)


def cut(data: bytes, share: float) -> bytes:
    """The first part of a file."""
    return data[: int(share * len(data))]


def rate_zero(avi: bytes) -> bytes:
    """An AVI whose header says 0 frames a second."""
    at, stream = avi.index(b"avih") + 8, avi.index(b"strh") + 8
    zero = bytes(4)
    return avi[:at] + zero + avi[at + 4 : stream + 24] + zero + avi[stream + 28 :]


def hostile() -> Iterator[tuple[str, bytes]]:
    """Some seventy files that a stranger may bring."""
    files = good()
    for name, data in files.items():
        for share in (0.02, 0.2, 0.5, 0.8, 0.97):
            yield f"cut-{share}-{name}", cut(data, share)
        for seed in range(3):
            values = np.frombuffer(data, np.uint8).copy()
            rng = np.random.default_rng(seed)
            values[rng.integers(16, len(values), 20)] = rng.integers(0, 256, 20)
            yield f"bytes-{seed}-{name}", values.tobytes()
        yield f"doubled-{name}", data + data
        yield f"zeros-{name}", data[:200] + bytes(len(data))
    yield "raw.avi", raw_avi()
    yield "rate-zero.avi", rate_zero(files["a.avi"])
    yield "rate-zero-raw.avi", raw_avi(rate=0)
    yield "rate-mad.avi", raw_avi(rate=4_000_000_000)
    yield "scale-zero.avi", raw_avi(scale=0)
    yield "million.avi", raw_avi(declared=1_000_000)
    yield "huge.avi", raw_avi(60_000, 60_000, 1, pixels=bytes(64))
    yield "wide.avi", raw_avi(2_000_000_000, 2, 1, pixels=bytes(64))
    yield "no-size.avi", raw_avi(0, 0, 2, pixels=bytes(64))
    yield "odd.avi", raw_avi(47, 31)
    yield "short-frames.avi", raw_avi(48, 48, 4, pixels=bytes(100))
    yield "sound.avi", raw_avi(kind=b"auds")
    yield "sound.mp4", files["a.mp4"].replace(b"vide", b"soun")
    yield "empty.mp4", b""
    yield "text.mp4", b"this is no video at all" * 50
    yield "list.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n"
    yield "concat.mp4", b"ffconcat version 1.0\nfile /etc/hostname\n"
    yield "box.mp4", b"\0\0\0\x18ftypisom" + b"\xff" * 400
    yield "ebml.webm", b"\x1aE\xdf\xa3" + b"\xff" * 400
    yield "wide.gif", b"GIF89a\xff\xff\xff\xff\x00\x00\x00" + files["a.gif"][13:]
    yield "no-time.gif", gif(lasts=0)
