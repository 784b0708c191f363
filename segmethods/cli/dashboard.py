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
    require("streamlit", "plotly", "openvino", "safetensors")
    _check_port(args.port)
    command = [sys.executable, "-m", "streamlit", "run", str(find_app()), "--server.port", str(args.port)]
    if os.name != "nt":  # where another program in this process's place would look like its end
        out.flush()
        os.dup2(out.fileno(), 1)
        os.execv(sys.executable, command)
    return subprocess.call(command)


def _check_port(port: int) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            pass
    except OSError:
        return
    except OverflowError as error:
        raise ParameterError("There is no port {port}. Choose one from 1 to 65535.", port=port) from error
    raise ParameterError("Port {port} is taken. Stop what uses it, or choose another one with --port.", port=port)
