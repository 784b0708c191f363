"""The mean of two trained files."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from segmethods.training.soup import main

HEADER = {
    "network": "fcn", "classes": ["ground", "thing"], "mean": 127.0, "deviation": 128.0, "size": 320, "minutes": 4,
    "score": {"mean": 0.5, "pixels": 0.5, "classes": [0.5, 0.5]},
    "recipe": {"name": "fcn-voc", "steps": 7, "start": "ImageNet"},
}  # fmt: skip


def write(file, value, **other):
    save_file({"a": np.full(3, value, np.float16)}, file, metadata={"segmethods": json.dumps(HEADER | other)})
    return str(file)


def test_every_number_lies_between_and_the_header_says_how(tmp_path):
    out = tmp_path / "mean.safetensors"
    files = [write(tmp_path / "one.safetensors", 1), write(tmp_path / "other.safetensors", 3)]
    assert main([*files, "--share", "0.75", "--out", str(out)]) == 0
    np.testing.assert_array_equal(load_file(out)["a"], np.full(3, 2.5, np.float16))
    with safe_open(out, "np") as file:
        start = json.loads(file.metadata()["segmethods"])["recipe"]["start"]
    assert start == "ImageNet; 75% of what came of that, 25% of fcn-voc (4 minutes, 7 steps)"


@pytest.mark.parametrize(
    ("other", "share", "problem"),
    [
        ({"network": "segnet"}, "0.5", "different networks"),
        ({}, "1.5", "between 0 and 1"),
        ({"size": 0}, "0.5", "no file"),
    ],
)
def test_what_cannot_be_mixed_is_one_line(other, share, problem, tmp_path, capsys):
    files = [write(tmp_path / "one.safetensors", 1), write(tmp_path / "other.safetensors", 3, **other)]
    with pytest.raises(SystemExit):
        main([*files, "--share", share, "--out", str(tmp_path / "mean.safetensors")])
    assert problem in capsys.readouterr().err
