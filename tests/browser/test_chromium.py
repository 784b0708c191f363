"""Without a Chromium a visitor's machine skips the browser tests and says why; CI fails."""

import os
import subprocess
import sys

import pytest

from tests.browser.server import ROOT


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_missing_chromium_is_told(ci: str, code: int) -> None:
    surroundings = {**os.environ, "CHROMIUM": "/no/such/browser", "CI": ci}
    command = [sys.executable, "-m", "tests.browser.chromium"]
    told = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True)
    assert told.returncode == code
    assert told.stderr.startswith("No Chromium was found")
    assert len(told.stderr.splitlines()) == 1
