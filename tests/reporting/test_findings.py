"""What is said of the samples without a truth: true answers are told, improbable ones are doubted."""

from __future__ import annotations

import pytest

import segmethods as sm
from segmethods.reporting.findings import Find, Finds, list_finds, tell_finds, tell_set


@pytest.mark.parametrize(
    ("sample", "doubt"),
    [
        ("chelsea", ""),
        ("astronaut", "DeepLab sees bottle"),
        ("camera", ""),
        ("horse", ""),
        ("motorcycle", ""),
        ("coffee", "one class rarely fills a picture"),
    ],
)
def test_only_improbable_answers_are_doubted(sample: str, doubt: str) -> None:
    image = sm.get_sample(sample).image()
    told = tell_finds({method: list_finds(sm.segment(image, method)) for method in ("fcn", "deeplab")})
    doubts = [str(message) for message in told if str(message).startswith("Doubtful")]
    assert len(doubts) == bool(doubt)
    assert doubt in "".join(doubts)


def test_networks_that_see_a_thing_without_being_sure_are_told_apart_from_those_that_do_not_see_it() -> None:
    sure, unsure = (Finds((Find("sheep", 0.2, confidence),), ("sheep",)) for confidence in (0.9, 0.5))
    told = [str(m) for m in tell_finds({"fcn": sure, "deeplab": sure, "segnet": unsure, "patch_cnn": Finds()})]
    assert told[0] == "Found: sheep, by 2 of 4 networks (20% of the picture)."
    assert told[1] == "1 more network sees sheep without being sure."


@pytest.mark.parametrize(("weights", "name"), [("voc", "DeepLab"), ("leaves", "DeepLab (leaves)")])
def test_a_doubt_names_the_weights_that_a_user_taught(weights: str, name: str) -> None:
    doubtful = Finds((Find("leaf", 0.2, 0.5),), ("leaf",), {"weights": weights})
    assert f": {name} comes nearest with leaf, 50% sure." in "".join(map(str, tell_finds({"deeplab": doubtful})))


CAT, SOFA = Find("cat", 0.3, 0.4), Find("sofa", 0.1, 0.66)
FOREIGN = "The picture looks unlike those that they learned from."


@pytest.mark.parametrize(
    ("familiar", "finds", "first", "more"),
    [
        ((True, True), (CAT,), "FCN comes nearest with cat, 40% sure.", []),
        (
            (None, None),
            (CAT, SOFA),
            "FCN comes nearest with sofa, 66% sure.",
            ["FCN sees cat on 30% of the picture, but is only 40% sure."],
        ),
        ((False, None), (SOFA,), "FCN comes nearest with sofa, 66% sure.", []),  # one may have learned from such
        ((False, False), (SOFA,), "FCN comes nearest with sofa, 66% sure.", [FOREIGN]),
        ((False, False), (), "No network finds anything that it knows here.", [FOREIGN]),
        ((True, True), (), "No network finds anything that it knows here.", []),
    ],
)
def test_weak_answers_are_told_and_the_picture_is_called_foreign_only_if_it_looks_so(
    familiar: tuple[bool | None, bool | None], finds: tuple[Find, ...], first: str, more: list[str]
) -> None:
    both = {"fcn": Finds(finds, is_familiar=familiar[0]), "deeplab": Finds(is_familiar=familiar[1])}
    told = [str(message) for message in tell_finds(both)]
    assert told[0].endswith(first)
    assert [text.removeprefix("Doubtful: ") for text in told[1:-1] if "finds nothing" not in text] == more
    assert [str(message) for message in tell_set([both, both])][:-1] == [
        "No network is sure of anything in any of these pictures.",
        *(["2 pictures look unlike those that the networks learned from."] if FOREIGN in more else []),
    ]


@pytest.mark.parametrize(("sample", "is_foreign"), [("page", True), ("ihc", False)])
def test_finds_carry_whether_the_picture_looks_foreign(sample: str, is_foreign: bool) -> None:
    image = sm.get_sample(sample).image()
    told = tell_finds({method: list_finds(sm.segment(image, method)) for method in ("fcn", "deeplab")})
    assert str(told[0]).startswith("No network ")
    assert (FOREIGN in map(str, told)) is is_foreign
