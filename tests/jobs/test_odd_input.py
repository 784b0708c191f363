"""Odd input of every job: each is told in one line, never by a confident figure and never by a traceback."""

import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from segmethods.__main__ import main
from segmethods.core.messages import ImageError, Message
from segmethods.io.boxes import Box
from segmethods.jobs import get_job
from segmethods.jobs._masks import blur_widely
from segmethods.jobs.doubts import find_doubt, find_nothing
from segmethods.jobs.frame import JobError, JobSample, Task
from segmethods.jobs.iris.circles import rings_by_daugman, rings_by_segmentation
from segmethods.jobs.medical import nuclei
from segmethods.jobs.running import answer_case


def doubt(job: str, task: str, image: np.ndarray, **extra: object) -> str:
    return str(find_doubt(get_job(job).task(task), JobSample("odd", image, None, extra)) or "")


def save(place: Path, image: np.ndarray) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(place)
    return place


@pytest.mark.parametrize("job", ["plates", "shelf", "medical", "satellite", "iris", "faces"])
def test_an_image_that_shows_nothing_is_told(job: str) -> None:
    task = get_job(job).tasks[0].id
    assert "too few" in doubt(job, task, np.zeros((1, 1, 3), np.uint8))
    assert "alike" in doubt(job, task, np.full((200, 300, 3), 90, np.uint8))


def test_who_has_no_face_is_compared_with_nobody() -> None:
    assert "look like a face" in doubt("faces", "recognise", data.coffee())
    assert doubt("faces", "recognise", data.astronaut()) == ""


def test_a_cat_has_no_face_to_be_compared() -> None:
    assert "look like a face" in doubt("faces", "recognise", data.chelsea())
    assert "look like a face" in doubt("faces", "recognise", data.chelsea()[20:250, 100:400])


def test_nobody_is_compared_with_a_cat() -> None:
    job, images = get_job("faces"), [("ann-1.png", data.astronaut()), ("cat-1.png", data.chelsea())]
    for pipeline in job.task("recognise").pipelines:
        with pytest.raises(JobError, match="None of the other images shows a face"):
            pipeline.run(job.own(images)[0])
    lbp = next(p for p in job.task("recognise").pipelines if p.id == "lbp")
    answer = lbp.run(job.own([*images, ("bea-1.png", data.astronaut()[:, ::-1])])[0])
    assert answer.value.people == ("bea",)


def test_a_gallery_of_one_face_gives_answers_or_says_what_it_lacks() -> None:
    job, two = get_job("faces"), [("ann-1.png", data.astronaut()), ("bea-1.png", data.astronaut()[:, ::-1])]
    for pipeline in job.task("recognise").pipelines:
        result, _ = answer_case(job.task("recognise"), job.own(two)[0], pipeline)
        assert "error inside" not in str(result.error)
        assert ("two different faces" in str(result.error)) == (pipeline.id == "eigenfaces")


@pytest.mark.parametrize(("job", "task"), [("shelf", "planogram"), ("bottles", "vessels"), ("defects", "pcb")])
def test_what_a_picture_alone_lacks_is_told(job: str, task: str) -> None:
    """On a page there is no folder that anything could be put into."""
    known = get_job(job)
    (sample,) = known.own([("shop.jpg", data.coffee())])
    for pipeline in known.task(task).pipelines:
        result, answer = answer_case(known.task(task), sample, pipeline)
        assert answer is None
        assert str(result.error).startswith("It needs ")
        assert str(result.error).endswith("in a folder for the command line.")


def test_a_planogram_without_facings_says_which_file_is_missing(tmp_path: Path) -> None:
    for folder in ("images", "plans"):
        for name in ("shop.png", "other.png"):
            save(tmp_path / "planogram" / folder / name, data.coffee())
    with pytest.raises(ImageError, match=r"facings\.csv is missing. Put it there, with the columns file, x, y, w, h\."):
        get_job("shelf").read(tmp_path)
    (tmp_path / "planogram" / "facings.csv").write_text("file,x,y,w,h\nother.png,1,2,30,40\n")
    _, case = get_job("shelf").read(tmp_path)["planogram"]
    task = get_job("shelf").task("planogram")
    for pipeline in task.pipelines:
        result, _ = answer_case(task, case.load(), pipeline)
        assert str(result.error) == "facings.csv has no line for shop. Add one for each facing of its plan."


