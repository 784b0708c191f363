"""The pages of the jobs, in both languages."""

import io
import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.jobs.application import list_told, read_own
from pages.jobs.leaderboard import known_figures
from segmethods.core.messages import Message
from segmethods.jobs import get_job, list_jobs
from segmethods.jobs.running import CaseResult, run_subset

APP = Path(__file__).resolve().parents[2] / "app.py"
CELLS = re.compile("<t[hd] [^>]*>([^<]*)")
CHINESE = re.compile("[\u4e00-\u9fff]")


def visit(page: str, language: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=300)
    app.query_params["methods"], app.query_params["lang"] = "", language
    app.run()
    app.query_params.clear()
    for name, value in {**query, "lang": language}.items():
        app.query_params[name] = value
    app.switch_page(page)
    app.run()
    assert [e.value for e in app.exception] == []
    return app


def read_table(page: AppTest) -> tuple[list[str], list[list[str]]]:
    """The leaderboard: its titles, and the texts of its rows."""
    body = next(e.proto.body for e in page.main.get("html") if "sm-rows" in e.proto.body and "<table" in e.proto.body)
    titles, *rows = ([unescape(text) for text in CELLS.findall(row)] for row in body.split("</tr>")[:-1])
    return titles, rows


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_job_has_a_card(language: str) -> None:
    page = visit("pages/jobs/page.py", language)
    assert len([e for e in page.main.get("html") if "sm-job" in e.proto.body and "<img" in e.proto.body]) == len(
        list_jobs()
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", list_jobs())
def test_a_job_says_its_verdict_and_shows_its_steps(name: str, language: str) -> None:
    page = visit(f"pages/jobs/each/{name}.py", language, count="2")
    verdict = page.main.header[0].value
    assert bool(CHINESE.search(verdict)) == (language == "zh")
    steps = [e.proto.body for e in page.main.get("html") if "sm-steps" in e.proto.body and "<figure" in e.proto.body]
    assert sum(body.count("<figure>") >= 2 for body in steps) >= len(get_job(name).tasks[0].pipelines)
    assert len(read_table(page)[1]) >= 2


def test_an_address_restores_the_choices_and_leaves_out_nonsense() -> None:
    query = {"count": "3", "noise": "0.2", "shown": "2"}
    page = visit("pages/jobs/each/medical.py", "en", **query)
    assert page.slider(key="jobs.medical.count").value == 3
    assert page.slider(key="jobs.medical.noise").value == 0.2
    assert page.selectbox(key="jobs.medical.shown").value == 2
    assert {k: v for k, v in page.query_params.items() if k != "lang"} == query
    other = visit("pages/jobs/each/medical.py", "en", count="many", noise="9", task="teeth")
    assert any("makes no sense" in e.value for e in other.main.markdown)
    assert other.slider(key="jobs.medical.count").value == 8


def test_the_figure_that_decides_stands_beside_the_name() -> None:
    titles, _ = read_table(visit("pages/jobs/each/shelf.py", "en", count="1"))
    assert titles[:2] == ["Pipeline", "F1 of gaps at IoU 0.3 ↑"]
    assert titles[-1] == "Time", "every pipeline answered: a column of zeros says nothing"


def test_the_headline_the_table_and_the_reasons_name_the_same_pipelines_first() -> None:
    page = visit("pages/jobs/each/bottles.py", "en", count="4", noise="0")
    shown = [row[0] for row in read_table(page)[1]]
    titles = {p: f"**{p}**: " for p in shown}
    reasons = [p for e in page.main.markdown for p, start in titles.items() if e.value.startswith(start)]
    assert "Why these lead" in [e.value for e in page.main.header]
    assert reasons == shown
    headline = page.main.header[0].value.replace("\\", "")
    assert "level. False accepts: 0. " in headline
    assert f" is lowest for {shown[0]}: " in headline


def test_a_figure_that_has_no_value_takes_no_column() -> None:
    """Two images of one eye have no error rate."""
    job = get_job("iris")
    assert job.generate is not None
    cases = job.generate(2, 0, {knob.id: knob.default for knob in job.knobs})["all"]
    result = run_subset(job.tasks[0], cases, ["daugman"])
    assert [figure.id for figure in known_figures(result)] == ["not_found"]


def test_two_uploads_of_one_name_are_both_shown() -> None:
    files = [SimpleNamespace(name="a.png", getvalue=lambda level=level: to_png(level)) for level in (10, 90, 200)]
    found = read_own(files)
    assert [name for name, _ in found] == ["a.png", "a-2.png", "a-3.png"]
    assert [image[0, 0, 0] for _, image in found] == [10, 90, 200]


def to_png(level: int) -> bytes:
    return encode(np.full((20, 20, 3), level, np.uint8))


def test_an_image_without_an_answer_stands_in_the_table_with_its_reason() -> None:
    found, lost = (CaseResult("a", "network", None, 0.1, error) for error in (None, Message("All alike.")))
    assert "error" not in list_told("a.png", found)
    assert list_told("b.png", lost) == {"image": "b.png", "pipeline": "network", "error": "All alike."}


def test_several_images_of_ones_own_are_all_answered() -> None:
    job = get_job("search")
    assert job.generate is not None
    cases = job.generate(2, 0, {knob.id: knob.default for knob in job.knobs})["all"]
    page = visit("pages/jobs/each/search.py", "en", count="1")
    page.segmented_control(key="jobs.search.source").set_value("own").run()
    uploader = page.file_uploader(key="jobs.search.files")
    uploader.set_value([(f"{case.name}.png", encode(case.load().image), "image/png") for case in cases]).run()
    assert [e.value for e in page.exception] == []
    assert [e.value for e in page.main.error] == []
    assert len(page.main.subheader) == len(cases)


def encode(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
