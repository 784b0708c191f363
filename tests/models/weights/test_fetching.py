"""Fetching, against a real server on this machine that behaves, stalls, breaks off and lies."""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from segmethods.core.types import VOC
from segmethods.models.weights import Validation, Weights, WeightsError, fetch

CONTENT = bytes(range(256)) * 4096


ELSEWHERE = {"/nowhere": "http://[::1/x", "/dots": "http://a..b/x"}
"""Where a broken proxy sends one on to."""


class Server(BaseHTTPRequestHandler):
    """What it does depends on the path that it is asked for."""

    released: threading.Event

    def do_GET(self):
        if self.path == "/absent":
            self.send_error(404)
            return
        if self.path in ELSEWHERE:
            self.send_response(302)
            self.send_header("Location", ELSEWHERE[self.path])
            self.end_headers()
            return
        self.send_response(200)
        length = {"/unannounced": None, "/endless": None, "/boasting": 10**13, "/nonsense": "many"}
        if (told := length.get(self.path, len(CONTENT))) is not None:
            self.send_header("Content-Length", str(told))
        self.end_headers()
        match self.path:
            case "/truncated":
                self.wfile.write(CONTENT[:-1000])
            case "/stalled":
                self.wfile.write(CONTENT[:1000])
                self.wfile.flush()
                self.released.wait(30)
            case "/wrong":
                self.wfile.write(CONTENT[::-1])
            case "/dripping":
                with suppress(OSError):
                    for start in range(0, len(CONTENT), 1000):
                        self.wfile.write(CONTENT[start : start + 1000])
                        self.wfile.flush()
                        self.released.wait(0.05)
            case "/endless" | "/boasting":
                with suppress(OSError):  # whoever asked has gone
                    while not self.released.is_set():
                        self.wfile.write(CONTENT)
            case _:
                self.wfile.write(CONTENT)

    def log_message(self, kind, *args):
        """Says nothing."""


@contextmanager
def serving() -> Iterator[str]:
    Server.released = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        Server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def weights_at(url, folder):
    return Weights(
        name="fcn-torchvision",
        network="fcn",
        variant="torchvision",
        classes=VOC,
        file=folder / "cache" / "fcn.pth",
        sha256=hashlib.sha256(CONTENT).hexdigest()[:8],
        bytes=len(CONTENT),
        parameters=1,
        mean=(0, 0, 0),
        deviation=(1, 1, 1),
        size=520,
        terms="",
        score=Validation(0, 0, (), ""),
        origin="fetched",
        url=url,
    )


@pytest.mark.parametrize("path", ["/whole", "/unannounced", "/nonsense"])
def test_what_comes_whole_is_kept(path, tmp_path):
    told = []
    with serving() as address:
        weights = weights_at(address + path, tmp_path)
        assert fetch(weights, lambda come, total: told.append((come, total))).read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    assert [file.name for file in weights.file.parent.iterdir()] == ["fcn.pth"]
    (other := tmp_path / "other").touch()
    assert weights.file.stat().st_mode == other.stat().st_mode  # as open to other users as any file


def test_what_is_there_is_not_fetched_again(tmp_path):
    weights = weights_at("http://127.0.0.1:9/closed", tmp_path)
    weights.file.parent.mkdir()
    weights.file.write_bytes(CONTENT)
    assert fetch(weights) == weights.file


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/truncated", "The connection broke off"),
        ("/stalled", "doesn't answer"),
        ("/wrong", "is not what was published"),
        ("/endless", "is not what was published"),
        ("/boasting", "is not what was published"),
        ("/absent", "The server answered 404"),
        ("/nowhere", "The connection broke off"),
        ("/dots", "The connection broke off"),
    ],
)
def test_what_goes_wrong_leaves_nothing_behind(path, reason, tmp_path):
    with serving() as address:
        weights = weights_at(address + path, tmp_path)
        with pytest.raises(WeightsError, match=reason) as caught:
            fetch(weights, patience=0.2)
    assert "Use the weights voc, which are included." in str(caught.value)
    assert list(weights.file.parent.iterdir()) == []


def test_what_is_damaged_is_fetched_again(tmp_path):
    with serving() as address:
        weights = weights_at(address + "/whole", tmp_path)
        weights.file.parent.mkdir()
        weights.file.write_bytes(CONTENT[:-1])
        assert fetch(weights).read_bytes() == CONTENT


def test_whoever_watches_can_stop_it(tmp_path):
    def stop(come, total):
        raise InterruptedError

    with serving() as address:
        weights = weights_at(address + "/whole", tmp_path)
        with pytest.raises(WeightsError):
            fetch(weights, stop)
    assert list(weights.file.parent.iterdir()) == []


def test_a_slow_line_tells_how_far_it_is_and_can_be_stopped(tmp_path):
    told = []

    def stop(come, total):
        told.append(come)
        if len(told) == 3:
            raise InterruptedError

    with serving() as address, pytest.raises(WeightsError):
        fetch(weights_at(address + "/dripping", tmp_path), stop)
    assert told[-1] < len(CONTENT) / 10


def test_what_a_killed_fetching_left_is_cleared_away(tmp_path):
    with serving() as address:
        weights = weights_at(address + "/whole", tmp_path)
        weights.file.parent.mkdir()
        old, new, other = (weights.file.parent / name for name in ("fcn.pth.old.part", "fcn.pth.new.part", "x.part"))
        for part in (old, new, other):
            part.write_bytes(b"half")
        for part in (old, other):
            os.utime(part, (0, 0))
        fetch(weights)
    assert sorted(file.name for file in weights.file.parent.iterdir()) == ["fcn.pth", new.name, other.name]


def test_no_network(tmp_path):
    with pytest.raises(WeightsError, match="no network"):
        fetch(weights_at("http://127.0.0.1:9/closed", tmp_path))


def test_no_place_to_put_it(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with serving() as address, pytest.raises(WeightsError, match="can't be stored"):
        fetch(weights_at(address + "/whole", tmp_path))
