"""What pages say when something breaks outside: one line, and everything else stands."""

from __future__ import annotations

import errno
import sqlite3
import tempfile
import threading

import pytest
from streamlit.testing.v1 import AppTest

from pages.state import presence, uploads
from pages.state.presence import Bell, client_id
from segmethods.core.settings import settings
from segmethods.execution.pool import pool
from tests.pages.test_compare_page import CHINESE, QUICK, cells, png, two_halves, upload, visit

FULL = OSError(errno.ENOSPC, "No space left on device")


def show(error: Exception) -> None:
    from pages.ui.faults import show_fault

    assert show_fault(error)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (FULL, "The disk is full"),
        (sqlite3.OperationalError("database is locked"), "Another process keeps the data base busy"),
        (MemoryError(), "There is too little memory"),
        (ZeroDivisionError("a bug"), "Something broke here"),
    ],
)
def test_what_nobody_foresaw_is_one_line_in_both_languages(error: Exception, says: str) -> None:
    page = AppTest.from_function(show, args=(error,)).run()
    assert page.error[0].value.startswith(says)
    page.context["locale"] = "zh-CN"
    page = AppTest.from_function(show, args=(error,))
    page.context["locale"] = "zh-CN"
    assert CHINESE.search(page.run().error[0].value)


def test_a_photo_is_compared_when_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise FULL

    page = visit(QUICK)
    monkeypatch.setattr(tempfile, "TemporaryDirectory", fail)
    page = upload(page, mine_png=png(two_halves(7, 201)))
    assert len(cells(page, "done")) == 2
    assert [warning.value for warning in page.warning] == [r"The disk is full\. Make room on it, and try again\."]
    assert "mine.png" in cells(page, "first")[0]


def test_pictures_go_soon_after_their_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    found = uploads.open_images([("a.png", png(two_halves(3, 99)))])
    assert not isinstance(found, uploads.Message)
    wait = settings().keep_uploads - uploads.FAREWELL - 1
    uploads.delete_expired(wait)
    assert uploads.touch_images(found.digest) is not None
    presence._end(client_id())
    uploads.delete_expired(settings().keep_uploads)
    assert found.folder.is_dir()  # who comes back at once finds them
    uploads.delete_expired(wait)
    assert not found.folder.exists()


def test_work_of_a_visitor_who_has_gone_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    cancelled: list[str] = []
    monkeypatch.setattr(pool(), "cancel", cancelled.append)
    presence.when_gone("clip", lambda: ended.append("the clip before"))
    presence.when_gone("clip", lambda: ended.append("clip"))
    monkeypatch.setattr(presence, "exists", lambda: True)
    monkeypatch.setattr(presence, "get_instance", lambda: Runtime(here=True))
    presence._end(client_id())
    assert (ended, cancelled) == ([], [])  # it was the network that blinked
    monkeypatch.setattr(presence, "get_instance", lambda: Runtime(here=False))
    presence._end(client_id())
    presence._end(client_id())
    assert (ended, cancelled[:1]) == (["clip"], [client_id()])


class Runtime:
    def __init__(self, here: bool) -> None:
        self.is_active_session = lambda _: here


def test_a_run_that_waits_is_woken_by_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_present", str)
    bell, woken = Bell(), threading.Event()
    threading.Thread(target=lambda: (bell._rung.wait(30), woken.set()), daemon=True).start()
    presence.notice_presence()
    assert woken.wait(5)
