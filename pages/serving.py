"""How the server answers: security headers, closed doors, and static files compressed once for all."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.early_page import early_page
from segmethods.core.settings import settings

CLOSED = ("/_stcore/metrics", "/_stcore/agent")
"""Addresses of Streamlit's own that tell strangers about the server."""

COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")


def middleware() -> list[Middleware]:
    """What stands between the network and Streamlit."""
    return [
        Middleware(GuardedAnswers, security_headers(settings().frames)),
        Middleware(CompressedStaticFiles),
        Middleware(EarlyPages, early_page),
    ]


def security_headers(frames: str = "") -> dict[str, str]:
    """The headers of every answer.

    Parameters
    ----------
    frames : str
        Addresses of pages that may show the dashboard in a frame, with spaces between them; nobody may if left out.
    """
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = " ".join(f"'sha256-{_hash(text)}'" for text in re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' blob: {scripts}".strip(),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' ws: wss: data: blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": frames or "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "permissions-policy": "camera=(self), microphone=(), geolocation=()",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        **({} if frames else {"x-frame-options": "DENY"}),
    }


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


class GuardedAnswers:
    """Puts headers on every answer, and answers 404 where nobody from outside has any business.

    Parameters
    ----------
    app : ASGI application
        What answers.
    headers : mapping
        Name -> value.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif any(door in scope["path"] for door in CLOSED):
            await PlainTextResponse("Not found", 404)(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)


class CompressedStaticFiles:
    """Sends Streamlit's scripts and styles compressed: 13 MB become 4. Each is compressed once and kept.

    Parameters
    ----------
    app : ASGI application
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._known: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _wants_compressed(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self._known:
            start, body = await _whole_answer(self._app, scope)
            headers = MutableHeaders(raw=list(start.get("headers", [])))
            kind = headers.get("content-type", "")
            if start.get("status") != 200 or not kind.startswith(COMPRESSIBLE) or "content-encoding" in headers:
                await send(start)
                await send({"type": "http.response.body", "body": body})
                return
            packed = await asyncio.to_thread(gzip.compress, body, 9)
            headers.update({"content-encoding": "gzip", "content-length": str(len(packed))})
            headers.add_vary_header("Accept-Encoding")
            self._known[path] = headers.raw, packed
        raw, packed = self._known[path]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": packed})


class EarlyPages:
    """Puts into each page what is seen before Streamlit's scripts have come, and sends it compressed.

    Parameters
    ----------
    app : ASGI application
        What answers.
    make : callable
        Path, query and ``Accept-Language`` of a request -> what ``<head>`` ends with and ``<body>`` begins with, or
        None where there is no such page.
    """

    def __init__(self, app: ASGIApp, make: Callable[[str, str, str], tuple[str, str] | None]) -> None:
        self._app, self._make = app, make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        early = None
        if scope["type"] == "http" and scope["method"] == "GET":
            asked = Headers(scope=scope)
            early = self._make(scope["path"], scope["query_string"].decode("latin-1"), asked.get("accept-language", ""))
        if early is None:
            await self._app(scope, receive, send)
            return
        # Streamlit would answer that nothing has changed, though the language may have, or compress what it sends.
        left = (b"if-none-match", b"if-modified-since", b"accept-encoding")
        plain = [(name, value) for name, value in scope["headers"] if name not in left]
        start, body = await _whole_answer(self._app, {**scope, "headers": plain})
        headers = MutableHeaders(raw=list(start.get("headers", [])))
        is_page = headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
        if is_page and start.get("status") == 200:
            head, first = (text.encode() for text in early)
            body = body.replace(b"</head>", head + b"</head>", 1).replace(b"<body>", b"<body>" + first, 1)
            for name in ("etag", "last-modified"):
                del headers[name]
            if "gzip" in asked.get("accept-encoding", ""):
                body = await asyncio.to_thread(gzip.compress, body, 6)
                headers["content-encoding"] = "gzip"
            headers["vary"] = "Accept-Encoding, Accept-Language"
            headers["content-length"] = str(len(body))
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})


async def _whole_answer(app: ASGIApp, scope: Scope) -> tuple[Message, bytes]:
    """The start and the body of an answer, whole although the visitor may have left in the middle of it."""
    messages: list[Message] = []
    asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        # What reads the file cuts the answer short, without a word, once it hears that the visitor left.
        return asked.pop() if asked else await asyncio.Future()

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    start, *others = messages
    return start, b"".join(message.get("body", b"") for message in others)


def _wants_compressed(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or "/static/" not in scope["path"]:
        return False
    headers = Headers(scope=scope)
    is_plain = not {"range", "if-none-match", "if-modified-since"} & set(headers)
    return is_plain and "gzip" in headers.get("accept-encoding", "")
