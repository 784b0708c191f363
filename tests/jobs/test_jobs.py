"""The jobs: on clean images some pipeline finds the truth, figures fall as images get harder, and folders are read."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.__main__ import main
from segmethods.cli.job import tell_failures, told
from segmethods.jobs import get_job, list_jobs
from segmethods.jobs.as_json import to_json
from segmethods.jobs.faces.recognition import Likeness
from segmethods.jobs.faces.recognition import draw as draw_likeness
from segmethods.jobs.frame import Answer, Figure, JobSample, Message, Pipeline, Task
from segmethods.jobs.report import report_job
from segmethods.jobs.running import CaseResult, SubsetResult, is_ahead, judge, run_subset
from segmethods.jobs.satellite import run_kmeans
from segmethods.jobs.search import Ranking
from segmethods.jobs.search import draw as draw_ranking

CLEAN = {"noise": 0.0, "blur": 0.3, "light": 0.0, "shift": 0.0, "clutter": 0.0}
QUICK = {
    "bottles": {"all": ["edges"]},
    "defects": {"tile": ["difference"], "crack": ["difference"], "pcb": ["local_template"]},
    "driving": {"all": ["colour_model"]},
    "faces": {"find": ["skin"], "recognise": ["fisherfaces"]},
    "iris": {"all": ["daugman"]},
    "medical": {"nuclei": ["otsu_watershed"]},
    "plates": {"all": ["black_hat_network"]},
    "satellite": {"all": ["kmeans"]},
    "search": {"all": ["colour_object"]},
    "shelf": {"all": ["tall"], "planogram": ["registered"]},
    "surveillance": {"all": ["knn"]},
}
"""For each task that draws images the classical pipeline that does best on them."""
FOUND = {
    ("bottles", "all"): 0.0,
    ("defects", "tile"): 0.95,
    ("defects", "crack"): 0.9,
    ("defects", "pcb"): 0.9,
    ("driving", "all"): 0.6,
    ("faces", "recognise"): 0.9,
    ("iris", "all"): 0.0,
    ("medical", "nuclei"): 0.95,
    ("plates", "all"): 0.9,
    ("satellite", "all"): 0.55,
    ("search", "all"): 0.8,
    ("shelf", "all"): 0.95,
    ("shelf", "planogram"): 0.95,
    ("surveillance", "all"): 0.9,
}
"""What it reaches on clean images at least; on bottles at most."""


def knobs_of(name: str, **given: float) -> dict[str, float]:
    return {knob.id: given.get(knob.id, knob.default) for knob in get_job(name).knobs}


def figure(name: str, task_id: str, count: int, **knobs: float) -> float:
    job = get_job(name)
    assert job.generate is not None
    task = job.task(task_id)
    result = run_subset(task, job.generate(count, 1, knobs_of(name, **knobs))[task_id], QUICK[name][task_id])
    return result.pipelines[0].figures[task.main_figure.id]


def test_every_job_says_what_it_is_and_draws_images() -> None:
    assert set(list_jobs()) == set(QUICK)
    for name in list_jobs():
        job = get_job(name)
        assert job.id == name
        assert str(job.about).count(".") >= 2
        assert str(job.layout)
        assert job.generate is not None
        first, again = (job.generate(1, 5, knobs_of(name)) for _ in range(2))
        for task, cases in first.items():
            one, two = cases[0].load(), again[task][0].load()
            assert one.image.dtype == np.uint8
            assert one.image.shape[2] == 3
            assert (one.image == two.image).all()
            assert one.truth is not None


@pytest.mark.parametrize(("name", "task"), FOUND)
def test_on_clean_images_the_truth_is_found(name: str, task: str) -> None:
    found = figure(name, task, 1 if name == "surveillance" else 9, **CLEAN)
    better = get_job(name).task(task).main_figure.higher_is_better
    assert found >= FOUND[name, task] if better else found <= FOUND[name, task]


@pytest.mark.parametrize(
    ("name", "task", "knob", "hard"),
    [
        ("medical", "nuclei", "light", 1.0),
        ("defects", "crack", "noise", 0.4),
        ("shelf", "all", "noise", 0.4),
        ("driving", "all", "light", 1.0),
    ],
)
def test_figures_fall_as_images_get_harder(name: str, task: str, knob: str, hard: float) -> None:
    easy, difficult = figure(name, task, 6, **CLEAN), figure(name, task, 6, **(CLEAN | {knob: hard}))
    assert difficult < easy - 0.04


def test_bottles_are_measured_in_millilitres() -> None:
    job = get_job("bottles")
    assert job.generate is not None
    result = run_subset(job.task("all"), job.generate(40, 3, knobs_of("bottles"))["all"], ["row_profile", "edges"])
    for judged in result.pipelines:
        assert judged.figures["level_error_ml"] < 3
        assert judged.figures["false_accept"] == judged.figures["false_reject"] == 0


def test_cutting_the_object_out_raises_map_by_ten_points() -> None:
    job = get_job("search")
    assert job.generate is not None
    cases = job.generate(12, 2, knobs_of("search"))["all"]
    whole, cut = run_subset(job.task("all"), cases, ["colour_whole", "colour_object"]).pipelines
    assert cut.figures["map"] > whole.figures["map"] + 0.1


def write(folder: Path, name: str, values: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(folder / name)


def scene(shape: tuple[int, int] = (64, 80)) -> np.ndarray:
    image = np.full((*shape, 3), 200, np.uint8)
    image[20:40, 20:50] = 40
    return image


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A tiny folder of each job in its layout."""
    mask = (scene()[:, :, 0] < 100).astype(np.uint8)
    for name in ("driving", "satellite"):
        write(tmp_path / name / "images", "a.png", scene())
        write(tmp_path / name / "labels", "a.png", mask)
    for name in ("nuclei", "lungs", "skin", "em", "retina"):
        write(tmp_path / "medical" / name / "images", "a.png", scene())
        write(tmp_path / "medical" / name / "labels", "a.png", mask.astype(np.uint16) if name == "nuclei" else mask)
    write(tmp_path / "medical" / "retina" / "field", "a.png", np.ones_like(mask))
    for name in ("tile", "crack"):
        write(tmp_path / "defects" / name / "images", "a.png", scene())
        write(tmp_path / "defects" / name / "labels", "a.png", mask)
    for name in ("a_test.png", "a_temp.png"):
        write(tmp_path / "defects" / "pcb" / "images", name, scene())
    (tmp_path / "defects" / "pcb" / "truth.csv").write_text("name,x,y,w,h\na,20,20,30,20\n")
    write(tmp_path / "shelf" / "images", "a.png", scene())
    write(tmp_path / "shelf" / "planogram" / "images", "a.png", scene())
    write(tmp_path / "shelf" / "planogram" / "plans", "a.png", scene())
    for place in ("shelf/truth.csv", "shelf/planogram/truth.csv", "shelf/planogram/facings.csv"):
        (tmp_path / place).write_text("file,x,y,w,h\na.png,20,20,30,20\n")
    write(tmp_path / "bottles" / "images", "a.png", scene((288, 352)))
    (tmp_path / "bottles" / "truth.csv").write_text("file,fault,verdict,level,surface_y\na.png,missing,bad,,\n")
    write(tmp_path / "bottles" / "vessels" / "images", "v.png", scene())
    write(tmp_path / "bottles" / "vessels" / "labels", "v.png", np.ones_like(mask))
    (tmp_path / "bottles" / "vessels" / "truth.csv").write_text("file,surface_y\nv.png,20\n")
    for i in range(3):
        write(tmp_path / "surveillance" / "highway" / "frames", f"{i:06}.png", scene())
    write(tmp_path / "surveillance" / "highway" / "masks", "000002.png", 255 * mask)
    (tmp_path / "surveillance" / "highway" / "crossings.csv").write_text("first_frame,last_frame\n1,2\n")
    for part in ("gallery", "queries"):
        for i, thing in enumerate(("cup", "hat")):
            write(tmp_path / "search" / part / thing, "1.png", np.roll(scene(), 60 * i, 2) // (i + 1))
    for person in ("s1", "s2"):
        for number in ("1", "2", "10"):
            write(tmp_path / "faces" / "att" / person, f"{number}.png", scene())
    write(tmp_path / "faces" / "afw" / "images", "a.png", scene())
    (tmp_path / "faces" / "afw" / "truth.csv").write_text(
        "file,eye1_x,eye1_y,eye2_x,eye2_y,x,y,w,h\na.png,28,26,42,26,20,20,30,20\n"
    )
    for eye in ("e1", "e2"):
        for number in ("1", "2"):
            write(tmp_path / "iris" / "mmu1" / eye, f"{number}.png", scene())
    write(tmp_path / "plates" / "eu" / "images", "a.png", scene())
    (tmp_path / "plates" / "eu" / "truth.csv").write_text("file,x,y,w,h,text\na.png,20,20,30,20,AB123CD\n")
    return tmp_path


SUBSETS = {
    "faces": {"afw", "att"},
    "iris": {"mmu1"},
    "plates": {"eu"},
    "bottles": {"all", "vessels"},
    "defects": {"tile", "crack", "pcb"},
    "driving": {"all"},
    "medical": {"nuclei", "lungs", "skin", "retina", "em"},
    "satellite": {"all"},
    "search": {"all"},
    "shelf": {"all", "planogram"},
    "surveillance": {"highway"},
}


@pytest.mark.parametrize("name", SUBSETS)
def test_every_layout_is_read(name: str, folders: Path) -> None:
    found = get_job(name).read(folders / name)
    assert set(found) == SUBSETS[name]
    for cases in found.values():
        for file in cases:
            assert file.load().truth is not None


def test_the_command_prints_the_keys_that_were_agreed(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["job", "medical", "--data", str(folders / "medical"), "--subset", "nuclei,lungs"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["job"] == "medical"
    assert set(told["subsets"]) == {"nuclei", "lungs"}
    nuclei = told["subsets"]["nuclei"]
    assert nuclei["pictures"] == 1
    assert nuclei["best"] in {p["id"] for p in nuclei["pipelines"]}
    keys = {"id", "title", "figures", "interval", "seconds_median", "failed"}
    assert all(set(p) == keys for p in nuclei["pipelines"])
    assert set(nuclei["pipelines"][0]["figures"]) == {"ap50", "pq", "count_error"}


def test_images_without_truth_are_answered_and_not_ranked(
    folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = get_job("driving")
    assert job.generate is not None
    write(tmp_path / "own", "photo.png", job.generate(1, 0, knobs_of("driving"))["all"][0].load().image)
    out = tmp_path / "out"
    assert (
        main(["job", "driving", "--data", str(tmp_path / "own"), "--pipelines", "colour_model", "--out", str(out)]) == 0
    )
    assert "nothing is ranked" in capsys.readouterr().out
    assert (out / "all" / "photo-colour_model.png").is_file()
    assert "free_rows" in (out / "all" / "cases.csv").read_text()


def test_a_photo_of_something_else_is_told_and_not_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "own" / "images", "cat.png", scene())
    assert main(["job", "bottles", "--data", str(tmp_path / "own"), "--json"]) == 1
    (subset,) = json.loads(capsys.readouterr().out)["subsets"].values()
    assert all(p["failed"] == 1 for p in subset["pipelines"])
    assert main(["job", "bottles", "--data", str(tmp_path / "own")]) == 1
    assert capsys.readouterr().out.count("Failed: This doesn’t look like the images of this job") == 1


def test_each_pipeline_tells_its_commonest_reason_to_fail() -> None:
    task = coin_task()
    names = [pipeline.id for pipeline in task.pipelines][:2]
    told = [(names[0], "No light."), (names[0], "Too dark."), (names[0], "Too dark."), (names[1], "No edge.")]
    cases = tuple(CaseResult(f"{i}", name, None, math.nan, Message(why)) for i, (name, why) in enumerate(told))
    result = SubsetResult(task, 4, (), Message(""), cases)
    assert tell_failures(result) == [f"{names[0]} failed: Too dark.", f"{names[1]} failed: No edge."]
    assert tell_failures(replace(result, cases=cases[1:3])) == ["Failed: Too dark."]
    assert tell_failures(replace(result, cases=())) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["job", "dishes"], "There is no job dishes"),
        (["job", "shelf", "--generate", "0"], "between 1 and"),
        (["job", "shelf", "--generate", "1", "--noise", "7"], "--noise must lie between"),
        (["job", "shelf", "--generate", "1", "--shift", "1"], "shelf has no --shift"),
        (["job", "shelf", "--generate", "1", "--pipelines", "magic"], "no pipeline magic"),
        (["job", "shelf", "--data", "/no/such/folder"], "There is no folder"),
        (["job", "shelf", "--generate", "1", "--subset", "x"], "no sub-set x"),
    ],
)
def test_what_makes_no_sense_is_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


