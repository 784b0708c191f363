"""``compare``: what it prints, what it writes, and what it says of bad input."""

import errno
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.__main__ import main
from segmethods.cli import listing
from segmethods.core.registry import unregister
from segmethods.io.annotation_export import encode_labelme, encode_yolo
from segmethods.io.label_png import encode_labels

FAST = "threshold,kmeans"


@pytest.fixture
def run(tmp_path, monkeypatch) -> Callable[..., tuple[int, str]]:
    """Run a command in an empty folder that holds ``cat.png``: exit code and standard output."""
    monkeypatch.chdir(tmp_path)
    draw("cat.png")

    def run(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        return main(words, out), out.getvalue()

    return run


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full. Make room on it, and try again."),
        (
            PermissionError(errno.EACCES, "Permission denied", "out.png"),
            "out.png can't be written (Permission denied). Allow it, or set SEGMETHODS_HOME to another folder.",
        ),
    ],
)
def test_what_the_machine_is_at_fault_for_is_one_line(error, line, monkeypatch, capsys):
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(listing, "run", fail)
    assert main(["list"], io.StringIO()) == 2
    assert capsys.readouterr().err == f"error: {line}\n"


def test_a_bug_is_no_fault_of_the_machine(monkeypatch):
    def fail(*_: object) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(listing, "run", fail)
    with pytest.raises(OSError, match="Invalid"):
        main(["list"], io.StringIO())


def draw(path: str, size: tuple[int, int] = (12, 8)) -> None:
    """A picture of a bright square on dark ground, with a little texture."""
    pixels = np.random.default_rng(0).integers(0, 40, (size[1], size[0], 3), dtype=np.uint8)
    pixels[2:6, 3:9] += 180
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def draw_truth(path: str) -> None:
    mask = np.zeros((8, 12), np.uint8)
    mask[2:6, 3:9] = 1
    mask[0, 0] = 255
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).save(path)


def test_json_of_one_image(run):
    code, text = run("compare", "cat.png", "--methods", FAST, "--params", '{"kmeans": {"k": 3}}', "--json")
    report = json.loads(text)
    assert code == 0
    assert list(report) == ["image", "width", "height", "notes", "metric", "ranking", "verdict", "results"]
    assert report["notes"] == []
    assert (report["image"], report["width"], report["height"]) == ("cat.png", 12, 8)
    threshold, kmeans = report["results"]
    assert list(kmeans) == [
        "method",
        "title",
        "status",
        "error",
        "params",
        "seconds",
        "labels",
        "classes",
        "objects",
        "pieces",
        "scores",
    ]
    assert (threshold["method"], threshold["status"], threshold["error"]) == ("threshold", "ok", None)
    assert kmeans["params"]["k"] == 3
    assert set(kmeans["seconds"]) == {"prepare", "infer", "finish", "total"}
    assert kmeans["labels"] is None
    assert kmeans["scores"] == {}
    assert threshold["classes"] == [
        {"id": 0, "name": "background", "share": 0.75},
        {"id": 1, "name": "object", "share": 0.25},
    ]


def test_several_images_give_a_list(run):
    draw("dog.png")
    code, text = run("compare", "cat.png", "dog.png", "--methods", "threshold", "--json")
    assert code == 0
    assert [report["image"] for report in json.loads(text)] == ["cat.png", "dog.png"]


def test_all_methods_run_by_default(run, monkeypatch):
    monkeypatch.setattr(
        "segmethods.execution.compare.try_segment", lambda image, method, params: sm.Failure(method, "no")
    )
    code, text = run("compare", "cat.png", "--json")
    assert code == 1
    assert [r["method"] for r in json.loads(text)["results"]] == [m.id for m in sm.list_methods()]


def test_label_files_hold_the_labels(run):
    _, text = run("compare", "cat.png", "--methods", "kmeans", "--out", "made/masks", "--json")
    (result,) = json.loads(text)["results"]
    assert Path(result["labels"]) == Path("made/masks/cat-kmeans.png")
    with Image.open(result["labels"]) as image:
        assert image.mode == "P"
        expected = sm.segment(sm.load_image("cat.png"), "kmeans").labels
        np.testing.assert_array_equal(np.asarray(image), expected)


