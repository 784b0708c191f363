"""Moving things: figures against a second opinion and against cases worked by hand, models, tracker, reader."""

import json
from pathlib import Path

import motmetrics
import numpy as np
import pytest
from PIL import Image

from segmethods.__main__ import main
from segmethods.io.boxes import Box
from segmethods.jobs import get_job
from segmethods.jobs._boxes import box_iou
from segmethods.jobs.surveillance.backgrounds import Consensus, RunningAverage, mixture, neighbours
from segmethods.jobs.surveillance.blobs import find_blobs
from segmethods.jobs.surveillance.crossings import Line, count_crossings
from segmethods.jobs.surveillance.figures import count_tracks, drop_slivers, score_tracks
from segmethods.jobs.surveillance.generated import KNOBS, draw_clip
from segmethods.jobs.surveillance.tracking import Seen, Tracker
from segmethods.jobs.surveillance.watching import draw, watch


def tracks(*rows: list[tuple[int, int]]) -> list[list[Seen]]:
    """Frames of boxes of 10 by 10, each by number and column."""
    return [[Seen(number, Box(x, 0, 10, 10)) for number, x in row] for row in rows]


def random_tracks(rng: np.random.Generator) -> tuple[list[list[Seen]], list[list[Seen]]]:
    truth, found = [], []
    for t in range(30):
        row = [(i, 14 * i + t) for i in range(4) if rng.random() < 0.9]
        truth.append(tracks(row)[0])
        seen = [(n + (10 if t > 15 and n == 2 else 0), x + int(rng.integers(-4, 5))) for n, x in row]
        seen = [one for one in seen if rng.random() < 0.85] + ([(99, 300 + t)] if rng.random() < 0.2 else [])
        found.append(tracks(seen)[0])
    return truth, found


def second_opinion(truth: list[list[Seen]], found: list[list[Seen]]) -> dict[str, float]:
    book = motmetrics.MOTAccumulator(auto_id=True)
    for true, seen in zip(truth, found, strict=True):
        far = np.array([[1 - box_iou(t.box, f.box) for f in seen] for t in true]).reshape(len(true), len(seen))
        book.update([t.number for t in true], [f.number for f in seen], np.where(far <= 0.5, far, np.nan))
    found_ = motmetrics.metrics.create().compute(book, metrics=["mota", "idf1", "num_switches"])
    return {name: float(found_[name].iloc[0]) for name in found_}


@pytest.mark.parametrize("seed", range(4))
def test_mota_and_idf1_are_those_of_motmetrics(seed: int) -> None:
    truth, found = random_tracks(np.random.default_rng(seed))
    counts = count_tracks(truth, found)
    ours, theirs = score_tracks([counts]), second_opinion(truth, found)
    assert ours["mota"] == pytest.approx(theirs["mota"])
    assert ours["idf1"] == pytest.approx(theirs["idf1"])
    assert counts["switches"] == theirs["num_switches"]


def test_hota_of_cases_worked_by_hand() -> None:
    truth = tracks(*[[(1, t)] for t in range(4)])
    assert score_tracks([count_tracks(truth, truth)])["hota"] == pytest.approx(1)
    # Half of the frames found, always by one number: DetA = 2/4, AssA = 2/4, HOTA = 1/2 at every level.
    half = [row if t < 2 else [] for t, row in enumerate(truth)]
    assert score_tracks([count_tracks(truth, half)])["hota"] == pytest.approx(0.5)
    # All found, but the number changes in the middle: DetA = 1, each hit has A = 2/4, HOTA = sqrt(1/2).
    switched = tracks(*[[(1 if t < 2 else 2, t)] for t in range(4)])
    assert score_tracks([count_tracks(truth, switched)])["hota"] == pytest.approx(np.sqrt(0.5))
    # Boxes off by 5 of 10: IoU 1/3, so right at 6 of 19 levels and wrong at the others.
    off = tracks(*[[(1, t + 5)] for t in range(4)])
    assert score_tracks([count_tracks(truth, off)])["hota"] == pytest.approx(6 / 19)


def test_clips_add_up_and_nothing_to_follow_is_undefined() -> None:
    truth = tracks(*[[(1, t)] for t in range(4)])
    both = score_tracks([count_tracks(truth, truth), count_tracks(truth, [[]] * 4)])
    assert both["mota"] == pytest.approx(0.5)
    assert both["idf1"] == pytest.approx(2 * 4 / (8 + 4))
    assert np.isnan(score_tracks([{"tp": 1}])["mota"])


def test_a_box_on_a_sliver_is_neither_right_nor_wrong() -> None:
    sliver, other = Seen(1, Box(0, 0, 10, 10)), Seen(2, Box(50, 0, 10, 10))
    assert drop_slivers([Seen(7, Box(1, 0, 5, 10)), Seen(8, Box(50, 0, 10, 10))], [other], [sliver])[0].number == 8


def test_objects_are_counted_once_and_downwards() -> None:
    down = tracks([(1, 0)], [(1, 0)])
    assert count_crossings(down, Line(row=4)) == []
    path = [[Seen(1, Box(0, y, 4, 4)), Seen(2, Box(9, 20 - y, 4, 4))] for y in (0, 6, 12, 6, 12)]
    assert count_crossings(path, Line(row=10)) == [(2, 1)]