@pytest.mark.parametrize("shape", [(1, 400), (400, 1), (3, 2000), (1, 1)])
def test_the_narrowest_pictures_are_answered_and_drawn(shape: tuple[int, int]) -> None:
    image, slim = np.full((*shape, 3), 90, np.uint8), np.full((4000, 1, 3), 90, np.uint8)
    case = JobSample("slim", image, None)
    assert run_kmeans(case).value.shape == shape
    assert draw_ranking(case, Ranking((), (), slim)).shape[0] == shape[0]
    assert draw_likeness(case, Likeness((), np.zeros((0, 0)), slim)).shape[0] == shape[0]


def coin_task() -> Task:
    """A task whose answers are right or wrong by their name alone."""
    right = Figure("right", Message("Right"), Message("Share of right answers."), "this test")
    pipelines = tuple(Pipeline(i, Message(i), Message(i), lambda case: Answer(None)) for i in ("first", "second"))
    return Task(
        "coins",
        Message("Coins"),
        pipelines,
        (right,),
        lambda case, value: {},
        lambda tallies: {"right": float(np.mean([t["right"] for t in tallies]))},
        lambda case, value: case.image,
    )


def results(name: str, values: list[int]) -> list[CaseResult]:
    return [CaseResult(str(i), name, {"right": v}, 0.01) for i, v in enumerate(values)]


