"""Half of a folder is damaged: the other half is judged as if it were alone, and the damaged files are named."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from segmethods.__main__ import main
from segmethods.core.messages import ImageError
from segmethods.jobs import get_job
from segmethods.jobs._masks import to_grey
from segmethods.jobs.frame import JobError
from segmethods.jobs.iris.circles import is_eye, rings_by_daugman, rings_by_segmentation
from segmethods.jobs.running import run_subset


def draw(job: str, task: str, count: int) -> list[np.ndarray]:
    known = get_job(job)
    assert known.generate is not None
    cases = known.generate(count, 2, {knob.id: knob.default for knob in known.knobs})[task]
    return [case.load().image for case in cases]


def save(place: Path, image: np.ndarray) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(place)


def damage(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"\x89PNG\r\n\x1a\n broken")


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict]]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)["subsets"]


def test_a_damaged_eye_spoils_none_of_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    eyes = draw("iris", "all", 6)
    for number, eye in enumerate(eyes):
        for folder in ("whole", "half"):
            save(tmp_path / folder / f"e{number // 3}" / f"{number}.png", eye)
    for eye in ("e0", "e1"):
        damage(tmp_path / "half" / eye / "0.png")
    words = ["job", "iris", "--pipelines", "segmentation", "--data"]
    _, whole = run([*words, str(tmp_path / "whole")], capsys)
    code, half = run([*words, str(tmp_path / "half")], capsys)
    assert code == 1
    assert [f["picture"] for f in half["all"]["failures"]] == ["e0-0", "e1-0"]
    save(tmp_path / "half" / "e0" / "0.png", eyes[0])
    _, less = run([*words, str(tmp_path / "half")], capsys)
    assert whole["all"]["pipelines"][0]["figures"] == less["all"]["pipelines"][0]["figures"]


def test_a_damaged_image_of_a_gallery_is_named_and_the_others_serve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part, count in (("gallery", 3), ("queries", 1)):
        for number, image in enumerate(draw("search", "all", 3)):
            for view in range(count):
                save(tmp_path / part / f"o{number}" / f"{view}.png", image)
    damage(tmp_path / "gallery" / "o1" / "1.png")
    for view in range(3):
        damage(tmp_path / "gallery" / "o2" / f"{view}.png")
    code, found = run(["job", "search", "--data", str(tmp_path), "--pipelines", "colour_whole"], capsys)
    assert code == 1
    assert found["all"]["pipelines"][0]["figures"]["map"] == 1.0
    (failure,) = found["all"]["failures"]
    assert "the gallery has no image of o2" in failure["reason"]
    assert "can’t be read: o1/1.png, o2/0.png" in found["all"]["notes"][0]["note"]


def test_a_damaged_face_of_a_gallery_is_named_and_the_others_serve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, face in enumerate(draw("faces", "recognise", 3)):
        for view in range(1, 5):
            save(tmp_path / f"p{number}" / f"{view}.png", face)
    damage(tmp_path / "p1" / "2.png")
    code, found = run(["job", "faces", "--data", str(tmp_path), "--pipelines", "lbp"], capsys)
    assert code == 0
    assert found["recognise"]["pipelines"][0]["failed"] == 0
    assert found["recognise"]["notes"][0]["note"].endswith("they can’t be read: p1/2.png.")


def test_a_damaged_mask_of_a_clip_is_left_out_and_told(tmp_path: Path) -> None:
    for number in range(6):
        frame = np.full((64, 80, 3), 90, np.uint8)
        frame[20:40, 10 * number : 10 * number + 20] = 220
        save(tmp_path / "frames" / f"{number:03}.png", frame)
        save(tmp_path / "masks" / f"{number:03}.png", np.where(frame[:, :, 0] > 200, 255, 0).astype(np.uint8))
    damage(tmp_path / "masks" / "004.png")
    save(tmp_path / "masks" / "005.png", np.zeros((30, 40), np.uint8))
    job = get_job("surveillance")
    ((name, cases),) = job.read(tmp_path).items()
    assert sorted(cases[0].load().truth.masks) == [0, 1, 2, 3]
    assert "Masks that are left out: 2. The first: " in str(cases[0].load().notes[0])
    result = run_subset(job.task(name), cases, ["knn"])
    assert result.pipelines[0].failed == 0
    assert np.isfinite(result.pipelines[0].figures["f1"])


def test_a_damaged_frame_of_a_clip_is_left_out_and_the_masks_stay_with_their_frames(tmp_path: Path) -> None:
    frames = [np.full((64, 80, 3), 90, np.uint8) for _ in range(6)]
    for number, frame in enumerate(frames):
        frame[20:40, 10 * number : 10 * number + 20] = 220
        save(tmp_path / "frames" / f"in{number:03}.png", frame)
        save(tmp_path / "masks" / f"gt{number:03}.png", np.where(frame[:, :, 0] > 200, 255, 0).astype(np.uint8))
    damage(tmp_path / "frames" / "in000.png")
    damage(tmp_path / "frames" / "in003.png")
    job = get_job("surveillance")
    ((name, cases),) = job.read(tmp_path).items()
    case = cases[0].load()
    assert [str(n) for n in case.notes] == ["Frames that are left out, since they can’t be read: in000.png, in003.png."]
    clip = case.extra["view"].clip
    assert {i: int(mask().argmax() % 80) // 10 for i, mask in case.truth.masks.items()} == {0: 1, 1: 2, 2: 4, 3: 5}
    assert all(np.array_equal(clip.frame(i)[:, :, 0] > 200, m() == 255) for i, m in case.truth.masks.items())
    result = run_subset(job.task(name), cases, ["knn"])
    assert result.pipelines[0].failed == 0
    assert np.isfinite(result.pipelines[0].figures["f1"])


def nuclei(folder: Path, label: np.ndarray) -> tuple[int, str]:
    save(folder / "nuclei" / "images" / "a.png", np.full((32, 32, 3), 90, np.uint8))
    save(folder / "nuclei" / "labels" / "a.png", label)
    case = get_job("medical").read(folder)["nuclei"][0].load()
    return len(np.unique(case.truth)) - 1, " ".join(str(note) for note in case.notes)


def test_a_nucleus_in_two_pieces_counts_as_one_and_is_noted(tmp_path: Path) -> None:
    label = np.zeros((32, 32), np.uint16)
    label[4:8, 2:30] = 7
    assert nuclei(tmp_path, label) == (1, "")
    label[2:12, 14:18] = 0
    assert nuclei(tmp_path, label)[0] == 1
    label[2:12, 14:18] = 300
    label[20:24, 2:6] = label[24:28, 6:9] = 9
    assert nuclei(tmp_path, label) == (
        3,
        "Nuclei that lie in several pieces under one number: 1 (7). Each counts as one.",
    )


def test_a_mask_of_nuclei_is_still_refused(tmp_path: Path) -> None:
    mask = np.zeros((32, 32), np.uint8)
    mask[2:6, 2:6] = mask[20:24, 20:24] = 255
    with pytest.raises(ImageError, match="one number together"):
        nuclei(tmp_path, mask.astype(np.uint16) * 257)
    mask[2:6, 20:24] = 255
    with pytest.raises(ImageError, match="one number together"):
        nuclei(tmp_path, mask // 255)


def test_a_folder_at_the_wrong_depth_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(tmp_path / "roads" / "images" / "a.png", np.full((32, 32, 3), 90, np.uint8))
    save(tmp_path / "roads" / "labels" / "a.png", np.zeros((32, 32), np.uint8))
    for place, says in (
        (tmp_path / "roads" / "images", f"lies beside them. Give the folder {tmp_path / 'roads'}."),
        (tmp_path, "has no images of this job"),
        (tmp_path / "gone", "There is no folder"),
    ):
        assert main(["job", "driving", "--data", str(place)]) == 2
        assert says in capsys.readouterr().err
    assert main(["job", "medical", "--data", str(tmp_path / "gone")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_a_gallery_without_anything_to_compare_is_told(tmp_path: Path) -> None:
    for name in ("ann", "bea"):
        save(tmp_path / name / "1.png", np.full((32, 32, 3), 90, np.uint8))
    with pytest.raises(JobError, match="one image only"):
        get_job("faces").read(tmp_path)


def test_a_large_eye_is_found_where_a_small_one_is() -> None:
    eye = draw("iris", "all", 1)[0]
    large = cv2.resize(eye, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    small, found = rings_by_daugman(to_grey(eye)), rings_by_daugman(to_grey(large)).scaled(1 / 8)
    for one, other in ((small.pupil, found.pupil), (small.limbus, found.limbus)):
        assert (other.x, other.y, other.r) == pytest.approx((one.x, one.y, one.r), abs=1)
    assert is_eye(to_grey(large), found.scaled(8)) == is_eye(to_grey(eye), small)
    one, other = (rings_by_segmentation(to_grey(image)).pupil.r for image in (eye, large))
    assert other / 8 == pytest.approx(one, abs=1)


def test_images_of_another_job_are_no_clip(tmp_path: Path) -> None:
    image = np.full((32, 32, 3), 90, np.uint8)
    save(tmp_path / "driving" / "images" / "a.png", image)
    save(tmp_path / "driving" / "labels" / "a.png", image[:, :, 0])
    assert get_job("surveillance").read(tmp_path) == {}
    save(tmp_path / "walk" / "frames" / "a.png", image)
    assert [case.name for case in get_job("surveillance").read(tmp_path)["all"]] == ["walk"]


def test_images_of_one_name_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.png", "a.bmp", "b.png"):
        save(tmp_path / "images" / name, np.full((32, 32, 3), 90, np.uint8))
    assert main(["job", "driving", "--data", str(tmp_path)]) == 2
    assert "2 images are called a. Give each a name of its own." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--generate", "1", "--seed", "-1"], "--seed must be at least 0; it is -1."),
        (["--data", ".", "--noise", "0.1"], "--noise changes images that are drawn, not those of --data."),
    ],
)
def test_settings_that_say_nothing_are_told(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["job", "driving", *words]) == 2
    assert says in capsys.readouterr().err


def test_a_pipeline_named_twice_runs_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["job", "satellite", "--generate", "1", "--pipelines", "kmeans, kmeans"]
    assert [p["id"] for p in run(words, capsys)[1]["all"]["pipelines"]] == ["kmeans"]
