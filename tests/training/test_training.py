"""Training on a toy: red squares on a dark ground."""

import json
import re
import shutil
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from segmethods.__main__ import main
from segmethods.core.messages import SegmethodsError
from segmethods.core.types import BINARY, VOID
from segmethods.io.label_png import encode_labels
from segmethods.metrics import Confusion
from segmethods.models.architectures import restore
from segmethods.models.weights.user import read_header
from segmethods.training import loop
from segmethods.training.data import load, read_folder
from segmethods.training.files import reserve
from segmethods.training.recipes import RECIPES, Recipe
from segmethods.training.sampling import Batches, Pool, sample_at
from tests.training.toy import QUICK, draw_squares, write_answers

RECIPE = Recipe("patch_cnn", "toy", 1, side=160, batch=2, size=160, frozen=2)


@pytest.fixture
def toy(tmp_path):
    return draw_squares(tmp_path / "toy", 6)


def trained(toy, checkpoint, epochs):
    data = load(toy)
    run = loop.start(RECIPE, data.classes, {}, seed=4)
    if checkpoint.exists():
        run.restore(torch.load(checkpoint, weights_only=True))
    loop.train(run, data, checkpoint, epochs=epochs)
    return run


def test_the_same_seed_gives_the_same_weights(toy, tmp_path):
    first, second = (trained(toy, tmp_path / f"{name}.run", 2) for name in "ab")
    assert first.step == 6
    for name, value in first.network.state_dict().items():
        torch.testing.assert_close(value, second.network.state_dict()[name], atol=0, rtol=0)