def test_nobody_is_best_on_few_images_or_by_a_little() -> None:
    task = coin_task()
    assert not is_ahead(task, results("first", [1] * 5), results("second", [0] * 5), True)
    assert is_ahead(task, results("first", [1] * 8), results("second", [0] * 8), True)
    close = results("first", [1, 0] * 8), results("second", [0, 1] * 8)
    assert not is_ahead(task, *close, True)
    told = judge(task, task.pipelines, [*results("first", [1] * 4), *results("second", [0] * 4)])
    assert "may be as good" in str(told.verdict)
    level = judge(task, task.pipelines, [*results("first", [1] * 9), *results("second", [1] * 9)])
    assert "are level" in str(level.verdict)


def bottle_task() -> Task:
    """Four pipelines with a figure that decides and one beside it; both are lower the better."""
    accepts, error = (
        Figure(i, Message(title), Message(""), "this test", False)
        for i, title in (("accepts", "False accepts"), ("error", "Level error in ml"))
    )
    task = coin_task()
    pipelines = tuple(
        replace(task.pipelines[0], id=i, title=Message(i), why=Message(i))
        for i in ("colour", "rows", "edges", "network")
    )

    def score(tallies):
        return {key: float(np.mean([t[key] for t in tallies])) for key in ("accepts", "error")}

    return replace(task, figures=(accepts, error), pipelines=pipelines, score=score)