def test_who_hides_keeps_the_number() -> None:
    tracker, seen = Tracker(), []
    for t in range(40):
        frame, mask = np.full((60, 160, 3), 120, np.uint8), np.zeros((60, 160), bool)
        x = 10 + 3 * t
        mask[20:50, x : x + 10] = True
        mask[:, 60:80] = False
        frame[mask] = (200, 30, 30)
        seen.append(tracker.update(find_blobs(mask, frame), frame))
    assert {s.number for each in seen for s in each} & tracker.known == {1}
    assert seen[-1]


def test_who_comes_in_from_the_edge_is_nobody_who_hides_elsewhere() -> None:
    tracker, seen = Tracker(), []
    for t in range(64):
        frame, mask = np.full((60, 160, 3), 120, np.uint8), np.zeros((60, 160), bool)
        for x, colour in ((70 + t, (200, 30, 30)), (216 - t, (180, 50, 40))):
            frame[20:50, x : x + 10], mask[20:50, x : x + 10] = colour, True
        mask[:, 120:145] = False
        seen.append([s.number for s in tracker.update(find_blobs(mask, frame), frame)])
    assert seen[40] == [1]
    assert seen[62] == [2]  # the first is still behind a post


def test_a_belt_like_the_ground_does_not_make_two_of_one() -> None:
    mask = np.zeros((60, 80), bool)
    mask[10:30, 20:32] = mask[34:50, 22:30] = mask[10:50, 60:70] = True
    mask[10:25, 40:55] = mask[28:45, 40:55] = True  # two cars in a lane
    boxes = [blob.box for blob in find_blobs(mask, np.zeros((60, 80, 3), np.uint8))]
    assert sorted(boxes, key=lambda b: (b.x, b.y)) == [
        Box(20, 10, 12, 40),
        Box(40, 10, 15, 15),
        Box(40, 28, 15, 17),
        Box(60, 10, 10, 40),
    ]


def test_two_that_cross_keep_their_numbers() -> None:
    tracker, seen = Tracker(), []
    for t in range(50):
        frame, mask = np.full((60, 160, 3), 120, np.uint8), np.zeros((60, 160), bool)
        for x, y, colour in ((10 + 2 * t, 12, (200, 30, 30)), (130 - 2 * t, 18, (20, 40, 200))):
            frame[y : y + 34, x : x + 12] = colour
            mask[y : y + 34, x : x + 12] = True
        seen.append({s.number: s.box.x for s in tracker.update(find_blobs(mask, frame), frame)})
    red = min(seen[3], key=lambda n: seen[3][n])
    assert seen[-1][red] > 90
    assert tracker.known == {1, 2}


def test_who_walks_on_behind_another_keeps_the_number() -> None:
    tracker, seen = Tracker(), []
    for t in range(60):
        frame, mask = np.full((60, 160, 3), 120, np.uint8), np.zeros((60, 160), bool)
        waits = 70 + 2 * max(0, t - 32)  # starts to walk while the other one is before it
        for x, y, colour in ((waits, 12, (200, 30, 30)), (round(140 - 2.1 * t), 16, (20, 40, 200))):
            frame[y : y + 34, x : x + 12] = colour
            mask[y : y + 34, x : x + 12] = True
        seen.append({s.number: s.box.x for s in tracker.update(find_blobs(mask, frame), frame)})
    red = min(seen[3], key=lambda n: seen[3][n])
    assert seen[-1][red] > 110
    assert tracker.known == {1, 2}


def test_who_comes_in_slowly_is_one() -> None:
    tracker, seen = Tracker(), []
    for t in range(70):
        frame, mask = np.full((60, 160, 3), 120, np.uint8), np.zeros((60, 160), bool)
        frame[10:50, 159 - t : 189 - t], mask[10:50, 159 - t : 189 - t] = (30, 60, 190), True
        seen.append([s.box for s in tracker.update(find_blobs(mask, frame), frame)])
    assert tracker.known == {1}
    assert all(len(each) == 1 for each in seen)


@pytest.mark.parametrize("make", [RunningAverage, mixture, neighbours, Consensus])
def test_a_model_finds_a_square_in_noise(make) -> None:
    rng = np.random.default_rng(0)
    model = make()

    def noisy(image: np.ndarray) -> np.ndarray:
        return np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)

    still = np.full((48, 64, 3), 120.0)
    model.start([noisy(still) for _ in range(30)])
    assert model.apply(noisy(still)).mean() < 0.02
    moved = still.copy()
    moved[10:30, 20:40] = (230, 60, 60)
    found = model.apply(noisy(moved))
    assert found[12:28, 22:38].mean() > 0.95
    assert found.mean() < 0.2
    assert np.abs(model.image().astype(int) - 120).mean() < 12


