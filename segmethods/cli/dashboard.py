"""``dashboard``: the pages, in a browser."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, TextIO

from segmethods.core.extras import require
from segmethods.core.messages import ParameterError
from segmethods.core.settings import PACKAGE, ROOT, is_checkout


def add_command(commands: Any) -> None:
    """Add ``dashboard`` to the parser's commands."""
    text = "Start the dashboard. It needs the extra dashboard: pip install 'segmethods[dashboard]'."
    parser = commands.add_parser("dashboard", help="start the dashboard", description=text)
    parser.add_argument("--port", type=int, default=8501, help="the port that it answers on (default: 8501)")
    parser.add_argument(
        "--share",
        action="store_true",
        help="let other computers of the network in, and print the address as a QR code; else only this one may",
    )
    parser.set_defaults(run=run)


def find_app() -> Path:
    """The front door: the repository's, or that of the installed package."""
    return (ROOT if is_checkout() else PACKAGE / "_site") / "app.py"


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Become Streamlit, so that whatever stops this command stops the dashboard.

    Raises
    ------
    MissingPackageError
        If this installation was made without the dashboard.
    ParameterError
        If there is no such port, or it is taken.
    """
    require("streamlit", "plotly", "openvino", "safetensors", *(["segno"] if args.share else []))
    _check_port(args.port)
    host = "0.0.0.0" if args.share else "127.0.0.1"
    options = ["--server.port", str(args.port), "--server.address", host]
    command = [sys.executable, "-m", "streamlit", "run", str(find_app()), *options]
    if args.share:
        _announce(args.port, out)
    if os.name != "nt":  # where another program in this process's place would look like its end
        out.flush()
        os.dup2(out.fileno(), 1)
        os.execv(sys.executable, command)
    return subprocess.call(command)


def _announce(port: int, out: TextIO) -> None:
    import segno

    address = f"http://{_own_address()}:{port}"
    print(f"Everybody in this network can open {address}", file=out)
    segno.make(address).terminal(out=out, compact=True)


def _own_address() -> str:
    """The address by which the network knows this computer; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's: only the way there is asked for
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise ParameterError("There is no port {port}. Choose one from 1 to 65535.", port=port)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            pass
    except OSError:
        return
    raise ParameterError("Port {port} is taken. Stop what uses it, or choose another one with --port.", port=port)
