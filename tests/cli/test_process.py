"""The command line as a process: exit codes, and standard output that holds results alone."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
HEAVY = {"torch", "torchvision", "openvino", "skimage", "cv2", "sklearn", "scipy", "pandas", "streamlit"}


def run(*words: str, cwd: Path = ROOT, env: dict[str, str] = ENVIRONMENT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "segmethods", *words]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, encoding="utf-8")


@pytest.fixture
def noisy(tmp_path) -> Path:
    """A folder with a picture, in which every run has a method that prints where it shouldn't."""
    Image.linear_gradient("L").resize((16, 16)).save(tmp_path / "grey.png")
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'segmethods' in sys.orig_argv:\n"
        "    import atexit\n"
        "    from segmethods.methods import get_method\n"
        "    known = get_method('threshold')\n"
        "    def loud(image, **params):\n"
        "        print('from Python')\n"
        "        os.write(1, b'from C\\n')\n"
        "        atexit.register(os.write, 1, b'at the end\\n')\n"
        "        return known.function(image, **params)\n"
        "    from dataclasses import replace\n"
        "    import segmethods.core.registry\n"
        "    sys.modules['segmethods.core.registry'].REGISTRY['threshold'] = replace(known, function=loud)\n"
    )
    return tmp_path


def test_standard_output_holds_nothing_but_json(noisy):
    environment = ENVIRONMENT | {"PYTHONPATH": os.pathsep.join([str(noisy), str(ROOT)])}
    done = run("compare", "grey.png", "--methods", "threshold", "--json", cwd=noisy, env=environment)
    assert json.loads(done.stdout)["results"][0]["status"] == "ok"
    assert done.returncode == 0
    for text in ("from Python", "from C", "at the end"):
        assert text in done.stderr


def test_exit_codes(tmp_path):
    Image.linear_gradient("L").resize((16, 16)).save(tmp_path / "grey.png")
    Image.new("L", (16, 16), 90).save(tmp_path / "flat.png")
    fine = run("compare", "grey.png", "--methods", "threshold", "--json", cwd=tmp_path)
    assert (fine.returncode, fine.stderr) == (0, "")
    failed = run("compare", "flat.png", "--methods", "threshold", "--json", cwd=tmp_path)
    assert (failed.returncode, failed.stderr) == (1, "")
    bad = run("compare", "absent.png", "--json", cwd=tmp_path)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "error: There is no file absent.png. Check the path.\n"


def test_a_full_disk_is_one_line(tmp_path):
    Image.linear_gradient("L").resize((16, 16)).save(tmp_path / "grey.png")
    command = [sys.executable, "-m", "segmethods", "compare", "grey.png", "--methods", "threshold", "--json"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command, cwd=tmp_path, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120
        )
    assert (done.returncode, done.stderr) == (2, "error: The disk is full. Make room on it, and try again.\n")


@pytest.mark.parametrize("port", ["0", "-1", "99999"])
def test_a_port_that_cannot_be_is_one_line(port):
    done = run("dashboard", f"--port={port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: There is no port {port}. Choose one from 1 to 65535.\n"


@pytest.mark.parametrize("words", [("--verbose", "list"), ("list", "--verbose"), ("list",)])
def test_verbose_stands_before_the_command_or_after_it(words):
    code = (
        "import logging, sys; from segmethods.__main__ import main; main(sys.argv[1:]); "
        "print(logging.getLogger().level == logging.DEBUG, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stderr.split()[-1] == str("--verbose" in words)


def test_list_needs_nothing_heavy():
    code = (
        "import sys; from segmethods.__main__ import main; main(['list']); "
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert HEAVY & set(done.stderr.split()) == set()
    assert "kmeans" in done.stdout


def test_list_as_json():
    methods = json.loads(run("list", "--json").stdout)
    kmeans = next(m for m in methods if m["id"] == "kmeans")
    assert list(kmeans) == ["id", "title", "family", "source", "summary", "parameters"]
    k = next(p for p in kmeans["parameters"] if p["name"] == "k")
    assert (k["kind"], k["default"], k["range"]) == ("int", 4, {"low": 2, "high": 12, "step": 1})


def test_help_goes_to_standard_output():
    done = run("compare", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: python -m segmethods compare")
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="signals and named pipes of POSIX")
def test_ctrl_c_is_quiet(tmp_path):
    os.mkfifo(tmp_path / "slow.png")
    process = subprocess.Popen(
        [sys.executable, "-m", "segmethods", "compare", "slow.png", "--methods", "threshold"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with (tmp_path / "slow.png").open("wb"):  # opens when the command has opened its end
        out, err = interrupt(process)
    assert (process.returncode, out, err) == (130, b"", b"")


def interrupt(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Ctrl-C, and again if nothing has happened after a while, as a person would."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=10)
    process.kill()
    raise AssertionError("Ctrl-C didn't end the command")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_reader_that_leaves_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "segmethods", "list", "--json"],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_a_terminal_shows_progress(tmp_path):
    Image.linear_gradient("L").resize((16, 16)).save(tmp_path / "grey.png")
    import termios

    ours, its = os.openpty()
    termios.tcsetwinsize(its, (24, 80))
    done = subprocess.run(
        [sys.executable, "-m", "segmethods", "compare", "grey.png", "--methods", "threshold,kmeans", "--json"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=its,
        timeout=120,
    )
    shown = os.read(ours, 10_000)
    os.close(its)
    os.close(ours)
    assert b"0/2" in shown
    assert len(json.loads(done.stdout)["results"]) == 2
