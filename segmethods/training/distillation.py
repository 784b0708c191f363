"""A teacher's soft answers, written down once so that training can read them at every step.

The teacher is a DeepLabv3 on MobileNetV2 in TensorFlow Lite (Google Coral test data, Apache-2.0). Its 33 x 33 map of
class scores says of every photo, labelled or not, how sure it is of each of the 21 Pascal VOC classes: more than a
mask can say (Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network"). Its features say what it sees
there (see ``mimicry``); they take 0.6 MB a photo.

Run it on folders of photos: ``python -m segmethods.training.distillation MODEL OUT FOLDER...``. It takes the package
``ai-edge-litert``, which only training needs. Photos already answered are skipped, so it can be stopped and started.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from segmethods.training.data import answer_files

SIDE = 513
GREY = 128
SCORES = "logits/semantic/BiasAdd"
FEATURES = ("MobilenetV2/expanded_conv_16/project/add_fold", "concat_projection/Relu")
"""The teacher's maps of 320 and 256 channels: the last of its encoder, and the one that it reads its scores off."""


class Teacher:
    """The TensorFlow Lite network, asked for its scores and not only for its decision.

    Parameters
    ----------
    model : path of the ``.tflite`` file.
    threads : how many threads it may use.
    """

    def __init__(self, model: Path, threads: int = 2) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._network: Any = Interpreter(
            model_path=str(model), num_threads=threads, experimental_preserve_all_tensors=True
        )
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        self._scores, *self._features = (self._find(name, model) for name in (SCORES, *FEATURES))

    def _find(self, name: str, model: Path) -> Any:
        for detail in self._network.get_tensor_details():
            if detail["name"].startswith(name) and len(detail["shape"]) == 4:
                return detail
        raise ValueError(f"{model.name} has no tensor {name!r}: not the teacher this program knows")

    def ask(self, photo: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Class probabilities and features of a photo, averaged with those of its mirror image.

        Parameters
        ----------
        photo : uint8 (H, W, 3), RGB.

        Returns
        -------
        uint8 (21, 33, 33) and (33, 33, 576), the former 255 for certain, the latter as the network keeps them. The
        photo's long side spans the whole grid, whose nodes lie 16 of 513 pixels apart with the first at the photo's
        top left corner; what lies beyond the short side is padding.
        """
        canvas = padded(photo)
        shares, features = self._answer(canvas)
        mirrored, others = self._answer(canvas[:, ::-1])
        both = np.rint((shares + mirrored[:, ::-1]) * 127.5).astype(np.uint8)
        return both.transpose(2, 0, 1), np.rint((features + others[:, ::-1]) / 2).astype(np.uint8)

    def _answer(self, canvas: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        self._network.set_tensor(self._input, np.ascontiguousarray(canvas)[None])
        self._network.invoke()
        raw, *maps = (
            self._network.get_tensor(detail["index"])[0].astype(np.float32)
            for detail in (self._scores, *self._features)
        )
        scale, zero = self._scores["quantization"]
        scores = (raw - zero) * scale
        weight = np.exp(scores - scores.max(axis=2, keepdims=True))
        return weight / weight.sum(axis=2, keepdims=True), np.concatenate(maps, axis=2)


def padded(photo: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The photo with its long side at 513 pixels, at the top left of a grey square: uint8 (513, 513, 3)."""
    height, width = photo.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(photo, size, interpolation=cv2.INTER_LINEAR)
    return canvas


def answer_folder(teacher: Teacher, photos: Path, out: Path) -> None:
    """Writes the answers to every photo of a folder that has none yet."""
    out.mkdir(parents=True, exist_ok=True)
    for path in tqdm(sorted(photos.iterdir()), desc=str(photos), mininterval=10):
        files = answer_files(out, path)
        if all(file.exists() for file in files):
            continue
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            raise ValueError(f"{path} is not a picture that can be read")
        for target, answer in zip(files, teacher.ask(picture.astype(np.uint8, copy=False)), strict=True):
            part = target.with_suffix(".part")
            with part.open("wb") as file:
                np.save(file, answer)
            os.replace(part, target)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.distillation", description=__doc__)
    parser.add_argument("model", type=Path, help="the teacher's .tflite file")
    parser.add_argument("out", type=Path, help="folder for the answers, one .npy a photo")
    parser.add_argument("folders", type=Path, nargs="+", help="folders of photos")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args(argv)
    teacher = Teacher(args.model, args.threads)
    for folder in args.folders:
        answer_folder(teacher, folder, args.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
