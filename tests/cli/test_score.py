"""``score``: which files it reads, what the ids in them mean, what it prints, and what it says of bad input."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from scipy.io import savemat

from segmethods.core.types import VOC
from segmethods.io.label_png import encode_labels
from segmethods.metrics import METRICS

KEYS = [
    "covering",
    "pri",
    "vi",
    "boundary_precision",
    "boundary_recall",
    "boundary_f",
    "mean_iou",
    "class_iou",
    "pixel_accuracy",
    "alignment",
]
TRUTH = np.array([[0, 0, 1, 1], [0, 2, 255, 1]], np.uint8)
FOUND = np.array([[0, 1, 1, 1], [0, 2, 2, 0]], np.uint8)


@pytest.fixture
def results(run) -> Callable[..., list[dict]]:
    def results(*words: str) -> list[dict]:
        code, text, error = run(*words, "--json")
        assert (code, error) == (0, "")
        report = json.loads(text, parse_constant=pytest.fail)
        assert list(report) == ["results", "not_judged", "notes"]
        assert all(set(KEYS) | set(METRICS) <= set(row) for row in report["results"])
        return report["results"]

    return results


def draw(name: str, values: object, kind: type = np.uint8) -> str:
    Image.fromarray(np.array(values, kind)).save(name)
    return name


def cells(*maps: object) -> np.ndarray:
    cells = np.empty((1, len(maps)), object)
    for i, label_map in enumerate(maps):
        cells[0, i] = label_map
    return cells


def test_class_masks(results):
    (row,) = results(draw("found.png", FOUND), draw("truth.png", TRUTH))
    assert row["class_iou"] == [0.5, 0.5, 1]
    assert row["mean_iou"] == pytest.approx(2 / 3)
    assert row["pixel_accuracy"] == pytest.approx(5 / 7)
    assert row["alignment"] == "by name"


def test_who_waits_for_a_large_map_reads_which_score_is_at_work(run, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr("segmethods.cli.score_folders.tqdm.set_postfix_str", lambda _bar, text: told.append(text))
    run(draw("found.png", FOUND), draw("truth.png", TRUTH))
    assert told == [metric.title for metric in METRICS.values()]


def test_absent_classes_are_null_and_left_out(results):
    (row,) = results(draw("found.png", FOUND), draw("truth.png", TRUTH), "--classes", "5")
    assert row["class_iou"] == [0.5, 0.5, 1, None, None]
    assert row["mean_iou"] == pytest.approx(2 / 3)


def test_equal_masks_of_everything(results):
    np.savez("both.npz", a=TRUTH, b=np.stack([TRUTH, TRUTH]))
    rows = results("both.npz", draw("truth.png", TRUTH))
    assert len(rows) == 3
    for row in rows:
        assert [row[key] for key in KEYS[:7]] == [1, 1, 0, 1, 1, 1, 1]


def test_a_truth_that_judges_nothing_is_refused(run):
    code, _, error = run(draw("found.png", FOUND), draw("void.png", np.full((2, 4), 255)), "--classes", "3")
    assert code == 2
    assert "'not judged'" in error


def test_black_and_white_masks_are_background_and_object(results):
    found, truth = draw("found.png", [[0, 255, 255, 0]]), draw("truth.png", [[0, 255, 0, 0]])
    assert results(found, truth)[0]["class_iou"] == pytest.approx([2 / 3, 1 / 2])
    assert results(found, draw("ids.png", [[0, 1, 0, 0]]))[0]["class_iou"] == pytest.approx([2 / 3, 1 / 2])


@pytest.mark.parametrize("words", [[], ["--classes", "2"]])
@pytest.mark.parametrize("ids", [[[0, 1, 5, 0]], [[0, 0, 5, 0]], [[0, 2, 1, 0]]])
def test_ids_against_black_and_white_are_the_fault_of_the_prediction(run, ids, words):
    code, _, error = run(draw("found.png", ids), draw("truth.png", [[0, 255, 255, 0]]), *words)
    listed = ", ".join(map(str, np.unique(ids)))
    assert code == 2
    assert error.startswith(f"error: found.png has the ids {listed}, but its truth truth.png has 0 and 255 alone")
    assert error.strip().endswith("Save found.png with 0 and 255, or with 0 and 1.")


def test_black_and_white_against_ids_is_the_fault_of_the_prediction(run):
    code, _, error = run(draw("found.png", [[0, 255, 255, 0]]), draw("truth.png", [[0, 1, 5, 0]]))
    assert code == 2
    assert error.strip().endswith("its truth truth.png has the ids 0, 1, 5. Save found.png with these ids.")


def test_a_truth_of_void_is_at_fault_where_the_classes_are_given(run):
    code, _, error = run(draw("found.png", [[0, 2, 1, 0]]), draw("truth.png", [[0, 255, 255, 0]]), "--classes", "3")
    assert code == 2
    assert "truth.png is background or 255, which means 'not judged'" in error


@pytest.mark.parametrize("suffix", ["tif", "npy"])
def test_objects_of_32_bits_are_numbered_anew(results, run, suffix):
    def write(name: str, numbers: list[list[int]]) -> str:
        values = np.array(numbers, np.int32)
        np.save(name, values) if suffix == "npy" else tifffile.imwrite(name, values)
        return name

    found = write(f"found.{suffix}", [[70_000, 70_000, 0, 0, 0, 3]])
    truth = write(f"truth.{suffix}", [[900_000, 900_000, 0, 70_000, 70_000, 70_000]])
    (row,) = results(found, truth)
    assert (row["panoptic_quality"], row["class_iou"]) == (1 / 2, None)
    assert f"{found}: Its numbers go up to 70000, too many for classes" in run(found, truth)[1]
    everywhere = write(f"everywhere.{suffix}", [[900_000, 900_000, 900_000, 70_000, 70_000, 70_000]])
    assert results(everywhere, everywhere)[0]["panoptic_quality"] == 1  # no object becomes the background


def test_the_share_that_is_not_judged_is_always_said(run, results):
    found = draw("found.png", [[0, 2, 1, 0]])
    some, none = "Not judged: 25.0% of the pixels.", "All pixels are judged."
    for truth, share, said in (([[0, 2, 255, 0]], 0.25, some), ([[0, 2, 1, 0]], 0, none)):
        _, text, _ = run(found, draw("truth.png", truth))
        assert said in text
        assert json.loads(run(found, "truth.png", "--json")[1])["not_judged"] == share


def test_names_come_from_palettes_and_colours(results):
    Path("found.png").write_bytes(encode_labels(np.array([[0, 8, 8]], np.uint8), VOC))
    (row,) = results("found.png", draw("truth.png", [[0, 8, 7]]))
    assert len(row["class_iou"]) == 21
    assert row["class_iou"][8] == 0.5
    red, blue = [255, 0, 0], [0, 0, 255]
    colours = draw("a.png", [[red, red, blue]]), draw("b.png", [[red, blue, blue]])
    assert results(*colours)[0]["pixel_accuracy"] == pytest.approx(2 / 3)  # whichever covers more in each


def test_regions_against_several_annotators(results):
    halves, whole = np.array([[1, 1, 2, 2]] * 2), np.ones((2, 4))
    person = np.zeros((1, 1), [("Segmentation", object)])
    people = []
    for label_map in (halves, whole):
        person[0, 0]["Segmentation"] = label_map.astype(np.uint16)
        people.append(person.copy())
    savemat("truth.mat", {"groundTruth": cells(*people)})
    savemat("found.mat", {"segs": cells(halves.astype(float), whole)})
    first, second = results("found.mat", "truth.mat")
    assert first["covering"] == pytest.approx(0.75)
    assert first["vi"] == pytest.approx(0.5)
    assert (first["boundary_precision"], first["boundary_recall"]) == (1, 1)
    assert second["boundary_f"] == 0
    assert [first[key] for key in KEYS[6:]] == [None] * 4


def test_regions_against_classes_are_aligned(results):
    savemat("found.mat", {"segs": cells(FOUND + 5)})
    (row,) = results("found.mat", draw("truth.png", TRUTH))
    assert row["alignment"] == "majority"
    assert row["mean_iou"] == pytest.approx(2 / 3)
    (row,) = results(draw("found.png", FOUND), "truth.png", "--alignment", "hungarian")
    assert row["alignment"] == "hungarian"
    turned, truth = draw("turned.png", [[1, 1, 0]]), draw("two.png", [[0, 0, 1]])
    assert results(turned, truth)[0]["mean_iou"] == 0
    assert results(turned, truth, "--alignment", "better-polarity")[0]["mean_iou"] == 1


def test_ids_above_255_are_regions(results):
    found, truth = draw("found.png", [[300, 300, 4, 255]], np.uint16), draw("truth.png", [[900, 900, 7, 8]], np.uint16)
    (row,) = results(found, truth)
    assert row["vi"] == 0
    assert row["class_iou"] is row["alignment"] is None


def test_the_table_names_classes_alignment_and_policy(run):
    Path("names.txt").write_text("sky\nroad\n\ncar\n")
    code, text, _ = run(draw("found.png", FOUND), draw("truth.png", TRUTH), "--classes", "names.txt")
    assert code == 0
    for words in ("4 × 2 pixels", "sky 0.500", "car 1.000", "by name", "dropped first", "0.667"):
        assert words in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["found.png", "wide.png"], "found.png is 4 × 2 pixels, but wide.png is 5 × 1"),
        (["gone.png", "truth.png"], "gone.png"),
        (["text.png", "truth.png"], "text.png"),
        (["text.mat", "truth.png"], "text.mat is no MATLAB 5 file"),
        (["broken.mat", "truth.png"], "broken.mat is damaged"),
        (["broken.npz", "truth.png"], "broken.npz is damaged"),
        (["other.mat", "truth.png"], "other.mat has no variable segs, groundTruth or ucm2. It has x"),
        (["floats.npz", "truth.png"], "floats.npz has no array of whole numbers"),
        (["negative.npz", "truth.png"], "labels below zero"),
        (["found.png", "truth.png", "--classes", "2"], "class 2"),
        (["found.png", "truth.png", "--classes", "0"], "1 to 255 classes"),
        (["found.png", "truth.png", "--classes", "gone.txt"], "gone.txt"),
        (["found.png", "segs.mat", "--alignment", "majority"], "regions without names"),
        (["found.png", "truth.png", "--alignment", "better-polarity"], "can't be aligned better polarity"),
        (["found.png", "truth.png", "--alignment", "best"], "invalid choice"),
        (["found.png"], "TRUTH"),
        (["gone", "masks"], "There is no gone."),
        (["masks", "gone"], "There is no gone."),
        (["masks", "masks", "gone"], "There is no gone."),
        (["found.png", "masks"], "Give two files, or folders alone"),
    ],
)
def test_bad_input_is_one_line(run, words, message):
    draw("found.png", FOUND)
    draw("truth.png", TRUTH)
    draw("wide.png", [[0, 1, 2, 0, 0]])
    draw_set("masks", [TRUTH])
    for name in ("text.png", "text.mat"):
        Path(name).write_text("no picture")
    Path("broken.mat").write_bytes(b"MATLAB 5.0 MAT-file".ljust(128) + b"\1\2\3")
    Path("broken.npz").write_bytes(b"PK\x03\x04 and nothing more")
    savemat("other.mat", {"x": 1})
    savemat("segs.mat", {"segs": cells(FOUND)})
    np.savez("floats.npz", a=np.ones((2, 4)))
    np.savez("negative.npz", a=FOUND.astype(int) - 1)
    code, text, error = run(*words)
    assert (code, text) == (2, "")
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error


def test_any_damage_to_an_npz_file_is_told(run):
    draw("truth.png", TRUTH)
    np.savez_compressed("whole.npz", a=np.arange(10_000, dtype=np.uint8).reshape(100, 100) % 7)
    whole, rng = Path("whole.npz").read_bytes(), np.random.default_rng(0)
    for _ in range(100):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(len(damaged), size=6)] = rng.integers(0, 256, 6)
        Path("damaged.npz").write_bytes(damaged.tobytes())
        _, _, error = run("damaged.npz", "truth.png")
        assert error.startswith("error: ")
        assert error.count("\n") == 1


def test_every_metric_and_the_share_that_is_not_judged(results):
    (row,) = results(draw("found.png", FOUND), draw("truth.png", TRUTH))
    assert row["dice"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert row["hausdorff"] > 0
    assert row["panoptic_quality"] is None


def test_boundaries_can_be_left_out(results, run):
    (row,) = results(draw("found.png", FOUND), draw("truth.png", TRUTH), "--no-boundaries")
    assert row["boundary_f"] is row["hausdorff"] is row["surface_distance"] is None
    assert row["mean_iou"] == pytest.approx(2 / 3)
    _, text, _ = run("found.png", "truth.png")
    assert "Not judged: 12.5" in text


@pytest.mark.parametrize(
    ("kind", "words", "quality"),
    [
        (np.uint16, [], 1 / 2),  # of two true objects one is found, and one find is false
        (np.uint16, ["--no-objects"], None),
        (np.uint8, ["--objects"], 1 / 2),
        (np.uint8, [], None),
    ],
)
def test_labels_are_objects_in_16_bit_pictures_or_where_it_is_said(results, kind, words, quality):
    truth, found = [[1, 1, 0, 2, 2, 2]], [[7, 7, 0, 0, 0, 3]]
    (row,) = results(draw("found.png", found, kind), draw("truth.png", truth, kind), *words)
    assert row["panoptic_quality"] == quality


def draw_set(folder: str, maps: list, kind: type = np.uint8) -> str:
    Path(folder).mkdir()
    for number, labels in enumerate(maps):
        draw(f"{folder}/{number}.png", labels, kind)
    return folder


def test_folders_are_scored_by_summed_counts_and_ranked(run):
    random = np.random.default_rng(0)
    truths = [random.integers(0, 4, (30, 30)) for _ in range(8)]
    good = [np.where(random.random(t.shape) < 0.1, 0, t) for t in truths]
    bad = [np.where(random.random(t.shape) < 0.5, 0, t) for t in truths]
    words = [draw_set("good", good), draw_set("truth", truths), draw_set("bad", bad)]
    code, text, error = run(*words, "--json")
    assert (code, error) == (0, "")
    report = json.loads(text, parse_constant=pytest.fail)
    first, second = report["results"]
    every, right = np.concatenate(truths), np.concatenate(good)
    overlaps = [(((every == c) & (right == c)).sum() / ((every == c) | (right == c)).sum()) for c in range(4)]
    assert first["mean_iou"] == pytest.approx(np.mean(overlaps))
    assert second["mean_iou"] < first["mean_iou"]
    assert (report["images"], report["ranking"]) == (8, ["good", "bad"])
    (difference,) = report["differences"]
    assert difference["low"] > 0
    assert difference["p"] < 0.05
    code, text, _ = run(*words)
    assert "good beats bad." in text
    assert difference["p_holm"] == difference["p"]


@pytest.mark.parametrize("white", [(255, 255), (1, 255), (255, 1), (150, 150), (150, 255)])
def test_folders_of_masks_with_two_values_are_background_and_object(run, white):
    found, true = white
    words = [draw_set("found", [[[0, found, found, 0]], [[0, 0, 0, 0]]])]
    words += [draw_set("truth", [[[0, true, 0, 0]], [[0, 0, 0, 0]]])]
    code, text, error = run(*words, "--json")
    assert (code, error) == (0, "")
    report = json.loads(text)
    assert (report["results"][0]["class_iou"], report["not_judged"]) == ([6 / 7, 0.5], 0)
    alone = json.loads(run("found/0.png", "truth/0.png", "--json")[1])["results"][0]
    assert alone["class_iou"] == [2 / 3, 0.5]
    assert "All pixels are judged." in run(*words)[1]


def test_255_is_void_in_all_masks_of_a_folder_where_some_have_more_classes(run):
    """As in a data set for `benchmark`: what has 0 and 255 alone is no mask of an object then."""
    truths = [[[0, 1, 2, 255]], [[0, 0, 255, 255]]]
    words = [draw_set("found", [[[0, 1, 2, 0]], [[0, 1, 0, 1]]]), draw_set("truth", truths)]
    report = json.loads(run(*words, "--json")[1])
    assert (report["not_judged"], report["results"][0]["class_iou"]) == (3 / 8, [2 / 3, 0.5, 1])


def test_folders_of_16_bit_maps_hold_objects(run):
    truths, found = [[[1, 1, 0, 2, 2]], [[3, 3, 3, 0, 0]]], [[[5, 5, 0, 0, 0]], [[9, 9, 9, 0, 0]]]
    words = [draw_set("found", found, np.uint16), draw_set("truth", truths, np.uint16)]
    (row,) = json.loads(run(*words, "--json")[1])["results"]
    assert row["panoptic_quality"] == pytest.approx(2 / 2.5)
    assert row["mean_iou"] is None


def test_folders_map_and_ignore_ids_of_the_truths(run):
    pets = [[1, 1, 2, 2, 3, 3]]
    words = [draw_set("found", [[[1, 1, 0, 0, 0, 1]]] * 2), draw_set("truth", [pets, pets])]
    report = json.loads(run(*words, "--ids", "oxford-pets", "--json")[1])
    (row,) = report["results"]
    assert (row["class_iou"], report["not_judged"]) == ([1, 1], 1 / 3)
    assert "were mapped (oxford-pets)" in report["notes"][0]
    report = json.loads(run("found", draw_set("more", [[[1, 1, 0, 0, 2, 2]]] * 2), "--ignore", "2", "--json")[1])
    assert (report["results"][0]["pixel_accuracy"], report["not_judged"]) == (1, 1 / 3)


def test_folders_are_matched_by_the_rule_of_data_sets(run):
    for path in ("truth/ulm/A_gt.png", "truth/bonn/A_gt.png", "found/ulm/a_pred.png", "found/bonn/a_pred.png"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        draw(path, [[0, 1, 1] if "ulm" in path else [1, 1, 0]])
    draw("found/ulm/rest.png", [[0, 0, 0]])
    report = json.loads(run("found", "truth", "--json")[1])
    assert (report["images"], report["results"][0]["mean_iou"]) == (2, 1)
    assert report["notes"] == ["found has 1 file more than there are truths, which don't count."]
    np.save("found/ulm/a_pred.npy", np.zeros((1, 3), np.uint8))
    assert "two files called a_pred except for the ending" in run("found", "truth")[2]


def test_folders_of_colour_masks_go_by_their_labelmap(run):
    colours = np.array([[0, 0, 0], [250, 50, 83], [30, 90, 200]], np.uint8)
    Path("set/truth").mkdir(parents=True)
    Image.fromarray(colours[np.array([[0, 1, 2, 2]])]).save("set/truth/a.png")
    draw_set("found", [[[0, 1, 2, 1]]])
    Path("found/0.png").rename("found/a.png")
    Path("set/labelmap.txt").write_text("tumour:250,50,83::\nbackground:0,0,0::\nvein:30,90,200::\n")
    report = json.loads(run("found", "set/truth", "--json")[1])
    assert report["results"][0]["class_iou"] == [1, 0.5, 0.5]
    assert "The classes are those of labelmap.txt." in report["notes"]


def test_folders_tell_what_is_not_judged(run):
    words = [draw_set("found", [FOUND, FOUND]), draw_set("truth", [TRUTH, FOUND])]
    report = json.loads(run(*words, "--json", "--no-boundaries")[1])
    assert report["not_judged"] == 1 / 16
    assert report["results"][0]["boundary_f"] is None
    assert "Not judged: 6.2%" in run(*words)[1]


def test_a_folder_that_lacks_a_prediction_is_refused(run):
    words = [draw_set("found", [TRUTH]), draw_set("truth", [TRUTH, TRUTH])]
    code, _, error = run(*words)
    assert code == 2
    assert "found has no prediction for 1 of 2 masks, such as 1.png" in error
    code, _, error = run("found", draw("one.png", TRUTH))
    assert "two files, or folders alone" in error


def test_ids_of_the_truth_are_mapped_or_not_judged(run):
    found, truth = draw("found.png", [[1, 0, 0, 0]]), draw("truth.png", [[1, 2, 3, 3]])
    report = json.loads(run(found, truth, "--ids", "oxford-pets", "--json")[1])
    assert (report["results"][0]["class_iou"], report["not_judged"]) == ([1, 1], 0.5)
    assert "were mapped (oxford-pets)" in report["notes"][0]
    truth = draw("more.png", [[1, 0, 2, 2]])
    report = json.loads(run(found, truth, "--ignore", "2", "--json")[1])
    assert (report["results"][0]["pixel_accuracy"], report["not_judged"]) == (1, 0.5)


def test_outlines_are_a_truth(run):
    shape = {"label": "cat", "points": [[1, 0], [3, 0], [3, 1], [1, 1]]}
    content = {"shapes": [shape], "imageHeight": 1, "imageWidth": 4}
    Path("truth.json").write_text(json.dumps(content))
    np.save("found.npy", np.array([[0, 1, 0, 0]], np.uint8))
    (row,) = json.loads(run("found.npy", "truth.json", "--json")[1])["results"]
    assert row["class_iou"] == pytest.approx([2 / 3, 1 / 2])
    assert "background 0.667, cat 0.500" in run("found.npy", "truth.json")[1]


def test_names_beside_predictions_are_those_of_the_truths(run):
    truths = draw_set("truths", [[[0, 1, 2]]])
    found = draw_set("found", [[[0, 2, 1]]])
    Path("truths/classes.txt").write_text("ground\ncat\ndog\n")
    Path("found/classes.txt").write_text("ground\ndog\ncat\n")
    code, _, error = run(found, truths)
    assert code == 2
    assert "found/classes.txt names other classes than classes.txt of the truths" in error
    Path("found/classes.txt").write_text("ground\ncat\ndog\n")
    assert run(found, truths)[0] == 0


def test_palettes_in_another_order_are_refused(run):
    def index(name: str, labels: list, colours: list[int]) -> str:
        image = Image.fromarray(np.array(labels, np.uint8))
        image.putpalette(colours)
        image.save(name)
        return name

    black, red, blue = [0, 0, 0], [200, 0, 0], [0, 0, 200]
    truth = index("truth.png", [[0, 1, 2, 2]], black + red + blue)
    code, _, error = run(index("found.png", [[1, 0, 2, 2]], red + black + blue), truth)
    assert code == 2
    assert "#000000 is number 1 in the palette of found.png and 0 in that of truth.png" in error
    assert run(index("found.png", [[0, 0, 2, 2]], black + red + blue), truth)[0] == 0


def test_outlines_with_names_against_ids_say_which_number_is_which(run):
    shape = {"label": "dog", "shape_type": "polygon", "points": [[1, 0], [3, 0], [3, 1], [1, 1]]}
    content = {"shapes": [shape], "imageHeight": 1, "imageWidth": 4}
    Path("found.json").write_text(json.dumps(content))
    _, text, _ = run("found.json", draw("truth.png", [[0, 1, 2, 0]]))
    assert (
        "found.json: The other file has ids without names, which count as these classes: 0 background, 1 dog." in text
    )


def test_a_truth_of_one_class_and_the_file_of_a_note_are_named(run):
    for folder in ("mine", "truths"):
        Path(folder).mkdir()
        for name in "ab":
            white = np.full((8, 8), 255, np.uint8)
            white[:2] = 0 if folder == "mine" or name == "b" else 255
            Image.fromarray(white).save(f"{folder}/{name}.png")
    text = run("mine", "truths")[1]
    assert "In 1 of 2 truths every judged pixel is of one class, such as class 1 in a." in text
    assert "mine/a.png, and 2 other files likewise: White is the object" in text
    assert "Every judged pixel is class 1: the truth shows nothing else." in run("mine/a.png", "truths/a.png")[1]


def test_maps_of_objects_are_not_called_classes(run):
    labels = np.zeros((8, 8), np.uint16)
    labels[:2], labels[4:6] = 100, 300
    for folder in ("mine", "truths"):
        Path(folder).mkdir()
        Image.fromarray(labels).save(f"{folder}/a.png")
    for text in (run("mine", "truths")[1], run("mine/a.png", "truths/a.png")[1]):
        assert "PQ" in text
        assert "classes without names" not in text
        assert "8 bits" not in text


@pytest.mark.parametrize("folders", [False, True])
def test_arrays_with_huge_numbers_are_single_objects_unless_told_otherwise(run, tmp_path, folders):
    """As ids of instances are, such as those of Cityscapes; one in which few were found has small numbers."""
    found, truth = tmp_path / "found/a.npy", tmp_path / "truth/a.npy"
    for file, numbers in ((found, [[1, 1, 0, 2, 2]]), (truth, [[26003, 26003, 0, 1001, 0]])):
        file.parent.mkdir()
        np.save(file, np.array(numbers, np.int32))
    names = [str(file.parent if folders else file) for file in (found, truth)]
    if folders:
        assert "AP" in run(*names)[1]
        return
    (row,) = json.loads(run(*names, "--json")[1])["results"]
    assert row["panoptic_quality"] == 0.5
    assert "too large for classes: they count as single objects" in run(*names)[1]
    assert json.loads(run(*names, "--no-objects", "--json")[1])["results"][0]["panoptic_quality"] is None
