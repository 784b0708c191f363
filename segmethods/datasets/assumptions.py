"""What was assumed when files were read, told once for all files of which it is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from segmethods.core.messages import Message

OF_ONE = Message("{file}: {note}")
OF_SEVERAL = Message("{file}, and {count:other file|other files} likewise: {note}")


def tell_assumed(notes: Iterable[tuple[str, Message]]) -> Iterator[Message]:
    """Each sentence once, with a file of which it is true and how many others.

    Parameters
    ----------
    notes : iterable of (str, Message)
        Files, and what was assumed of them.

    Examples
    --------
    >>> note = Message("Page 1 of {pages} is shown.", {"pages": 3})
    >>> [str(line) for line in tell_assumed([("a.tif", note), ("b.tif", note)])]
    ['a.tif, and 1 other file likewise: Page 1 of 3 is shown.']
    """
    told: dict[str, dict[str, Message]] = {}
    for file, note in notes:
        told.setdefault(note.template, {}).setdefault(file, note)
    for files in told.values():
        (file, note), count = next(iter(files.items())), len(files) - 1
        told_of = OF_SEVERAL if count else OF_ONE
        yield Message(told_of.template, {"file": file, "note": note, "count": count})
