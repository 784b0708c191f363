"""The names of files in zip archives that don't say in which encoding they are."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable

UTF8_FLAG = 0x800
HALF_WIDTH = range(0xFF61, 0xFFA0)
"""Half-width katakana: what Chinese looks like when it is read as Japanese."""


def decode_names(members: Iterable[zipfile.ZipInfo]) -> list[str]:
    """The paths of an archive's files, with slashes.

    Windows writes names in the code page of its language and doesn't say so: in Japan Shift-JIS, in China GBK. In both
    the second byte of a character may be 0x5C, the backslash, so names are decoded before backslashes become slashes.
    All names of an archive without the mark of UTF-8 are taken for one encoding: the first of UTF-8, Shift-JIS and GBK
    that decodes all of them, Shift-JIS only where it gives no half-width katakana, as Chinese would.
    """
    members = list(members)
    raw = [m.orig_filename.encode("cp437", "replace") for m in members if not m.flag_bits & UTF8_FLAG]
    encoding = next((name for name in ("utf-8", "cp932", "gbk") if _fits(raw, name)), "cp437")
    return [
        (
            m.orig_filename
            if m.flag_bits & UTF8_FLAG
            else m.orig_filename.encode("cp437", "replace").decode(encoding, "replace")
        ).replace("\\", "/")
        for m in members
    ]


def _fits(names: list[bytes], encoding: str) -> bool:
    try:
        text = "".join(name.decode(encoding) for name in names)
    except UnicodeError:
        return False
    return encoding != "cp932" or not any(ord(letter) in HALF_WIDTH for letter in text)
