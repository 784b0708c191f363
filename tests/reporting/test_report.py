"""The report and the ZIP that a user takes away."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.messages import Message
from segmethods.core.settings import ROOT
from segmethods.execution.compare import try_segment
from segmethods.reporting.comparison_report import Language as ReportLanguage
from segmethods.reporting.comparison_report import draw_charts, make_csv, plain_name, report_comparison
from segmethods.reporting.package import Analysed, pack_results
from segmethods.reporting.report import write_report
from segmethods.reporting.verdict import judge_blank, make_row, verdict

METHODS = ("threshold", "kmeans", "fcn")


@pytest.fixture(scope="module")
def images() -> list[Analysed]:
    image = np.ascontiguousarray(sm.get_sample("chelsea").image()[::3, ::3])
    truth = sm.GroundTruth(np.zeros(image.shape[:2], np.uint8), sm.VOC)
    outcomes = [try_segment(image, method, {}) for method in METHODS]
    outcomes.append(sm.Failure("edges", Message("No <edges> here.")))
    scores = {o.method: sm.score(o, truth) for o in outcomes if isinstance(o, sm.Segmentation)}
    return [Analysed("part <7>.tif", image, outcomes, scores), Analysed("part <7>.jpg", image, outcomes[:1])]


def test_report_is_one_file_that_asks_nothing_of_the_network(images: list[Analysed]) -> None:
    said: list[str] = []

    def say(message: Message) -> str:
        said.append(message.template)
        return f"«{message}»"

    told = report_comparison(images, "Which <one>?", ["DeepLab leads."], language=ReportLanguage(say, plain_name))
    page = write_report(told, say, "zh")

    assert "<html lang='zh'>" in page
    assert "<h1>DeepLab leads.</h1>" in page
    assert "Which &lt;one&gt;?" in page
    assert "No &lt;edges&gt; here." in page
    addresses = [a for a in re.findall(r"""(?:src|href)=['"]?([^'">\s]+)|url\(([^)]*)\)""", page) if any(a)]
    assert len(addresses) >= 5
    assert all((one or two).startswith("data:image/") for one, two in addresses)
    assert "default-src 'none'" in page
    assert {"How sure that is", "What it costs", "Terms", "Settings"} <= set(said)
    assert "Non-commercial research only" in page, "the terms of FCN's weights"
    assert page.count("<svg") == 2


def test_a_network_that_was_taught_goes_by_the_name_of_its_weights(images: list[Analysed]) -> None:
    """On everything that a report shows of it."""
    outcomes = [
        replace(o, params={**o.params, "weights": "my-scratches"}) if o.method == "fcn" else o
        for o in images[0].outcomes
    ]
    taught = replace(images[0], outcomes=outcomes)
    truth = sm.GroundTruth(np.zeros(taught.pixels.shape[:2], np.uint8), sm.VOC)
    rows = [make_row(outcome, taught.scores.get(outcome.method)) for outcome in outcomes]
    said = [str(sentence) for sentence in verdict(rows, judge_blank(truth))]
    told = report_comparison([taught], "Which one?", said)
    page = write_report(told, str, "en")
    named = re.findall(r"FCN(?! \(my-scratches\))[^<]*", page)
    assert "FCN (my-scratches)" in page
    assert [text for text in named if "fcn" not in text] == []


def test_masks_of_the_zip_are_made_again_bit_for_bit(images: list[Analysed], tmp_path: Path) -> None:
    charts = draw_charts(images, ReportLanguage())
    data = pack_results(images, {"scores.csv": make_csv(images)} | {f"charts/{k}.svg": v for k, v in charts.items()})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path)
    names = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}

    assert {"pictures/part_7.png", "masks/part_7-fcn.png", "masks/part_7-fcn-coloured.png"} <= names
    assert {"masks/part_7-2-threshold-overlay.jpg", "charts/scores.svg", "scores.csv", "reproduce.py"} <= names
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert settings["results"][1]["params"]["seed"] == 0
    assert settings["versions"]["segmethods"] == sm.__version__
    assert [len(told["weights_sha256"]) for told in settings["results"]] == [0, 0, 1, 0]

    assert run_script(tmp_path) == (0, "4 of 4 masks are the same, bit for bit.")
    mask = tmp_path / "masks/part_7-kmeans.png"
    mask.write_bytes((tmp_path / "masks/part_7-threshold.png").read_bytes())
    assert run_script(tmp_path) == (1, "3 of 4 masks are the same, bit for bit.")


def run_script(folder: Path) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, folder / "reproduce.py"], capture_output=True, text=True, env=environment, timeout=120
    )
    return done.returncode, done.stdout.splitlines()[-1]


def test_the_script_of_the_zip_says_what_to_install(images: list[Analysed], tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(pack_results(images, {}))) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import sys\nsys.modules['segmethods'] = None\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, tmp_path / "reproduce.py"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"Add it: pip install 'segmethods[networks]=={sm.__version__}'")


def test_table_names_shares_scores_and_failures(images: list[Analysed]) -> None:
    head, *rows = make_csv(images).splitlines()
    assert head.startswith("image,method,status,error,seconds,foreground_iou,mean_iou,alignment,share_")
    assert len(rows) == 5
    assert rows[3].startswith("part <7>.tif,edges,failed,No <edges> here.,")
