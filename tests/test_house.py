"""The house keeps its habits: docstrings of one form, and modules that can be read in one sitting."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(file for room in ("segmethods", "pages") for file in (ROOT / room).rglob("*.py"))
LONGEST = 350
"""Lines of a module at most."""

SECTIONS = {"Parameters", "Attributes", "Returns", "Yields", "Raises", "Examples", "Notes", "References"}
NAMED = re.compile(r"\*{0,2}\w+(, \*{0,2}\w+)*( : \S.*)?")
ERRORS = re.compile(r"\w+(, \w+)*")


def find_faults(docstring: str) -> Iterator[str]:
    """Lines of a docstring that numpydoc's form doesn't have."""
    lines, section = [*docstring.splitlines(), ""], ""
    for line, below in itertools.pairwise(lines):
        if line and re.fullmatch("-{3,}", below):
            section = line
            if section not in SECTIONS or len(line) != len(below):
                yield line
        elif line and not line.startswith((" ", "---")):
            if section in ("Parameters", "Attributes") and (line.endswith(".") or not NAMED.fullmatch(line)):
                yield line
            if section == "Raises" and not ERRORS.fullmatch(line):
                yield line


@pytest.mark.parametrize(
    "text",
    [
        "A sum.\n\nParameters\n----------\nx : the first number.",
        "A sum.\n\nParameters\n----------\nx: int\n    The first.",
        "A sum.\n\nParameters\n----------\nx : int\n    The first.\n\nCall it often.",
        "A sum.\n\nRaises\n------\nValueError : there is none.",
        "A sum.\n\nArguments\n---------\nx : int",
    ],
)
def test_other_forms_are_noticed(text: str) -> None:
    assert list(find_faults(text))


def test_docstrings_have_one_form() -> None:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = (
        (file.relative_to(ROOT), ast.get_docstring(node) or "")
        for file in MODULES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, kinds)
    )
    assert [f"{file}: {line}" for file, text in texts for line in find_faults(text)] == []


def test_modules_are_short() -> None:
    lengths = {
        file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES
    }
    assert {file: length for file, length in lengths.items() if length > LONGEST} == {}
