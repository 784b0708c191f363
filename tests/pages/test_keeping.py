"""What was made of pictures is kept within its limit, made once for all, and let go when nobody looks any more."""

from __future__ import annotations

import numpy as np
import pytest

import segmethods as sm
from pages.state import keeping, presence
from pages.state.keeping import Keeper, look_at
from segmethods.execution.cache import Results, make_key


class OwnPool:
    """Stands in for the pool of this process."""

    def __init__(self) -> None:
        self.results = Results(1_000_000)

    def cancel(self, client_id: str) -> None:
        pass


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> OwnPool:
    own = OwnPool()
    for module in (keeping, presence):
        monkeypatch.setattr(module, "pool", lambda: own)
    return own


def come(visitor: str, digest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (keeping, presence):
        monkeypatch.setattr(module, "client_id", lambda: visitor)
    look_at(digest)


def test_a_class_of_a_hundred_has_each_cell_made_once() -> None:
    kept = Keeper[bytes](100_000_000, len)
    for _ in range(6):
        for visitor in range(100):
            for method in range(9):
                kept.get(f"photo {visitor}", method, lambda: bytes(40_000))
    assert kept.made == 900


def test_the_limit_is_one_of_bytes_and_the_oldest_goes_first() -> None:
    kept = Keeper[bytes](100, len)
    kept.put("a", bytes(60))
    kept.put("b", bytes(30))
    kept.put("c", bytes(200))
    assert (kept.find("a"), kept.find("c"), len(kept)) == (bytes(60), None, 2)
    kept.put("d", bytes(30))
    assert kept.find("b") is None


def test_what_was_made_of_a_picture_goes_with_the_last_who_looked_at_it(
    pool: OwnPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, key = Keeper[str](100, len), make_key("photo", "threshold", {})
    kept.put("photo", "cell", "en")
    kept.put("other", "cell", "en")
    pool.results.put(key, sm.Segmentation(np.zeros((2, 2), np.uint8), sm.BINARY))
    for visitor in ("first", "second"):
        come(visitor, "photo", monkeypatch)
    presence._end("first")
    assert kept.find("photo", "en") == "cell"
    assert pool.results.get(key) is not None
    presence._end("second")
    assert (kept.find("photo", "en"), kept.find("other", "en")) == (None, "cell")
    assert pool.results.get(key) is None
