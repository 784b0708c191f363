"""The built wheel holds everything under one name and works in another folder; what an installation lacks is said."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.core.extras import EXTRAS
from tests.tables import REQUIREMENTS, pinned
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
BLOCK = """
import os, sys
from importlib.machinery import PathFinder

class Blocking(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in os.environ.get("BLOCKED", "").split() else super().find_spec(name, path, target)

sys.meta_path[:] = [Blocking if finder is PathFinder else finder for finder in sys.meta_path]
"""
"""A sitecustomize.py that plays the absence of packages."""


@dataclass(frozen=True)
class Installed:
    """The wheel, installed over the packages that are there, and a folder to work in."""

    wheel: Path
    site: Path
    folder: Path

    def environment(self, without: str = "") -> dict[str, str]:
        home = {"SEGMETHODS_HOME": str(self.folder / "home")}
        return {**os.environ, **home, "PYTHONPATH": str(self.site), "BLOCKED": without, "PYTHONIOENCODING": "utf-8"}

    def run(self, *words: str, without: str = "") -> subprocess.CompletedProcess[str]:
        """A command of the console script; `without` names packages that can't be imported."""
        return self.python(str(self.site / "bin" / "segmethods"), *words, without=without)

    def python(self, *words: str, without: str = "") -> subprocess.CompletedProcess[str]:
        command, environment = [sys.executable, *words], self.environment(without)
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=600, encoding="utf-8"
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    top = tmp_path_factory.mktemp("wheel")
    build = ("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", top, ROOT)
    subprocess.run([*PIP, *map(str, build)], check=True, capture_output=True)
    [wheel] = top.glob("*.whl")
    install = ("install", "--no-deps", "--no-index", "--target", top / "site", wheel)
    subprocess.run([*PIP, *map(str, install)], check=True, capture_output=True)
    (top / "site" / "sitecustomize.py").write_text(BLOCK)
    (top / "elsewhere").mkdir()
    sample = sm.get_sample("chelsea").image()
    Image.fromarray(sample).resize((160, 106)).save(top / "elsewhere" / "cat.png")
    return Installed(wheel, top / "site", top / "elsewhere")


def test_the_wheel_brings_one_name_and_holds_everything(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
    assert {name.partition("/")[0] for name in names} == {"segmethods", f"segmethods-{sm.__version__}.dist-info"}
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    places = {"segmethods/": "", "assets/": "segmethods/", "pages/": "segmethods/_site/", "app.py": "segmethods/_site/"}
    places[".streamlit/config.toml"] = "segmethods/_site/"
    expected = {place + file for file in listed for start, place in places.items() if file.startswith(start)}
    assert {"segmethods/py.typed", "segmethods/_site/app.py", "segmethods/assets/weights/fcn-voc.json"} <= expected
    assert expected - names == set()


def test_the_commands_work_in_another_folder(installed: Installed) -> None:
    listing = installed.run("list")
    assert (listing.returncode, listing.stderr) == (0, "")
    assert {m.id for m in sm.list_methods()} <= {line.split(" ")[0] for line in listing.stdout.splitlines()}
    assert installed.python("-m", "segmethods", "list").stdout == listing.stdout
    assert installed.run("lst").stderr.strip().endswith("See segmethods --help.")


def test_labels_without_torch_are_those_with_it_bit_for_bit(installed: Installed) -> None:
    done = installed.run("compare", "cat.png", "--out", "out", without="torch torchvision")
    assert (done.returncode, done.stderr) == (0, "")
    image = sm.load_image(installed.folder / "cat.png")
    for method in sm.list_methods():
        labels = np.asarray(Image.open(installed.folder / "out" / f"cat-{method.id}.png"))
        np.testing.assert_array_equal(labels, sm.segment(image, method.id).labels, method.id)


BASE = " ".join(EXTRAS)
COMMAND = "This needs {}, which is not installed. Add it: pip install 'segmethods[{}]'"


def test_the_base_runs_classical_methods_and_scores(installed: Installed) -> None:
    done = installed.run("compare", "cat.png", "--methods", "threshold,kmeans,histogram,edges", without=BASE)
    assert (done.returncode, done.stderr) == (0, "")
    done = installed.run("benchmark", "shapes", "--limit", "2", "--methods", "threshold,edges", without=BASE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "package", "extra"),
    [
        ("compare cat.png --methods fcn", "openvino", "networks"),
        ("dashboard", "streamlit", "dashboard"),
        ("train fcn-voc --data . --name mine --minutes 1", "torch", "train"),
        ("benchmark shapes --limit 2 --methods threshold --scheduler tcp://127.0.0.1:1", "distributed", "cluster"),
    ],
)
def test_what_the_base_lacks_is_said_in_one_line(installed: Installed, words: str, package: str, extra: str) -> None:
    done = installed.run(*words.split(), without=BASE)
    assert done.returncode in (1, 2)
    said = " ".join((done.stdout + done.stderr).split())
    assert COMMAND.format(package, extra) in said
    assert "Traceback" not in said


def test_an_extra_that_is_named_brings_the_package() -> None:
    extras: Mapping[str, list[str]] = PROJECT["optional-dependencies"]
    for package, extra in EXTRAS.items():
        assert any(re.match(rf"{package}\b", needed) for needed in extras[extra]), package


def test_every_extra_allows_the_version_that_is_tested() -> None:
    from packaging.requirements import Requirement

    extras = (packages for extra, packages in PROJECT["optional-dependencies"].items() if extra != "heic")
    named = [*PROJECT["dependencies"], *(package for packages in extras for package in packages)]
    wanted = {one.name: one.specifier for one in map(Requirement, named) if one.name != "segmethods"}
    tested = dict(pinned(REQUIREMENTS))
    assert wanted.keys() == tested.keys()
    assert [name for name, version in tested.items() if version not in wanted[name]] == []


def test_make_run_light_leaves_out_what_dashboard_leaves_out() -> None:
    extras = PROJECT["optional-dependencies"]
    left_out = {re.split(r"\W", one)[0] for one in (*extras["train"], *extras["cluster"])} - {"segmethods", "filelock"}
    [line] = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "grep -vE" in line]
    [names] = re.findall(r"\^\(([\w|]+)\)==", line)
    assert set(names.split("|")) == left_out


