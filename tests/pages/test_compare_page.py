"""The Compare page through app.py: every state that a user can meet, in both languages.

All tests share the pool of this process, and the small pictures and fast methods keep it quick.
"""

from __future__ import annotations

import importlib
import io
import json
import re
import socket
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

import segmethods as sm
from pages.compare.comparison import Comparison, judge
from pages.compare.takeaway import make_table, pack_archive
from pages.state import presence
from pages.state.images import LoadedImage, know_truth
from segmethods.core.messages import Message
from segmethods.core.types import Failure, GroundTruth
from segmethods.execution.pool import pool
from segmethods.io.images import digest
from segmethods.io.label_png import encode_labels
from segmethods.io.samples import get_sample, list_samples

APP = Path(__file__).resolve().parents[2] / "app.py"
CHINESE = re.compile("[\u4e00-\u9fff]")
QUICK = {"picture": "chelsea", "methods": "threshold,histogram"}


def visit(query: Mapping[str, str] = QUICK, locale: str = "en-US") -> AppTest:
    """The page as a first visitor with this address sees it."""
    page = AppTest.from_file(APP, default_timeout=180)
    page.context["locale"] = locale
    for name, value in query.items():
        page.query_params[name] = value
    return run(page)


def run(step: AppTest | Widget) -> AppTest:
    """The page after a step, which nothing went wrong in."""
    page = step.run()
    assert [e.value for e in page.exception] == []
    return page


def open_form(page: AppTest, method: str) -> AppTest:
    """The page with the form of a method unfolded."""
    page.session_state["session"].drafts[f"form.{method}"] = True
    return run(page)


def htmls(page: AppTest) -> list[str]:
    return [e.proto.body for e in page.main.get("html")]


def cells(page: AppTest, state: str = "") -> list[str]:
    """Cells as HTML, by state: first, done, failed."""
    return [body for body in htmls(page) if f'class="sm-cell sm-{state}' in body]


def query(page: AppTest) -> dict[str, str]:
    return {name: v if isinstance(v, str) else v[0] for name, v in page.query_params.items()}


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def two_halves(left: int = 20, right: int = 220) -> np.ndarray:
    """A picture with an obvious threshold, ``uint8 (24, 36, 3)``."""
    pixels = np.full((24, 36, 3), left, np.uint8)
    pixels[:, 18:] = right
    return pixels


def upload(page: AppTest, **files: bytes) -> AppTest:
    """Files of the user's own; underscores in their names stand for dots."""
    run(page.segmented_control(key="source").set_value("files"))
    uploader = page.file_uploader(key="files")
    return run(uploader.set_value([(name.replace("_", "."), data, "image/png") for name, data in files.items()]))


def test_the_first_visitor_sees_the_first_sample_compared() -> None:
    page = visit({})
    assert query(page)["picture"] == list_samples()[0].id == "chelsea"
    assert query(page)["methods"].split(",") == [m.id for m in sm.list_methods()]
    assert len(cells(page, "done")) + len(cells(page, "failed")) == len(sm.list_methods())
    assert re.search("DeepLab.* (finds cat best|come equally close to the truth)", page.title[0].value)
    assert any(re.search(r"IoU of cat 0\.\d\d", text.value) for text in page.markdown)


def test_a_cold_deep_link_opens_the_same_comparison() -> None:
    link = {"picture": "coins", "methods": "kmeans", "kmeans.k": "7", "view": "errors", "alignment": "hungarian"}
    page = visit({**link, "opacity": "35", "lang": "zh"})
    open_form(page, "kmeans")
    assert page.slider(key="kmeans.k").value == 7
    assert page.segmented_control(key="view").value == "errors"
    assert page.slider(key="opacity").value == 35
    assert "一对一" in cells(page, "done")[0]
    assert CHINESE.search(page.title[0].value)
    assert query(page) == {**link, "opacity": "35", "lang": "zh"}
    assert page.info == page.warning == []


def test_a_hand_edited_address_gets_a_calm_note() -> None:
    page = visit({"picture": "unicorn", "methods": "threshold,warp", "threshold.level": "loud", "view": "x-ray"})
    notes = [m.value for m in page.main.markdown]
    assert any("unicorn" in note for note in notes)
    assert any(r"threshold\.level=loud" in note for note in notes)
    assert len(cells(page, "done")) == 1
    assert query(page) == {"picture": "chelsea", "methods": "threshold", "view": "overlay"}
    run(page.button(key="notes.read").click())
    assert not any("unicorn" in m.value for m in page.main.markdown)


