"""The lessons on networks through app.py: what moves when a control moves."""

from __future__ import annotations

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from segmethods.models.architectures import NETWORKS as NETWORK_FACTS
from tests.pages.test_learn import CHINESE, LOCALES, open_lesson, query, run

NETWORKS = ("patch_cnn", "fcn", "segnet", "deeplab", "ensemble")


def views(page: AppTest) -> dict[str, str]:
    """The pictures of a lesson: their titles and what is said below them."""
    bodies = "".join(e.proto.body for e in page.main.get("html") if "sm-caption" in e.proto.body)
    figures = re.findall(r'<figcaption class="sm-caption"><b>(.*?)</b>(.*?)</figcaption>', bodies)
    return {html.unescape(title): html.unescape(re.sub(r"<[^>]+>", " ", rest)) for title, rest in figures}


def images(page: AppTest) -> list[str]:
    return [src for e in page.main.get("html") for src in re.findall(r'src="(data:image/[^"]+)"', e.proto.body)]


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("lesson_id", NETWORKS)
def test_a_picture_of_ones_own_without_a_truth(lesson_id: str, language: str) -> None:
    page = open_lesson(lesson_id, {"picture": "hubble"}, LOCALES[language])
    assert views(page)
    assert not any("IoU" in note or "交并比" in note for note in views(page).values())
    assert bool(CHINESE.search("".join(views(page)))) == (language == "zh")


def test_patch_cnn_moves_its_window() -> None:
    page = open_lesson("patch_cnn")
    before = images(page)
    run(page.number_input(key="learn.patch_cnn.x").set_value(20))
    assert images(page)[0] != before[0]
    assert query(page)["x"] == "20"


def test_a_point_outside_of_a_smaller_picture_is_moved_into_it() -> None:
    page = open_lesson("patch_cnn", {"picture": "horse", "x": "5000", "y": "327"})
    assert page.number_input(key="learn.patch_cnn.x").value == 399
    assert page.number_input(key="learn.patch_cnn.y").value == 327


def test_patch_cnn_takes_its_times_again() -> None:
    page = open_lesson("patch_cnn")
    before = [c.value for c in page.main.caption if "Timed on this machine" in c.value]
    run(next(b for b in page.button if b.label == "Take the times again").click())
    after = [c.value for c in page.main.caption if "Timed on this machine" in c.value]
    assert len(before) == len(after) == 1
    assert page.session_state["patch_cnn.again"] == 1


def test_fcn_shows_the_maps_of_another_layer() -> None:
    page = open_lesson("fcn")
    maps = [title for title in views(page) if re.fullmatch(r"Map \d+", title)]
    assert len(maps) == 12
    run(page.slider(key="learn.fcn.layer").set_value(7))
    assert any("320 maps" in c.value for c in page.main.caption)


def test_fcn_adds_its_skips() -> None:
    page = open_lesson("fcn")
    assert {"FCN-32s", "FCN-16s", "FCN-8s", "Skip from stride 8 added", "Ground truth"} <= set(views(page))
    run(page.toggle(key="learn.fcn.stride_16").set_value(True))
    assert "0%" in views(page)["Where it differs from FCN-8s"]
    run(page.toggle(key="learn.fcn.stride_8").set_value(False))
    assert "Skip from stride 16 added" in views(page)


def test_segnet_shuffles_further() -> None:
    page = open_lesson("segnet")
    before = views(page)["Shuffled places"]
    run(page.selectbox(key="learn.segnet.square").set_value("16"))
    assert views(page)["Shuffled places"] != before
    assert views(page)["Right places"]


def test_segnet_shows_another_pooling_and_piece() -> None:
    page = open_lesson("segnet", {"y": "0", "pooling": "4"})
    assert "of 192" in views(page)["Before pooling"]
    before = images(page)
    run(page.number_input(key="learn.segnet.x").set_value(380))
    assert images(page)[0] != before[0]


def test_deeplab_spreads_its_taps() -> None:
    page = open_lesson("deeplab")
    assert "9 of nine taps lie in the picture" in views(page)
    run(page.slider(key="learn.deeplab.rate").set_value(12))
    assert "2 of nine taps lie in the picture" in views(page)
    (translate,) = (note for title, note in views(page).items() if title == "Pixels that influence the output")
    theory, half, most = (int(n) for n in re.findall(r"(\d+) × \1", translate))
    assert half < most < theory


def test_deeplab_switches_branches_off() -> None:
    page = open_lesson("deeplab")
    assert {"All five branches", "Ground truth"} <= set(views(page))
    run(page.toggle(key="learn.deeplab.image_pooling").set_value(False))
    assert "of the pixels changed" in views(page)["One branch off"]
    run(page.toggle(key="learn.deeplab.rate_3").set_value(False))
    assert "2 branches off" in views(page)


def test_the_ensemble_asks_its_members() -> None:
    page = open_lesson("ensemble")
    assert {"FCN", "SegNet", "DeepLab", "Ensemble’s answer", "Entropy", "Who is right"} <= set(views(page))
    run(page.pills(key="learn.ensemble.members").set_value(["fcn", "deeplab"]))
    assert "SegNet" not in views(page)
    run(page.selectbox(key="learn.ensemble.rule").set_value("vote"))
    (told,) = (m.value for m in page.main.markdown if "**every** member" in m.value)
    assert re.search("On (0|<1)% the ensemble is right though", told)  # by a vote only where scores are stretched


def test_a_street_is_offered_for_the_weights_that_know_streets() -> None:
    page = open_lesson("fcn")
    run(next(b for b in page.button if b.label == "Street").click())
    assert (query(page)["picture"], query(page)["weights"]) == ("street", "camvid")
    assert any("384 pixels long" in c.value for c in page.main.caption)
    score = re.search(r"Mean IoU (0\.\d\d)", views(page)["FCN-8s"])
    assert score
    assert float(score[1]) > 0.4


@pytest.mark.parametrize("network", NETWORKS[:4])
def test_a_network_says_how_it_differs_from_its_paper(network: str) -> None:
    page = open_lesson(network)
    told = [m.value for m in page.main.markdown]
    assert "**Differs from the paper in**" in told
    assert all(any(str(what) in text for text in told) for what in NETWORK_FACTS[network].differs)


def test_other_weights_know_other_classes() -> None:
    page = open_lesson("fcn", {"weights": "camvid", "picture": "motorcycle"})
    assert not re.search(r"\bcat\b", views(page)["FCN-8s"])
