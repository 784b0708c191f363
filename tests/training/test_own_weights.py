"""A user trains on a folder of their own and then chooses the result, by its name, everywhere."""

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import segmethods as sm
from segmethods.__main__ import main
from segmethods.core.palette import class_colours
from segmethods.core.settings import settings
from segmethods.models.architectures import build
from segmethods.models.weights import WeightsError, catalogue, remove, state
from segmethods.models.weights import user as keeping
from segmethods.models.weights.user import TERMS, read_header
from segmethods.training.cards import make_sections
from segmethods.training.recipes import RECIPES
from tests.training.toy import draw_squares, quicken
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["--epochs", "6", "--threads", "1"]

PROGRAM = """
import sys
from segmethods.__main__ import main
from tests.training.toy import quicken
quicken("patch_cnn-voc")
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def toy(tmp_path):
    return draw_squares(tmp_path / "toy", 6)


def run(*words):
    out = io.StringIO()
    code = main([str(word) for word in words], out)
    return code, out.getvalue()


@pytest.fixture
def own(toy, monkeypatch):
    """The weights "squares", trained for a moment."""
    monkeypatch.setitem(RECIPES, "patch_cnn-voc", RECIPES["patch_cnn-voc"])
    quicken("patch_cnn-voc")
    code, said = run("train", "patch_cnn-voc", "--data", toy, "--name", "squares", *OPTIONS)
    assert code == 0
    assert "--weights squares" in said
    weights = catalogue()["patch_cnn-squares"]
    yield weights
    remove(weights)


def test_a_name_that_one_network_has_is_enough(own, toy, capsys):
    assert run("weights", "verify", "squares")[0] == 0
    image = toy / "images" / "0.png"
    assert main(["compare", str(image), "--weights", "squares", "--methods", "patch_cnn,fcn"]) == 2
    assert "fcn has no weights squares. Name methods that have them: patch_cnn" in capsys.readouterr().err


def test_from_a_folder_to_an_answer(own, toy, tmp_path):
    assert (state(own), own.variant, own.classes.names) == ("own", "squares", ("background", "square"))
    assert own.curve.read_text().startswith("step,minutes,loss,mean_iou,pixels,presence\n")
    assert len(class_colours(own.classes)) == 2

    image = toy / "images" / "0.png"
    result = sm.segment(sm.load_image(image), "patch_cnn", weights="squares", evaluation="dense")
    truth = cv2.imread(str(toy / "labels" / "0.png"), cv2.IMREAD_UNCHANGED)
    assert result.classes == own.classes
    assert np.mean(result.labels[truth == 1] == 1) > 0.5 > np.mean(result.labels[truth == 0] == 1)
    assert list((settings().cache_dir / "converted").glob(f"{own.sha256[:16]}-*"))

    code, printed = run("compare", image, "--weights", "squares", "--truth", toy / "labels" / "0.png", "--json")
    [told] = json.loads(printed)["results"]
    assert (code, told["method"], told["params"]["weights"]) == (0, "patch_cnn", "squares")
    assert {c["name"] for c in told["classes"]} <= {"background", "square"}

    listed = {w["name"]: w for w in json.loads(run("weights", "list", "--json")[1])}
    assert listed["patch_cnn-squares"]["state"] == "own"
    assert listed["patch_cnn-squares"]["classes"] == ["background", "square"]
    options = {m.id: {p.name: p.options for p in m.parameters} for m in sm.list_methods()}
    assert "squares" in options["patch_cnn"]["weights"]
    assert "squares" not in options["deeplab"]["weights"]


def test_a_card_tells_how_own_weights_came_about(own):
    told = dict(make_sections(own))
    assert own.sha256 in told["What it is"]
    assert TERMS in told["Data and terms"]
    assert "It began with `patch_cnn-voc" in told["How it learned"]  # weights that ship
    assert "teacher" not in told["How it learned"]
    assert "python -m segmethods" not in told["How it learned"]  # the project has no recipe of this name


def test_a_card_tells_of_a_teacher_where_there_was_one(own):
    weights, header = load_file(own.file), read_header(own.file)
    assert (header["recipe"]["taught"], header["recipe"]["photos"]) == (False, 0)

    def told(**recipe):
        about = header | {"recipe": header["recipe"] | recipe}
        save_file(weights, own.file, {"segmethods": json.dumps(about)})
        return dict(make_sections(own))["How it learned"]

    assert "teacher’s probabilities" in told(taught=True)
    assert "teacher’s decision" not in told(taught=True)  # every picture had a mask
    assert "teacher’s decision" in told(taught=True, photos=0.5)


def test_a_run_that_could_not_be_kept_ends_with_resume(toy, monkeypatch, capsys):
    monkeypatch.setitem(RECIPES, "patch_cnn-voc", RECIPES["patch_cnn-voc"])
    quicken("patch_cnn-voc")
    words = ["train", "patch_cnn-voc", "--data", toy, "--name", "kept", "--epochs", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "write_record", lambda *_: exec('raise OSError(28, "No space left on device")'))
        assert run(*words)[0] == 2
    assert "can't be stored: No space left" in capsys.readouterr().err
    assert "patch_cnn-kept" not in catalogue()
    assert run(*words, "--resume")[0] == 0
    assert state(catalogue()["patch_cnn-kept"]) == "own"
    remove(catalogue()["patch_cnn-kept"])


def test_a_card_shows_what_a_stranger_wrote_letter_by_letter(own):
    weights, header = load_file(own.file), read_header(own.file)
    header["recipe"]["start"] = "![seen](http://example.org/`1`.png)"
    save_file(weights, own.file, {"segmethods": json.dumps(header)})
    assert "`![seen](http://example.org/’1’.png)`" in dict(make_sections(own))["How it learned"]
    header["recipe"]["start"] = "x\n\n![seen](http://example.org/1.png)"  # an empty line would end the code
    save_file(weights, own.file, {"segmethods": json.dumps(header)})
    assert "`x ![seen](http://example.org/1.png)`" in dict(make_sections(own))["How it learned"]
    del header["recipe"]["steps"]
    save_file(weights, own.file, {"segmethods": json.dumps(header)})
    assert "How it learned" not in dict(make_sections(own))


def test_a_name_is_given_once_and_means_the_same_classes(own, toy, capsys):
    options = ["--data", toy, *OPTIONS]
    for name, problem in [
        ("squares", "There are weights patch_cnn-squares already"),
        ("voc", "The name voc is taken"),
        ("binary", "The name binary is taken"),  # a vocabulary without names, which scores would match by themselves
        ("../squares", "is no name for weights"),
        ("fcn-voc", "The name fcn-voc is taken"),
        ("patch_cnn-mine", "The name patch_cnn-mine is taken"),
    ]:
        assert run("train", "patch_cnn-voc", *options, "--name", name)[0] == 2
        assert problem in capsys.readouterr().err
    (toy / "classes.txt").write_text("background\ncircle\n")
    assert run("train", "fcn-voc", *options, "--name", "squares")[0] == 2
    assert "know other classes" in capsys.readouterr().err


def test_what_is_removed_is_no_choice_any_more(own, toy):
    copy = toy / "kept.safetensors"
    copy.write_bytes(own.file.read_bytes())
    assert run("weights", "remove", own.name)[0] == 0
    assert own.name not in catalogue()
    assert not list(own.file.parent.glob(f"{own.name}*"))
    with pytest.raises(sm.ParameterError, match="Choose from voc, camvid"):
        sm.segment(np.zeros((8, 8, 3), np.uint8), "patch_cnn", weights="squares")
    assert run("weights", "add", copy, "--name", "squares")[0] == 0
    assert state(catalogue()[own.name]) == "own"


def test_damaged_own_weights_fail_clearly(own):
    own.file.write_bytes(own.file.read_bytes()[:-1])
    assert state(own) == "damaged"
    [outcome] = sm.compare(np.zeros((8, 8, 3), np.uint8), ["patch_cnn"], {"patch_cnn": {"weights": "squares"}})
    assert "The weights patch_cnn-squares are damaged." in str(outcome.message)
    assert run("weights", "verify", own.name)[0] == 1


def test_the_ensemble_asks_those_networks_that_have_own_weights(own):
    image = np.zeros((40, 40, 3), np.uint8)
    params = {"weights": "squares", "members": ("patch_cnn", "fcn")}
    alone = sm.segment(image, "patch_cnn", weights="squares")
    joined = sm.segment(image, "ensemble", **params)
    assert joined.trace.members == ("patch_cnn-squares",)
    assert joined.classes == alone.classes
    with pytest.raises(sm.MethodError, match="None of the chosen networks has the weights squares"):
        sm.segment(image, "ensemble", **params | {"members": ("fcn",)})


def test_a_file_that_training_did_not_write_is_refused(tmp_path, capsys):
    file = tmp_path / "other.safetensors"
    file.write_bytes(b"hello")
    assert run("weights", "add", file)[0] == 2
    assert "no file of weights that training wrote" in capsys.readouterr().err
    with pytest.raises(WeightsError):
        remove(catalogue()["fcn-voc"])


GOOD = {
    "network": "fcn",
    "classes": ["ground", "thing"],
    "mean": 127.0,
    "deviation": 128.0,
    "size": 320,
    "score": {"mean": 0.5, "pixels": 0.5, "classes": [0.5, 0.5]},
}


def test_a_file_with_other_weights_than_its_header_says_is_refused(own, tmp_path, capsys):
    header, weights = {"segmethods": json.dumps(read_header(own.file))}, load_file(own.file)
    for number, spoilt in enumerate(
        [{}, {**weights, "more": np.zeros(1, np.float16)}, {**weights, "classifier.bias": np.zeros(3, np.float16)}]
    ):
        file = tmp_path / f"{number}.safetensors"
        save_file(spoilt, file, header)
        assert run("weights", "add", file, "--name", "spoilt")[0] == 2
        assert "no file of weights that training wrote" in capsys.readouterr().err


@pytest.mark.parametrize(
    "header",
    [
        {},
        [1],
        GOOD | {"network": "../escaped"},
        GOOD | {"network": "unet"},
        GOOD | {"classes": ["thing"]},
        GOOD | {"classes": ["thing", "thing"]},
        GOOD | {"size": 0},
        GOOD | {"score": 0.5},
        GOOD | {"network": []},
        GOOD | {"size": 10**9},
        GOOD | {"deviation": 0},
        GOOD | {"mean": float("inf")},
        GOOD | {"mean": 10**400},
        GOOD | {"score": GOOD["score"] | {"mean": 10**400}},
        GOOD | {"score": GOOD["score"] | {"pixels": 1.1}},
        GOOD | {"score": GOOD["score"] | {"classes": [-0.1, 0.5]}},
        GOOD | {"classes": ["a", "b", 3], "score": GOOD["score"] | {"classes": [0.5] * 3}},
        GOOD | {"classes": ["a", "b", []], "score": GOOD["score"] | {"classes": [0.5] * 3}},
        GOOD | {"classes": [f"{n}" for n in range(255)], "score": GOOD["score"] | {"classes": [0.5] * 255}},
        GOOD | {"score": GOOD["score"] | {"classes": [0.5]}},
        GOOD | {"score": GOOD["score"] | {"classes": ["x", "y"]}},
    ],
)
def test_a_header_that_makes_no_sense_is_refused(header, tmp_path, capsys):
    file = tmp_path / "crafted.safetensors"
    save_file({"a": np.zeros(1, np.float32)}, file, metadata={"segmethods": json.dumps(header)})
    assert run("weights", "add", file)[0] == 2
    assert "no file of weights that training wrote" in capsys.readouterr().err


def test_a_file_is_called_as_it_is_but_for_the_network(tmp_path):
    file, weights = tmp_path / "fcn-crafted.safetensors", build("fcn", 2).state_dict()
    learned = {name: value.numpy() for name, value in weights.items() if not name.endswith("num_batches_tracked")}
    save_file(learned, file, metadata={"segmethods": json.dumps(GOOD)})
    assert run("weights", "add", file)[0] == 0
    remove(catalogue()["fcn-crafted"])


def test_killed_and_resumed_gives_what_an_unbroken_run_gives(toy, tmp_path, capsys):
    def train(out, *more):
        words = ["train", "patch_cnn-voc", "--data", str(toy), "--out", str(out), *OPTIONS, *more]
        command = [sys.executable, "-c", PROGRAM, *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)

    whole, broken = tmp_path / "whole.safetensors", tmp_path / "broken.safetensors"
    assert train(whole).wait() == 0
    process = train(broken)
    wait_until(broken.with_suffix(".run").exists, 60, "the first checkpoint")
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not broken.exists()
    assert run("train", "patch_cnn-voc", "--data", toy, "--out", broken, *OPTIONS)[0] == 2
    assert "Resume it with --resume" in capsys.readouterr().err
    assert train(broken, "--resume").wait() == 0
    one, other = load_file(whole), load_file(broken)
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)