@pytest.mark.parametrize("chosen", ["fcn", "threshold"])
def test_weights_that_were_removed_meanwhile_are_the_default_again(chosen: str) -> None:
    page = visit({"picture": "chelsea", "methods": chosen})
    page.session_state["session"].params = {"fcn": {"weights": "mine", "size": "320"}}
    page = run(page)
    assert page.session_state["session"].params == {"fcn": {"size": "320"}}
    assert any("“mine”" in m.value and "is gone" in m.value for m in page.main.markdown)
    assert len(cells(page, "done")) == 1


def test_what_stands_in_a_link_is_shown_as_it_is() -> None:
    page = visit({**QUICK, "picture": "![x](https://example.org/x.png)"})
    note = next(m.value for m in page.main.markdown if "example" in m.value)
    assert "![" not in note
    assert "](" not in note


def test_a_folder_without_pictures_says_so() -> None:
    page = visit(QUICK)
    run(page.segmented_control(key="source").set_value("files"))
    run(page.toggle(key="folder").set_value(True))
    run(page.file_uploader(key="folder_files").set_value([("notes.txt", b"hello", "text/plain")]))
    assert page.sidebar.warning[0].value.startswith("There is no picture in this folder.")
    run(page.file_uploader(key="folder_files").set_value([("a.png", png(two_halves()), "image/png")]))
    assert "36 × 24" in cells(page, "first")[0]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_first_guess_of_the_language_comes_from_the_browser(locale: str) -> None:
    page = visit(QUICK, locale)
    assert bool(CHINESE.search(page.title[0].value)) == (locale == "zh-CN")


def test_all_choices_survive_a_change_of_language() -> None:
    page = visit({**QUICK, "threshold.algorithm": "triangle", "view": "labels", "histogram.method": "nonsense"})
    run(page.pills(key="sample").set_value("coins"))
    run(page.segmented_control(key="chart").set_value("timing"))
    before = query(page)
    run(page.segmented_control(key="language").set_value("zh"))
    assert query(page) == {**before, "lang": "zh"}
    open_form(page, "threshold")
    assert page.selectbox(key="threshold.algorithm").value == "triangle"
    assert page.segmented_control(key="chart").value == "timing"
    texts = [page.title[0].value, *cells(page), *(b.label for b in page.sidebar.button)]
    assert all(CHINESE.search(text) for text in texts)


def test_the_address_opens_the_chart_that_was_chosen() -> None:
    page = visit({**QUICK, "chart": "timing"})
    assert page.segmented_control(key="chart").value == "timing"
    run(page.segmented_control(key="chart").set_value("shares"))
    assert query(page)["chart"] == "shares"
    assert "chart" not in query(visit(QUICK))
    assert visit({**QUICK, "chart": "pie"}).segmented_control(key="chart").value == "scores"


def test_a_parameter_runs_its_method_again_and_no_other() -> None:
    page = visit({"picture": "chelsea", "methods": "threshold,kmeans"})
    open_form(page, "kmeans")
    before = cells(page, "done")
    known = len(pool().results)
    run(page.slider(key="kmeans.k").set_value(3))
    after = cells(page, "done")
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert len(pool().results) == known + 1
    assert query(page)["kmeans.k"] == "3"
    run(page.button(key="kmeans.defaults").click())
    assert "kmeans.k" not in query(page)
    assert page.slider(key="kmeans.k").value == 4


def test_a_parameter_without_effect_is_not_shown() -> None:
    page = visit(QUICK)
    open_form(page, "threshold")
    assert "threshold.level" not in [s.key for s in page.slider]
    run(page.selectbox(key="threshold.algorithm").set_value("fixed"))
    assert "threshold.level" in [s.key for s in page.slider]


def test_presets_choose_families() -> None:
    page = visit(QUICK)
    run(page.button(key="preset.classical").click())
    assert query(page)["methods"] == ",".join(m.id for m in sm.list_methods() if m.family == "classical")
    assert page.pills(key="methods").value == query(page)["methods"].split(",")


