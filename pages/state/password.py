"""A password that all visitors share, for a server that strangers can reach."""

from __future__ import annotations

import hmac
import threading
import time

from segmethods.core.settings import settings

TRIES = 10
"""Wrong passwords in a row, all visitors together, after which nobody is let in for a while."""

WAIT = 60.0
"""Seconds of that while."""

_lock = threading.Lock()
_wrong: list[float] = []
"""When the last wrong passwords came."""


def is_needed() -> bool:
    """Whether this server asks for a password (SEGMETHODS_PASSWORD)."""
    return bool(settings().password)


def seconds_to_wait() -> float:
    """For how long nobody is let in, because too many wrong passwords came."""
    with _lock:
        return max(0.0, _wrong[-1] + WAIT - time.monotonic()) if len(_wrong) >= TRIES else 0.0


def check_password(given: str) -> bool:
    """Whether this is the password; the time that it takes says nothing about how much of it is right."""
    if seconds_to_wait():
        return False
    is_right = hmac.compare_digest(given.encode(), settings().password.encode())
    with _lock:
        if is_right or (_wrong and time.monotonic() - _wrong[-1] > WAIT):
            _wrong.clear()
        if not is_right:
            _wrong.append(time.monotonic())
    return is_right
