"""What a figure of time or memory depends on: the machine, and how much memory this process holds."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import time
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def describe_machine() -> str:
    """The processor and how many cores of it this process may use, such as "AMD EPYC 7B13, 2 cores"."""
    name = platform.processor() or platform.machine()
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE):
            name = found[1]
    name = re.sub(r"\((R|TM)\)|\bCPU\b|@.*|\d+-Core Processor", "", name)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{' '.join(name.split()) or platform.system()}, {cores} {'core' if cores == 1 else 'cores'}"


def own_seconds() -> float:
    """A clock that stands still while this thread waits for a core that other work has.

    So what is told in a class of thirty holds for one who is alone.
    """
    before = waited()
    while True:  # once more if this thread had to wait just now, since the two readings don't fit each other then
        now, after = time.perf_counter(), waited()
        if after == before:
            return now - after
        before = after


def seconds_since(begun: float) -> float:
    """What has passed of `own_seconds`; the kernel's clock may run a hair faster, but no time is negative."""
    return max(own_seconds() - begun, 0.0)


def waited() -> float:
    """Seconds for which this thread was ready and had no core, since it began; Linux tells, elsewhere it is 0."""
    with suppress(OSError, IndexError):
        return int(Path("/proc/thread-self/schedstat").read_bytes().split()[1]) / 1e9
    return 0.0


def own_memory(pid: int) -> int:
    """Bytes that a process shares with no other one; 0 where nobody knows, or if it has ended."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return sum(int(size) * 1024 for size in re.findall(r"^Private_\w+:\s*(\d+) kB$", text, re.MULTILINE))
    return 0


def return_memory() -> None:
    """Give back to the system what this process has freed, where its C library would keep it (glibc does)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