@pytest.mark.parametrize(
    ("accepts", "errors", "order", "leaders", "verdict"),
    [
        (
            (0, 0, 0, 0),
            (3.0, 2.0, 0.06, 0.5),
            ["edges", "network", "rows", "colour"],
            4,
            "4 pipelines are level. False accepts: 0. Level error in ml is lowest for edges: 0.06.",
        ),
        (
            (1, 0, 0, 0),
            (0.0, 2.0, 0.5, 0.5),
            ["edges", "network", "rows", "colour"],
            3,
            "3 pipelines are level. False accepts: 0.",
        ),
        (
            (0, 1, 1, 0),
            (3.0, 2.0, 0.06, 0.5),
            ["network", "colour", "edges", "rows"],
            2,
            "network and colour are level. False accepts: 0.",
        ),
        (
            (0, 0, 0, 0),
            (1.0, 1.0, 1.0, 1.0),
            ["colour", "rows", "edges", "network"],
            4,
            "4 pipelines are level. False accepts: 0.",
        ),
        (
            (0, 0, 0, 0),
            (np.nan, np.nan, np.nan, np.nan),
            ["colour", "rows", "edges", "network"],
            4,
            "4 pipelines are level. False accepts: 0.",
        ),
    ],
)
def test_verdict_table_report_and_json_have_one_order(
    accepts: tuple[int, ...], errors: tuple[float, ...], order: list[str], leaders: int, verdict: str
) -> None:
    task = bottle_task()
    cases = [
        CaseResult(str(case), p.id, {"accepts": a, "error": e}, 0.01 * place)
        for place, (p, a, e) in enumerate(zip(task.pipelines, accepts, errors, strict=True), start=1)
        for case in range(8)
    ]
    result = judge(task, task.pipelines, cases)
    assert [r.pipeline.id for r in result.ranked] == order
    assert [r.pipeline.id for r in result.leaders] == order[:leaders]
    assert str(result.verdict) == verdict
    assert result.best == to_json(get_job("bottles"), {"all": result})["subsets"]["all"]["best"] == order[0]
    assert [line.split()[0] for line in told("all", result).splitlines()[3:7]] == order
    report = report_job(get_job("bottles"), result, [], "command")
    why = report.sections[2]
    assert why.title == "Why these lead"
    assert [str(part).partition(":")[0] for part in why.parts] == order


