"""The teacher: the maps it is read at, and what it knows."""

from pathlib import Path

import cv2
import numpy as np
import openvino
import openvino.opset13 as ops
import pytest

from segmethods.core.types import VOC
from segmethods.training.augmentation import GRID
from segmethods.training.data import read_folder
from segmethods.training.distillation import SIDE, Teacher, main, pad_to_square
from segmethods.training.feature_distillation import PITCH
from tests.training.toy import draw_squares

SHARED = Path(__file__).parents[3] / "shared"
MODEL = SHARED / "models" / "deeplabv3_mnv2_pascal_quant.tflite"


def quantised(label_map, channels, highest):
    """A map of so many channels, the first two of which are the square's brightness and what it lacks to white."""
    weight = np.zeros((channels, 3, 1, 1), np.float32)
    weight[0], weight[1] = 1 / 3, -1 / 3
    bias = np.zeros((1, channels, 1, 1), np.float32)
    bias[:, 1] = 255
    made = ops.add(ops.convolution(label_map, weight, [PITCH, PITCH], [0, 0], [0, 0], [1, 1]), bias)
    scaled = ops.multiply(made, np.float32(highest / 255))
    ends = (np.float32(0), np.float32(highest))
    return ops.fake_quantize(scaled, *ends, *ends, levels=256)


def write_toy(path, channels=(21, 320, 256)):
    square = ops.parameter([1, SIDE, SIDE, 3], np.uint8)
    label_map = ops.transpose(ops.convert(square, np.float32), np.array([0, 3, 1, 2]))
    outputs = [quantised(label_map, count, highest) for count, highest in zip(channels, (20, 5, 3), strict=True)]
    openvino.save_model(openvino.Model(outputs, [square]), path, compress_to_fp16=False)
    return path


def test_a_teacher_is_read_at_its_scores_and_its_features(tmp_path):
    teacher = Teacher(write_toy(tmp_path / "toy.xml"))
    square = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 1), np.uint8).repeat(3, axis=2)
    shares, features = teacher.answer(square)
    seen = square[::PITCH, ::PITCH, 0].astype(float)
    assert shares.shape == (21, GRID, GRID)
    assert features.shape == (576, GRID, GRID)
    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(np.log(shares[0] / shares[1]), (2 * seen - 255) * 20 / 255, atol=0.1)
    for first in (0, 320):
        np.testing.assert_allclose(features[first], seen, atol=1.01)  # a step of the quantised map


def test_a_photo_is_asked_with_its_mirror_image(tmp_path):
    teacher = Teacher(write_toy(tmp_path / "toy.xml"))
    image = np.zeros((60, 90, 3), np.uint8)
    image[:, :45] = 255
    answer, features = teacher.ask(image)
    assert (answer.dtype, answer.shape) == (np.uint8, (21, GRID, GRID))
    assert (features.dtype, features.shape) == (np.uint8, (GRID, GRID, 576))
    (direct, seen), (mirrored, others) = (
        teacher.answer(view) for view in (pad_to_square(image), pad_to_square(image)[:, ::-1])
    )
    np.testing.assert_allclose(answer / 255, (direct + mirrored[..., ::-1]) / 2, atol=0.003)
    np.testing.assert_allclose(features.transpose(2, 0, 1), (seen + others[..., ::-1]) / 2, atol=0.51)


def test_a_folder_is_answered_once_and_read_back(tmp_path):
    images, answers = draw_squares(tmp_path / "toy", 2) / "images", tmp_path / "answers"
    arguments = [str(write_toy(tmp_path / "toy.xml")), str(answers), str(images)]
    assert main(arguments) == 0
    written = {file: file.stat().st_mtime_ns for file in answers.iterdir()}
    assert {file.name for file in written} == {"0.npy", "0.features.npy", "1.npy", "1.features.npy"}
    assert main(arguments) == 0
    assert {file: file.stat().st_mtime_ns for file in answers.iterdir()} == written
    [example, _] = read_folder(images.parent, answers, labelled=False)
    assert example.teacher.shape == (21, GRID, GRID)


def test_what_cannot_be_answered_is_one_line(tmp_path, capsys):
    images = draw_squares(tmp_path / "toy", 1) / "images"
    (images / "Thumbs.db").write_bytes(b"hello")
    model = str(write_toy(tmp_path / "toy.xml"))
    for words, problem in [
        ([str(images / "0.png"), str(tmp_path / "out"), str(images)], "no TensorFlow Lite network"),
        ([model, str(tmp_path / "out"), str(tmp_path / "nowhere")], "nowhere"),
        ([model, str(images / "0.png"), str(images)], "0.png"),
    ]:
        with pytest.raises(SystemExit):
            main(words)
        assert problem in capsys.readouterr().err.splitlines()[-1]
    assert main([model, str(tmp_path / "out"), str(images)]) == 0


def test_what_is_no_teacher_is_refused(tmp_path):
    with pytest.raises(ValueError, match="other maps"):
        Teacher(write_toy(tmp_path / "toy.xml", (20, 320, 256)))
    (tmp_path / "no.tflite").write_bytes(b"hello")
    with pytest.raises(ValueError, match="no TensorFlow Lite network"):
        Teacher(tmp_path / "no.tflite")


@pytest.mark.skipif(not MODEL.is_file(), reason="the teacher is not here; it lies beside the project, not in it")
def test_the_teacher_knows_what_photos_show():
    """It names the right class for nine in ten pixels of labelled photos."""
    teacher, right, total = Teacher(MODEL), 0, 0
    for file in sorted((SHARED / "data/voc/val/images").iterdir())[::20]:
        image = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
        mask = cv2.imread(str(file.parents[1] / "labels" / f"{file.stem}.png"), cv2.IMREAD_UNCHANGED)
        nodes = np.arange(GRID) * PITCH * max(mask.shape) / SIDE
        rows, columns = (nodes[nodes < side].astype(int) for side in mask.shape)
        truth = mask[np.ix_(rows, columns)]
        found = teacher.ask(image)[0].argmax(axis=0)[: len(rows), : len(columns)]
        right += (found == truth).sum()
        total += (truth < len(VOC.names)).sum()
    assert right > 0.88 * total
