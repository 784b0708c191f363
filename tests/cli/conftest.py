"""A command in a folder of its own."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from segmethods.__main__ import main


@pytest.fixture
def run(tmp_path, monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Run `score` in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        out = io.StringIO()
        code = main(["score", *words], out)
        return code, out.getvalue(), capsys.readouterr().err

    return run
