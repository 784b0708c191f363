"""The table of data-set layouts in README.md, as Markdown: ``python -m tests.layouts``."""

from __future__ import annotations

from segmethods.datasets.layouts import LAYOUTS
from tests.tables import table


def layouts() -> str:
    """The layouts by name, in the order in which they are tried."""
    return table(("read as", "what lies where"), [(layout.name, layout.shows) for layout in LAYOUTS], "ll")


if __name__ == "__main__":
    print(layouts())