def test_many_segments_need_16_bits(run):
    @sm.method("rows", title="Rows", family="classical", source="test")
    def rows(image):
        """Every pixel is a segment."""
        labels = np.arange(image.shape[0] * image.shape[1], dtype=np.uint16).reshape(image.shape[:2])
        return sm.Segmentation(labels, sm.segments(labels.size))

    try:
        draw("large.png", (40, 30))
        run("compare", "large.png", "--methods", "rows", "--out", ".")
        with Image.open("large-rows.png") as image:
            assert image.mode.startswith("I;16")
            np.testing.assert_array_equal(np.asarray(image).ravel(), np.arange(1200))
    finally:
        unregister("rows")


def test_label_files_never_take_the_name_of_another_or_of_an_image(run):
    draw("a/cat.png")
    draw("b/cat.jpg")
    draw("cat-threshold.png")
    before = Path("cat-threshold.png").read_bytes()
    code, text = run(
        "compare", "a/cat.png", "b/cat.jpg", "cat-threshold.png", "--methods", "threshold", "--out", ".", "--json"
    )
    assert code == 0
    made = [report["results"][0]["labels"] for report in json.loads(text)]
    assert len(set(made)) == 3
    assert Path("cat-threshold.png").read_bytes() == before


def test_truth_fills_the_scores(run):
    draw_truth("mask.png")
    code, text = run("compare", "cat.png", "--methods", FAST, "--truth", "mask.png", "--json")
    assert code == 0
    threshold, kmeans = (result["scores"] for result in json.loads(text)["results"])
    assert threshold["mean_iou"] == 1
    assert threshold["class_iou"] == [1, 1]
    assert threshold["alignment"] == "better polarity"
    assert (kmeans["alignment"], kmeans["segments"]) == ("majority", 4)
    assert kmeans["covering"] < 1


def test_boundaries_may_be_left_out(run):
    draw_truth("mask.png")
    words = ("compare", "cat.png", "--methods", "threshold", "--truth", "mask.png", "--json")
    every, few = (json.loads(run(*words, *more)[1])["results"][0]["scores"] for more in ((), ("--no-boundaries",)))
    left_out = {name for name in every if few[name] is None and every[name] is not None}
    assert {"boundary_f", "boundary_precision", "boundary_recall"} <= left_out
    assert few == every | dict.fromkeys(left_out)
    assert list(few) == list(every)


def test_a_truth_that_judges_nothing_ends_the_run(run, capsys):
    Path("void.png").write_bytes(encode_labels(np.full((8, 12), 255, np.uint8), sm.BINARY))
    code, text = run("compare", "cat.png", "--methods", "threshold", "--truth", "void.png", "--json")
    assert (code, text) == (2, "")
    assert "'not judged'" in capsys.readouterr().err


def test_a_folder_of_masks_goes_by_name(run, capsys):
    draw("dog.jpg")
    draw("cow.png")
    draw_truth("masks/cat.png")
    draw_truth("masks/dog.png")
    code, text = run("compare", "cat.png", "dog.jpg", "cow.png", "--methods", "threshold", "--truth", "masks", "--json")
    assert code == 2
    assert [report["results"][0]["scores"]["mean_iou"] for report in json.loads(text)] == [1, pytest.approx(1, abs=0.2)]
    assert capsys.readouterr().err == "error: masks has no mask for cow.png. Name it cow.png.\n"


def test_a_bad_image_stops_only_itself(run, capsys):
    Path("broken.png").write_bytes(b"no picture")
    code, text = run("compare", "broken.png", "cat.png", "absent.png", "--methods", "threshold", "--json")
    assert code == 2
    assert [report["image"] for report in json.loads(text)] == ["cat.png"]
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert errors[0].startswith("error: broken.png is not a picture.")
    assert errors[1].startswith("error: There is no file absent.png.")


