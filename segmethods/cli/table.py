"""Plain text in columns."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence


def format_table(rows: Sequence[Sequence[str]], gap: str = "  ") -> str:
    """Rows of cells as lines; every column but the last is as wide as its widest cell, the last one is wrapped.

    Examples
    --------
    >>> print(format_table([["id", "title"], ["kmeans", "k-means"]]))
    id      title
    kmeans  k-means
    """
    widths = [max(len(cell) for cell in column) for column in list(zip(*rows, strict=True))[:-1]]
    indent = sum(widths) + len(gap) * len(widths)
    room = max(30, shutil.get_terminal_size((120, 24)).columns - indent)
    lines = []
    for *cells, last in rows:
        start = "".join(cell.ljust(width) + gap for cell, width in zip(cells, widths, strict=True))
        first, *others = textwrap.wrap(last, room, break_on_hyphens=False, break_long_words=False) or [""]
        lines += [(start + first).rstrip(), *(" " * indent + line for line in others)]
    return "\n".join(lines)
