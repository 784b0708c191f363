"""The mean of trained files."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from segmethods.models.architectures import build
from segmethods.models.weights.user import read_header
from segmethods.training.soup import main
from tests.training.toy import draw_squares

HEADER = {
    "network": "fcn",
    "classes": ["ground", "thing"],
    "mean": 127.0,
    "deviation": 128.0,
    "size": 320,
    "minutes": 4,
    "score": {"mean": 0.5, "pixels": 0.5, "classes": [0.5, 0.5]},
    "recipe": {"name": "fcn-voc", "steps": 7, "start": "ImageNet"},
}


def write(file, value, presence=False, **other):
    """A network all of whose numbers are the same."""
    weights = build("fcn", 2, presence=presence).state_dict()
    halves = {name: np.full(tuple(w.shape), value, np.float16) for name, w in weights.items() if w.ndim}
    save_file(halves, file, metadata={"segmethods": json.dumps(HEADER | other)})
    return str(file)


@pytest.fixture
def val(tmp_path):
    return str(draw_squares(tmp_path / "val", 2))


def test_every_number_lies_between_and_the_header_says_how(tmp_path, val):
    out = tmp_path / "mean.safetensors"
    files = [write(tmp_path / f"{value}.safetensors", value, minutes=value) for value in (1, 2, 9)]
    assert main([*files, "--parts", "2", "1", "1", "--val", val, "--out", str(out)]) == 0
    assert numbers(out) == {3.25}
    assert read_header(out)["recipe"]["start"] == (
        "ImageNet; 25% of what came of that, 50% of fcn-voc (1 minutes, 7 steps), 25% of fcn-voc (2 minutes, 7 steps)"
    )


def test_files_count_the_same_and_what_presence_learned_of_one_is_left_out(tmp_path, val):
    out = tmp_path / "mean.safetensors"
    recipe = HEADER["recipe"] | {"presence": True}
    files = [
        write(tmp_path / "one.safetensors", 1),
        write(tmp_path / "other.safetensors", 3, presence=True, recipe=recipe),
    ]
    assert main([*files, "--val", val, "--out", str(out)]) == 0
    assert numbers(out) == {2}
    assert not [name for name in load_file(out) if name.startswith("presence.")]
    assert read_header(out)["recipe"]["presence"] is False


def numbers(file):
    return {float(value) for weights in load_file(file).values() for value in np.unique(weights)}


def test_files_that_lack_weights_are_not_mixed(tmp_path, val, capsys):
    files = []
    for name in ("one", "other"):
        file = write(tmp_path / f"{name}.safetensors", 1)
        kept = dict(list(load_file(file).items())[1:])
        save_file(kept, file, metadata={"segmethods": json.dumps(HEADER)})
        files.append(file)
    with pytest.raises(SystemExit):
        main([*files, "--val", val, "--out", str(tmp_path / "mean.safetensors")])
    assert "lacks some of its network's weights" in capsys.readouterr().err


def test_the_mixture_is_judged_anew(tmp_path, val):
    """Alike everywhere it can't tell a square from its ground: it is right in one of them, wherever a file began."""
    out = tmp_path / "mean.safetensors"
    files = [write(tmp_path / "one.safetensors", 1), write(tmp_path / "other.safetensors", 1)]
    assert main([*files, "--val", val, "--out", str(out)]) == 0
    ground, square = read_header(out)["score"]["classes"]
    assert square == 0
    assert 0 < ground == pytest.approx(read_header(out)["score"]["pixels"])
    assert out.stat().st_mode & 0o044 == (tmp_path / "val" / "classes.txt").stat().st_mode & 0o044


@pytest.mark.parametrize(
    ("other", "parts", "problem"),
    [
        ({"network": "segnet"}, ["1", "1"], "different networks"),
        ({}, ["1", "-1"], "0 or more"),
        ({}, ["0", "0"], "not all are 0"),
        ({}, ["nan", "1"], "0 or more"),
        ({}, ["1"], "as many parts as files"),
        ({"size": 0}, ["1", "1"], "no file"),
    ],
)
def test_what_cannot_be_mixed_is_one_line(other, parts, problem, tmp_path, val, capsys):
    files = [write(tmp_path / "one.safetensors", 1), write(tmp_path / "other.safetensors", 3, **other)]
    with pytest.raises(SystemExit):
        main([*files, "--parts", *parts, "--val", val, "--out", str(tmp_path / "mean.safetensors")])
    assert problem in capsys.readouterr().err
