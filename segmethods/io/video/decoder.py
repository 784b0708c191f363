"""The parent's end of the process that decodes clips."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from segmethods.core.types import Image

SILENCE = 30.0
"""Seconds without a word after which the child is ended."""
MOST_PIXELS = 100_000_000


class DecoderDied(Exception):
    """The child ended in the middle of a file, or said nothing for too long."""


class Decoder:
    """A child process that decodes one file at a time; it is started when it is needed, and again when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any]) -> Iterator[dict[str, Any] | Image]:
        """The lines of the answer, and the frames, uint8 (H, W, 3), in between.

        Raises
        ------
        DecoderDied
            If the child dies of the file.
        """
        process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        is_over = False
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            while True:
                line = self._read(process)
                told = json.loads(line)
                if "frame" not in told:
                    is_over = "end" in told or "fault" in told
                    yield told
                    if is_over:
                        return
                    continue
                high, wide = (int(n) for n in told["frame"])
                if not 0 < high * wide <= MOST_PIXELS:
                    raise DecoderDied("a frame of no sensible size")
                data = process.stdout.read(high * wide * 3)
                yield np.frombuffer(data, np.uint8).reshape(high, wide, 3)
        except (OSError, ValueError) as error:
            self.close()
            raise DecoderDied(str(error)) from error
        finally:
            if not is_over:  # nobody wants the rest: it can't be told from the next answer
                self.close()

    def _read(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        timer = threading.Timer(SILENCE, process.kill)
        timer.daemon = True
        timer.start()
        try:
            line = process.stdout.readline(100_000)
        finally:
            timer.cancel()
        if not line:
            self.close()
            raise DecoderDied("the decoding process ended")
        return line

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
            quiet = {"OPENCV_LOG_LEVEL": "SILENT", "OPENCV_FFMPEG_LOGLEVEL": "-8", "OPENBLAS_NUM_THREADS": "1"}
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from segmethods.io.video.child import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths, **quiet},
            )
        return self._process

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):
                    pipe.close() if pipe else None
        self._process = None


_idle: list[Decoder] = []


def take_decoder() -> Decoder:
    """One that is free, or a new one."""
    try:
        return _idle.pop()
    except IndexError:
        return Decoder()


def return_decoder(decoder: Decoder) -> None:
    """Keep one for the next file; a child costs a third of a second."""
    if _idle:
        decoder.close()
    else:
        _idle.append(decoder)
