"""``python -m segmethods weights``, against a real server on this machine."""

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from segmethods.__main__ import main
from segmethods.cli.weights import choose_weights
from segmethods.core.messages import ParameterError
from segmethods.models.weights import fetching
from tests.models.weights.test_fetching import CONTENT, serving, weights_at
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
NAME = "fcn-torchvision"


def run(*words):
    out = io.StringIO()
    code = main(["weights", *words], out)
    return code, out.getvalue()


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """Makes an address the one place from which weights can be fetched; the folder that they will be in."""

    def offer(url):
        weights = weights_at(url, tmp_path)
        for module in ("segmethods.models.weights.catalogue", "segmethods.cli.weights"):
            monkeypatch.setattr(import_module(module), "fetchable", lambda: {weights.name: weights})
        return weights

    monkeypatch.setattr(fetching.fetch, "__kwdefaults__", {"patience": 0.2})
    return offer


def state_of(name):
    return {w["name"]: w["state"] for w in json.loads(run("list", "--json")[1])}[name]


def test_listed_fetched_verified_damaged_removed(offer):
    with serving() as address:
        weights = offer(address + "/whole")
        assert state_of(NAME) == "not fetched"
        assert run("verify", NAME)[0] == 1
        code, printed = run("download", NAME, "--json")
        assert (code, json.loads(printed)[0]["state"]) == (0, "fetched")
        assert weights.file.read_bytes() == CONTENT
        assert run("verify", NAME)[0] == 0
        weights.file.write_bytes(CONTENT[:-1])
        code, printed = run("verify")
        assert code == 1
        assert f"{NAME}{' ' * 3}damaged" in printed
        assert run("download")[0] == 0
        assert state_of(NAME) == "fetched"
        assert run("remove", NAME) == (0, f"{NAME} is removed\n")
        assert state_of(NAME) == "not fetched"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/truncated", "The connection broke off"),
        ("/stalled", "doesn't answer"),
        ("/wrong", "is not what was published"),
        ("/endless", "is not what was published"),
        ("/absent", "The server answered 404"),
    ],
)
def test_what_goes_wrong_is_one_line_and_leaves_nothing(path, reason, offer, capsys):
    with serving() as address:
        weights = offer(address + path)
        assert run("download", NAME) == (2, "")
    problem = capsys.readouterr().err
    assert problem.startswith("error: ")
    assert problem.count("\n") == 1
    assert reason in problem
    assert list(weights.file.parent.iterdir()) == []
    assert state_of(NAME) == "not fetched"


def test_weights_that_cannot_be_had_stop_no_others(offer, monkeypatch, capsys):
    with serving() as address:
        good = offer(address + "/whole")
        bad = replace(good, name="fcn-absent", url=address + "/absent", file=good.file.with_name("absent.pth"))
        monkeypatch.setattr("segmethods.cli.weights.fetchable", lambda: {w.name: w for w in (bad, good)})
        code, printed = run("download")
    assert code == 1
    assert good.file.read_bytes() == CONTENT
    assert f"{NAME}{' ' * 2}fetched" in printed
    assert capsys.readouterr().err.startswith("error: The server answered 404")


def test_weights_of_a_network_that_is_not_asked_are_refused():
    with pytest.raises(ParameterError, match="fcn's, which is not among the methods"):
        choose_weights(["deeplab", "segnet"], {}, "fcn-camvid")
    assert choose_weights(["deeplab", "fcn"], {}, "fcn-camvid")[1] == {"fcn": {"weights": "camvid"}}


def test_the_table_has_every_set(capsys):
    code, printed = run("list")
    assert code == 0
    assert "deeplab-voc" in printed
    assert "fcn-torchvision-resnet101" in printed
    assert "non-commercial" in printed.lower()


def test_unknown_weights_list_the_known_ones(capsys):
    assert run("verify", "nosuch")[0] == 2
    assert "deeplab-voc" in capsys.readouterr().err


PROGRAM = """
import sys
from pathlib import Path
from segmethods.__main__ import main
from segmethods.models.weights import catalogue
from importlib import import_module
from tests.models.weights.test_fetching import weights_at
weights = weights_at(sys.argv[1], Path(sys.argv[2]))
import_module("segmethods.models.weights.catalogue").fetchable = lambda: {weights.name: weights}
sys.exit(main(["weights", "download", weights.name]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_leaves_no_half_file(tmp_path):
    folder = tmp_path / "cache"
    with serving() as address:
        command = [sys.executable, "-c", PROGRAM, address + "/stalled", str(tmp_path)]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        wait_until(lambda: folder.is_dir() and list(folder.glob("*.part")), 60, "the first bytes")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert list(folder.iterdir()) == []
