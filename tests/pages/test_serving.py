"""How the server answers: headers, closed doors, compressed files, and the door with a password."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp
from streamlit.testing.v1 import AppTest

from pages.serving import middleware, security_headers
from pages.state import password
from segmethods.core.settings import settings

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "let answer = 42;\n" * 1000


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes


class Client:
    """Asks an ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def get(self, address: str, accept: str = "gzip", language: str = "en", leaves: bool = False) -> Answer:
        raw = [(b"accept-encoding", accept.encode()), (b"accept-language", language.encode())]
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": raw,
            "query_string": query.encode(),
            "root_path": "",
        }
        said: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if leaves:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            said.append(message)

        async def ask() -> None:
            await self._app(scope, receive, send)

        with ThreadPoolExecutor(1) as thread:  # this one may have a loop already: Playwright's
            thread.submit(asyncio.run, ask()).result()
        body = b"".join(message.get("body", b"") for message in said[1:])
        return Answer(said[0]["status"], Headers(raw=said[0]["headers"]), body)


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def client(asked: list[str]) -> Client:
    def script(request: Request) -> Response:
        asked.append(request.url.path)
        return PlainTextResponse(SCRIPT, media_type="text/javascript", headers={"etag": '"1"'})

    def page(request: Request) -> Response:
        """As Streamlit has it: compressed for those who ask for it."""
        text, headers = b"<head></head><body></body>", {"etag": '"2"'}
        if "gzip" in request.headers.get("accept-encoding", ""):
            text, headers = gzip.compress(text), headers | {"content-encoding": "gzip"}
        return Response(text, media_type="text/html", headers=headers)

    async def pieces() -> AsyncIterator[str]:
        for line in SCRIPT.splitlines(keepends=True):
            await asyncio.sleep(0)
            yield line

    routes = [
        Route("/static/js/a.js", script),
        Route("/static/js/b.js", lambda _: StreamingResponse(pieces(), media_type="text/javascript")),
        Route("/static/picture.png", lambda _: Response(b"\x89PNG", media_type="image/png")),
        Route("/_stcore/metrics", lambda _: PlainTextResponse("cached functions")),
        Route("/", lambda _: PlainTextResponse("page")),
        Route("/compare", page),
    ]
    return Client(Starlette(routes=routes, middleware=middleware()))


@pytest.mark.parametrize("path", ["/", "/static/js/a.js", "/_stcore/metrics", "/no/such/page"])
def test_every_answer_has_the_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "script-src 'self' blob: 'sha256-" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_frames_are_let_in_by_name() -> None:
    headers = security_headers("https://huggingface.co")
    assert "frame-ancestors https://huggingface.co" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


def test_metrics_are_closed(client: Client) -> None:
    assert client.get("/_stcore/metrics").status == 404
    assert client.get("/base/_stcore/metrics/").status == 404


def test_a_page_has_its_sizes_name_and_picture_before_any_script(client: Client) -> None:
    answer = client.get("/compare?picture=coins", accept="identity")
    assert b".st-key-own-photo" in answer.body
    assert b"</style></head>" in answer.body
    assert re.search(rb'<body><div id="sm-early" lang="en">.*Compare.*src="data:image/jpeg;base64,', answer.body)
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "etag" not in answer.headers
    assert answer.body != client.get("/compare", accept="identity").body
    assert client.get("/").body == b"page"


def test_a_page_comes_compressed_and_in_the_browsers_language(client: Client) -> None:
    answer = client.get("/compare", language="zh-CN,zh;q=0.9")
    assert answer.headers["content-encoding"] == "gzip"
    assert "对比" in gzip.decompress(answer.body).decode()
    assert "对比" in client.get("/compare?lang=zh", accept="identity").body.decode()
    assert "Accept-Language" in answer.headers["vary"]


def test_a_script_is_compressed_once(client: Client, asked: list[str]) -> None:
    for _ in range(3):
        answer = client.get("/static/js/a.js")
        assert gzip.decompress(answer.body).decode() == SCRIPT
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
        assert (answer.headers["etag"], answer.headers["vary"]) == ('"1"', "Accept-Encoding")
    assert asked == ["/static/js/a.js"]


def test_who_leaves_in_the_middle_of_a_script_leaves_it_whole_for_the_others(client: Client) -> None:
    client.get("/static/js/b.js", leaves=True)
    assert gzip.decompress(client.get("/static/js/b.js").body).decode() == SCRIPT


def test_what_cannot_be_compressed_comes_as_it_is(client: Client) -> None:
    assert "content-encoding" not in client.get("/static/picture.png").headers
    assert "content-encoding" not in client.get("/static/js/a.js", accept="identity").headers
    assert client.get("/static/none.js").status == 404


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SEGMETHODS_PASSWORD", "käse")
    settings.cache_clear()
    password._wrong.clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    password._wrong.clear()


def test_a_password_is_asked_for_once(guarded: None) -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert [box.label for box in page.text_input] == ["Password"]
    assert not page.get("file_uploader")
    page.text_input[0].set_value("cheese")
    page.button[0].click().run()
    assert [one.value for one in page.error] == ["That is not the password."]
    page.text_input[0].set_value("käse")
    page.button[0].click().run()
    assert not [box for box in page.text_input if box.label == "Password"]


def test_after_ten_wrong_passwords_nobody_is_let_in_for_a_minute(
    guarded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(password.time, "monotonic", lambda: now[0])
    assert not any(password.check_password(f"guess {n}") for n in range(password.TRIES))
    assert password.seconds_to_wait() == password.WAIT
    assert not password.check_password("käse")
    now[0] += password.WAIT + 1
    assert password.check_password("käse")


def test_a_server_without_a_password_lets_everybody_in() -> None:
    assert not password.is_needed()
