"""What the project asks for is pinned exactly and may be used freely."""

import re
from pathlib import Path

import pytest

from tests.tables import REQUIREMENTS, licence, pinned

TESTS = Path(__file__).parent / "requirements.txt"


@pytest.mark.parametrize("file", [REQUIREMENTS, TESTS], ids=str)
def test_every_version_is_exact(file: Path) -> None:
    assert all(re.fullmatch(r"[\d.]+", version) for _, version in pinned(file))


def test_no_package_is_under_the_gpl() -> None:
    licences = {name: licence(name) for name, _ in pinned(REQUIREMENTS)}
    assert not {n: text for n, text in licences.items() if re.search(r"\bA?GPL|GNU (Affero )?General", text)}
