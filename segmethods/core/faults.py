"""What the machine can't give: memory, room on its disk, leave to write, a data base that another holds."""

from __future__ import annotations

import errno
import sqlite3

from segmethods.core.messages import Message

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
NO_MEMORY = ("Insufficient memory", "bad_alloc")
"""How OpenCV and OpenVINO say it."""


def describe_fault(error: BaseException) -> Message | None:
    """One line for the user on an error that the machine is at fault for; None for all others.

    Examples
    --------
    >>> str(describe_fault(OSError(errno.ENOSPC, "No space left on device")))
    'The disk is full. Make room on it, and try again.'
    >>> describe_fault(ValueError("a bug")) is None
    True
    """
    told, number = str(error), getattr(error, "errno", None)
    is_base = isinstance(error, sqlite3.Error)
    if isinstance(error, MemoryError) or any(sign in told for sign in NO_MEMORY):
        return Message("There is too little memory for this. Choose a smaller picture or faster settings.")
    if number in FULL or (is_base and "full" in told):
        return Message("The disk is full. Make room on it, and try again.")
    if number in CLOSED or (is_base and "readonly" in told):
        place = {
            "file": getattr(error, "filename", None) or "SQLite",
            "reason": getattr(error, "strerror", None) or told,
        }
        return Message("{file} can't be written ({reason}). Allow it, or set SEGMETHODS_HOME to another folder.", place)
    if is_base and "locked" in told:
        return Message("Another process keeps the data base busy. Try again in a moment.")
    return None
