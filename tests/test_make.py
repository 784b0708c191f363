"""`make run` says in one clear line why it can't start; nothing is installed before that."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True)


def test_an_old_python_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    said = make("run", f"PYTHON={old}")
    assert said.returncode != 0
    assert said.stderr.splitlines()[0].startswith("Python 3.11 or newer is needed")


def test_a_missing_python_is_named() -> None:
    said = make("run", "PYTHON=no-such-python")
    assert said.returncode != 0
    assert "no-such-python is not here" in said.stderr.splitlines()[0]


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = make("run", f"PORT={port}")
    assert said.returncode != 0
    assert said.stderr.splitlines()[0].startswith(f"Port {port} is taken")


def test_help_lists_the_two_commands() -> None:
    assert {"run", "test"} <= {line.split()[1] for line in make("help").stdout.splitlines()}
