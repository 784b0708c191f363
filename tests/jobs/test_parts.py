"""Parts of the jobs by themselves: areas, seeds of nuclei, doubts, reports, and networks that learn on."""

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from segmethods.__main__ import main
from segmethods.jobs import get_job
from segmethods.jobs.defects.normality import even_out
from segmethods.jobs.doubts import find_doubt
from segmethods.jobs.frame import JobSample
from segmethods.jobs.medical import nuclei
from segmethods.jobs.report import report_job
from segmethods.jobs.running import run_subset
from segmethods.jobs.satellite.areas import estimate
from segmethods.reporting.report import write_report

EXPLAINED = ("bottles", "defects", "driving", "medical", "satellite", "search", "shelf")


def test_every_pipeline_says_what_it_can_and_cannot_do() -> None:
    for name in EXPLAINED:
        for task in get_job(name).tasks:
            assert all(len(str(p.why)) > 60 for p in task.pipelines), (name, task.id)


def test_hectares_are_set_right_by_known_mistakes() -> None:
    rng = np.random.default_rng(0)
    wrong = np.array([[0.9, 0.0], [0.1, 1.0]])  # a tenth of what is called the first is the second
    tables = [wrong * rng.uniform(50, 100, (1, 2)) for _ in range(9)]
    first, second = estimate(("roof", "road"), np.array([100.0, 50.0]), tables)
    assert (first["mapped"], second["mapped"]) == (100.0, 50.0)
    assert first["estimated"] == pytest.approx(90)
    assert second["estimated"] == pytest.approx(60)
    assert first["low"] <= first["estimated"] <= first["high"]
    noisy = [np.array([[0.9 - d, 0.0], [0.1 + d, 1.0]]) for d in rng.uniform(-0.1, 0.1, 9)]
    spread = estimate(("roof", "road"), np.array([100.0, 50.0]), noisy)[0]
    assert 1 < spread["high"] - spread["low"] < 20


def shares_of(image: np.ndarray) -> np.ndarray:
    """What a network says that sees a bright disc as a core within a rim."""
    bright = cv2.GaussianBlur((image[:, :, 0] > 100).astype(np.float32), (0, 0), 1)
    core = cv2.erode(bright, np.ones((7, 7)))
    return np.stack([1 - bright, core, bright - core])


def test_nuclei_that_touch_are_two() -> None:
    image = np.zeros((100, 140, 3), np.uint8)
    for x in (50, 84):
        cv2.circle(image, (x, 50), 18, (255, 255, 255), -1)
    found = nuclei.part_nuclei(shares_of(image))
    assert found.max() == 2
    assert found[50, 45] != found[50, 90]