def test_without_methods_the_page_says_what_to_do() -> None:
    page = visit({"picture": "chelsea", "methods": ""})
    assert page.title[0].value == "No method is chosen"
    assert cells(page) == []
    assert query(page)["methods"] == ""


def test_without_a_truth_methods_are_compared_with_each_other() -> None:
    page = visit({**QUICK, "truth": "none", "view": "errors"})
    assert page.title[0].value == "These methods can't name what they find."
    assert any("Without a truth nothing is ranked." in text.value for text in page.markdown)
    assert not any("IoU" in cell for cell in cells(page))
    assert page.segmented_control(key="view").options == ["Overlay", "Labels", "Boundaries"]
    assert page.segmented_control(key="chart").value == "agreement"
    assert "sm-layer-disagreement" in cells(page, "first")[-1]


def test_a_sample_without_a_truth_offers_none() -> None:
    bare = next(s.id for s in list_samples() if s.mask is None)
    page = visit({**QUICK, "picture": bare})
    assert page.segmented_control(key="truth").value == "none"
    run(page.pills(key="sample").set_value("chelsea"))
    assert page.segmented_control(key="truth").value == "own"


def test_a_slider_that_moves_on_draws_the_results_and_nothing_else() -> None:
    page = open_form(visit({"picture": "chelsea", "methods": "threshold,kmeans", "kmeans.k": "3"}), "kmeans")
    links = len(page.sidebar.get("page_link"))
    slider = page.slider(key="kmeans.k")
    before = cells(page, "done")
    run(slider.set_value(5))
    assert page.session_state["session"].params == {"kmeans": {"k": 5}}
    assert query(page)["kmeans.k"] == "5"
    assert [old == new for old, new in zip(before, cells(page, "done"), strict=True)] == [True, False]
    assert len(page.title) == 1
    assert links > len(page.sidebar.get("page_link")) == 0


def test_who_was_gone_and_is_back_has_the_whole_page_drawn() -> None:
    page = visit({"picture": "chelsea", "methods": "threshold,kmeans"})
    before = cells(page, "done")
    for end in presence._ends.pop("test session id").values():
        end()
    assert page.session_state["session"].compare.drawn == {}
    run(page.segmented_control(key="chart").set_value("shares"))
    assert cells(page, "done") == before
    assert len(page.get("plotly_chart")) == 1
    assert len(page.sidebar.get("page_link")) > 0


def test_a_page_that_was_not_drawn_to_its_end_is_drawn_as_a_whole() -> None:
    page = open_form(visit({"picture": "chelsea", "methods": "threshold,kmeans", "kmeans.k": "3"}), "kmeans")
    page.session_state["session"].compare.is_whole = False
    run(page.slider(key="kmeans.k").set_value(5))
    assert len(page.sidebar.get("page_link")) > 0
    run(page.slider(key="kmeans.k").set_value(4))  # its default, from which there is no way back to be offered
    assert len(page.sidebar.get("page_link")) > 0


@pytest.mark.parametrize("view", ["overlay", "labels", "boundaries", "errors"])
def test_a_view_changes_the_style_and_no_cell(view: str) -> None:
    page = visit(QUICK)
    before = cells(page)
    run(page.segmented_control(key="view").set_value(view))
    assert cells(page) == before
    assert query(page)["view"] == view


