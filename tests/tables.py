"""The table of licences in README.md, as Markdown: ``python -m tests.tables``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
NAMES = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0",
}


def licences() -> str:
    """The packages that the project asks for, and their licences."""
    rows = [(name, version, licence(name)) for name, version in pinned(REQUIREMENTS)]
    return table(("package", "version", "licence"), rows, "lll")


def pinned(requirements: Path) -> Iterator[tuple[str, str]]:
    """The packages of a requirements file, each with the one version that it allows."""
    for line in requirements.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            yield name, version


def licence(package: str) -> str:
    """The licence of an installed package: the expression that it states, or its classifier."""
    about = metadata(package)
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    stated = about.get("License-Expression") or (classifiers or [about["License"].splitlines()[0]])[0]
    return NAMES.get(stated, stated)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """A Markdown table; `align` has one letter, l or r, a column.

    >>> print(table(("id", "n"), [("a", "1")], "lr"))
    | id | n |
    |:--|--:|
    | a | 1 |
    """
    rule = "|".join({"l": ":--", "r": "--:"}[a] for a in align)
    return "\n".join([f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)])


if __name__ == "__main__":
    print(licences())