@pytest.mark.parametrize("diameter", [10, 24, 60])
def test_an_image_is_seen_so_that_nuclei_have_the_size_the_network_knows(diameter: int) -> None:
    image = np.zeros((240, 240, 3), np.uint8)
    for x in (60, 120, 180):
        cv2.circle(image, (x, 120), diameter // 2, (255, 255, 255), -1)
    looked: list[int] = []

    def look(seen: np.ndarray, size: int) -> np.ndarray:
        looked.append(size)
        return shares_of(seen)

    nuclei.predict_sized(look, image)
    assert abs(math.log(looked[-1] / 240 * diameter / nuclei.DIAMETER)) < 0.4


def test_what_does_not_look_like_the_job_gets_a_doubt_and_no_figure() -> None:
    job = get_job("driving")
    assert job.generate is not None
    road = job.generate(1, 7, {k.id: k.default for k in job.knobs})["all"][0].load()
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    assert find_doubt(job.tasks[0], JobSample("road", road.image)) is None
    assert "look like" in str(find_doubt(job.tasks[0], JobSample("noise", noise)))
    assert find_doubt(job.tasks[0], JobSample("noise", noise, road.truth)) is None


def test_a_dim_part_and_a_bright_one_look_alike() -> None:
    part = np.full((80, 80, 3), 90, np.uint8)
    part[30:40, 30:60] = 60
    bright = (part.astype(int) + 100).astype(np.uint8)
    assert np.abs(even_out(part).astype(int) - even_out(bright).astype(int)).max() <= 1


def test_the_report_says_who_leads_and_how_to_repeat_it() -> None:
    job = get_job("shelf")
    assert job.generate is not None
    cases = job.generate(2, 1, {k.id: k.default for k in job.knobs})["all"]
    result = run_subset(job.task("all"), cases, ["tall", "edge_density"])
    html = write_report(report_job(job, result, (), "segmethods job shelf --generate 2"))
    for text in (str(result.verdict), "segmethods job shelf --generate 2", "What leads, and why", "non-commercial"):
        assert text in html


def test_a_man_outdoors_is_no_road() -> None:
    from skimage import data

    man = np.repeat(data.camera()[:, :, None], 3, axis=2)
    assert "look like" in str(find_doubt(get_job("driving").tasks[0], JobSample("man", man)))


def test_what_an_answer_shows_is_named_and_axes_are_too() -> None:
    from pages.jobs.charts import break_curve, roc_curves
    from pages.jobs.work import ANSWER, Asked, answer_generated
    from segmethods.jobs._matching import roc

    titles = {}
    for job in ("search", "driving"):
        knobs = tuple(sorted((k.id, k.default) for k in get_job(job).knobs))
        titles[job] = answer_generated(Asked(job, "all", 1, 0, knobs), 0, True)[0].steps[-1].title
    assert titles["search"] == ANSWER  # no truth is drawn beside it
    assert titles["driving"] != ANSWER
    curves = roc_curves({"one": roc(np.array([0.1, 0.2]), np.array([0.5, 0.6]))})
    broken = break_curve([0, 1], {"one": [1, 0]}, {"one": "One"}, "Noise", "Found")
    for chart in (curves, broken):
        assert chart.layout.xaxis.title.text
        assert chart.layout.yaxis.title.text
        assert (chart.layout.legend.yanchor, chart.layout.legend.y < 0) == ("top", True)


def test_a_shipped_network_is_taken_up_again() -> None:
    torch = pytest.importorskip("torch")
    from segmethods.jobs.learned import predict, probabilities_of
    from segmethods.jobs.training import normalise, run_module
    from segmethods.jobs.unet import UNet
    from segmethods.jobs.unfolding import take_up

    rng = np.random.default_rng(0)
    image = cv2.GaussianBlur(rng.integers(0, 255, (64, 96, 3)).astype(np.uint8), (0, 0), 3)
    network = take_up(UNet(2), "crack", normalise(torch.from_numpy(np.stack([image, image[:, ::-1]]))))
    same = probabilities_of(run_module(network), image, 96)
    assert np.abs(same - predict("crack", image, 96)).max() < 1e-3


def test_the_command_tells_hectares(capsys) -> None:
    asked = ["job", "satellite", "--generate", "2", "--pipelines", "kmeans", "--metres", "2"]
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["subsets"]["all"]["hectares"]["kmeans"]
    assert [row["class"] for row in told] == ["built-up", "road", "green", "passable"]
    knobs = {k.id: k.default for k in get_job("satellite").knobs}
    drawn = [case.load() for case in get_job("satellite").generate(2, 0, knobs)["all"]]
    hectares = sum(case.image.shape[0] * case.image.shape[1] for case in drawn) * 4 / 10_000
    assert sum(row["mapped"] for row in told) == pytest.approx(hectares)
    assert main(asked) == 0
    assert "ESTIMATED" in capsys.readouterr().out


def test_metres_must_say_something(capsys) -> None:
    assert main(["job", "bottles", "--metres", "2"]) == 2
    assert "bottles has no areas" in capsys.readouterr().err
    assert main(["job", "satellite", "--metres", "0"]) == 2
    assert "above 0" in capsys.readouterr().err


def test_what_a_network_says_of_nuclei_does_not_depend_on_which_side_is_up() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)

    def look(seen: np.ndarray, _size: int) -> np.ndarray:
        slanted = seen[:, :, 0] * np.linspace(0, 1, seen.shape[1])  # a network that trusts the right side more
        return np.stack([slanted, 255 - slanted, slanted * 0]).astype(np.float32)

    plain = nuclei.average_turns(look, image, 60, look(image, 60))
    flipped = np.ascontiguousarray(image[::-1, ::-1])
    turned = nuclei.average_turns(look, flipped, 60, look(flipped, 60))
    assert np.allclose(plain, turned[:, ::-1, ::-1], atol=1e-3)


def test_a_second_observer_stands_beside_what_was_found(tmp_path: Path) -> None:
    first, second = np.zeros((40, 60), np.uint8), np.zeros((40, 60), np.uint8)
    first[10:20, 10:30], second[10:20, 20:30] = 255, 255
    for name in ("a", "b"):
        for folder, pixels in (("images", np.full((40, 60, 3), 90, np.uint8)), ("labels", first)):
            (tmp_path / "retina" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / "retina" / folder / f"{name}.png")
    task = get_job("medical").task("retina")

    def count() -> list[float]:
        cases = get_job("medical").read(tmp_path)["retina"]
        return [task.score([task.count(file.load(), first > 0) for file in cases])[f] for f in ("dice", "second_dice")]

    assert count()[0] == 1
    assert math.isnan(count()[1])
    (tmp_path / "retina" / "second").mkdir()
    Image.fromarray(second).save(tmp_path / "retina" / "second" / "b.png")
    assert count() == [1, pytest.approx(2 / 3)]


def test_a_figure_that_stands_alone_below_a_job_says_what_it_is_of() -> None:
    """The page of jobs names each one's figure without its definition."""
    alone = {name: str(get_job(name).tasks[0].figures[0].title) for name in ("faces", "plates")}
    assert alone == {"faces": "Faces found", "plates": "Plates read whole"}
