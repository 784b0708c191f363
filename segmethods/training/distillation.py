"""A teacher's soft answers, written down once so that training can read them at every step.

The teacher is a DeepLabv3 on MobileNetV2 in TensorFlow Lite (Google Coral test data, Apache-2.0). Its 33 x 33 map of
class scores says of every photo, labelled or not, how sure it is of each of the 21 Pascal VOC classes: more than a
mask can say (Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network"). Its features say what it sees
there (see `feature_distillation`); they take 0.6 MB a photo.

Run it on folders of photos: ``python -m segmethods.training.distillation MODEL OUT FOLDER...``. Photos already
answered are skipped, so it can be stopped and started.
"""

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import openvino
from tqdm import tqdm

from segmethods.core.geometry import fit_long_side
from segmethods.core.messages import SegmethodsError
from segmethods.io.images import load_image
from segmethods.training.augmentation import GRID
from segmethods.training.data import answer_files, list_images
from segmethods.training.files import write_file

SIDE = 513
GREY = 128
SCORES, FEATURES = 21, (320, 256)
"""Channels of the teacher's maps: the scores, and what is taken for its features, which are the last map of its encoder
and the one that it reads its scores off."""


class Teacher:
    """The TensorFlow Lite network, asked for its scores and not only for its decision.

    Parameters
    ----------
    model : Path
        Path of the ``.tflite`` file.
    threads : int
        How many threads it may use.

    Raises
    ------
    ValueError
        If the file is no network, or another one.
    """

    def __init__(self, model: Path, threads: int = 1) -> None:
        core = openvino.Core()
        try:
            whole = core.read_model(model)
        except RuntimeError as error:
            raise ValueError(f"{model} is no TensorFlow Lite network that can be read") from error
        maps = {
            shape[1]: operation
            for operation in whole.get_ordered_ops()
            if operation.get_type_name() == "FakeQuantize" and (shape := read_shape(operation))[2:] == [GRID, GRID]
        }
        if not maps.keys() >= {SCORES, *FEATURES}:
            raise ValueError(f"{model} has other maps than the teacher that is known here")
        wanted = [maps[channels] for channels in (SCORES, *FEATURES)]
        self._scales = [read_scale(operation) for operation in wanted[1:]]
        self._network = core.compile_model(
            openvino.Model([operation.output(0) for operation in wanted], whole.get_parameters(), "teacher"),
            "CPU",
            {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False},
        )

    def answer(self, square: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Class probabilities and features of a square, uint8 (513, 513, 3), RGB.

        They are float32, (21, 33, 33), and (576, 33, 33) from 0 to 255.
        """
        scores, *maps = (found[0] for found in self._network(np.ascontiguousarray(square)[None]).values())
        weight = np.exp(scores - scores.max(axis=0))
        features = [(values - lowest) / step for values, (lowest, step) in zip(maps, self._scales, strict=True)]
        return weight / weight.sum(axis=0), np.concatenate(features)

    def ask(self, image: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Class probabilities and features of a photo, averaged with those of its mirror image.

        Parameters
        ----------
        image : ndarray, uint8, shape (H, W, 3)
            RGB.

        Returns
        -------
        probabilities : ndarray, uint8, shape (21, 33, 33)
            255 is certain. The photo's long side spans the whole grid, whose nodes lie 16 of 513 pixels apart with the
            first at the photo's top left corner; what lies beyond the short side is padding.
        features : ndarray, uint8, shape (33, 33, 576)
            As the network keeps them.
        """
        canvas = pad_to_square(image)
        shares, features = self.answer(canvas)
        mirrored, others = self.answer(canvas[:, ::-1])
        both = np.rint((shares + mirrored[..., ::-1]) * 127.5).astype(np.uint8)
        return both, np.rint((features + others[..., ::-1]) / 2).astype(np.uint8).transpose(1, 2, 0)


def read_shape(operation: Any) -> list[int]:
    """The shape of an operation's first result, which has no sides left open."""
    return list(operation.output(0).get_partial_shape().get_min_shape())


def read_scale(operation: Any) -> tuple[float, float]:
    """The lowest value that a quantised map can hold, and the step from one value to the next."""
    lowest, highest = (operation.input_value(index).get_node().get_data().item() for index in (3, 4))
    return lowest, (highest - lowest) / (operation.get_attributes()["levels"] - 1)


def pad_to_square(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The photo with its long side at 513 pixels, at the top left of a grey square: uint8 (513, 513, 3)."""
    height, width = fit_long_side(image.shape[0], image.shape[1], SIDE)
    canvas = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    canvas[:height, :width] = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return canvas


def answer_folder(teacher: Teacher, folder: Path, out: Path) -> None:
    """Write the answers to every photo of a folder that has none yet."""
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder} with photos")
    out.mkdir(parents=True, exist_ok=True)
    for path in tqdm(list_images(folder), desc=str(folder), mininterval=10):
        files = answer_files(out, path.stem)
        if all(file.exists() for file in files):
            continue
        for target, answer in zip(files, teacher.ask(load_image(path)), strict=True):
            with write_file(target) as part, part.open("wb") as file:
                np.save(file, answer)


def main(argv: list[str] | None = None) -> int:
    """Keep a teacher's answers to the photos of some folders."""
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.distillation", description=__doc__)
    parser.add_argument("model", type=Path, help="the teacher's .tflite file")
    parser.add_argument("out", type=Path, help="folder for the answers, one .npy a photo")
    parser.add_argument("folders", type=Path, nargs="+", help="folders of photos")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args(argv)
    try:
        teacher = Teacher(args.model, args.threads)
        for folder in args.folders:
            answer_folder(teacher, folder, args.out)
    except (SegmethodsError, ValueError, OSError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