def test_a_run_goes_on_where_it_was_stopped(toy, tmp_path, monkeypatch):
    whole = trained(toy, tmp_path / "whole.run", 2)
    monkeypatch.setattr(loop, "SAVE_EVERY", 0.0)
    advance = loop.advance

    def killed(run, batch, done):
        if run.step == 4:
            raise KeyboardInterrupt
        return advance(run, batch, done)

    monkeypatch.setattr(loop, "advance", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(toy, tmp_path / "stopped.run", 2)
    monkeypatch.setattr(loop, "advance", advance)
    resumed = trained(toy, tmp_path / "stopped.run", 2)
    assert resumed.step == whole.step
    for name, value in whole.network.state_dict().items():
        torch.testing.assert_close(value, resumed.network.state_dict()[name], atol=0, rtol=0)


def test_frozen_parts_stay_and_the_others_move(toy, tmp_path):
    start = loop.start(RECIPE, ("background", "square"), {}, seed=4).network.state_dict()
    run = trained(toy, tmp_path / "x.run", 1)
    moved = {name for name, value in run.network.state_dict().items() if not torch.equal(value, start[name])}
    assert not any(name.startswith(("backbone.stem", "backbone.stages.0.")) for name in moved)
    assert any(name.startswith("backbone.stages.1.") for name in moved)


def test_bfloat16_changes_a_step_by_rounding_only(toy):
    data = load(toy)
    losses, seen = [], []
    for half in (False, True):
        run = loop.start(RECIPE, data.classes, {}, seed=4)
        run.half = half
        run.network.classifier.register_forward_hook(lambda _, given, made: seen.append(made.dtype))
        places = {
            "cell": run.network.output_stride,
            "centre": run.network.first_output_centre,
            "outputs": 2,
            "scales": (0.5, 1.0),
        }
        batches = Batches(data, side=160, batch=2, unlabelled=0.0, **places)
        losses.append(loop.advance(run, batches.draw(np.random.default_rng(1)), 0.5))
        assert {value.dtype for value in run.network.parameters()} == {torch.float32}
    assert seen == [torch.float32, torch.bfloat16]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert losses[1] != losses[0]


def test_a_run_of_another_recipe_is_not_taken_up(toy, tmp_path):
    run = trained(toy, tmp_path / "x.run", 1)
    other = loop.start(replace(RECIPE, batch=3), run.classes, {}, seed=4)
    with pytest.raises(ValueError, match="another recipe"):
        other.restore(run.state())


def test_a_run_of_other_classes_is_not_taken_up(toy, tmp_path):
    run = trained(toy, tmp_path / "x.run", 1)
    other = loop.start(RECIPE, ("background", "circle"), {}, seed=4)
    with pytest.raises(ValueError, match="other classes"):
        other.restore(run.state())


def test_the_command_writes_weights_that_tell_their_story(toy, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(RECIPES, "patch_cnn-voc", replace(RECIPE, variant="voc"))
    out, start = tmp_path / "toy.safetensors", tmp_path / "start.safetensors"
    state = loop.start(RECIPE, ("background", "square"), {}).network.state_dict()
    save_file({name: value.contiguous() for name, value in state.items()}, start)
    arguments = ["train", "patch_cnn-voc", "--data", str(toy), "--out", str(out), "--epochs", "1", "--threads", "1"]
    arguments += ["--init", str(start)]
    assert main(arguments) == 0
    assert "mean IoU" in capsys.readouterr().out
    assert not out.with_suffix(".run").exists()
    with safe_open(out, "pt") as file:
        about = json.loads(file.metadata()["segmethods"])
        assert file.get_tensor("classifier.weight").dtype == torch.float16
    assert about["classes"] == ["background", "square"]
    assert (about["recipe"]["steps"], about["recipe"]["start"]) == (3, "start.safetensors")
    assert 0 <= about["score"]["mean"] <= 1
    head, *checks = out.with_suffix(".csv").read_text().splitlines()
    assert head == "step,minutes,loss,mean_iou,pixels,presence"
    assert len(checks) == len(about["history"])


@pytest.mark.parametrize("pays", [True, False])
def test_a_recipe_ends_with_presence_and_keeps_it_where_it_pays(pays, toy, tmp_path, monkeypatch, capsys):
    good, bad = Confusion(np.array([[9, 1, 0], [1, 9, 0]])), Confusion(np.array([[9, 1, 0], [9, 1, 0]]))
    monkeypatch.setattr(loop, "validate", lambda network, *_: good if (network.presence is not None) == pays else bad)
    monkeypatch.setitem(RECIPES, "fcn-voc", replace(RECIPES["fcn-voc"], **QUICK))
    out = tmp_path / "toy.safetensors"
    assert main(["train", "fcn-voc", "--data", str(toy), "--out", str(out), "--epochs", "1", "--threads", "1"]) == 0
    assert ("kept" if pays else "left out") in capsys.readouterr().out
    assert read_header(out)["recipe"]["presence"] is pays
    assert read_header(out)["score"]["mean"] == good.mean_iou
    assert (restore("fcn", 2, load_file(out)).presence is not None) is pays


def test_presence_leaves_all_other_weights_as_they_were(toy, tmp_path, monkeypatch):
    good, bad = Confusion(np.array([[9, 1, 0], [1, 9, 0]])), Confusion(np.array([[9, 1, 0], [9, 1, 0]]))
    monkeypatch.setattr(loop, "validate", lambda network, *_: good if network.presence else bad)
    quick, files = replace(RECIPES["fcn-voc"], **QUICK), []
    for presence in (False, True):
        monkeypatch.setitem(RECIPES, "fcn-voc", replace(quick, presence=presence))
        out = tmp_path / f"{presence}.safetensors"
        assert main(["train", "fcn-voc", "--data", str(toy), "--out", str(out), "--epochs", "1", "--threads", "1"]) == 0
        files.append(load_file(out))
    without, beside = files
    assert {name.partition(".")[0] for name in beside.keys() - without.keys()} == {"presence"}
    assert [name for name, value in without.items() if not torch.equal(value, beside[name])] == []


def test_image_labels_and_teacher_are_cropped_alike(toy, tmp_path):
    """A teacher that knows the truth agrees with the mask at nearly every output."""
    data = load(toy, teacher=write_answers(toy, tmp_path / "teacher"))
    batches = Batches(data, side=160, batch=12, unlabelled=0, cell=8, centre=73, outputs=2, scales=(0.5, 2), turn=25)
    agreed, red = [], []
    for seed in range(10):
        batch = batches.draw(np.random.default_rng(seed))
        known = (batch.labels != VOID) & (batch.teacher_valid[:, 0] > 0)
        agreed.append((batch.teacher.argmax(dim=1) == batch.labels)[known])
        light = sample_at(batch.images[:, 0], batches.places) > 120
        red.append((light == (batch.labels == 1))[known])
    assert torch.cat(agreed).float().mean() > 0.9
    assert torch.cat(red).float().mean() > 0.9


def test_a_finer_recipe_compares_every_pixel_of_the_masks_with_stretched_scores(toy):
    data = load(toy)
    coarse, fine = (loop.start(replace(RECIPE, network="deeplab", finer=finer), data.classes, {}) for finer in (0, 2))
    assert loop.make_batches(coarse, data).places[:2].tolist() == [1.5, 5.5]
    batches = loop.make_batches(fine, data)
    assert batches.places.tolist() == list(range(160))
    batch = batches.draw(np.random.default_rng(0))
    scores = torch.randn(2, 2, 40, 40, generator=torch.Generator().manual_seed(0))
    stretched = torch.nn.functional.interpolate(scores, scale_factor=4, mode="bilinear")
    without = replace(fine.recipe, overlap=0.0)
    expected = torch.nn.functional.cross_entropy(stretched, batch.labels, ignore_index=VOID)
    torch.testing.assert_close(loop.loss(scores, batch, without), expected)
    assert loop.loss(scores, batch, fine.recipe) > loop.loss(scores, batch, without)


def test_photos_without_masks_are_labelled_as_the_teacher_says(toy, tmp_path):
    """A teacher that knows the truth makes the labels that a mask would make."""
    unlabelled = shutil.copytree(toy, tmp_path / "photos")
    data = load(toy, unlabelled=unlabelled, teacher=write_answers(toy, tmp_path / "teacher"))
    batches = Batches(
        data, side=160, batch=12, unlabelled=1.0, cell=8, centre=3.5, outputs=20, scales=(0.5, 2), mixed=0.5
    )
    agreed = []
    for seed in range(10):
        batch = batches.draw(np.random.default_rng(seed))
        assert set(batch.labels.unique().tolist()) <= {0, 1, VOID}
        light = sample_at(batch.images[:, 0], batches.places) > 120
        agreed.append((light == (batch.labels == 1))[batch.labels != VOID])
    assert torch.cat(agreed).float().mean() > 0.9
    assert torch.cat(agreed).numel() > 0.3 * 10 * batch.labels.numel()


def test_rare_classes_are_drawn_more_often_than_they_occur(toy):
    examples = [replace(example, classes=(0,)) for example in read_folder(toy, None)] * 10
    examples[0] = replace(examples[0], classes=(0, 1))
    pool = Pool(examples, 2)
    rng = np.random.default_rng(0)
    wanted = [pool.draw(rng)[1] for _ in range(400)]
    assert 0.05 < np.mean(wanted) < 0.25


def speckle(file, ident=9):
    mask = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    mask[0, 0] = ident
    cv2.imwrite(str(file), mask)


def empty(labels):
    for file in labels.iterdir():
        mask = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(file), np.zeros_like(mask))


def blank(file):
    cv2.imwrite(str(file), np.full((160, 200), VOID, np.uint8))


def test_index_png_masks_hold_their_indices(toy):
    before = load(toy)
    for file in (toy / "labels").iterdir():
        mask = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        file.write_bytes(encode_labels(mask, BINARY))
    for one, other in zip(before.train, load(toy).train, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)


def test_large_pictures_are_brought_to_a_common_size(tmp_path):
    folder = draw_squares(tmp_path, 2, (600, 1200))
    [example] = load(folder).train
    assert example.image.shape == (320, 640, 3)
    assert example.labels.shape == (320, 640)
    assert set(np.unique(example.labels)) <= {0, 1, VOID}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda folder: (folder / "classes.txt").write_text("background\n"),
            "has 1 name, but the masks have ids up to 1",
        ),
        (lambda folder: (folder / "classes.txt").write_text("square\nsquare\n"), "has the class square twice"),
        (
            lambda folder: (folder / "classes.txt").write_text("background\n\nsquare\n"),
            "an empty line between its names",
        ),
        (lambda folder: empty(folder / "labels"), "masks of one class alone"),
    ],
)
def test_a_folder_that_lacks_something_is_told_what(toy, spoil, reason):
    spoil(toy)
    with pytest.raises((ValueError, SegmethodsError), match=reason):
        load(toy)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda file: file.write_text("hello"), "labels/{n}.png is not a picture"),
        (lambda file: speckle(file), "labels/{n}.png has pixels of class 9, but the classes are 0 to 1"),
        (lambda file: blank(file), "labels/{n}.png is background or 255"),
    ],
)
def test_a_mask_that_cannot_be_read_is_left_out_and_named(toy, spoil, reason):
    spoil(toy / "labels" / "3.png")
    data = load(toy)
    assert len(data.train) + len(data.val) == 5
    assert [note for note in data.notes if reason.format(n=3) in note and note.startswith("Left out: ")]
    for name in "124":
        spoil(toy / "labels" / f"{name}.png")
    with pytest.raises(SegmethodsError):
        load(toy)


