"""The table in README.md was measured on the weights that ship."""

import re
from pathlib import Path

from segmethods.models.weights import embedded

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_readme_has_the_digest_of_every_set_that_ships():
    measured = dict(re.findall(r"^\| `([\w-]+)` \| `(\w{8})` \|", README.read_text("utf-8"), re.MULTILINE))
    shipped = {weights.name: weights.sha256[:8] for weights in embedded().values()}
    stale = {name for name, digits in shipped.items() if measured.get(name) != digits}
    assert not stale, "measure them: make readme ARGS=--measure DATA=DIR, see tests/accuracy"
