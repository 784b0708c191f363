"""What README.md shows is what its commands print, and its ten lines are a method."""

import json
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from PIL import Image
from skimage import data

from tests.readme import README, SESSION, TABLE, copy_with_method, printed, steps, without_times

TEXT = README.read_text("utf-8")
PYTHON = re.compile(r"(?<=```python\n)import segmethods as sm\n.*?(?=```)", re.DOTALL)
SESSIONS = [list(steps(block)) for block in SESSION.findall(TEXT)]
TABLES = [[(b["command"], dedent(b["output"]))] for b in TABLE.finditer(TEXT) if b["kind"] == "$"]


@pytest.mark.parametrize("session", SESSIONS + TABLES)
def test_the_readme_shows_what_its_commands_print(session: list[tuple[str, str]], tmp_path: Path) -> None:
    outputs = printed([command for command, _ in session], tmp_path)
    for (command, shown), output in zip(session, outputs, strict=True):
        assert without_times(output) == without_times(shown), command


def test_there_is_a_session_to_check() -> None:
    assert any("segmethods compare" in command for session in SESSIONS for command, _ in session)


def test_the_lines_of_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(data.chelsea()).save(tmp_path / "cat.jpg")
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {}
    exec(PYTHON.search(TEXT)[0], known)
    assert known["result"].labels.max() == 3
    assert [o.method for o in known["outcomes"]] == ["threshold", "deeplab"]


def test_the_ten_lines_make_a_method_of_the_command_line(tmp_path: Path) -> None:
    house = copy_with_method(tmp_path / "house")

    def ask(*words: str) -> str:
        command = [sys.executable, "-m", "segmethods", *words]
        return subprocess.run(command, cwd=house, capture_output=True, text=True, check=True).stdout

    listed = {m["id"]: m for m in json.loads(ask("list", "--json"))}
    assert listed["colourful"]["parameters"][0]["name"] == "spread"
    params = '{"colourful": {"spread": 255}}'
    image = Path(__file__).parent.parent / "assets" / "brand" / "compare.webp"
    (outcome,) = json.loads(ask("compare", str(image), "--methods", "colourful", "--params", params, "--json"))[
        "results"
    ]
    assert outcome["status"] == "ok"
    assert outcome["classes"] == [{"id": 0, "name": "background", "share": 1.0}]


@pytest.mark.parametrize("house", ["segmethods", "pages"])
def test_the_table_of_rooms_names_every_room(house: str) -> None:
    rooms = {f"{house}/{file.parent.name}/" for file in (README.parent / house).glob("*/*.py")}
    assert {room for room in rooms if f"| `{room}` |" not in TEXT} == set()


def test_contributing_names_tests_that_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", (README.parent / "CONTRIBUTING.md").read_text("utf-8"))
    assert len(named) >= 8
    assert [name for name in named if not (README.parent / name).is_file()] == []