def test_one_bad_image_prints_nothing(run, capsys):
    assert run("compare", "absent.png", "--json") == (2, "")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_method_that_fails_is_reported_and_exits_1(run):
    Image.new("RGB", (8, 8), "grey").save("flat.png")
    code, text = run("compare", "flat.png", "--methods", FAST, "--json")
    threshold, kmeans = json.loads(text)["results"]
    assert code == 1
    assert (threshold["status"], kmeans["status"]) == ("failed", "ok")
    assert threshold["error"]
    assert set(threshold["seconds"].values()) == {None}
    assert (threshold["labels"], threshold["classes"], threshold["scores"]) == (None, [], {})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["compare", "cat.png", "--methods", "magic"], "There is no method magic"),
        (["compare", "cat.png", "--methods", ""], "There is no method"),
        (["compare", "cat.png", "--params", "{"], "--params is not JSON"),
        (["compare", "cat.png", "--params", "[" * 100_000], "--params is not JSON"),
        (["compare", "cat.png", "--params", "[1]"], "--params must be an object"),
        (["compare", "cat.png", "--params", '{"kmeans": 5}'], "--params must be an object"),
        (["compare", "cat.png", "--params", '{"magic": {}}'], "There is no method magic"),
        (["compare", "cat.png", "--params", '{"kmeans": {"q": 5}}'], "kmeans has no parameter q"),
        (["compare", "cat.png", "--params", '{"kmeans": {"k": 99}}'], "k must lie between 2 and 12"),
        (["compare", "cat.png", "--params", '{"kmeans": {"k": NaN}}'], "k must be a number"),
        (["compare", "cat.png", "--params", '{"kmeans": {"k": 1' + "0" * 400 + "}}"], "k must be a number"),
        (["compare", "cat.png", "--params", '{"kmeans": {"space": [[1]]}}'], "space can't be"),
        (["compare", "cat.png", "cat.png", "--truth", "mask.png"], "--truth is one mask for 2 images"),
        (["compare", "cat.png", "--truth", "absent.png"], "There is no file absent.png"),
        (["compare", "cat.png", "--out", "cat.png"], "cat.png can't be written"),
        (["compare", "."], ". is a folder"),
        (["compare"], "the following arguments are required: IMAGE"),
        (["compare", "cat.png", "--fast"], "unrecognized arguments: --fast"),
        (["magic"], "invalid choice: 'magic'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_bad_input_is_one_line_and_exits_2(run, capsys, words, message):
    assert run(*words) == (2, "")
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert error.startswith("error: ")


def test_the_table_is_for_people(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    draw_truth("mask.png")
    Image.new("RGB", (12, 8), "grey").save("flat.png")
    code, text = run("compare", "flat.png", "--methods", FAST, "--truth", "mask.png", "--out", ".")
    head, not_judged, first, *said, titles, threshold, kmeans = text.splitlines()
    assert first == "None of these can name what the truth shows, so nothing is ranked."
    assert "upper bound" in said[0]
    assert not_judged.startswith("Not judged: ")
    assert code == 1
    assert head == "flat.png, 12 × 8 pixels"
    assert titles.split() == ["METHOD", "PLACE", "IOU", "ALIGNED", "TIME", "RESULT"]
    assert threshold.split()[:2] == ["threshold", "failed:"]
    assert kmeans.split()[2:7] == ["upper", "bound,", "majority", "of", "1"]
    assert kmeans.endswith("-> flat-kmeans.png")


def test_an_image_from_standard_input(run, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(Path("cat.png").read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    code, text = run("compare", "-", "--methods", "threshold", "--out", ".", "--json")
    assert code == 0
    assert json.loads(text)["image"] == "-"
    assert Path("stdin-threshold.png").exists()


def test_interrupted_is_quiet(run, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmethods.cli.comparison.compare_each", interrupt)
    assert run("compare", "cat.png", "--json") == (130, "")
    assert capsys.readouterr().err == ""


def test_train_is_passed_on(run, monkeypatch):
    def train(recipe: str, data: Path, **options: object) -> str:
        return f"trained {recipe} on {data} for {options['epochs']} epochs"

    monkeypatch.setitem(sys.modules, "segmethods.training.command", SimpleNamespace(train=train))
    words = ("train", "fcn-voc", "--data", "mine", "--name", "mine")
    assert run(*words, "--epochs", "3") == (0, "trained fcn-voc on mine for 3 epochs\n")
    assert run(*words, "--epochs", "0")[0] == 2
    assert run(*words, "--out", "mine.safetensors")[0] == 2


def test_weights_are_chosen_for_the_networks_that_have_them(run, monkeypatch, capsys):
    def choose(*words: str) -> dict[str, object]:
        code, text = run("compare", "cat.png", *words, "--params", '{"fcn": {"size": "256"}}', "--json")
        assert code == 0
        return {r["method"]: r["params"].get("weights") for r in json.loads(text)["results"]}

    assert choose("--weights", "fcn-camvid") == {"fcn": "camvid"}
    assert choose("--weights", "camvid", "--methods", "threshold,fcn") == {"threshold": None, "fcn": "camvid"}
    assert run("compare", "cat.png", "--weights", "nosuch")[0] == 2
    assert "There are no weights nosuch." in capsys.readouterr().err


def test_what_was_assumed_of_a_picture_stands_beside_its_results(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    values = (np.arange(64 * 96).reshape(64, 96) % 4000).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    assert main(["compare", str(tmp_path / "deep.png"), "--methods", "threshold"]) == 0
    assert "Values from 0 to 4095 became black to white." in capsys.readouterr().out.splitlines()


def test_a_page_of_several_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    pages = [Image.fromarray(np.eye(9, dtype=np.uint8) * grey) for grey in (10, 200)]
    pages[0].save(tmp_path / "two.tif", save_all=True, append_images=pages[1:])
    assert main(["compare", str(tmp_path / "two.tif"), "--methods", "threshold", "--page", "2"]) == 0
    assert "Page 2 of 2 is shown." in capsys.readouterr().out
    assert main(["compare", str(tmp_path / "two.tif"), "--methods", "threshold", "--page", "3"]) == 2
    assert "no page 3" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["cat.json", "cat.npy", "cat.txt"])
def test_a_truth_may_be_outlines_or_an_array(name, run, capsys):
    labels = np.zeros((8, 12), np.uint8)
    labels[2:6, 3:9] = 1
    truth = sm.GroundTruth(labels, sm.BINARY)
    Path("truths").mkdir()
    place = Path("truths") / name
    if name.endswith(".npy"):
        np.save(place, labels)
    else:
        place.write_text(encode_labelme(truth, "cat.png") if name.endswith(".json") else encode_yolo(truth))
    for given in (place, place.parent):
        code, text = run("compare", "cat.png", "--methods", "threshold", "--truth", str(given), "--json")
        report = json.loads(text)
        assert (code, report["results"][0]["scores"]["mean_iou"]) == (0, 1), capsys.readouterr().err
        assert report["notes"][-1] == "All pixels are judged."


def test_a_mask_of_the_picture_as_stored_is_turned(run):
    exif = Image.Exif()
    exif[0x0112] = 3
    labels = np.zeros((8, 12), np.uint8)
    labels[1:4, 2:7] = 1
    Image.fromarray(labels * 200).save("turned.png", exif=exif)
    Image.fromarray(labels).save("mask.png")
    scores = []
    for more in ((), ("--turn-mask",)):
        _, text = run("compare", "turned.png", "--methods", "threshold", "--truth", "mask.png", "--json", *more)
        report = json.loads(text)
        assert "EXIF" in report["notes"][0]
        scores.append(report["results"][0]["scores"]["mean_iou"])
    assert scores[0] < 1 == scores[1]


@pytest.mark.parametrize("place", ["SegmentationClass/cat.png", "mine/cat.png"])
def test_classes_are_named_by_a_file_beside_the_truth(place, run):
    """CVAT writes its labelmap beside the folder of masks, in whatever colours the labels had."""
    colours = np.zeros((8, 12, 3), np.uint8)
    colours[2:6, 3:9], colours[0, 0] = (128, 0, 0), (250, 50, 83)
    Path(place).parent.mkdir()
    Image.fromarray(colours).save(place)
    labelmap = Path(place).parents["mine" not in place] / "labelmap.txt"
    labelmap.write_text("# label:color_rgb:parts:actions\nbackground:0,0,0::\ntumour:128,0,0::\nvein:250,50,83::\n")
    code, text = run("compare", "cat.png", "--methods", "threshold", "--truth", place, "--json")
    report = json.loads(text)
    assert (code, report["notes"][0]) == (0, "The classes are those of labelmap.txt.")
    assert report["results"][0]["scores"]["class_iou"] == [pytest.approx(71 / 72), 1, 0]


def test_ids_that_no_pixel_has_and_truths_that_judge_nothing_are_said(run, capsys):
    mask = np.zeros((8, 12), np.uint8)
    mask[2:6] = 3
    Image.fromarray(mask).save("truth.png")
    words = ("compare", "cat.png", "--methods", "threshold", "--truth", "truth.png")
    assert "No pixel has the id 77, which --ignore names." in run(*words, "--ignore", "77")[1]
    assert "Every judged pixel is class 3: the truth shows nothing else." in run(*words, "--ignore", "0")[1]
    assert run(*words, "--ignore", "0,3")[0] == 2
    assert "No pixel of truth.png is judged. Check --ids and --ignore." in capsys.readouterr().err