def test_the_interval_of_perfect_answers_has_a_width() -> None:
    task = coin_task()
    told = judge(task, task.pipelines, [*results("first", [1] * 6), *results("second", [0] * 6)])
    perfect, wrong = (r.interval for r in told.pipelines)
    assert perfect == (pytest.approx(6 / (6 + 1.96**2)), 1.0)
    assert wrong == (0.0, pytest.approx(1.96**2 / (6 + 1.96**2)))


def test_rank_one_has_no_value_where_nobody_else_could_be_taken_for_the_person() -> None:
    from segmethods.jobs.faces.recognition import score

    alone = {"first": 1.0, "genuine": np.array([0.9]), "impostor": np.array([])}
    assert np.isnan(score([alone])["rank_1"])
    assert score([alone | {"impostor": np.array([0.2])}])["rank_1"] == 1.0


def test_where_the_figure_has_no_value_the_next_one_decides() -> None:
    first, *others = (
        Figure(i, Message(i), Message(""), "this test", i != "false") for i in ("whole", "found", "false")
    )

    def score(tallies):
        found = float(np.mean([t["right"] for t in tallies]))
        return {"whole": math.nan, "found": found, "false": 1 - found}

    task = replace(coin_task(), figures=(first, *others), score=score)
    told = judge(task, task.pipelines, [*results("first", [0] * 8), *results("second", [1] * 8)])
    assert told.best == "second"
    assert [f.id for f in told.task.figures] == ["found", "false", "whole"]
    assert str(told.verdict).startswith("“whole” has no value on these images, so “found” decides. second is best. ")
    assert str(told.verdict).endswith("false of second: 0.")


def test_two_eyes_have_no_error_rate_so_finding_decides() -> None:
    job = get_job("iris")
    assert job.generate is not None
    told = run_subset(job.tasks[0], job.generate(2, 0, knobs_of("iris"))["all"], ["daugman"])
    assert "“Equal error rate” has no value on these images, so “No iris found” decides." in str(told.verdict)


def test_a_pipeline_never_sees_the_truth() -> None:
    seen = []

    def look(case: JobSample) -> Answer:
        seen.append(case.truth)
        return Answer(None)

    task = coin_task()
    spy = Task(
        "coins",
        task.title,
        (Pipeline("spy", Message("Spy"), Message("Spy"), look),),
        task.figures,
        lambda c, v: {"right": 1},
        task.score,
        task.draw,
    )
    from segmethods.jobs.frame import JobSampleFile

    case = JobSample("a", scene(), "the truth")
    run_subset(spy, [JobSampleFile("a", lambda: case)])
    assert seen == [None]


def test_the_surface_in_a_vessel_runs_across_it() -> None:
    from segmethods.jobs.bottles.vessels import run_across

    image = np.full((120, 80, 3), 60, np.uint8)
    image[70:110, 20:60] = 80
    image[30:40, 35:45] = 250  # a reflection is brighter, but doesn't run across
    area = np.zeros((120, 80), bool)
    area[10:110, 20:60] = True
    area[:10, 36:44] = True  # the neck
    assert abs(run_across(JobSample("a", image, None, {"area": area})).value - 70) <= 1


def test_a_network_of_a_job_runs_without_reporting_its_use() -> None:
    code = (
        "import sys, numpy as np; from segmethods.jobs.learned import predict;"
        "predict('lungs', np.zeros((32, 32, 3), np.uint8)); assert sys.modules['openvino_telemetry'] is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])