@pytest.mark.parametrize(("content", "why"), [(b"", "has no frame"), (b"hello", "is no video that is read here")])
def test_a_file_that_is_no_clip_is_told(content: bytes, why: str) -> None:
    film = get_job("surveillance").tasks[0].film
    assert film is not None
    with pytest.raises(ImageError, match=why):
        film("a.webm", content)


def test_one_damaged_image_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "own", tmp_path / "out"
    save(folder / "shelf.png", data.coffee())
    (folder / "empty.png").write_bytes(b"")
    words = ["job", "plates", "--data", str(folder), "--pipelines", "black_hat,edges", "--out", str(out)]
    assert main([*words, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["subsets"]["all"]
    assert [p["failed"] for p in told["pipelines"]] == [1, 1]
    assert {(f["picture"], f["pipeline"]) for f in told["failures"]} == {("empty", "black_hat"), ("empty", "edges")}
    assert all("empty" in f["reason"] for f in told["failures"])
    assert {a["picture"] for a in told["answers"]} == {"shelf"}
    assert told["answers"][0]["says"] == {"plates": 0}
    assert "No number plate was found" in told["answers"][0]["note"]
    assert (out / "all" / "shelf-edges.png").is_file()


def test_what_is_said_of_images_without_truth_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(22):
        save(tmp_path / f"{number:02}.png", np.roll(data.coffee()[::4, ::4], number, 0))
    assert main(["job", "plates", "--data", str(tmp_path), "--pipelines", "edges"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("No number plate was found" in line for line in lines) == 20
    assert any(line.startswith("2 more") for line in lines)


def test_a_number_that_is_zero_is_told_in_words() -> None:
    says = Message("No face was found.")
    task = Task("a", says, (), (), lambda c, v: {}, lambda t: {}, lambda c, v: c.image, nothing={"faces": says})
    assert find_nothing(task, {"faces": 0.0}) == says
    assert find_nothing(task, {"faces": 1.0}) is None
    assert find_nothing(task, {}) is None


def test_circles_that_are_no_eye_get_no_code() -> None:
    job = get_job("iris")
    assert job.generate is not None
    eye = job.generate(1, 3, {knob.id: knob.default for knob in job.knobs})["all"][0].load()
    assert doubt("iris", "all", eye.image) == ""
    for image in (data.chelsea(), data.coffee(), data.astronaut()):
        assert "No iris was found" in doubt("iris", "all", image) or "No pupil" in doubt("iris", "all", image)


def test_a_pupil_that_fills_the_image_is_told() -> None:
    grey = np.full((30, 160), 200, np.uint8)
    rows, columns = np.mgrid[:30, :160]
    grey[np.hypot(rows - 15, columns - 80) < 10] = 10
    for find in (rings_by_daugman, rings_by_segmentation):
        with pytest.raises(JobError, match="pupil fills"):
            find(grey)


def test_a_template_of_another_size_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = np.where(data.chelsea() > 127, 255, 0).astype(np.uint8)
    save(tmp_path / "pcb" / "images" / "a_test.png", board)
    save(tmp_path / "pcb" / "images" / "a_temp.png", board[:200])
    assert main(["job", "defects", "--data", str(tmp_path)]) == 1
    assert "a has 451 × 300 pixels and its template 451 × 200" in capsys.readouterr().out


def test_images_that_fail_for_several_reasons_are_told_by_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "cat.png", data.chelsea())
    (tmp_path / "empty.png").write_bytes(b"")
    assert main(["job", "bottles", "--data", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("Failed, cat: This doesn’t look like") for line in lines)
    assert any(line.startswith("Failed, empty: ") and "is empty" in line for line in lines)


def test_a_cat_is_no_printed_board() -> None:
    job = get_job("defects")
    assert job.generate is not None
    board = job.generate(1, 3, {knob.id: knob.default for knob in job.knobs})["pcb"][0].load()
    assert doubt("defects", "pcb", board.image) == ""
    assert "printed board" in doubt("defects", "pcb", data.chelsea())


def test_a_wide_blur_of_a_large_photo_is_quick_and_nearly_exact() -> None:
    ground = cv2.resize(np.random.default_rng(0).uniform(0, 255, (60, 70)).astype(np.float32), (1400, 1200))
    assert np.abs(blur_widely(ground, 133) - cv2.GaussianBlur(ground, (0, 0), 133)).max() < 0.5
    began = time.process_time()
    blur_widely(np.zeros((4000, 6000), np.float32), 333)
    assert time.process_time() - began < 10


def test_nuclei_of_a_large_image_are_parted_where_the_network_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.full((2400, 3200, 3), 20, np.uint8)
    for x in (700, 1500, 2300):
        cv2.circle(image, (x, 1200), 160, (200, 200, 200), -1)
    parted: list[int] = []
    part = nuclei.part_nuclei
    monkeypatch.setattr(nuclei, "part_nuclei", lambda shares: parted.append(max(shares.shape)) or part(shares))
    found = nuclei.run_network(JobSample("large", image, None, {})).value
    assert found.shape == (2400, 3200)
    assert len(np.unique(found[1200, [700, 1500, 2300]])) == 3
    assert max(parted) <= nuclei.LARGEST


def eye_ground() -> np.ndarray:
    """A round field with dark vessels."""
    image = np.zeros((600, 640, 3), np.uint8)
    cv2.circle(image, (320, 300), 280, (180, 110, 60), -1)
    for turn in range(0, 180, 20):
        away = (int(260 * np.cos(np.deg2rad(turn))), int(260 * np.sin(np.deg2rad(turn))))
        cv2.line(image, (320 - away[0], 300 - away[1]), (320 + away[0], 300 + away[1]), (120, 60, 40), 4)
    return cv2.GaussianBlur(image, (0, 0), 1)


def shelf() -> np.ndarray:
    job = get_job("shelf")
    assert job.generate is not None
    drawn = job.generate(1, 3, {knob.id: knob.default for knob in job.knobs})["all"][0].load().image
    return cv2.resize(drawn, (640, 640))


def cover(value: np.ndarray | list[Box], shape: tuple[int, ...]) -> np.ndarray:
    """A mask, or what boxes cover."""
    if isinstance(value, np.ndarray):
        return value
    mask = np.zeros(shape[:2], bool)
    for box in value:
        mask[round(box.y) : round(box.y + box.h), round(box.x) : round(box.x + box.w)] = True
    return mask


@pytest.mark.parametrize(
    ("job", "task", "pipeline", "draw"),
    [
        ("medical", "retina", "frangi", eye_ground),
        ("shelf", "all", "edge_density", shelf),
        ("shelf", "all", "dark", shelf),
        ("shelf", "all", "tall", shelf),
    ],
)
def test_a_large_photo_is_seen_at_the_size_that_the_rule_knows(job: str, task: str, pipeline: str, draw) -> None:
    run = next(p.run for p in get_job(job).task(task).pipelines if p.id == pipeline)
    image = draw()
    own = cover(run(JobSample("own", image)).value, image.shape)
    large = np.repeat(np.repeat(image, 5, axis=0), 5, axis=1)
    began = time.process_time()
    found = cover(run(JobSample("large", large)).value, large.shape)
    assert time.process_time() - began < 4
    assert own.any()
    enlarged = np.repeat(np.repeat(own, 5, axis=0), 5, axis=1)
    assert (found & enlarged).sum() > 0.9 * (found | enlarged).sum()
