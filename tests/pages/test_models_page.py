"""The Models page: what is here, what can be fetched, and what is wrong with it, in both languages."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.outcomes import find_download
from segmethods.core.settings import settings
from segmethods.models.weights import Weights, fetchable, published
from segmethods.models.weights.catalogue import embedded
from tests.waiting import wait_until

APP = Path(__file__).resolve().parents[2] / "app.py"
CHINESE = re.compile("[\u4e00-\u9fff]")
CONTENT = bytes(range(256)) * 4096


class Server(BaseHTTPRequestHandler):
    """Gives what was published, or something else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/good" else CONTENT[::-1])

    def log_message(self, template: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch):
    """Weights that a server on this machine gives: good ones, and a lie."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    some = fetchable()["fcn-torchvision"]
    sha, size, host = hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), f"http://127.0.0.1:{server.server_port}"

    def offer(name: str, path: str) -> Weights:
        file = some.file.with_name(f"{name}.pth")
        return replace(some, name=name, file=file, sha256=sha, bytes=size, url=f"{host}/{path}")

    offers = {name: offer(name, path) for name, path in (("fcn-good", "good"), ("fcn-lie", "lie"))}
    monkeypatch.setattr("segmethods.models.weights.fetchable", lambda: offers)
    yield offers
    server.shutdown()
    for weights in offers.values():
        weights.file.unlink(missing_ok=True)


def visit(language: str = "en") -> AppTest:
    page = AppTest.from_file(APP, default_timeout=300)
    page.query_params["methods"], page.query_params["lang"] = "", language
    page.run().switch_page("pages/models/page.py")
    return run(page)


def run(step) -> AppTest:
    page = step.run()
    assert [e.value for e in page.exception] == []
    return page


def row(page: AppTest, name: str) -> str:
    return next(e.proto.body for e in page.main.get("html") if name in e.proto.body)


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch):
    """A server for strangers."""
    monkeypatch.setenv("SEGMETHODS_FETCHING", "off")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_there_is_has_a_row(language: str) -> None:
    page = visit(language)
    rows = [e.proto.body for e in page.main.get("html") if 'class="sm-model"' in e.proto.body]
    assert len(rows) == len(embedded()) + len(published.PUBLISHED)
    assert bool(CHINESE.search(page.main.title[0].value)) == (language == "zh")


def test_fetched_shown_damaged_removed(elsewhere: dict[str, Weights]) -> None:
    page, weights = visit(), elsewhere["fcn-good"]
    run(page.button(key="fetch-fcn-good").click())
    wait_until(lambda: (f := find_download(weights)) is not None and f.is_over, 30, "the weights to come")
    run(page)
    assert weights.file.read_bytes() == CONTENT
    weights.file.write_bytes(b"something else")
    page.session_state["details-fcn-good"] = True
    run(run(page).button(key="verify-fcn-good").click())
    assert any("damaged" in w.value for w in page.main.warning)
    run(page.button(key="remove-fcn-good").click())
    assert not weights.file.exists()
    assert page.button(key="fetch-fcn-good")


def test_what_is_not_what_was_published_leaves_a_line_and_no_file(elsewhere: dict[str, Weights]) -> None:
    page, weights = visit(), elsewhere["fcn-lie"]
    run(page.button(key="fetch-fcn-lie").click())
    wait_until(lambda: (f := find_download(weights)) is not None and f.is_over, 30, "the lie to come")
    run(page)
    assert any("not what was published" in w.value for w in page.main.warning)
    assert not weights.file.exists()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_detail_opens(language: str) -> None:
    page = visit(language)
    for name in embedded():
        page.session_state[f"details-{name}"] = True
    run(page)
    assert len([e for e in page.main.get("html") if "sm-classes" in e.proto.body]) == len(embedded())
    parts = [m.value for m in page.main.markdown if m.value.startswith("##### ")]
    assert len(parts) == 5 * len(embedded())
    assert [bool(CHINESE.search(part)) for part in parts] == [language == "zh"] * len(parts)
    run(page.button(key="verify-fcn-voc").click())
    assert [c.value for c in page.main.caption if "byte" in c.value or "字节" in c.value]


def test_strangers_fetch_and_remove_nothing(public: None, elsewhere: dict[str, Weights]) -> None:
    elsewhere["fcn-good"].file.parent.mkdir(parents=True, exist_ok=True)
    elsewhere["fcn-good"].file.write_bytes(CONTENT)
    page = visit()
    page.session_state["details-fcn-good"] = True
    run(page)
    assert [c.value for c in page.main.caption if "switched off" in c.value] == [
        "Fetching is switched off on this server."
    ]
    assert row(page, "FCN · ")
    assert not [b.key for b in page.main.button if re.match("fetch-|remove-", str(b.key))]
    assert [b.key for b in page.main.button] == ["verify-fcn-good"]


def test_a_copy_without_weights_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segmethods.models.weights.embedded", dict)
    said = [w.value for w in visit().main.warning]
    assert "No weights are in this copy. Restore assets/weights." in said  # beside what an earlier fetch may have left
