"""Text whose first bytes say how it is encoded, as programs on Windows write it."""

from __future__ import annotations

import codecs
import re

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, which starts alike
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""What a file starts with, and its encoding."""

_DECLARED = re.compile(r"""^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"'>]*["']""")


def find_encoding(data: bytes) -> str:
    """The encoding that a mark at the start says; empty without one."""
    return next((encoding for mark, encoding in MARKS.items() if data.startswith(mark)), "")


def as_utf8(data: bytes) -> bytes:
    r"""Text in UTF-8 without a mark, where a mark says how it is encoded; all other bytes as they are.

    Examples
    --------
    >>> as_utf8('{"ä": 1}'.encode("utf-16")).decode(), as_utf8(b"\x89PNG")
    ('{"ä": 1}', b'\x89PNG')
    """
    encoding = find_encoding(data)
    try:
        return _DECLARED.sub(r"\1", data.decode(encoding)).encode() if encoding else data
    except UnicodeError:  # it is no such text
        return data
