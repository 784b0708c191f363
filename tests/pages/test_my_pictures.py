"""My pictures through app.py: the verdict on a set, what is ranked in it, the suggestion, and what is taken away."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from pages.pictures import takeaway
from pages.state.own_images import own_set
from segmethods.core.settings import settings
from segmethods.core.types import BINARY
from segmethods.io.label_png import encode_labels
from segmethods.models.weights.catalogue import own_folder
from tests.bench.five_lines import draw_scratch

APP = Path(__file__).resolve().parents[2] / "app.py"
CHINESE = re.compile("[\u4e00-\u9fff]")


def run(step: AppTest | Widget) -> AppTest:
    page = step.run()
    assert [e.value for e in page.exception] == []
    return page


def visit(methods: str, locale: str = "en-US", **query: str) -> AppTest:
    page = AppTest.from_file(APP, default_timeout=180)
    page.context["locale"] = locale
    page.query_params["methods"] = ""
    run(page).switch_page("pages/pictures/page.py")
    for name, value in {"methods": methods, **query}.items():
        page.query_params[name] = value
    return run(page)


def scratches(count: int, with_truth: bool) -> dict[str, bytes]:
    """Loose files, as a person drops them."""
    files = {}
    for seed in range(count):
        image, truth = draw_scratch(seed, 128)
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        files[f"part-{seed}.png"] = buffer.getvalue()
        if with_truth:
            files[f"part-{seed}_mask.png"] = encode_labels(truth.astype(np.uint8), BINARY)
    return files


def give(page: AppTest, files: Mapping[str, bytes]) -> AppTest:
    given = [(name, data, "image/png") for name, data in files.items()]
    return run(page.file_uploader(key="pictures.files").set_value(given))


def texts(page: AppTest) -> str:
    return "\n".join(e.value for e in (*page.title, *page.markdown, *page.caption))


@pytest.fixture(scope="module")
def judged() -> AppTest:
    return give(visit("threshold,kmeans"), scratches(6, True))


def test_with_a_truth_the_set_is_ranked_as_benchmark_ranks_it(judged: AppTest) -> None:
    """As they come, both methods cut at the light, and only what K-means takes for dark is a little of an object."""
    assert judged.title[0].value == "Only K-means does better than a blank answer."
    table = judged.dataframe[0].value
    assert list(table.columns)[1:] == ["Picture", "Disagreement", "Threshold", "K-means"]
    assert len(table) == 6
    assert all(cell.startswith("≤ 0.") for cell in table["Threshold"])
    assert "IoU of object" in texts(judged)
    assert "ean IoU of this picture" not in texts(judged)


def test_the_page_says_aloud_what_beats_five_lines_of_opencv(judged: AppTest) -> None:
    page = run(judged.button(key="suggestion.follow").click())
    assert "The background is removed before Threshold, K-means." in texts(page)
    first, second = page.title[0].value, texts(page)
    assert "None of these" not in first
    score = float(re.search(r"IoU of object (0\.\d\d)", second)[1])
    assert score > 0.5
    assert page.session_state["session"].params["threshold"]["invert"] is True
    page = run(page.button(key="suggestion.undo").click())
    assert page.session_state["session"].params == {}


def test_report_table_and_zip_tell_the_same_story(judged: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    run(judged.button(key="suggestion.follow").click())
    title, visitor = judged.title[0].value, judged.session_state["session"]
    found = own_set(visitor)
    rows = list(list(judged.session_state["pictures.rows"].values())[-1].values())
    monkeypatch.setattr("pages.ui.reports.session", lambda: visitor)
    monkeypatch.setattr("pages.ui.language.session", lambda: visitor)
    head, *lines = csv.reader(io.StringIO(takeaway.make_csv(rows)))
    assert head[:7] == ["picture", "method", "main_class", "share", "objects", "foreground_iou", "mean_iou"]
    assert len(lines) == 12
    with zipfile.ZipFile(io.BytesIO(takeaway.make_archive(found, rows, visitor))) as archive:
        names = set(archive.namelist())
        report = archive.read("report.html").decode()
        objects = archive.read("pictures-objects.csv").decode().splitlines()
    assert {"reproduce.py", "settings.json", "pictures.csv", "charts/seconds.svg", "masks/part-0-kmeans.png"} <= names
    assert f"<h1>{title}</h1>".replace("'", "&#x27;") in report
    assert "IoU of object" in report
    assert objects[0].startswith("image,method,number,label,area")
    assert any(line.startswith("part-3.png,threshold,1,object,") for line in objects)


@pytest.mark.parametrize(("locale", "known"), [("en-US", "known to"), ("zh-CN", "误差为")])
def test_what_more_truth_is_worth_goes_with_the_verdict(locale: str, known: str) -> None:
    page = give(visit("threshold,kmeans", locale), scratches(3, True))
    assert known not in texts(page)  # nothing is ranked
    page = run(page.button(key="suggestion.follow").click())
    told = next(text.value for text in page.markdown if known in text.value)
    margin = float(re.search(r"±\s?(\d+)", told)[1])
    low, high = map(float, re.findall(r"[+-]\d+\.\d", texts(page))[:2])
    assert abs(margin - (high - low) / 2) < 0.6


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_without_a_truth_nothing_is_ranked(locale: str) -> None:
    page = give(visit("threshold,kmeans", locale), scratches(2, False))
    told = texts(page)
    if locale == "en-US":
        assert page.title[0].value == "These methods can't name what they find."
        assert "Without a truth nothing is ranked." in told
    else:
        assert CHINESE.search(page.title[0].value)
    assert "≤" not in told
    assert not re.search(r"\bbeats|leads|best\b", told)
    assert (page.dataframe[0].value.iloc[:, 2] >= 0).all()


@pytest.mark.parametrize(
    ("locale", "why"), [("en-US", "Every pixel has the same value"), ("zh-CN", "所有像素的值都相同")]
)
def test_a_cell_that_failed_says_why(locale: str, why: str) -> None:
    even = io.BytesIO()
    Image.new("RGB", (32, 24), "grey").save(even, "PNG")
    page = give(visit("threshold,kmeans", locale), scratches(1, False) | {"even.png": even.getvalue()})
    table = page.dataframe[0].value
    row = next(row for _, row in table.iterrows() if row.iloc[1].startswith("even"))
    assert why in row.iloc[3]
    assert len(row.iloc[3]) < 70
    below = next(text.value for text in page.markdown if why in text.value)
    assert "even" in below
    assert ("fixed level" if locale == "en-US" else "固定阈值") in below
    rows = list(list(page.session_state["pictures.rows"].values())[-1].values())
    failed = [line for line in csv.DictReader(io.StringIO(takeaway.make_csv(rows))) if line["error"]]
    assert [line["picture"] for line in failed] == ["even.png"]
    assert failed[0]["error"].startswith("Every pixel has the same value")


def test_its_link_opens_the_same_methods_and_settings() -> None:
    page = visit("threshold", **{"threshold.background": "median", "threshold.invert": "true"})
    assert page.session_state["session"].methods == ("threshold",)
    assert page.session_state["session"].params == {"threshold": {"background": "median", "invert": True}}


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_files_that_are_left_out_are_named_with_the_reason(locale: str) -> None:
    files = scratches(5, True)
    name = "part-2_mask.png"
    pixels = np.asarray(Image.open(io.BytesIO(files[name])))
    buffer = io.BytesIO()
    Image.fromarray(((pixels == 0) * 255).astype(np.uint8)).save(buffer, "PNG")
    page = give(visit("threshold", locale), {**files, name: buffer.getvalue(), "broken.jpg": b"nothing"})
    told = texts(page)
    assert "keep-white" not in told.replace("\\", "")
    assert "labelme" not in told
    assert len(page.dataframe[0].value) == 5
    assert "**broken.jpg**" in told.replace("\\", "")
    if locale == "en-US":
        assert "4 with truth" in told
        assert "White covers most of part-2_mask.png" in told.replace("\\", "")
    else:
        assert "White covers" not in told
        assert "beside" not in told
        assert "part-2_mask.png 大部分是白色" in told.replace("\\", "")


def test_a_mostly_white_mask_is_judged_once_its_owner_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    files = scratches(5, True)
    name = "part-2_mask.png"
    pixels = np.asarray(Image.open(io.BytesIO(files[name])))
    buffer = io.BytesIO()
    Image.fromarray(((pixels == 0) * 255).astype(np.uint8)).save(buffer, "PNG")
    page = give(visit("threshold"), {**files, name: buffer.getvalue()})
    assert "4 with truth" in texts(page)
    visitor = page.session_state["session"]
    monkeypatch.setattr("pages.ui.reports.session", lambda: visitor)
    monkeypatch.setattr("pages.ui.language.session", lambda: visitor)
    found, rows = own_set(visitor), list(list(page.session_state["pictures.rows"].values())[-1].values())
    assert "left out: White covers most of part-2_mask.png" in takeaway.make_csv(rows, found.skipped)
    assert "White covers most of part-2_mask.png" in takeaway.make_report(found, rows, visitor)
    page = run(page.toggle(key="pictures.white").set_value(True))
    assert "5 with truth" in texts(page)
    assert "White covers" not in texts(page)
    assert run(page.toggle(key="pictures.white").set_value(False)) is not None
    assert "4 with truth" in texts(page)


def test_after_a_reload_the_page_says_that_own_pictures_were_here() -> None:
    page = give(visit("threshold"), scratches(1, with_truth=False))
    address = {name: str(value if isinstance(value, str) else value[0]) for name, value in page.query_params.items()}
    assert not any("loaded anew" in text.value for text in page.main.markdown)
    again = visit(**address)
    assert any("own pictures, which aren’t kept when a page is loaded anew" in m.value for m in again.main.markdown)
    cleared = run(page.button(key="pictures.clear").click())
    assert "pictures" not in cleared.query_params


def test_csv_files_keep_one_language_and_one_name_for_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    page = give(visit("threshold,kmeans", "zh-CN"), {**scratches(2, True), "broken.jpg": b"nothing"})
    visitor = page.session_state["session"]
    monkeypatch.setattr("pages.ui.reports.session", lambda: visitor)
    monkeypatch.setattr("pages.ui.language.session", lambda: visitor)
    found, rows = own_set(visitor), list(list(page.session_state["pictures.rows"].values())[-1].values())
    assert "物体" in "".join(page.dataframe[0].value.iloc[0].astype(str))
    table = takeaway.make_csv(rows, found.skipped)
    objects = takeaway.list_objects(takeaway.analyse_all(rows, visitor))
    assert CHINESE.search(table + objects) is None
    told, counted = (list(csv.DictReader(io.StringIO(text))) for text in (table, objects))
    assert {row["main_class"] for row in told if row["method"]} <= {row["label"] for row in counted}
    assert {row["picture"] for row in told if row["method"]} == {row["image"] for row in counted}
    assert {row["picture"] for row in told} == {"part-0.png", "part-1.png", "broken.jpg"}


def test_a_network_that_was_taught_goes_by_the_name_of_its_weights() -> None:
    """Also where it fails: here the file of its weights is gone."""
    known = json.loads((settings().assets_dir / "weights" / "fcn-voc.json").read_text("utf-8"))
    record = own_folder() / "fcn-leaves.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(known | {"name": "fcn-leaves", "family": "leaves", "file": "fcn-leaves.safetensors"}))
    try:
        page = give(visit("threshold,fcn", **{"fcn.weights": "leaves"}), scratches(1, False))
    finally:
        record.unlink()
    assert list(page.dataframe[0].value.columns)[3:] == ["Threshold", "FCN (leaves)"]
    assert re.search(r"\*\*FCN \\?\(leaves\\?\)\*\* on .*part", texts(page))
