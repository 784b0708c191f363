"""A browser that watches: console errors and requests that leave this machine fail the test that caused them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.chromium import ADVICE, find_chromium
from tests.browser.server import dashboard

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
# On a deep link (/compare) Streamlit first asks beside the page, gets 404 twice and then asks at the root.
HARMLESS = re.compile(r"/[a-z_-]+/_stcore/(health|host-config)$")

PATIENCE = 120_000
"""Milliseconds; a busy machine takes its time, and nothing waits longer than it must."""
expect.set_options(timeout=PATIENCE)

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(ADVICE) if os.environ.get("CI") else pytest.skip(ADVICE)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """A dashboard that the tests share."""
    with dashboard() as address:
        yield address


@pytest.fixture
def cold_url() -> Iterator[str]:
    """A dashboard that nobody has visited yet."""
    with dashboard() as address:
        yield address


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens an address as a visitor; options are those of a browser context (viewport, locale, color_scheme)."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(address: str, **options: object) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on("request", lambda request: complaints.extend(_leaves(request.url)))
        page.on("websocket", lambda socket: complaints.extend(_leaves(socket.url)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _complaint(message: ConsoleMessage) -> list[str]:
    place = message.location.get("url", "")
    if message.type != "error" or ("404" in message.text and HARMLESS.search(urlparse(place).path)):
        return []
    return [f"console: {message.text} ({place})"]


def _leaves(address: str) -> list[str]:
    parts = urlparse(address)
    outside = parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")
    return [f"left this machine: {address}"] if outside else []
