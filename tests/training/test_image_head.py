"""A trained network learns which classes are in a picture at all."""

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from segmethods.models.architectures import build
from segmethods.models.weights.user import read_header
from segmethods.training.data import Example
from segmethods.training.image_head import learn, list_present, main
from tests.training.test_soup import HEADER
from tests.training.toy import draw_squares


def write(file, network="fcn"):
    torch.manual_seed(0)
    weights = build(network, 2).state_dict()
    halves = {name: value.half().numpy() for name, value in weights.items() if value.ndim}
    about = HEADER | {"network": network, "classes": ["background", "square"], "size": 160}
    save_file(halves, file, metadata={"segmethods": json.dumps(about)})
    return file


def test_it_finds_where_to_look_in_maps_of_any_size():
    """The class is there if one place alone says so; the mean over the map hardly tells."""
    rng = np.random.default_rng(0)
    truth = torch.zeros(192, 1)
    truth[::2] = 1
    maps = []
    for there in truth[:, 0]:
        height, width = rng.integers(3, 8, 2)
        features = torch.from_numpy(rng.normal(0, 1, (6, height, width)))
        if there:
            features[:3, rng.integers(height), rng.integers(width)] += 9
        maps.append(features.half())
    presence = learn(maps[:128], truth[:128], torch.ones(128, 1), rate=0.1)
    found = torch.cat([presence(features[None].float()) for features in maps[128:]])[:, 0]
    assert found[::2].min() > found[1::2].max()


def test_what_is_not_counted_teaches_nothing():
    maps = [torch.full((2, 3, 3), value).half() for value in (1.0, -1.0)] * 64
    truth = torch.tensor([[1.0], [0.0]]).repeat(64, 1)
    lies = torch.cat([truth, 1 - truth])
    counted = torch.cat([torch.ones(128, 1), torch.zeros(128, 1)])
    presence = learn([*maps, *maps], lies, counted, rate=0.1)
    assert presence(maps[0][None].float()) > 0 > presence(maps[1][None].float())


def test_a_mask_is_sure_and_a_teacher_as_sure_as_it_is():
    """Classes of four; of the photo with a mask the teacher sees a third one, which the mask may lack."""
    teacher = np.zeros((4, 33, 33), np.uint8)
    teacher[0], teacher[2, 5, 5], teacher[3, 9, 9] = 255, 204, 51
    mask = np.ones((8, 8), np.uint8)
    photos = [
        Example(b"", "both", mask, teacher, (1,)),
        Example(b"", "mask", mask, None, (1,)),
        Example(b"", "photo", None, teacher, (2,)),
    ]
    present, counted = list_present(photos, 4)
    assert present.tolist() == [[1, 0, 0], [1, 0, 0], [0, pytest.approx(0.8), pytest.approx(0.2)]]
    assert counted.tolist() == [[1, 0, 1], [1, 1, 1], [1, 1, 1]]


def test_the_rest_of_the_file_stays_and_its_score_is_measured_anew(tmp_path):
    trained, out = write(tmp_path / "one.safetensors"), tmp_path / "two.safetensors"
    data = draw_squares(tmp_path / "data", 12)
    assert main([str(trained), "--data", str(data), "--out", str(out)]) == 0
    before, after = load_file(trained), load_file(out)
    assert after.keys() - before.keys() == {
        f"presence.{part}.{kind}" for part in ("places", "signs") for kind in ("weight", "bias")
    }
    assert all(np.array_equal(after[name], value) for name, value in before.items())
    assert read_header(out)["score"] != HEADER["score"]
    assert read_header(out)["recipe"]["presence"] > 0


@pytest.mark.parametrize(
    ("network", "classes", "problem"),
    [("patch_cnn", "background\nsquare\n", "windows"), ("fcn", "ground\nsquare\n", "other classes")],
)
def test_what_cannot_learn_it_is_one_line(network, classes, problem, tmp_path, capsys):
    data = draw_squares(tmp_path / "data", 4)
    (data / "classes.txt").write_text(classes)
    with pytest.raises(SystemExit):
        main(
            [
                str(write(tmp_path / "one.safetensors", network)),
                "--data",
                str(data),
                "--out",
                str(tmp_path / "two.safetensors"),
            ]
        )
    assert problem in capsys.readouterr().err
