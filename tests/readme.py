"""The sessions in README.md: ``make readme`` writes their output anew, `tests/test_readme.py` checks it.

A session is a block of the kind ``console``: lines that start with ``$ `` are commands, the lines below them are what
they print. Commands in comments print Markdown: what follows ``<!-- $ command -->`` is checked as well, what follows
``<!-- measured by command -->`` depends on the day and the machine: ``make readme ARGS=--measure DATA=DIR`` writes it
(see `tests.accuracy` for DIR).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SESSION = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
TABLE = re.compile(
    r"(?P<head>(?P<indent> *)<!-- (?P<kind>\$|measured by) (?P<command>.*?) -->\n)(?P<output>.*?)(?= *<!-- end -->)",
    re.DOTALL,
)
METHOD = re.compile(r"(?<=```python\n)# (?P<path>segmethods/methods/\w+\.py)\n.*?(?=```)", re.DOTALL)
PRICE = re.compile(r"about [\d.]+ \w+ on .+? beside the program and its weights|about [\d,.]+ times")
TIME = re.compile(r"\b\d+(\.\d+)? ?(ms|s|min)\b")


def steps(session: str) -> Iterator[tuple[str, str]]:
    """The commands of a session, each with the output that the README shows for it.

    >>> list(steps("$ one\\n1\\n$ two\\n"))
    [('one', '1\\n'), ('two', '')]
    """
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def printed(commands: Iterable[str], folder: Path, must_work: bool = False) -> list[str]:
    """What commands of the README print, run one after the other in `folder` as if it were the repository's.

    `must_work` says that one which fails ends all, so that no error is taken for a measurement.
    """
    (folder / "assets").symlink_to(ROOT / "assets")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"}
    outputs = []
    for command in commands:
        words = shlex.split(command)
        words[0] = sys.executable if words[0] == ".venv/bin/python" else words[0]
        done = subprocess.run(
            words,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            stderr=None if must_work else subprocess.STDOUT,
            check=must_work,
        )
        outputs.append(done.stdout)
    return outputs


def without_times(text: str) -> str:
    """`text` with its times and prices masked and its white space evened out: a time's width moves columns and lines.

    >>> without_times("kmeans    0.91   12.5 ms\\n")
    'kmeans 0.91 #'
    """
    return " ".join(TIME.sub("#", PRICE.sub("#", text)).split())


def written_anew(readme: str, measure: bool) -> str:
    """The README with the present output of its commands; those that measure are run only if `measure` says so."""

    def session(block: re.Match[str]) -> str:
        commands = [command for command, _ in steps(block[0])]
        with TemporaryDirectory() as folder:
            outputs = printed(commands, Path(folder))
        return "".join(f"$ {command}\n{output}" for command, output in zip(commands, outputs, strict=True))

    def table(block: re.Match[str]) -> str:
        if block["kind"] != "$" and not measure:
            return block[0]
        with TemporaryDirectory() as folder:
            (output,) = printed([block["command"]], Path(folder), must_work=True)
        return block["head"] + indent(output, block["indent"])

    return TABLE.sub(table, SESSION.sub(session, readme))


def copy_project(folder: Path) -> Path:
    """A copy of the project that runs, made in `folder`."""
    for name in ("pages", "segmethods", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", folder)
    (folder / "assets").symlink_to(ROOT / "assets")
    return folder


def copy_with_method(folder: Path) -> Path:
    """A copy of the project, made in `folder`, to which the README's ten lines were added as it says."""
    copy_project(folder)
    block = METHOD.search(README.read_text("utf-8"))
    assert block is not None, "README.md shows no method"
    (folder / block["path"]).write_text(block[0], "utf-8")
    return folder


if __name__ == "__main__":
    README.write_text(written_anew(README.read_text("utf-8"), measure="--measure" in sys.argv), "utf-8")