def test_feedback_makes_leaves_background_that_a_mean_takes_for_things() -> None:
    def leaf(t: int) -> np.ndarray:
        image = np.full((48, 64, 3), 200, np.uint8)
        image[8:40, 16 + t % 7 : 40 + t % 7] = (40, 90, 30)
        return image

    wrong = {}
    for make in (RunningAverage, Consensus):
        model = make()
        model.start([leaf(t) for t in range(40)])
        wrong[make] = float(np.mean([model.apply(leaf(t)).mean() for t in range(40, 80)]))
    assert wrong[Consensus] < 0.25 * wrong[RunningAverage]


def test_what_swings_by_a_pixel_is_known_next_door() -> None:
    """Twigs of a tree that were never at just this place: no wider threshold is needed for them."""
    rng = np.random.default_rng(0)
    tree = rng.integers(0, 255, (50, 70, 3)).astype(np.uint8)
    model = Consensus()
    model.start([tree] * 30)
    model.most = 1.0
    swung = np.roll(tree, (1, 1), (0, 1))
    assert model.apply(swung)[2:-2, 2:-2].mean() < 0.02
    thing = swung.copy()
    thing[10:30, 20:40] = 255 - thing[10:30, 20:40]
    assert model.apply(thing)[10:30, 20:40].mean() > 0.7


def test_walkers_are_followed_and_counted_at_medium_knobs() -> None:
    task = get_job("surveillance").task("all")
    knobs = {knob.id: knob.default for knob in KNOBS}
    counts = []
    for seed in (1, 2):
        case = draw_clip("a", seed, knobs)
        answer = watch(case, mixture)
        counts.append(task.count(case, answer.value))
    figures = task.score(counts)
    assert figures["mota"] >= 0.9
    assert figures["idf1"] >= 0.9
    assert figures["count_error"] <= 0.5
    assert draw(case, answer.value).shape == case.image.shape
    assert task.play is not None
    assert task.play(case, answer.value)[:4] == b"\x1aE\xdf\xa3"
    assert len(answer.steps) == 4


def test_a_folder_of_frames_is_judged_and_a_clip_alone_is_described(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "highway"
    for name in ("frames", "masks"):
        (place / name).mkdir(parents=True)
    for t in range(60):
        image, mask = np.full((96, 64, 3), 120, np.uint8), np.zeros((96, 64), np.uint8)
        if t >= 30:
            y = 3 * (t - 30)
            image[y : y + 20, 20:40] = (220, 60, 60)
            mask[y : y + 20, 20:40] = 255
            mask[y + 8, :10] = 50
            Image.fromarray(mask).save(place / "masks" / f"{t + 371:06}.png")
        Image.fromarray(image).save(place / "frames" / f"{t + 371:06}.png")
    (place / "crossings.csv").write_text("first_frame,last_frame\n420,425\n")
    out = tmp_path / "out"
    words = ["job", "surveillance", "--pipelines", "running_average", "--out", str(out), "--json", "--data"]
    assert main([*words, str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)["subsets"]["highway"]
    figures = told["pipelines"][0]["figures"]
    assert told["pictures"] == 50
    assert figures["f1"] > 0.9
    assert figures["count_error"] == 0
    assert figures["mota"] is None
    clip = next(out.glob("highway/*.webm"))
    assert "crosses" in (out / "highway" / "table.csv").read_text()
    alone = tmp_path / "own"
    alone.mkdir()
    (alone / "cam.webm").write_bytes(clip.read_bytes())
    assert main([*words, str(alone)]) == 0
    told = json.loads(capsys.readouterr().out)["subsets"]["all"]
    assert told["pipelines"][0]["figures"]["f1"] is None


def test_two_who_come_out_as_one_from_behind_a_post_keep_their_numbers() -> None:
    tracker, seen = Tracker(), []
    for t in range(64):
        frame, mask = np.full((80, 200, 3), 120, np.uint8), np.zeros((80, 200), bool)
        slow, fast = 30 + 2 * t, round(10 + 2.5 * t)  # both are behind the post when one of them catches up
        for x, y, colour in ((slow, 12, (200, 30, 30)), (fast, 22, (20, 40, 200))):
            frame[y : y + 44, x : x + 12], mask[y : y + 44, x : x + 12] = colour, True
        mask[:, 70:108] = False
        seen.append({s.number: s.box for s in tracker.update(find_blobs(mask, frame), frame)})
    red, blue = sorted(seen[10], key=lambda n: -seen[10][n].x)
    assert all(set(each) == {red, blue} for each in seen[52:])
    assert abs(seen[55][red].x - 140) < 4
    assert abs(seen[55][blue].x - 148) < 4


def test_somebody_at_ones_side_makes_nobody_larger() -> None:
    tracker = Tracker()
    for t in range(42):
        frame, mask = np.full((80, 200, 3), 120, np.uint8), np.zeros((80, 200), bool)
        frame[20:60, 20 + 2 * t : 32 + 2 * t], mask[20:60, 20 + 2 * t : 32 + 2 * t] = (200, 30, 30), True
        if t >= 30:  # something clings to them
            mask[20:60, 32 + 2 * t : 39 + 2 * t] = True
        seen = tracker.update(find_blobs(mask, frame), frame)
    assert len(seen) == 1
    assert tracker.tracks[0].size[0] < 15
