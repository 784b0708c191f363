"""Faces, irises and plates: what was borrowed is what its record says, figures are right, and people are left alone."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from segmethods.core.settings import settings
from segmethods.io.boxes import Box
from segmethods.jobs import get_job
from segmethods.jobs._matching import decidability, equal_error_rate, true_accept_rate
from segmethods.jobs.borrowed import borrowed_file, load_borrowed
from segmethods.jobs.faces.face import Face
from segmethods.jobs.faces.finding import TASK as FIND
from segmethods.jobs.faces.finding import eye_error
from segmethods.jobs.faces.generated import draw_face, draw_person
from segmethods.jobs.frame import JobSample
from segmethods.jobs.iris.circles import rings_by_daugman
from segmethods.jobs.iris.coding import Code, distances, encode, find_iris
from segmethods.jobs.iris.generated import draw_eye
from segmethods.jobs.plates import TASK as PLATES
from segmethods.jobs.plates import text as finding
from segmethods.jobs.plates.reading import Line
from segmethods.jobs.plates.text import Plate
from segmethods.jobs.running import answer_case, run_subset

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("faces", "iris")


def knobs(name: str) -> dict[str, float]:
    return {k.id: k.default for k in get_job(name).knobs}


def test_borrowed_files_are_what_their_records_say() -> None:
    records = sorted((ROOT / "assets" / "borrowed").glob("*.json"))
    assert len(records) == 4
    assert "Version 2.0, January 2004" in (records[0].parent / "LICENSE-Apache-2.0").read_text()
    for record in records:
        told = json.loads(record.read_text())
        data = (record.parent / told["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == told["sha256"]
        assert len(data) == told["bytes"]
        assert told["licence"] == "Apache-2.0"
        assert all(told[key] for key in ("title", "source", "package", "inside"))


def test_without_the_files_classical_pipelines_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "borrowed").mkdir()
    for record in (ROOT / "assets" / "borrowed").glob("*.json"):
        shutil.copy(record, tmp_path / "borrowed")
    lost = replace(settings(), assets_dir=tmp_path)
    monkeypatch.setattr("segmethods.jobs.borrowed.settings", lambda: lost)
    load_borrowed.cache_clear()
    job = get_job("faces")
    assert job.generate is not None
    result = run_subset(FIND, job.generate(1, 2, knobs("faces"))["find"], ["skin", "network"])
    skin, network = result.pipelines
    assert (skin.failed, network.failed) == (0, 1)
    (error,) = [str(r.error) for r in result.cases if r.error]
    assert "BlazeFace" in error
    assert "is missing" in error
    load_borrowed.cache_clear()


def test_a_damaged_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "assets" / "borrowed", tmp_path / "borrowed")
    (tmp_path / "borrowed" / "blazeface-back.tflite").write_bytes(b"something else")
    monkeypatch.setattr("segmethods.jobs.borrowed.settings", lambda: replace(settings(), assets_dir=tmp_path))
    with pytest.raises(Exception, match="is damaged"):
        borrowed_file("blazeface-back")


def test_rates_are_those_of_a_second_way_to_count() -> None:
    rng = np.random.default_rng(0)
    genuine, impostor = rng.normal(1.5, 1, 400), rng.normal(0, 1, 2000)
    thresholds = np.sort(np.concatenate([genuine, impostor]))
    gaps = [abs(float((genuine < t).mean()) - float((impostor >= t).mean())) for t in thresholds]
    at = thresholds[int(np.argmin(gaps))]
    assert equal_error_rate(genuine, impostor) == pytest.approx(float((impostor >= at).mean()), abs=0.003)
    strict = np.sort(impostor)[-20]
    assert true_accept_rate(genuine, impostor, 0.01) == pytest.approx(float((genuine >= strict).mean()), abs=0.003)
    assert decidability(genuine, impostor) == pytest.approx(1.5, abs=0.15)


def test_a_face_is_found_by_the_rule_of_the_data() -> None:
    label = Face(Box(10, 10, 20, 20), ((15.0, 15.0), (25.0, 15.0)))
    case = JobSample("a", np.zeros((60, 60, 3), np.uint8), (label,))
    right = Face(Box(8, 8, 24, 24), ((15.0, 15.0), (25.0, 18.0)))
    wide = Face(Box(-10, -10, 60, 60), None)
    assert eye_error(right, label) == pytest.approx(0.3)
    assert FIND.score([FIND.count(case, (right,))])["found"] == 1
    assert FIND.score([FIND.count(case, (wide,))])["found"] == 0
    assert np.isnan(FIND.score([FIND.count(case, (right, wide))])["false_per_picture"])  # others may be unlabelled
    empty = JobSample("b", case.image, ())
    assert FIND.score([FIND.count(empty, (right, wide))])["false_per_picture"] == 2


def test_drawn_faces_are_found_with_their_eyes_and_nothing_else_is() -> None:
    job = get_job("faces")
    assert job.generate is not None
    (judged,) = run_subset(FIND, job.generate(6, 0, knobs("faces"))["find"], ["network_whole"]).pipelines
    assert judged.figures["found"] >= 0.9
    assert judged.figures["false_per_picture"] <= 0.1
    assert judged.figures["eye_10"] >= 0.85


def test_the_borders_of_a_drawn_iris_are_found() -> None:
    from segmethods.jobs._masks import to_grey

    rings = rings_by_daugman(to_grey(draw_eye(3, 0, knobs("iris"))))
    rng = np.random.default_rng((3, 0))
    x, y = 160 + rng.uniform(-20, 20), 120 + rng.uniform(-10, 10)
    limbus, pupil = rng.uniform(62, 68), rng.uniform(20, 32)
    assert np.hypot(rings.pupil.x - x, rings.pupil.y - y) < 2
    assert abs(rings.pupil.r - pupil) < 2
    assert abs(rings.limbus.r - limbus) < 3


def test_a_shadow_over_an_iris_and_a_tilt_leave_its_code_and_another_iris_doesnt() -> None:
    rng = np.random.default_rng(0)

    def texture() -> np.ndarray:
        wide = cv2.GaussianBlur(np.tile(rng.normal(0, 1, (32, 256)), (1, 3)), (0, 0), sigmaX=2, sigmaY=4)[:, 256:512]
        return 110 + 12 * wide / wide.std()

    def code(strip: np.ndarray) -> Code:
        return encode(np.clip(strip, 0, 255).astype(np.uint8), np.ones((32, 256), bool))

    own, other = texture(), texture()
    turn = 2 * np.pi * np.arange(256) / 256
    shaded = np.roll(own, 10, axis=1) * (1 + 0.4 * np.sin(turn)) - 30 * np.cos(turn)
    near, far = distances(code(own), [code(shaded), code(other)])
    assert near < 0.1
    assert far > 0.3


def test_what_lies_below_the_upper_lid_never_counts() -> None:
    seen = find_iris(np.full((32, 256), 100, np.uint8))
    up, down = 192, 64  # columns of 270 and 90 degrees: rows of an image run downwards
    assert not seen[:, up - 30 : up + 30].any()
    assert seen[4:, down - 30 : down + 30].all()


def test_an_image_without_an_iris_counts_as_rejected() -> None:
    job = get_job("iris")
    task = job.tasks[0]
    grey = np.full((120, 160, 3), 128, np.uint8)
    eye = draw_eye(1, 0, knobs("iris"))
    first, second = job.own([("a", eye), ("b", grey)])
    assert answer_case(task, first, task.pipelines[0])[0].error is None
    result, _ = answer_case(task, second, task.pipelines[0])
    assert "No pupil" in str(result.error)
    counts = task.count(replace(second, truth="a"), None)
    assert counts["missing"] == 1
    assert counts["genuine"].tolist() == [0.0]


def test_a_plate_counts_as_read_only_if_it_is_whole() -> None:
    box = Box(10, 10, 40, 10)
    case = JobSample("a", np.zeros((60, 60, 3), np.uint8), ((box, "AB123CD"),))
    told = {}
    for text in ("AB123CD", "AB123CO", "AB123CDE"):
        told[text] = PLATES.score([PLATES.count(case, (Plate(box, text, case.image),))])
    assert [told[t]["read_whole"] for t in told] == [1, 0, 0]
    assert told["AB123CO"]["characters"] == pytest.approx(6 / 7)
    off = PLATES.score([PLATES.count(case, (Plate(Box(10, 40, 40, 10), "AB123CD", case.image),))])
    assert (off["found"], off["false_per_picture"]) == (0, 1)


def test_a_line_of_a_plates_form_is_found_though_it_cant_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.zeros((300, 1000, 3), np.uint8)
    far = Line(np.array([(500, 50), (570, 50), (570, 70), (500, 70)], np.float32), 0.9)
    square = Line(np.array([(100, 100), (180, 100), (180, 160), (100, 160)], np.float32), 0.9)
    readings = {"text": ("", 0.1)}
    monkeypatch.setattr(finding, "find_by_text", lambda _image: ([square], np.zeros((3, 10), np.float32)))
    monkeypatch.setattr(finding, "text_map", lambda _image, _size: np.zeros((3, 10), np.float32))
    monkeypatch.setattr(finding, "find_lines", lambda *_: [far])
    monkeypatch.setattr(finding, "look_closer", lambda _image, line: line)
    monkeypatch.setattr(finding, "read_line", lambda *_: (*readings["text"], image[:20]))
    (plate,) = finding.find_plates(image, closer=True)[0]
    assert (plate.text, plate.box.x, plate.box.w) == ("", 498, 74)
    assert finding.find_plates(image, closer=False)[0] == []
    readings["text"] = ("STEFANE", 0.99)  # a word that is read surely is no plate
    assert finding.find_plates(image, closer=True)[0] == []


@pytest.mark.parametrize("name", PEOPLE)
def test_pages_of_people_say_what_they_are(name: str) -> None:
    job = get_job(name)
    assert "not made for identifying people" in str(job.about)
    assert "says nothing about people" in str(job.note)
    privacy = str(job.privacy)
    for words in ("memory only", "nothing is written to disk", "no gallery outlives the session", "no link carries"):
        assert words in privacy
    assert "group" in privacy


@pytest.mark.parametrize("name", PEOPLE)
def test_a_users_images_leave_no_file_and_no_trace(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is opened for writing while own images are compared, and another visit knows nothing of them."""
    from pages.jobs.work import answer_own

    if name == "iris":
        images = [(f"own-{i}.png", draw_eye(5, i, knobs("iris"))) for i in range(2)]
    else:
        canvas = np.full((200, 200, 3), 0.6, np.float32)
        draw_face(canvas, draw_person(1), (100, 80), 96, 0.2, 0)
        images = [(f"anna-{i}.png", (canvas * 255).astype(np.uint8)) for i in (1, 2)]
    task = get_job(name).tasks[-1]
    answer_own(name, task.id, images, 1)  # fonts, networks and caches are read once
    written = []
    monkeypatch.chdir(tmp_path)
    import sys

    watching = True

    def watch(event: str, args: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
            written.append(args[0])

    sys.addaudithook(watch)
    answers = answer_own(name, task.id, images, 1)
    watching = False
    assert any(a.result.error is None for a in answers)
    assert not [w for w in written if w != "/dev/null"]
    assert not list(tmp_path.iterdir())
    alone = get_job(name).own([images[0]])[0]  # somebody else's visit has a gallery of its own
    assert "anna" not in str(alone.extra)


@pytest.mark.parametrize("name", PEOPLE)
def test_an_address_carries_choices_and_no_images(name: str) -> None:
    from pages.jobs.state import job_fields

    job = get_job(name)
    allowed = {"task", "count", "seed", "shown", "curve", "metres", *(k.id for k in job.knobs)}
    assert {field.key for field in job_fields(job)} <= allowed


def test_the_repository_has_no_images_of_people_but_scikit_images() -> None:
    images = {p.name for p in (ROOT / "assets").rglob("*") if p.suffix in {".png", ".jpg", ".jpeg", ".webp", ".npz"}}
    assert not [name for name in images if any(word in name for word in ("face", "iris", "eye", "plate"))]
    assert not (ROOT / "assets" / "jobs" / "faces").exists()
