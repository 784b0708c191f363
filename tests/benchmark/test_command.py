"""``benchmark`` on the command line: what it prints, and what it says of bad input."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmethods.__main__ import main
from tests.benchmark.conftest import write_mask

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        return main(["benchmark", *words, "--workers", "1", "--out", str(tmp_path / "out")], out), out.getvalue()

    return run


def test_json(run: Run, plain: Path) -> None:
    write_mask(plain / "labels" / "stray.png")
    code, text = run(str(plain), "--methods", "threshold,kmeans", "--params", '{"kmeans": {"k": 2}}', "--json")
    report = json.loads(text)
    assert code == 0
    assert list(report) == ["dataset", "images", "skipped", "notes", "metric", "ranking", "verdict", "results"]
    assert (report["dataset"], report["images"]) == ("plain", 3)
    assert report["skipped"] == [
        {"name": "labels/stray.png", "reason": "No picture has this mask's name. Add it, or take the mask out."}
    ]
    assert report["notes"] == [
        "Read as: plain, 3 pictures, 2 classes",
        "1 file left out, 0 other files passed over",
    ]
    assert [row["method"] for row in report["results"]] == ["threshold", "kmeans", "blank", "random"]
    for row in report["results"]:
        assert set(row) >= {
            "method",
            "mean_iou",
            "class_iou",
            "pixel_accuracy",
            "covering",
            "pri",
            "vi",
            "boundary_f",
            "alignment",
            "seconds_median",
            "seconds_p90",
        }
    first, blank = report["results"][0], report["results"][2]
    assert first["mean_iou"] == pytest.approx(1, abs=0.05)
    assert first["alignment"] == "learned"
    assert report["metric"] == "foreground_iou"
    assert first["upper_bound"]["foreground_iou"] == pytest.approx(first["foreground_iou"])
    assert 0 < first["seconds_median"] <= first["seconds_p90"]
    assert blank["seconds_median"] is None


def test_the_table_says_it_in_words(run: Run, plain: Path) -> None:
    write_mask(plain / "labels" / "stray.png")
    code, text = run(str(plain), "--methods", "threshold", "--limit", "2")
    assert code == 0
    assert text.startswith(
        "plain, 2 images\nThreshold reaches 1.00 (IoU of square) on 2 images.\nA blank answer has 0.00.\n"
    )
    for part in ("baseline: blank", "baseline: random", "1 left out:", "labels/stray.png: No picture"):
        assert part in text


def test_what_was_assumed_of_pictures_is_said_with_the_table_and_again_by_a_finished_run(run: Run, plain: Path) -> None:
    Image.fromarray(np.arange(768, dtype=np.uint16).reshape(24, 32) * 5).save(plain / "images" / "1.png")
    note = "1: Values from 0 to 4095 became black to white."
    words = [str(plain), "--methods", "threshold"]
    assert note in run(*words)[1].splitlines()
    assert note in run(*words, "--resume")[1].splitlines()
    assert note in json.loads(run(*words, "--resume", "--json")[1])["notes"]


def test_how_a_folder_is_read_is_said_before_the_run(run: Run, plain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (plain / "images" / "Thumbs.db").write_bytes(b"x")
    assert run(str(plain), "--methods", "threshold")[0] == 0
    assert capsys.readouterr().err.splitlines() == [
        "Read as: plain, 3 pictures, 2 classes",
        "0 files left out, 1 other file passed over",
    ]


@pytest.mark.parametrize(
    ("labels", "problem"),
    [(np.zeros((9, 9)), "every picture was left out"), (np.full((24, 32), 255), "every picture was left out")],
    ids=["sizes", "void"],
)
def test_a_run_in_which_nothing_is_judged_ends_with_a_line(
    labels: NDArray[np.float64], problem: str, run: Run, plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for mask in (plain / "labels").iterdir():
        indexed = Image.fromarray(labels.astype(np.uint8))
        indexed.putpalette(list(range(256)) * 3)
        indexed.save(mask)
    code, _ = run(str(plain), "--methods", "threshold")
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert code == 2
    assert line.startswith("error: Nothing was judged")
    assert problem in line


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nowhere"], "There is no data set nowhere"),
        (["shapes", "--methods", "treshold"], "There is no method treshold"),
        (["shapes", "--params", "{"], "--params is not JSON"),
        (["shapes", "--limit", "0"], "The limit must be at least 1"),
        (["shapes", "--limit", "many"], "invalid int value"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: list[str], problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words)[0] == 2
    error = capsys.readouterr().err
    assert problem in error
    assert error.count("\n") == 1
