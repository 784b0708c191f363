"""What a visitor sees when the network or the server goes away, and what is left when they come back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.seeing import read_pixels, wait_for
from tests.browser.server import free_port, serving
from tests.browser.test_compare import QUICK, cell, coffee, done_cells, mask_of, settle

UPLOAD, MOST = b"/_stcore/upload_file/", 30_000


class FaultyNetwork:
    """Carries bytes between a browser and a server; while it is broken, uploads end in the middle."""

    def __init__(self, port: int) -> None:
        self._port, self.is_broken, self.failures = port, False, 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser = self._listening.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._port))
                for ends in ((browser, server, True), (server, browser, False)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, goal: socket.socket, is_asking: bool) -> None:
        uploaded = 0
        with suppress(OSError):
            while data := source.recv(8192):
                goal.sendall(data)
                if not is_asking or not self.is_broken:
                    continue
                uploaded += len(data) if uploaded or (data.startswith(b"PUT") and UPLOAD in data) else 0
                if uploaded > MOST:
                    self.failures += 1
                    break
        for end in (source, goal):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def tolerant_page(browser: Browser, address: str) -> Iterator[Page]:
    """A visitor whose browser may complain of what it can't reach."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    yield page
    context.close()


def test_an_upload_that_breaks_off_is_said_and_can_be_repeated(url: str, browser: Browser) -> None:
    network = FaultyNetwork(int(url.rpartition(":")[2]))
    with tolerant_page(browser, f"{network.url}/?picture=chelsea&methods={QUICK}") as page:
        settle(page)
        before = mask_of(page, "K-means")
        page.locator(".st-key-source button", has_text="My files").click()
        chooser = page.locator(
            "[data-testid=stSidebar] [data-testid=stFileUploader]"
        )  # another one is on the page itself
        expect(chooser).to_be_visible()
        network.is_broken = True
        chooser.locator("input[type=file]").set_input_files(coffee())
        expect(chooser).to_contain_text("Network Error")
        assert network.failures
        network.is_broken = False
        settle(page)
        assert done_cells(page).count() == 2
        assert mask_of(page, "K-means") == before
        chooser.locator("input[type=file]").set_input_files(coffee())
        expect(page.locator(".sm-cell .sm-note", has_text="600 × 400").first).to_be_visible()
        settle(page)
        assert done_cells(page).count() == 2
    network.close()


COUNT_RUNS = """() => {
    window.runs = 0;
    const app = document.querySelector('[data-testid=stApp]');
    const note = () => { window.runs += app.dataset.testScriptState === 'notRunning' };
    new MutationObserver(note).observe(app, { attributeFilter: ['data-test-script-state'] });
}"""


def test_after_the_server_was_killed_the_first_click_counts(browser: Browser) -> None:
    port = free_port()
    with serving(port) as (url, server), tolerant_page(browser, f"{url}/?picture=chelsea&methods={QUICK}") as page:
        settle(page)
        page.locator(".st-key-form-kmeans summary").click()
        knob = page.locator(".st-key-kmeans-k input[type=range]")
        knob.focus()
        knob.press("ArrowRight")
        wait_for(page, "() => location.search.includes('kmeans.k=5')")
        settle(page)
        page.evaluate(COUNT_RUNS)
        server.kill()
        server.wait()
        expect(page.get_by_test_id("stApp")).not_to_have_attribute("data-test-connection-state", "CONNECTED")
        with serving(port):
            expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
            wait_for(page, "() => window.runs > 0")
            settle(page)
            assert done_cells(page).count() == 2
            page.locator(".st-key-form-kmeans summary").click()  # a server that knows nothing of it has it folded
            expect(knob).to_have_value("5")
            knob.focus()
            knob.press("ArrowRight")
            wait_for(page, "() => location.search.includes('kmeans.k=6')")
            settle(page)
            expect(knob).to_have_value("6")
            colours = {tuple(c) for c in read_pixels(cell(page, "K-means").locator(".sm-layer-mask")).reshape(-1, 4)}
            assert len(colours) == 6
