"""However the server ends, its workers end too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.execution.conftest import Gate
from tests.waiting import wait_until

SERVER = """
import signal, sys
import numpy as np
import segmethods as sm
from segmethods.io.images import digest
from segmethods.execution.pool import Pool

sys.path.insert(0, {folder!r})
import obedient

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
pool = Pool(workers=1, threads=1, deadline=100, cache_bytes=1_000)
image = np.zeros((9, 9, 3), np.uint8)
batch = pool.submit("a", image, digest(image), {{"gated": {{"number": {number}}}}})
sys.stdin.readline()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None], ids=str)
def test_no_worker_outlives_the_server(gate: Gate, end: signal.Signals | None) -> None:
    number = gate.new()
    script = SERVER.format(folder=str(Path(__file__).parent), number=number)
    server = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    wait_until(lambda: gate.starts(number) or server.poll() is not None, 30, "the method's start")
    if end is signal.SIGINT:
        os.killpg(server.pid, end)  # what Ctrl-C in a terminal does
    elif end is not None:
        server.send_signal(end)
    # With None, the end of its input ends it. The workers hold standard error open until the last of them has gone.
    output = server.communicate(timeout=30)[1].decode()
    assert gate.starts(number), output
    assert "segmethods" not in output, output  # no worker complains
