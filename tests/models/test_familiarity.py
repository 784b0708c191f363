"""Whether an image looks like those that weights learned from: told of strange ones, and only where it is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.settings import settings
from segmethods.methods._network import NetworkTrace
from segmethods.models import familiarity
from segmethods.models.familiarity import looks_familiar
from segmethods.training.familiarity import sum_up


@pytest.mark.parametrize(
    ("sample", "is_familiar"),
    [
        ("chelsea", True),
        ("astronaut", True),
        ("motorcycle", True),
        ("page", False),
        ("coins", False),
        ("hubble", False),
    ],
)
def test_photos_of_things_are_familiar_and_print_coins_and_stars_are_not(sample: str, is_familiar: bool) -> None:
    assert looks_familiar("voc", sm.get_sample(sample).image()) is is_familiar


def test_of_classes_whose_images_nobody_summed_up_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    page = sm.get_sample("page").image()
    assert looks_familiar("leaves", page) is None
    monkeypatch.setattr(familiarity, "network_file", lambda _name: Path("gone.xml"))
    assert looks_familiar("voc", page) is None


@pytest.mark.parametrize(
    ("method", "sample", "is_familiar"),
    [
        ("patch_cnn", "page", False),
        ("ensemble", "page", False),
        ("patch_cnn", "chelsea", True),
        ("fcn", "chelsea", None),
    ],
)
def test_a_network_asks_where_it_is_sure_of_nothing(method: str, sample: str, is_familiar: bool | None) -> None:
    trace = sm.segment(sm.get_sample(sample).image(), method).trace
    assert isinstance(trace, NetworkTrace)
    assert trace.is_familiar is is_familiar


def test_looks_are_summed_up_so_that_all_but_a_twentieth_of_others_like_them_are_within_the_limit() -> None:
    random = np.random.default_rng(0)
    middles = random.normal(0, 3, (5, 304))
    looks, others = (
        (middles[random.integers(0, 5, count)] + random.normal(0, 1, (count, 304))).astype(np.float32)
        for count in (400, 200)
    )
    known = sum_up(looks)
    scaled = ((others - known["mean"]) / known["spread"]).astype(np.float32)
    away = familiarity.distances(scaled, known["kept"].astype(np.float32)).min(axis=1)
    assert 0.9 < np.mean(away <= known["limit"]) < 1
    assert settings().assets_dir in familiarity.looks_file("voc").parents
