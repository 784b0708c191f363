"""How much memory work takes beside what its process holds anyway, however much that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from segmethods.core.machine import return_memory

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")

_SLACK = 4_000_000
"""Linux counts pages in portions, so that a peak that was just reset may lie so many bytes from what is held."""


class WorkingMemory:
    """The most bytes that this process held since `begin`, less what it held then; nothing where Linux can't tell.

    What was loaded before, whoever needed it, is not in it, and what is loaded `apart` neither: the figure is that of
    the work, and not of what ran before. It counts the whole process, so only one piece of work can be measured at a
    time.
    """

    def __init__(self) -> None:
        self._held: int | None = None
        self._most = 0

    def begin(self) -> None:
        """Count from here. What is free goes back to the system, or work that fills it would seem to take nothing."""
        return_memory()
        self._held, self._most = _reset_peak(), 0

    def end(self) -> int:
        """The bytes, at least one; 0 where nobody knows."""
        self.lap()
        known, self._held = self._held is not None, None
        return max(1, self._most) if known else 0

    def lap(self) -> int:
        """The bytes of the part that ends here, for who does not do it again; 0 where nobody measures."""
        if self._held is None:
            return 0
        part = max(0, _read("VmHWM") - self._held)
        self.count(part)
        _reset_peak()
        return part

    def count(self, size: int) -> None:
        """Count a part that was done before, of which `lap` told the bytes, as if it were done now."""
        self._most = max(self._most, size)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is loaded in here stays: it is not what work takes."""
        self.lap()
        before = _read("VmRSS")
        yield
        if self._held is not None:
            return_memory()
            after = _reset_peak()
            self._held = None if after is None else self._held + after - before


WORK = WorkingMemory()
"""That of the method that runs in this process."""


def _reset_peak() -> int | None:
    """Let the peak begin anew; what is held now in bytes, None where the peak can't be reset."""
    with suppress(OSError):
        _CLEAR.write_text("5", encoding="ascii")
    held = _read("VmRSS")
    return held if held and _read("VmHWM") <= held + _SLACK else None


def _read(name: str) -> int:
    with suppress(OSError):
        if found := re.search(rf"^{name}:\s*(\d+) kB$", _STATUS.read_text(encoding="ascii"), re.MULTILINE):
            return int(found[1]) * 1024
    return 0