PAGES = """
import json
from streamlit.testing.v1 import AppTest
from segmethods.cli.dashboard import find_app
app = AppTest.from_file(find_app(), default_timeout=300)
app.context["locale"] = "en-US"
app.query_params["methods"] = "threshold,fcn"
app.run()
from pages.ui.menu import PAGES
for page in PAGES:
    if page.file.startswith("pages/jobs/") and page.address not in ("jobs", "bottles"):
        continue  # all jobs go through the same lines
    if page.address != "compare":
        app.query_params.clear()
        app.switch_page(page.file).run()
    seen = {kind: [e.value for e in app.main.get(kind)] for kind in ("exception", "title", "info")}
    print(json.dumps({"address": page.address, **seen}))
"""


def test_the_dashboard_shows_every_page_and_says_where_a_lesson_needs_torch(installed: Installed) -> None:
    done = installed.python("-c", PAGES, without="torch torchvision")
    assert done.returncode == 0, done.stderr
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert [page["address"] for page in seen if page["exception"] or len(page["title"]) != 1] == []
    assert seen[0]["title"][0].endswith(" finds cat.")
    need = {page["address"] for page in seen if COMMAND.format("torch", "train") in page["info"]}
    assert need == {"fcn", "segnet", "deeplab"}


def test_the_dashboard_answers_on_its_port(installed: Installed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(installed.site / "bin" / "segmethods"), "dashboard", "--port", str(port)]
    environment = installed.environment("torch torchvision") | {"STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    with (installed.folder / "log.txt").open("w+") as log:
        server = subprocess.Popen(command, cwd=installed.folder, env=environment, stdout=log, stderr=log)
        try:
            wait_until(lambda: server.poll() is not None or _is_healthy(port), 120, "the dashboard to answer")
            assert server.poll() is None, (installed.folder / "log.txt").read_text()
            for address in ("", "models", "static/favicon.png"):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{address}", timeout=30) as answer:
                    assert answer.status == 200
            taken = installed.run("dashboard", "--port", str(port))
            assert (
                taken.stderr == f"error: Port {port} is taken. Stop what uses it, or choose another one with --port.\n"
            )
        finally:
            server.terminate()
            server.wait(30)


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
