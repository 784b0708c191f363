"""The Models page in Chromium: weights come from a server on this machine, or don't; nothing else is asked."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.seeing import scrolls_sideways
from tests.browser.server import dashboard
from tests.readme import copy_project
from tests.waiting import wait_until

CONTENT = bytes(range(256)) * 16384
HALF = len(CONTENT) // 2
FILE = re.compile(r"-[0-9a-f]{8}(\.pth\",\s+mebibytes=)[\d.]+")


class Server(BaseHTTPRequestHandler):
    """Gives half of a file, then hardly anything until it may go on, then the rest, or breaks off if it shall."""

    go_on = threading.Event()
    break_off = False

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        with suppress(OSError):  # whoever asked has gone
            self.wfile.write(CONTENT[:HALF])
            given = HALF
            while not self.go_on.wait(1):
                self.wfile.write(CONTENT[given : given + 1])
                given += 1
            if not self.break_off:
                self.wfile.write(CONTENT[given:])

    def log_message(self, template: str, *args: object) -> None:
        """Says nothing."""


@dataclass(frozen=True)
class PageSpec:
    """A dashboard whose weights come from a server on this machine, and the folder where it keeps them."""

    url: str
    folder: Path

    def kept(self) -> list[str]:
        return sorted(file.name for file in self.folder.glob("*"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageSpec]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    copy = copy_project(tmp_path_factory.mktemp("models") / "house")
    published = copy / "segmethods" / "models" / "weights" / "published.py"
    text = published.read_text("utf-8").replace(
        "https://download.pytorch.org/models/", f"http://127.0.0.1:{server.server_port}/"
    )
    digits, mebibytes = hashlib.sha256(CONTENT).hexdigest()[:8], len(CONTENT) / 2**20
    text, count = FILE.subn(rf"-{digits}\g<1>{mebibytes}", text)
    assert count > 1
    published.write_text(text, "utf-8")
    with dashboard(copy) as url:
        yield PageSpec(url, Path(os.environ["SEGMETHODS_HOME"], "cache", "weights"))
    Server.go_on.set()
    server.shutdown()


@pytest.fixture(autouse=True)
def half_way() -> Iterator[None]:
    Server.go_on.clear()
    Server.break_off = False
    yield
    Server.go_on.set()


def row(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-model-{name}")


def state(page: Page, name: str) -> Locator:
    return row(page, name).locator(".sm-model-state")


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button:enabled").click()


def start(page: Page, name: str) -> None:
    """Ask for a file, and see half of it come."""
    expect(state(page, name)).to_have_text("not fetched")
    press(page, f"fetch-{name}")
    expect(row(page, name).get_by_test_id("stProgress")).to_contain_text("2.1 of 4.2 MB")


def test_weights_are_fetched_verified_and_removed(house: PageSpec, visit: Visit) -> None:
    page, name = visit(f"{house.url}/models?lang=en"), "fcn-torchvision"
    start(page, name)
    page.reload()  # what is on its way goes on coming
    expect(row(page, name).get_by_test_id("stProgress")).to_contain_text("2.1 of 4.2 MB")
    Server.go_on.set()
    expect(state(page, name)).to_have_text("fetched")
    expect(row(page, name).get_by_role("link", name="Compare")).to_be_visible()
    (file,) = house.folder.glob("fcn_resnet50*")
    assert file.read_bytes() == CONTENT

    row(page, name).get_by_text("Details").click()
    press(page, f"verify-{name}")
    expect(row(page, name).get_by_text("Every byte is as it should be.")).to_be_visible()
    file.write_bytes(CONTENT[:-1])
    press(page, f"verify-{name}")
    expect(state(page, name)).to_have_text("damaged")
    expect(row(page, name).get_by_text("The file is damaged. Fetch it again.")).to_be_visible()
    press(page, f"remove-{name}")
    expect(state(page, name)).to_have_text("not fetched")
    assert house.kept() == []


def test_a_connection_that_breaks_off_is_one_line_and_leaves_nothing(house: PageSpec, visit: Visit) -> None:
    page, name = visit(f"{house.url}/models?lang=en"), "deeplab-torchvision"
    start(page, name)
    Server.break_off = True
    Server.go_on.set()
    line = "The connection broke off while fetching the weights deeplab-torchvision."
    expect(row(page, name).get_by_role("alert")).to_have_text(re.compile(line))
    expect(state(page, name)).to_have_text("not fetched")
    assert house.kept() == []
    Server.break_off = False
    press(page, f"fetch-{name}")
    expect(state(page, name)).to_have_text("fetched")
    assert page.get_by_role("alert").count() == 0


def test_what_is_on_its_way_can_be_stopped_on_a_phone(house: PageSpec, visit: Visit) -> None:
    page, name = (
        visit(f"{house.url}/models?lang=en", viewport={"width": 390, "height": 844}),
        "deeplab-torchvision-lraspp",
    )
    start(page, name)
    assert scrolls_sideways(page) == []
    place = page.locator(f".st-key-stop-{name} button").bounding_box()
    assert place is not None
    assert place["x"] + place["width"] <= 390
    press(page, f"stop-{name}")
    expect(row(page, name).get_by_text(f"Fetching the weights {name} was stopped.")).to_be_visible()
    expect(state(page, name)).to_have_text("not fetched")
    Server.go_on.set()
    wait_until(lambda: not [file for file in house.kept() if "lraspp" in file], 30, "the rest to be cleared away")
