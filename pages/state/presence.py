"""Whether a visitor is still there: what waits for them sleeps until there is news, and ends when they have gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar
from weakref import WeakSet

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from segmethods.execution.pool import pool

Answer = TypeVar("Answer")

AWAY = 10.0
"""Seconds without a connection after which a visitor has gone: a network that blinks is no farewell."""

LONGEST = 5.0
"""Seconds after which a run that waits looks up by itself, in case somebody pressed Streamlit's own Stop."""

_bells: dict[str, WeakSet[Bell]] = {}
_ends: dict[str, dict[str, Callable[[], object]]] = {}
_lock = threading.Lock()


def client_id() -> str:
    """In whose queue the work of this visitor waits."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


class Bell:
    """What a run of a page sleeps beside: work rings it, and so does a newer run of the same visitor."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        with _lock:
            _bells.setdefault(client_id(), WeakSet()).add(self)

    def ring(self, *_: object) -> None:
        """Wake who waits; from any thread."""
        self._rung.set()

    def wait(self, seconds: float = LONGEST) -> None:
        """Sleep until it rings, or so long; a run that a newer click has made stale ends here."""
        st.session_state.get("session")  # reading it is what ends a stale run
        self._rung.wait(seconds)
        self._rung.clear()
        st.session_state.get("session")


def wait_for(future: Future[Answer], bell: Bell | None = None) -> Answer:
    """What a future gives; this run of the page sleeps until then, and ends if the work is given up."""
    bell = bell or Bell()
    future.add_done_callback(bell.ring)
    while not future.done():
        bell.wait()
    if future.cancelled():
        st.stop()
    return future.result()


def notice_presence() -> None:
    """At the start of each run of a page: older runs of this visitor end, and it is noticed when they leave."""
    _ring(client_id())
    _present()


def when_gone(what: str, end: Callable[[], object]) -> None:
    """Have `end` called when this visitor has gone; a later one of the same name takes its place."""
    with _lock:
        _ends.setdefault(client_id(), {})[what] = end


def _ring(session_id: str) -> None:
    with _lock:
        bells = list(_bells.pop(session_id, ()))
    for bell in bells:
        bell.ring()


def _leave(session_id: str) -> None:
    """The connection is gone: look again in a while."""
    timer = threading.Timer(AWAY, _end, (session_id,))
    timer.daemon = True
    timer.start()


def _end(session_id: str) -> None:
    if exists() and get_instance().is_active_session(session_id):
        return
    with _lock:
        ends = _ends.pop(session_id, {})
    for end in ends.values():
        end()
    pool().cancel(session_id)
    _ring(session_id)


@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _present() -> str:
    return client_id()
