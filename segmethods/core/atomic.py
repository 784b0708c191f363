"""Files that are there whole or not at all."""

import glob
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STALE = 3600.0
"""Seconds without a byte after which nobody can be writing to a file any more."""


@contextmanager
def atomic_write(file: Path) -> Iterator[Path]:
    """A place beside a file to write it to.

    It becomes the file when all is written; whatever stops that leaves the file as it was.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic_write(file) as part:
    ...     part.write_text("all of it"), file.exists()
    (9, False)
    >>> file.read_text()
    'all of it'
    """
    _clear_away(file)
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _clear_away(file: Path) -> None:
    """Delete what was left beside a file by somebody who was killed while writing it."""
    for part in file.parent.glob(f"{glob.escape(file.name)}.*.part"):
        with suppress(OSError):  # somebody else was quicker
            if time.time() - part.stat().st_mtime > STALE:
                part.unlink()
