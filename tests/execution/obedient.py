"""Methods that do what a test tells them. They are registered by being imported, here and in the worker processes."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from segmethods import BINARY, MethodError, Range, Segmentation, method
from segmethods.core.types import Image, Trace

METHODS = (
    "gated",
    "gated_2",
    "gated_3",
    "crash",
    "refuse",
    "unreachable",
    "stumble",
    "hungry",
    "chatty",
    "stuck_answer",
)
Number = Annotated[int, Range(0, 9999)]


@dataclass(frozen=True, eq=False)
class ProcessTrace(Trace):
    """Where a method ran, and what it met there."""

    pid: int
    seen: int = 0
    openmp: str = ""
    opencv: int = 0
    stuck: _Stuck | None = None


def _blank(image: Image, **found: Any) -> Segmentation:
    return Segmentation(np.zeros(image.shape[:2], np.uint8), BINARY, trace=ProcessTrace(os.getpid(), **found))


def _wait_at_the_gate(image: Image, number: int) -> Segmentation:
    folder = Path(os.environ["SEGMETHODS_TEST_GATE"])
    with (folder / f"started-{number}").open("a") as file:
        file.write(f"{os.getpid()}\n")
    while not (folder / f"open-{number}").exists():
        time.sleep(0.005)
    with (folder / "finished").open("a") as file:
        file.write(f"{number}\n")
    return _blank(image)


@method("gated", title="Gated", family="classical", source="the tests")
def gated(image: Image, *, number: Number = 0) -> Segmentation:
    """Says that it has started and ends when the test opens its gate."""
    return _wait_at_the_gate(image, number)


@method("gated_2", title="Gated 2", family="classical", source="the tests")
def gated_2(image: Image, *, number: Number = 0) -> Segmentation:
    """A second one, for plans of several methods."""
    return _wait_at_the_gate(image, number)


@method("gated_3", title="Gated 3", family="classical", source="the tests")
def gated_3(image: Image, *, number: Number = 0) -> Segmentation:
    """A third one."""
    return _wait_at_the_gate(image, number)


@method("crash", title="Crash", family="classical", source="the tests")
def crash(image: Image, *, number: Number = 0) -> Segmentation:
    """Kills its own process."""
    os.kill(os.getpid(), signal.SIGKILL)
    return _blank(image)


@method("refuse", title="Refuse", family="classical", source="the tests")
def refuse(image: Image, *, number: Number = 0) -> Segmentation:
    """Has no answer, ever."""
    (Path(os.environ["SEGMETHODS_TEST_GATE"]) / f"refused-{number}-{time.monotonic_ns()}").touch()
    raise MethodError("There is nothing to see. Choose another picture.")


class _OutOfReach(MethodError):
    pass


@method("unreachable", title="Unreachable", family="classical", source="the tests")
def unreachable(image: Image, *, number: Number = 0) -> Segmentation:
    """Has no answer until something outside changes."""
    (Path(os.environ["SEGMETHODS_TEST_GATE"]) / f"refused-{number}-{time.monotonic_ns()}").touch()
    raise _OutOfReach("There is no network. Try again later.")


@method("stumble", title="Stumble", family="classical", source="the tests")
def stumble(image: Image, *, number: Number = 0) -> Segmentation:
    """Has a bug."""
    raise ZeroDivisionError("a bug")


@method("hungry", title="Hungry", family="classical", source="the tests")
def hungry(image: Image, *, number: Number = 0) -> Segmentation:
    """Wants more memory than any machine has."""
    np.zeros(1 << 50)
    return _blank(image)


@method("chatty", title="Chatty", family="classical", source="the tests")
def chatty(image: Image, *, number: Number = 0) -> Segmentation:
    """Prints where answers are sent, and paints over its picture."""
    import cv2

    print("hello")
    os.write(1, b"hello")
    seen = int(image.sum())
    image[:] = 0
    return _blank(image, seen=seen, openmp=os.environ["OMP_NUM_THREADS"], opencv=cv2.getNumThreads())


class _Stuck:
    """Kills the process when an answer that holds it is half written."""

    def __reduce__(self) -> tuple[object, ...]:
        os.write(_answers(), b"\x80\x05half")
        os.kill(os.getpid(), signal.SIGKILL)
        return (int, ())


def _answers() -> int:
    """The file descriptor of the pipe to the server: the only one above 2 that is a pipe for writing."""
    fcntl = __import__("fcntl")
    pipes = [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]
    return next(fd for fd in pipes if _is_pipe(fd) and fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_WRONLY)


def _is_pipe(fd: int) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:")
    except OSError:
        return False


@method("stuck_answer", title="Stuck answer", family="classical", source="the tests")
def stuck_answer(image: Image, *, number: Number = 0) -> Segmentation:
    """Dies while it answers."""
    return _blank(image, stuck=_Stuck())
