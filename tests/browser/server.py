"""The dashboard, started with the command of `make run` on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = ("-m", "segmethods", "dashboard", "--port")


@contextmanager
def dashboard(root: Path = ROOT) -> Iterator[str]:
    """Address of a dashboard of its own, seen from this machine only.

    `root` is the folder of the project, or of a copy of it. Files are kept where SEGMETHODS_HOME says.
    """
    with serving(free_port(), root) as (url, _):
        yield url


@contextmanager
def serving(port: int, root: Path = ROOT) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A dashboard on this port: its address and its process."""
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "STREAMLIT_SERVER_ADDRESS": "127.0.0.1", "STREAMLIT_SERVER_HEADLESS": "true"}
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [sys.executable, *COMMAND, str(port)], cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_until(lambda: server.poll() is not None or _answers(url), 180, "the dashboard to answer")
            if server.poll() is not None:
                log.seek(0)
                raise RuntimeError(f"the dashboard ended at once:\n{log.read()}")
            yield url, server
        finally:
            _stop(server)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
