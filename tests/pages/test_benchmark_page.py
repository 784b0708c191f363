"""The Benchmark page through app.py: choose, run, stop, go on, show, take away, in both languages."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from pages.benchmark import background_runs
from pages.benchmark.run_report import make_report
from pages.benchmark.run_view import open_results
from pages.state import uploads
from segmethods.benchmark import export_rows, open_dataset, plan_configs, read_results
from segmethods.core.types import BINARY
from segmethods.io.label_png import encode_labels
from tests.waiting import wait_until

APP = Path(__file__).resolve().parents[2] / "app.py"
PAGE = "pages/benchmark/page.py"
CHINESE = re.compile("[\u4e00-\u9fff]")
QUICK = {"data": "shapes:count=6,size=64", "methods": "threshold,histogram"}


def visit(query: Mapping[str, str] = QUICK, locale: str = "en-US") -> AppTest:
    """The page as a visitor with this address sees it."""
    page = AppTest.from_file(APP, default_timeout=180)
    page.context["locale"] = locale
    page.query_params["methods"] = ""  # the first page, where AppTest begins, has nothing to compute
    run(page).switch_page(PAGE)
    for name in list(page.query_params):
        del page.query_params[name]
    for name, value in query.items():
        page.query_params[name] = value
    return run(page)


def run(step: AppTest | Widget) -> AppTest:
    """The page after a step, which nothing went wrong in."""
    page = step.run()
    assert [e.value for e in page.exception] == []
    return page


def name_of(page: AppTest) -> str:
    """The run that is open."""
    return str(page.session_state["session"].benchmark.run)


def finish(page: AppTest) -> AppTest:
    """The page when its run is over."""
    name = name_of(page)
    wait_until(lambda: not background_runs.is_going(name), 170, "the end of the run")
    return run(page)


@pytest.fixture(scope="module")
def done() -> str:
    """A run that is finished, by its name."""
    name = background_runs.start(open_dataset(QUICK["data"]), plan_configs(["threshold", "histogram"]))
    wait_until(lambda: not background_runs.is_going(name), 170, "the end of the run")
    return name


@pytest.fixture(scope="module")
def swept() -> str:
    page = visit({"data": "shapes:count=4,size=64", "methods": "threshold"})
    run(page.segmented_control(key="benchmark.task").set_value("sweep"))
    run(page.selectbox(key="benchmark.sweep").set_value("threshold"))
    run(page.selectbox(key="benchmark.parameter").set_value("algorithm"))
    run(page.button(key="benchmark.start").click())
    finish(page)
    return name_of(page)


def texts(page: AppTest) -> list[str]:
    return [e.value for e in (*page.title, *page.header, *page.markdown, *page.caption)]


def test_the_page_opens_with_the_samples() -> None:
    page = visit({"methods": "threshold"})
    assert page.segmented_control(key="benchmark.data").value == "samples"
    assert not page.button(key="benchmark.start").disabled
    assert sum(html.proto.body.count('class="sm-thumb"') for html in page.main.get("html")) >= 10


def test_start_progress_and_verdict() -> None:
    page = visit()
    assert any("6 pictures × 2 methods = 12 results" in text for text in texts(page))
    run(page.button(key="benchmark.start").click())
    assert re.fullmatch("[A-Za-z0-9_-]{16}", name_of(page))
    page = finish(page)
    assert dict(page.query_params)["run"] in (name_of(page), [name_of(page)])
    assert page.title[0].value == "Histogram and Threshold can't be told apart."
    assert len(page.dataframe[0].value) == 4  # two methods, two baselines


def test_a_run_is_found_again_by_its_address_in_both_languages(done: str) -> None:
    for locale in ("en-US", "zh-CN"):
        page = visit({"run": done}, locale)
        table = page.dataframe[0].value
        assert len(table) == 4
        assert bool(CHINESE.search(page.title[0].value)) == (locale == "zh-CN")
        assert bool(CHINESE.search(" ".join(table.columns))) == (locale == "zh-CN")


@pytest.mark.parametrize("panel", ["time", "spread", "pair", "images"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_every_panel_is_drawn(done: str, panel: str, locale: str) -> None:
    page = visit({"run": done}, locale)
    run(page.segmented_control(key="benchmark.panel").set_value(panel))
    if panel == "images":
        assert sum(button.key.startswith("benchmark.open.shapes-") for button in page.button if button.key) == 6
    else:
        assert len(page.get("plotly_chart")) == 1
    captions = [c.value for c in page.main.caption]
    assert all(CHINESE.search(c) for c in captions) == (locale == "zh-CN")


def test_choosing_the_other_one_twice_swaps_them(done: str) -> None:
    page = visit({"run": done})
    run(page.segmented_control(key="benchmark.panel").set_value("pair"))
    first, second = page.selectbox(key="benchmark.first").value, page.selectbox(key="benchmark.second").value
    run(page.selectbox(key="benchmark.first").set_value(second))
    assert page.selectbox(key="benchmark.second").value == first


def test_another_score_decides(done: str) -> None:
    page = visit({"run": done})
    run(page.selectbox(key="benchmark.metric").set_value("boundary_f"))
    assert any("Boundary F" in text.value for text in page.markdown)
    assert list(page.dataframe[0].value.columns)[1] == "Boundary F"


def test_a_picture_opens_on_compare_with_its_truth_and_the_methods(done: str) -> None:
    page = visit({"run": done})
    run(page.segmented_control(key="benchmark.panel").set_value("images"))
    button = next(b for b in page.button if b.key and b.key.startswith("benchmark.open.shapes-"))
    page = run(button.click())
    visitor = page.session_state["session"]
    assert visitor.methods == ("threshold", "histogram")
    assert visitor.uploads[0].name == f"{button.key.removeprefix('benchmark.open.')}.png"
    assert visitor.truth_file is not None
    assert any("64 × 64" in html.proto.body for html in page.main.get("html"))


def test_a_sweep_marks_its_best_value(swept: str) -> None:
    page = visit({"run": swept})
    assert "ODS" not in page.title[0].value
    assert "own best value" in page.markdown[0].value
    assert page.segmented_control(key="benchmark.panel").value == "sweep"
    assert len(page.get("plotly_chart")) == 1


def test_runs_lie_side_by_side(done: str, swept: str) -> None:
    page = visit({"run": done})
    page.session_state["session"].benchmark.runs = [done, swept]
    run(page)
    run(page.segmented_control(key="benchmark.panel").set_value("runs"))
    assert page.multiselect(key="benchmark.beside").value == [swept]
    assert any("different pictures" in c.value for c in page.caption)
    page = run(page.button(key="benchmark.new").click())
    opens = [b for b in page.button if b.key and b.key.startswith("benchmark.show.")]
    assert len(opens) == 2
    assert name_of(run(opens[1].click())) == swept


def test_a_stopped_run_keeps_what_is_done_and_goes_on() -> None:
    page = visit({**QUICK, "data": "shapes:count=40,size=64"})
    run(page.button(key="benchmark.start").click())
    name = name_of(page)
    wait_until(lambda: (r := background_runs.read_run(name)) is not None and r.done >= 1, 170, "the first picture")
    run(page)
    page = run(page.button(key="benchmark.stop").click())
    wait_until(lambda: not background_runs.is_going(name), 60, "the stop")
    page = run(page)
    kept = background_runs.read_run(name)
    assert kept is not None
    assert 1 <= kept.done < 40
    assert any("Paused" in text for text in texts(page))
    assert any(f"{kept.done} of 40 pictures" in text for text in texts(page))
    page = visit({"run": name})  # another tab
    run(page.button(key="benchmark.resume").click())
    assert name_of(page) == name
    page = finish(page)
    finished = background_runs.read_run(name)
    assert finished is not None
    assert (finished.done, finished.started) == (40, kept.started)
    store = background_runs.open_store(name)
    assert store is not None
    assert len(read_results(store, finished.id).images) == 40


def test_a_run_that_nobody_looks_at_pauses_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_runs, "ABANDONED", 0.0)
    name = background_runs.start(open_dataset("shapes:count=300,size=64"), plan_configs(["threshold"]))
    wait_until(lambda: not background_runs.is_going(name), 60, "the pause")
    page = visit({"run": name})
    assert any("nobody looked" in text for text in texts(page))


def test_too_many_runs_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = replace(background_runs.settings(), benchmark_runs=0)
    monkeypatch.setattr(background_runs, "settings", lambda: limits)
    page = visit()
    run(page.button(key="benchmark.start").click())
    assert name_of(page) == ""
    assert any("Too many benchmarks" in m.value for m in page.main.markdown)


@pytest.mark.parametrize("name", ["nonsense", "../../etc", "AAAAAAAAAAAAAAAA"])
def test_a_damaged_link_says_so(name: str) -> None:
    page = visit({"run": name})
    assert page.title[0].value == "There is no such run"
    assert name_of(run(page.button(key="benchmark.new").click())) == ""


def test_a_hand_edited_data_set_gets_a_note() -> None:
    page = visit({"data": "shapes:noise=99", "methods": "threshold"})
    assert any("noise must lie between" in m.value for m in page.main.markdown)
    assert page.segmented_control(key="benchmark.data").value == "shapes"


def test_a_run_can_be_deleted(done: str) -> None:
    name = background_runs.start(open_dataset("shapes:count=2,size=64"), plan_configs(["threshold"]))
    wait_until(lambda: not background_runs.is_going(name), 170, "the end of the run")
    page = visit({"run": name})
    assert not any(b.key == f"benchmark.delete.{name}" for b in page.button), "it isn't this visitor's run"
    page.session_state["session"].benchmark.runs = [name]
    page = run(page.button(key="benchmark.new").click())
    page = run(page.button(key=f"benchmark.delete.{name}").click())
    assert background_runs.read_run(name) is None
    assert background_runs.read_run(done) is not None
    page = run(page.button(key="benchmark.undo").click())
    assert background_runs.read_run(name) is not None
    assert page.session_state["session"].benchmark.runs == [name]
    background_runs.delete(name)
    background_runs._forget_old()
    assert background_runs.undelete(name), "within an hour it comes back"


def make_zip(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_png", ".png"), data)
    return buffer.getvalue()


def make_pair(seed: int) -> tuple[bytes, bytes]:
    """A picture and its truth, as PNG files."""
    labels = np.zeros((24, 32), np.uint8)
    labels[6:18, 4 + seed : 16 + seed] = 1
    buffer = io.BytesIO()
    Image.fromarray(np.where(labels[..., None] > 0, 200, 40).astype(np.uint8).repeat(3, axis=2)).save(buffer, "PNG")
    return buffer.getvalue(), encode_labels(labels, BINARY)


@pytest.fixture
def own() -> bytes:
    files = {}
    for i in range(3):
        files[f"images__p{i}_png"], files[f"labels__p{i}_png"] = make_pair(i)
    return make_zip(**files, images__lonely_png=make_pair(9)[0])


def give(page: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    run(page.segmented_control(key="benchmark.data").set_value("own"))
    return run(page.file_uploader(key="benchmark.files").set_value(list(files)))


def test_a_zip_of_ones_own_is_run_and_what_is_left_out_is_named(own: bytes) -> None:
    page = give(visit({"methods": "threshold"}), ("mine.zip", own, "application/zip"))
    assert any("3 pictures" in text for text in texts(page))
    assert any("lonely" in text for text in texts(page))
    run(page.button(key="benchmark.start").click())
    page = finish(page)
    assert page.dataframe[0].value.iloc[0, 1] == pytest.approx(1.0)
    assert any(text.startswith("mine ") for text in texts(page))
    assert any("lonely" in text for text in texts(page))
    kept = background_runs.read_run(name_of(page))
    assert kept is not None
    assert "Read as: plain, 3 pictures, 2 classes" in [text.replace("\\", "") for text in texts(page)]
    view = open_results(name_of(page), kept, "")
    assert view is not None
    assert "Read as: plain, 3 pictures, 2 classes" in make_report(view)
    assert background_runs.find_dataset(name_of(page), kept) is not None
    uploads.delete_expired(-1)
    assert background_runs.find_dataset(name_of(page), kept) is None
    run(page.segmented_control(key="benchmark.panel").set_value("images"))
    assert any("deleted" in info.value for info in page.info)


def test_a_report_names_pictures_that_can_no_longer_be_read() -> None:
    """A zip of its own: what is unpacked is shared by all who give the same bytes, and is spoiled here."""
    files = {}
    for i in range(2):
        files[f"images__p{i}_png"], files[f"labels__p{i}_png"] = make_pair(i + 10)
    page = give(visit({"methods": "threshold"}), ("spoiled.zip", make_zip(**files), "application/zip"))
    run(page.button(key="benchmark.start").click())
    page = finish(page)
    view = open_results(name_of(page), background_runs.read_run(name_of(page)), "")  # type: ignore[arg-type]
    found = background_runs.find_dataset(view.name, view.run)  # type: ignore[union-attr]
    assert found is not None
    spoiled = found[0].pairs[1].image
    assert isinstance(spoiled, Path)
    spoiled.write_bytes(spoiled.read_bytes()[:60])
    report = make_report(view)  # type: ignore[arg-type]
    assert report.count("<figure") >= 1
    assert "Not shown, since it can’t be read: images/p1.png is damaged" in report


def test_how_a_zip_was_read_is_said_before_the_run(own: bytes) -> None:
    page = give(visit({"methods": "threshold"}), ("mine.zip", own, "application/zip"))
    assert "Read as: plain, 3 pictures, 2 classes" in [text.replace("\\", "") for text in texts(page)]


def test_another_zip_of_the_same_name_shows_its_own_pictures() -> None:
    strips = []
    for seed in (0, 7):
        image, mask = make_pair(seed)
        page = give(
            visit({"methods": "threshold"}), ("same.zip", make_zip(images__a_png=image, labels__a_png=mask), "")
        )
        strips += [html.proto.body for html in page.main.get("html") if "sm-strip" in html.proto.body]
    assert len(strips) == len(set(strips)) == 2


def test_a_set_in_which_nothing_can_be_judged_says_so() -> None:
    image, _ = make_pair(0)
    small = encode_labels(np.zeros((12, 16), np.uint8), BINARY)
    data = make_zip(images__a_png=image, labels__a_png=small)
    page = give(visit({"methods": "threshold"}), ("small.zip", data, "application/zip"))
    assert page.button(key="benchmark.start").disabled
    assert any("16 × 12" in text for text in texts(page))


def test_nobody_is_ahead_of_who_is_just_as_good(own: bytes) -> None:
    page = give(visit({"methods": "threshold,kmeans"}), ("other.zip", own, "application/zip"))
    page = finish(run(page.button(key="benchmark.start").click()))
    told = "are level on 3 images, too few to tell them apart."
    assert page.title[0].value.endswith(told)


def test_pictures_without_truth_are_pointed_to_my_pictures() -> None:
    page = give(visit({"methods": "threshold"}), ("a.png", make_pair(0)[0], "image/png"))
    assert page.button(key="benchmark.start").disabled
    assert any("No truth for 1 picture*" in text for text in texts(page))
    assert any("draw the truth of two" in text for text in texts(page))
    page = page.switch_page("pages/pictures/page.py")
    assert any("1 picture" in text for text in texts(run(page)))


def test_a_bad_zip_gets_one_line() -> None:
    page = give(visit({"methods": "threshold"}), ("bad.zip", b"no zip at all", "application/zip"))
    assert len(page.main.warning) == 1
    assert page.button(key="benchmark.start").disabled


def test_exports_hold_a_row_for_each_picture_and_line(done: str) -> None:
    import pandas as pd

    store, run_of = background_runs.open_store(done), background_runs.read_run(done)
    assert store is not None
    assert run_of is not None
    results = read_results(store, run_of.id)
    readers: dict[str, Callable[[io.BytesIO], pd.DataFrame]] = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "json": pd.read_json,
    }
    for file_format, read in readers.items():
        assert len(read(io.BytesIO(export_rows(results, file_format)))) == 6 * 4


def pack(folder: str, maps: list[np.ndarray]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, labels in enumerate(maps):
            image = io.BytesIO()
            Image.fromarray(labels.astype(np.uint8)).save(image, "PNG")
            archive.writestr(f"{folder}/{number}.png", image.getvalue())
    return file.getvalue()


def test_predictions_made_elsewhere_are_ranked_as_methods_of_their_own() -> None:
    truths = [np.kron(np.arange(4).reshape(2, 2), np.ones((6, 6))) for _ in range(6)]
    halves = [np.where(np.arange(12) < 6, t, 0) for t in truths]
    page = visit({}, "zh-CN")
    page.file_uploader(key="predictions.truth").set_value([("truth.zip", pack("masks", truths), "application/zip")])
    zips = [(f"{name}.zip", pack(name, maps), "application/zip") for name, maps in (("half", halves), ("all", truths))]
    page.file_uploader(key="predictions.found").set_value(zips)
    run(page.toggle(key="predictions.boundaries").set_value(False))
    run(page.button(key="predictions.start").click())
    wait_until(lambda: page.session_state["predictions.job"].is_over, 100, "the scores")
    table = run(page).dataframe[0].value
    assert table.iloc[:, 0].tolist() == ["all", "half"]
    assert table.iloc[:, 1].tolist() == [1.0, pytest.approx((1 / 3 + 0 + 1 + 0) / 4)]
    assert not [name for name in table if "边界" in name]
    assert any("所有像素都参与评分。" in caption.value for caption in page.caption)
    name = page.session_state["session"].benchmark.scored
    linked = visit({"scored": name}, "zh-CN")
    assert linked.dataframe[0].value.equals(table)
    assert next(header.value for header in linked.header) == "在别处得到的预测"
    assert any("30 天" in info.value for info in visit({"scored": "x" * 16}, "zh-CN").info)


def test_a_run_without_boundaries_scores_all_else_and_says_how_to_repeat_it() -> None:
    page = visit({"data": "shapes:count=2,size=64", "methods": "threshold"})
    run(page.toggle(key="benchmark.boundaries").set_value(False))
    run(page.button(key="benchmark.start").click())
    page = finish(page)
    columns = list(page.dataframe[0].value.columns)
    assert "Mean IoU" in columns
    assert not any("Boundary" in column for column in columns)
    assert any("--no-boundaries" in code.value for code in page.code)
    assert any("boundaries=False" in code.value for code in page.code)
