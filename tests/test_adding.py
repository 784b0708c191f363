"""A page, a lesson, weights and a job are the files that CONTRIBUTING.md names: a copy of the project gets one each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import ROOT, copy_project

MENU = """
    PageSpec("hello", Message("Hello"), "pages/hello/page.py"),
    PageSpec("corners", Message("Corners"), "pages/learn/lessons/corners.py", within="learn"),
    PageSpec("blobs", Message("Blobs"), "pages/jobs/each/blobs.py", within="jobs"),
"""

PAGE = """
import streamlit as st

from pages.ui.language import t

st.title(t("Hello, you"))
"""

LESSON = '''
"""Corners: a level, and what lies above it."""

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.spec import Lesson, of_method
from pages.learn.views import plane_image

LESSON = Lesson("corners", sample="coins", controls=of_method("threshold", "level"))


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("threshold")
    return plane_image(result.labels, long_side=320) if result else None


def draw(ctx: LessonContext) -> None:
    ctx.text("where", level=str(ctx.control("level")))
    ctx.questions("where")


if __name__ == "__main__":
    show_lesson(LESSON, draw)
'''

TEXT = """# {title}

One line for the index.

## {heading} {{#where}}

The level is {{{{level}}}}.

### {question}

By looking.

## Source {{#source}}

Nobody.
"""

JOB = '''
"""Find a blob."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from segmethods.core.messages import Message
from segmethods.jobs._masks import count_mask, dice_figures, draw_mask, grey_image, list_labelled_cases
from segmethods.jobs.frame import Answer, JobSample, JobSampleFile, Figure, Job, Pipeline, Step, Task


def draw_blob(name: str, seed: int) -> JobSample:
    truth = np.zeros((40, 60), bool)
    row, column = np.random.default_rng(seed).integers(5, 25, 2)
    truth[row : row + 9, column : column + 9] = True
    return JobSample(name, grey_image(np.where(truth, 200, 40).astype(np.uint8)), truth)


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    names = [f"blob-{seed}-{number}" for number in range(count)]
    return {"all": [JobSampleFile(name, partial(draw_blob, name, seed + number)) for number, name in enumerate(names)]}


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    return {"all": list_labelled_cases(folder, lambda numbers: numbers > 0)}


def find_bright(case: JobSample) -> Answer:
    found = case.image[..., 0] > 100
    return Answer(found, (Step(Message("Image"), case.image), Step(Message("Bright"), draw_mask(case, found))))


JOB = Job(
    "blobs",
    Message("Blobs"),
    Message("Somewhere is a blob. It is bright. Find it."),
    (
        Task(
            "all",
            Message("Blobs"),
            (Pipeline("bright", Message("Bright"), Message("What is bright."), find_bright),),
            (Figure("dice", Message("Dice"), Message("Twice what both hold over the sum of both."), "Dice 1945"),),
            lambda case, value: count_mask(case.truth, value),
            dice_figures,
            draw_mask,
        ),
    ),
    read,
    generate,
    layout=Message("images/ and labels/NAME.png"),
)
'''

JOB_PAGE = """
from pages.jobs.application import show_job

if __name__ == "__main__":
    show_job("blobs")
"""

VISIT = """
import sys
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("app.py", default_timeout=200)
app.query_params["methods"], app.query_params["lang"] = "threshold", "en"
app.run()
app.query_params.clear()
app.query_params["lang"], app.query_params["count"] = "en", "2"
app.switch_page(sys.argv[1])
app.run()
assert not app.exception, [e.value for e in app.exception]
for element in (*app.title, *app.subheader, *app.markdown, *app.caption):
    print(element.value)
for element in app.get("page_link"):
    print("link", element.proto.label)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one more of each; what ships is linked and not copied."""
    folder = copy_project(tmp_path_factory.mktemp("house"))
    (folder / "assets").unlink()
    for path in (ROOT / "assets").rglob("*"):
        place = folder / path.relative_to(ROOT)
        place.mkdir(parents=True) if path.is_dir() else link(place, path)
    insert(folder / "pages" / "ui" / "menu.py", MENU.lstrip("\n"), before='    PageSpec("models"')
    write(folder / "pages" / "hello" / "page.py", PAGE)
    write(folder / "pages" / "learn" / "lessons" / "corners.py", LESSON)
    write(folder / "assets/lessons/en/corners.md", TEXT.format(title="Corners", heading="Where?", question="How?"))
    write(folder / "assets/lessons/zh/corners.md", TEXT.format(title="角点", heading="在哪里？", question="怎样？"))
    write(folder / "segmethods" / "jobs" / "blobs" / "__init__.py", JOB)
    write(folder / "pages" / "jobs" / "each" / "blobs.py", JOB_PAGE)
    weights = folder / "assets" / "weights"
    known = json.loads((weights / "patch_cnn-camvid.json").read_text("utf-8"))
    more = {"name": "patch_cnn-more", "family": "more", "file": "patch_cnn-more.safetensors"}
    write(weights / "patch_cnn-more.json", json.dumps(known | more))
    link(weights / "patch_cnn-more.safetensors", weights / "patch_cnn-camvid.safetensors")
    insert(
        folder / "segmethods" / "models" / "architectures" / "patch_cnn" / "__init__.py",
        'Recipe("patch_cnn", "more", 14),\n        ',
        before='Recipe("patch_cnn", "camvid"',
    )
    return folder


def link(place: Path, target: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def insert(place: Path, text: str, before: str) -> None:
    head, tail = place.read_text("utf-8").split(before)
    place.write_text(head + text + before + tail, "utf-8")


def write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text.lstrip("\n"), "utf-8")


def run(copy: Path, *words: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *words], cwd=copy, env=environment, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_page_is_its_file_and_its_line_in_the_menu(copy: Path) -> None:
    said = run(copy, "-c", VISIT, "pages/hello/page.py")
    assert "Hello, you" in said
    assert "link Hello" in said


def test_a_lesson_is_its_module_its_two_texts_and_its_line_in_the_menu(copy: Path) -> None:
    said = run(copy, "-c", VISIT, "pages/learn/lessons/corners.py")
    assert "By looking." in said
    assert "The level is 128." in said
    assert "link Corners" in said


def test_weights_are_their_file_their_record_and_a_recipe(copy: Path) -> None:
    listed = json.loads(run(copy, "-m", "segmethods", "list", "--json"))
    (network,) = [entry for entry in listed if entry["id"] == "patch_cnn"]
    (weights,) = [entry for entry in network["parameters"] if entry["name"] == "weights"]
    assert "more" in weights["options"]
    image = str(ROOT / "assets" / "brand" / "compare.webp")
    answers = [
        json.loads(
            run(copy, "-m", "segmethods", "compare", image, "--methods", "patch_cnn", "--json", "--params", params)
        )["results"][0]["classes"]
        for params in ('{"patch_cnn": {"weights": "more"}}', '{"patch_cnn": {"weights": "camvid"}}')
    ]
    assert answers[0] == answers[1]


def test_a_job_is_its_folder_its_page_and_its_line_in_the_menu(copy: Path) -> None:
    judged = json.loads(run(copy, "-m", "segmethods", "job", "blobs", "--generate", "3", "--json"))
    assert '"dice": 1.0' in json.dumps(judged)
    said = run(copy, "-c", VISIT, "pages/jobs/each/blobs.py")
    assert "Somewhere is a blob" in said
    assert "Dice 1" in said
    assert "link Blobs" in said
