"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A place beside a file to write it to. It becomes the file when all is written; whatever stops that leaves the
    file as it was.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with whole(file) as part:
    ...     part.write_text("all of it"), file.exists()
    (9, False)
    >>> file.read_text()
    'all of it'
    """
    part = file.with_name(file.name + ".part")
    try:
        yield part
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