@pytest.mark.parametrize("chart", ["scores", "agreement", "histogram", "timing", "shares", "tradeoff", "thresholds"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_every_chart_is_drawn(chart: str, locale: str) -> None:
    page = visit({"picture": "chelsea", "methods": "threshold,kmeans,histogram"}, locale)
    run(page.segmented_control(key="chart").set_value(chart))
    if chart == "thresholds":
        options = next(p for p in sm.get_method("threshold").parameters if p.name == "algorithm").options
        assert htmls(page)[-1].count('class="sm-cell') == len(options)
    elif chart in ("scores", "agreement"):
        assert any("data:image/svg+xml" in html for html in htmls(page))
    else:
        assert len(page.get("plotly_chart")) == 1


@pytest.mark.parametrize(
    ("methods", "finding", "said"),
    [
        ("threshold,kmeans", "No method has a rank here", "None of these can name what the truth shows"),
        ("threshold,fcn", "FCN comes closest to the truth", "FCN finds cat."),
    ],
)
def test_the_chart_of_scores_finds_what_the_verdict_finds(methods: str, finding: str, said: str) -> None:
    page = visit({"picture": "chelsea", "methods": methods, "chart": "scores"})
    [chart] = [html for html in htmls(page) if "data:image/svg+xml" in html]
    assert f'alt="{finding}"' in chart
    assert page.title[0].value.startswith(said)


def test_pictures_of_ones_own_and_a_strip_to_choose_from() -> None:
    page = upload(visit(QUICK), dark_png=png(two_halves()), light_png=png(two_halves(120, 250)))
    assert "36 × 24" in cells(page, "first")[0]
    assert query(page)["picture"] == "own"
    strip = page.pills(key="shown")
    assert len(strip.options) == 2
    first = cells(page, "done")
    run(strip.set_value(next(d for d in page.session_state["session"].uploads if d.name == "light.png").digest))
    assert "light.png" in cells(page, "first")[0]
    assert cells(page, "done") != first


def test_bad_files_get_a_line_each_and_the_good_ones_go_on() -> None:
    files = {"good_png": png(two_halves()), "evil_png": b"no picture at all", "empty_png": b""}
    page = upload(visit(QUICK), **files)
    lines = sorted(w.value.replace("\\", "") for w in page.sidebar.warning)
    assert len(lines) == 2
    assert lines[0].startswith("empty.png is empty.")
    assert lines[1].startswith("evil.png is not a picture.")
    assert "36 × 24" in cells(page, "first")[0]


def test_with_bad_files_alone_the_sample_stays() -> None:
    page = upload(visit(QUICK), evil_png=b"no picture at all")
    assert query(page)["picture"] == "chelsea"
    assert len(cells(page, "done")) == 2


def test_the_link_of_a_picture_of_ones_own_says_so_when_it_is_opened() -> None:
    page = visit({"picture": "own", "methods": "threshold"})
    assert any("an own picture, which isn’t kept when a page is loaded anew" in m.value for m in page.main.markdown)
    assert query(page)["picture"] == "chelsea"


def test_a_failing_method_fills_its_own_cell() -> None:
    flat = png(two_halves(90, 90))
    page = upload(visit({**QUICK, "methods": "threshold,kmeans"}), flat_png=flat)
    assert len(cells(page, "done")) == 1
    assert "Every pixel has the same value (90)" in cells(page, "failed")[0]


def test_when_all_methods_fail_the_verdict_says_so() -> None:
    page = upload(visit({**QUICK, "methods": "threshold"}), flat_png=png(two_halves(90, 90)))
    assert page.title[0].value == "No method gave a result; the cells say why."
    run(page.segmented_control(key="language").set_value("zh"))
    assert CHINESE.search(cells(page, "failed")[0])


def test_weights_that_cannot_be_fetched_leave_advice_in_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    published = importlib.import_module("segmethods.models.weights.published")
    monkeypatch.setattr(published, "TORCHVISION", f"http://127.0.0.1:{port}/")
    page = visit({"picture": "chelsea", "methods": "threshold,fcn", "fcn.weights": "torchvision"})
    assert len(cells(page, "done")) == 1
    assert "no network. Use the weights voc" in cells(page, "failed")[0]


def give_mask(mask: bytes) -> AppTest:
    page = upload(visit(QUICK), mine_png=png(two_halves()))
    run(page.segmented_control(key="truth").set_value("file"))
    return run(page.file_uploader(key="mask").set_value([("mask.png", mask, "image/png")]))


def test_a_mask_of_ones_own_gives_scores() -> None:
    labels = (two_halves()[..., 0] > 100).astype(np.uint8)
    page = give_mask(encode_labels(labels, sm.BINARY))
    assert "IoU 1.00" in cells(page, "done")[0]


def test_what_is_not_judged_is_always_said() -> None:
    labels = (two_halves()[..., 0] > 100).astype(np.uint8)
    page = give_mask(encode_labels(labels, sm.BINARY))
    assert any("All pixels are judged." in caption.value.replace("\\", "") for caption in page.sidebar.caption)


def test_a_mask_of_ones_own_is_still_the_truth_after_a_visit_elsewhere() -> None:
    """The address says truth=file, which makes sense as soon as the upload is known."""
    page = give_mask(encode_labels((two_halves()[..., 0] > 100).astype(np.uint8), sm.BINARY))
    run(page.switch_page("pages/models/page.py"))
    run(page.switch_page("pages/compare/page.py"))
    assert page.session_state["session"].truth == "file"
    assert not any("makes no sense" in element.value for element in page.main.markdown)
    assert "IoU 1.00" in cells(page, "done")[0]


def test_a_mask_stays_with_its_picture() -> None:
    """Another picture of the same size has no truth by it, unless a name says so."""
    labels = (two_halves()[..., 0] > 100).astype(np.uint8)
    page = give_mask(encode_labels(labels, sm.BINARY))
    other = np.flipud(two_halves()).copy()
    other[0, 0] = 7
    page = upload(page, mine_png=png(two_halves()), other_png=png(other))
    second = next(d for d in page.session_state["session"].uploads if d.name.startswith("other"))
    page.session_state["session"].shown = second.digest
    page = run(page)
    assert "mask.png was given for mine.png" in told(page)
    assert not any("IoU" in cell for cell in cells(page))


def told(page: AppTest) -> str:
    """Why a mask doesn't count: the sidebar says so, and the page, since on a phone the sidebar is closed."""
    beside, here = ([info.value.replace("\\", "") for info in part.info] for part in (page.sidebar, page.main))
    assert beside == here
    return beside[0] if beside else ""


def other_halves() -> bytes:
    """Another picture of the same size."""
    pixels = np.flipud(two_halves(30, 200)).copy()
    pixels[0, 0] = 7
    return png(pixels)


def give_named_mask() -> AppTest:
    """``photo.png``, dropped on the page itself, with the mask ``photo_mask.png``."""
    page = visit(QUICK)
    run(page.file_uploader(key="own_photo").set_value([("photo.png", png(two_halves()), "image/png")]))
    run(page.segmented_control(key="truth").set_value("file"))
    mask = encode_labels((two_halves()[..., 0] > 100).astype(np.uint8), sm.BINARY)
    page = run(page.file_uploader(key="mask").set_value([("photo_mask.png", mask, "image/png")]))
    assert "IoU 1.00" in cells(page, "done")[0]
    return page


def test_why_the_mask_of_a_picture_of_ones_set_was_left_out_is_said() -> None:
    """That no mask is named like the picture would be untrue."""
    labels = (two_halves()[..., 0] > 100).astype(np.uint8)
    mask = encode_labels(labels, sm.BINARY)
    files = {"a.png": png(two_halves()), "b.png": other_halves(), "a_mask.png": mask, "b_mask.png": mask[:60]}
    page = visit(QUICK)
    run(page.segmented_control(key="source").set_value("files"))
    run(page.file_uploader(key="files").set_value([(name, data, "image/png") for name, data in files.items()]))
    page.session_state["session"].shown = next(
        d.digest for d in page.session_state["session"].uploads if d.name == "b.png"
    )
    run(page)
    page = run(page.segmented_control(key="truth").set_value("file"))
    assert told(page).startswith("b_mask.png")
    assert "damaged" in told(page)


@pytest.mark.parametrize("name", ["other.png", "photo.png"])
def test_another_picture_is_not_judged_by_the_mask_of_the_one_before(name: str) -> None:
    """Not even one of the same name; the first one, when it comes back, is."""
    page = give_named_mask()
    run(page.file_uploader(key="files").set_value([(name, other_halves(), "image/png")]))
    assert "The mask photo_mask.png was given for photo.png" in told(page)
    assert not any("IoU" in cell for cell in cells(page))
    run(page.file_uploader(key="files").set_value([("photo.png", png(two_halves()), "image/png")]))
    assert told(page) == ""
    assert "IoU 1.00" in cells(page, "done")[0]


def test_a_mask_can_be_kept_for_another_picture_and_its_name_is_doubted() -> None:
    page = give_named_mask()
    run(page.file_uploader(key="files").set_value([("other.png", other_halves(), "image/png")]))
    run(page.button(key="mask.keep").click())
    assert told(page) == ""
    assert any("IoU" in cell for cell in cells(page, "done"))
    doubts = [caption.value.replace("\\", "") for caption in page.sidebar.caption]
    assert any("photo_mask.png isn’t named like other.png" in doubt for doubt in doubts)
    run(page.file_uploader(key="files").set_value([("photo.png", png(two_halves()), "image/png")]))
    assert "IoU 1.00" in cells(page, "done")[0]


def test_the_new_mask_of_another_picture_counts_beside_the_old_one() -> None:
    page = give_named_mask()
    run(page.file_uploader(key="files").set_value([("other.png", other_halves(), "image/png")]))
    old, new = (encode_labels(np.flipud(two_halves()[..., 0] > at).astype(np.uint8), sm.BINARY) for at in (100, 10))
    masks = [("photo_mask.png", old, "image/png"), ("drawn.png", new, "image/png")]
    run(page.file_uploader(key="mask").set_value(masks))
    assert any("IoU" in cell for cell in cells(page, "done"))


def test_no_field_names_a_picture_that_another_field_replaced() -> None:
    page = give_named_mask()
    run(page.file_uploader(key="files").set_value([("other.png", other_halves(), "image/png")]))
    fields = [field for field in page.main.get("file_uploader") if str(field.key).startswith("own_photo")]
    assert [field.value for field in fields] == [[]]
    run(fields[0].set_value([("photo.png", png(two_halves()), "image/png")]))
    fields = [field for field in page.sidebar.get("file_uploader") if str(field.key).startswith("files")]
    assert [field.value for field in fields] == [[]]


def test_a_mask_of_another_size_says_so_and_nothing_is_scored() -> None:
    page = give_mask(encode_labels(np.zeros((5, 7), np.uint8), sm.BINARY))
    assert "mask.png is 7 × 5 pixels, but the picture is 36 × 24" in page.sidebar.warning[0].value.replace("\\", "")
    assert len(cells(page, "done")) == 2
    assert not any("IoU" in cell for cell in cells(page))


def test_downloads_hold_the_labels_that_python_gives() -> None:
    pixels = get_sample("chelsea").image()
    image = LoadedImage("chelsea.png", pixels, digest(pixels), "chelsea")
    outcomes = {"threshold": sm.segment(pixels, "threshold"), "kmeans": Failure("kmeans", Message("No."))}
    comparison = Comparison(image, None, "auto", outcomes, {})
    with zipfile.ZipFile(io.BytesIO(pack_archive(comparison, ["Verdict."]))) as archive:
        assert {"report.html", "chelsea-scores.csv", "reproduce.py", "settings.json"} <= set(archive.namelist())
        mask = np.asarray(Image.open(archive.open("masks/chelsea-threshold.png")))
        told = json.load(archive.open("settings.json"))
        assert b"<h1>Verdict.</h1>" in archive.read("report.html")
    assert np.array_equal(mask, outcomes["threshold"].labels)
    assert [r["mask"] for r in told["results"]] == ["masks/chelsea-threshold.png"]
    assert [r["method"] for r in told["failed"]] == ["kmeans"]
    assert [line.split(",")[2] for line in make_table(comparison).splitlines()] == ["status", "ok", "failed"]


@pytest.mark.parametrize("scale", [1, 6])
def test_what_is_taken_away_has_boundaries_where_the_page_scores_them(scale: int) -> None:
    sample = get_sample("chelsea")
    truth = sample.truth()
    assert truth is not None
    pixels, labels = (np.ascontiguousarray(a.repeat(scale, 0)[:, :400]) for a in (sample.image(), truth.labels))
    image, known = LoadedImage("a.png", pixels, digest(pixels)), know_truth(GroundTruth(labels, truth.classes))
    outcome = sm.segment(pixels, "threshold")
    scores = {"threshold": judge(image, outcome, known, "auto")}
    table = make_table(Comparison(image, known, "auto", {"threshold": outcome}, scores))
    head, row = (line.split(",") for line in table.splitlines())
    assert (row[head.index("boundary_f")] == "") == (scale > 1)
    assert row[head.index("mean_iou")] != ""


def test_one_switch_says_what_all_networks_know() -> None:
    page = visit({"picture": "coins", "methods": "threshold,fcn,deeplab"})
    switch = page.segmented_control(key="knowledge")
    assert switch.value == "voc"
    run(switch.set_value("camvid"))
    params = page.session_state["session"].params
    assert {method: params[method]["weights"] for method in params} == {"fcn": "camvid", "deeplab": "camvid"}
    open_form(page, "fcn")
    assert page.selectbox(key="fcn.weights").value == "camvid"
    run(page.selectbox(key="fcn.weights").set_value("voc"))
    assert page.segmented_control(key="knowledge").value is None
