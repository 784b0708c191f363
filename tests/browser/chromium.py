"""A Chromium for the browser tests: ``python -m tests.browser.chromium`` sees to it that there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PAGES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
ADVICE = (
    "No Chromium was found for the browser tests: install Chromium or Google Chrome, "
    "or name one in the variable CHROMIUM."
)


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome: the one named in CHROMIUM, else an installed one, else None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = (shutil.which(name) for name in NAMES)
    return next(filter(None, found), None) or next((place for place in PAGES if Path(place).exists()), None)


def install_chromium() -> None:
    """Install Debian's package, where apt and root are at hand; elsewhere do nothing."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    print("Installing Debian's chromium for the browser tests: about a minute.", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk"]):
        done = subprocess.run(["apt-get", "-qq", *step], env=quiet, stdout=subprocess.DEVNULL)
        if done.returncode:
            print(f"apt-get {step[0]} failed.", file=sys.stderr)


if __name__ == "__main__":
    if find_chromium() is None and "CHROMIUM" not in os.environ:
        install_chromium()
    if find_chromium() is None:
        sys.exit(ADVICE) if os.environ.get("CI") else print(f"{ADVICE} They are skipped.", file=sys.stderr)