def test_a_photo_that_cannot_be_read_is_left_out_and_named(toy):
    (toy / "images" / "3.png").write_text("hello")
    assert any("3.png is not a picture" in note for note in load(toy).notes)


@pytest.mark.parametrize(
    ("words", "problem"),
    [({"unlabelled": "{toy}"}, "only a teacher can teach"), ({"teacher": "{toy}/nowhere"}, "there is no folder")],
)
def test_a_teacher_that_is_not_there_is_missed(toy, words, problem):
    with pytest.raises(ValueError, match=problem):
        load(toy, **{name: Path(value.format(toy=toy)) for name, value in words.items()})


def test_files_that_are_no_pictures_by_their_names_are_passed_over(toy):
    images = len(read_folder(toy, None))
    for stray in ("Thumbs.db", ".DS_Store", "._0.png", "notes.txt"):
        (toy / "images" / stray).write_bytes(b"hello")
    assert len(read_folder(toy, None)) == images > 0


def test_a_class_that_is_small_in_every_mask_is_learned(toy):
    for file in (toy / "labels").iterdir():
        labels = np.zeros((160, 200), np.uint8)
        labels[40:45, 40:45] = 1
        file.write_bytes(encode_labels(labels, BINARY))
    data = load(toy)
    assert [example.classes for example in data.train] == [(0, 1)] * len(data.train)
    assert all(Pool(data.train, 2).holders)


