"""What the child process runs that decodes clips: it answers one request after the other, until it dies of one.

A request is a line of JSON on standard input. The answer is a line of JSON for the head, for each frame, and for the
end, or one that names a fault; the line of a frame is followed by its bytes.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

MEMORY = 3 << 30
"""Bytes that the child may address: a header that lies about its size fails, and doesn't fill the machine."""


class Fault(Exception):
    """Something is wrong with a file; the first argument says what, by a word that `clips` explains."""


def serve() -> None:
    """Answer requests on standard output until standard input closes."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "protocol_whitelist;file"  # a file may not name other places
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with suppress(ImportError, ValueError, OSError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin.buffer:
        answer_request(json.loads(line), lambda told, data=b"": _send(answers, told, data))


def _send(answers: Any, told: dict[str, Any], data: bytes) -> None:
    answers.write(json.dumps(told).encode() + b"\n" + data)
    answers.flush()


def answer_request(request: dict[str, Any], send: Callable[..., None]) -> None:
    """Tell head, frames and end of one file, or its fault."""
    try:
        count = 0
        first = None
        for frame in decode(request, send):
            if first is not None and frame.shape != first:
                was, now = ((f"{w} × {h}") for h, w, _ in (first, frame.shape))
                raise Fault("sizes", {"before": was, "after": now, "frame": count + 1})
            first = frame.shape
            count += 1
            if count > request["most"]:
                raise Fault("many", {"count": f"{request['most']}+"})
            if request["frames"]:
                shown = shrink(frame, request["side"])
                send({"frame": list(shown.shape[:2])}, shown.tobytes())
        if not count:
            raise Fault("empty")
        high, wide = shrink(frame, request["side"]).shape[:2]
        send({"end": count, "size": [wide, high]})
    except Fault as fault:
        send({"fault": fault.args[0], "values": fault.args[1] if len(fault.args) > 1 else {}})
    except (Exception, MemoryError) as error:  # noqa: BLE001 - whatever a decoder raises, the file is at fault
        send({"fault": "damaged", "values": {"reason": type(error).__name__}})


def decode(request: dict[str, Any], send: Callable[..., None]) -> Iterator[np.ndarray[Any, Any]]:
    """The frames of a file as RGB; its head is told before the first one."""
    return (decode_gif if request["gif"] else decode_video)(request, send)


def check_head(request: dict[str, Any], wide: int, high: int, rate: float, count: int) -> None:
    """Refuse what is too much before anything is decoded."""
    if not (0 < rate <= 1000):
        raise Fault("rate", {"rate": f"{rate:g}"})
    if wide < 1 or high < 1:
        raise Fault("no_picture")
    if wide * high > request["pixels"]:
        raise Fault("large", {"size": f"{wide} × {high}"})
    if count > request["most"]:
        raise Fault("many", {"count": count})
    if count / rate > request["seconds"]:
        raise Fault("long", {"seconds": round(count / rate)})


def decode_video(request: dict[str, Any], send: Callable[..., None]) -> Iterator[np.ndarray[Any, Any]]:
    """MP4, MOV, WebM and AVI, by FFmpeg inside OpenCV."""
    import cv2

    cv2.setNumThreads(1)
    check_avi(request["path"])
    capture = cv2.VideoCapture(request["path"], cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    if not capture.isOpened():
        raise Fault("no_picture")
    wide, high = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    rate, declared = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    count = int(declared) if 0 < declared < 1e15 else 0
    check_head(request, wide, high, rate, count)
    send({"rate": rate})
    read = 0
    while True:
        fine, frame = capture.read()
        if not fine:
            break
        read += 1
        yield np.asarray(frame)[:, :, ::-1]
    if 0 < read < 0.9 * count - 1:  # the count of some files is an estimate
        raise Fault("short", {"read": read, "count": count})


def check_avi(path: str) -> None:
    """Refuse an AVI without a frame rate, for which FFmpeg would take 25."""
    if not path.endswith(".avi"):
        return
    with open(path, "rb") as file:
        head = file.read(4096)
    at = head.find(b"vids")
    if at >= 0 and len(head) >= at + 28:
        scale, rate = struct.unpack_from("<II", head, at + 20)
        if not (scale and rate):
            raise Fault("rate", {"rate": "0"})


def decode_gif(request: dict[str, Any], send: Callable[..., None]) -> Iterator[np.ndarray[Any, Any]]:
    """GIF, by Pillow; a frame that states no duration is shown for a tenth of a second, as browsers do."""
    from PIL import Image

    with Image.open(request["path"], formats=["GIF"]) as image:
        wide, high = image.size
        check_head(request, wide, high, 1.0, 1)
        lasts = image.info.get("duration", 0) / 1000
        check_head(request, wide, high, rate := 1 / lasts if lasts > 0.01 else 10.0, 1)
        send({"rate": rate})
        number = 0
        while True:
            try:
                image.seek(number)
            except EOFError:
                return
            yield np.asarray(image.convert("RGB"))
            number += 1


def shrink(frame: np.ndarray[Any, Any], side: int) -> np.ndarray[Any, Any]:
    """A frame whose long side is at most `side`."""
    import cv2

    scale = side / max(frame.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(frame)
    size = (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale)))
    return np.asarray(cv2.resize(np.ascontiguousarray(frame), size, interpolation=cv2.INTER_AREA))