def test_a_run_is_not_taken_up_with_other_pictures(toy, tmp_path):
    known = load(toy).digest()
    run = loop.start(RECIPE, ("background", "square"), {}, material=known)
    speckle(toy / "labels" / "3.png", 1)
    other = loop.start(RECIPE, ("background", "square"), {}, material=load(toy).digest())
    with pytest.raises(ValueError, match="other pictures"):
        other.restore(run.state())


def test_a_run_whose_time_was_over_before_its_first_check_is_judged(toy, tmp_path):
    data = load(toy)
    run = loop.start(RECIPE, data.classes, {})
    run.seconds = 60.0
    loop.train(run, data, tmp_path / "x.run", minutes=0.5)
    assert run.best
    assert loop.best_score(run) > 0


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("PytorchStreamWriter failed")])
def test_a_full_disk_is_one_line_and_the_run_goes_on_from_where_it_was_kept(error, toy, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(RECIPES, "patch_cnn-voc", replace(RECIPE, variant="voc"))
    monkeypatch.setattr(loop, "SAVE_EVERY", 0.0)
    out, save = tmp_path / "toy.safetensors", torch.save

    def filling_up(state, part):
        save(state, part)
        if state["step"] == 2:
            raise error

    words = ["train", "patch_cnn-voc", "--data", str(toy), "--out", str(out), "--epochs", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", filling_up)
        assert main(words) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert "can't be written" in last
    assert {file.name for file in tmp_path.glob("toy.*")} == {"toy.run"}
    assert torch.load(out.with_suffix(".run"), weights_only=True)["step"] == 1
    assert main([*words, "--resume"]) == 0


def test_two_processes_do_not_train_to_the_same_file(toy, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(RECIPES, "patch_cnn-voc", replace(RECIPE, variant="voc"))
    out = tmp_path / "toy.safetensors"
    words = ["train", "patch_cnn-voc", "--data", str(toy), "--out", str(out), "--epochs", "1"]
    with reserve(out):
        assert main(words) == 2
    assert "Another process is training" in capsys.readouterr().err
    assert main(words) == 0
    assert not out.with_suffix(".lock").exists()


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        (b"", "is damaged. Delete it"),
        (b"hello", "is damaged. Delete it"),
        (bytes(range(256)) * 40, "is damaged. Delete it"),
        ({"recipe": None}, "another recipe"),
        ([1, 2], "is damaged. Delete it"),
        ({"history": None}, "is damaged. Delete it"),
    ],
    ids=["empty", "text", "noise", "another thing", "a list", "half a run"],
)
def test_a_damaged_checkpoint_is_one_line(spoilt, says, toy, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(RECIPES, "patch_cnn-voc", replace(RECIPE, variant="voc"))
    out = tmp_path / "toy.safetensors"
    if isinstance(spoilt, bytes):
        out.with_suffix(".run").write_bytes(spoilt)
    else:
        torch.save(spoilt, out.with_suffix(".run"))
    assert main(["train", "patch_cnn-voc", "--data", str(toy), "--out", str(out), "--epochs", "1", "--resume"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert says in last


@pytest.mark.parametrize("weights", [{"x": torch.zeros(2)}, [1, 2]], ids=["others", "none"])
def test_a_beginning_without_an_encoder_is_refused(weights, toy, tmp_path, capsys):
    file = tmp_path / "start.pth"
    torch.save(weights, file)
    words = [
        "train",
        "patch_cnn-voc",
        "--data",
        str(toy),
        "--out",
        str(tmp_path / "o.safetensors"),
        "--init",
        str(file),
    ]
    assert main(words) == 2
    assert re.search("no weights for the encoder|holds no weights", " ".join(capsys.readouterr().err.split()))


def test_ctrl_c_waits_for_the_step_and_keeps_it(toy, tmp_path, monkeypatch):
    advance = loop.advance

    def interrupted(run, batch, done):
        if run.step == 1:
            signal.raise_signal(signal.SIGINT)
        return advance(run, batch, done)

    monkeypatch.setattr(loop, "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained(toy, tmp_path / "x.run", 2)
    assert torch.load(tmp_path / "x.run", weights_only=True)["step"] == 2


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--out", "{folder}/o.run"], "must end in .safetensors"),
        (["--out", "{folder}/images"], "must end in .safetensors"),
        (["--out", "{folder}/there.safetensors"], "There is a file"),
        (["--out", "{folder}/table.safetensors"], "There is a file"),  # table.csv, which the curve would overwrite
        (["--out", "{folder}/classes.txt/o.safetensors"], "can't hold a file"),
        (["--out", "/proc/o.safetensors"], "can't hold a file"),
        (["--out", "{folder}/o.safetensors", "--seed", "-1"], "must lie between"),
        (["--out", "{folder}/o.safetensors", "--seed", "99999999999999999"], "must lie between"),
    ],
)
def test_what_the_command_cannot_do_is_one_line(words, problem, toy, capsys):
    (toy / "there.safetensors").write_bytes(b"mine")
    (toy / "table.csv").write_bytes(b"mine")
    words = [word.format(folder=toy) for word in words]
    with suppress(SystemExit):
        assert main(["train", "patch_cnn-voc", "--data", str(toy), *words]) == 2
    assert problem in " ".join(capsys.readouterr().err.split())
    assert (toy / "there.safetensors").read_bytes() == (toy / "table.csv").read_bytes() == b"mine"


def test_a_folder_whose_classes_are_all_ground_can_be_learned(toy, tmp_path):
    (toy / "classes.txt").write_text("background\nRoad\n")
    assert trained(toy, tmp_path / "x.run", 1).step > 0
