"""A teacher's soft answers, written down once so that training can read them at every step.

The teacher is a DeepLabv3 on MobileNetV2 in TensorFlow Lite (Google Coral test data, Apache-2.0). Its 33 x 33 map of
class scores says of every photo, labelled or not, how sure it is of each of the 21 Pascal VOC classes: more than a
mask can say (Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network").

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

SIDE = 513
GREY = 128
SCORES = "logits/semantic/BiasAdd"


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
        found = [
            detail
            for detail in self._network.get_tensor_details()
            if detail["name"].startswith(SCORES) and len(detail["shape"]) == 4
        ]
        if not found:
            raise ValueError(f"{model.name} has no tensor {SCORES!r}: not the teacher this program knows")
        self._scores = found[0]["index"]
        self._scale, self._zero = found[0]["quantization"]

    def ask(self, photo: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Class probabilities of a photo, averaged with those of its mirror image.

        Parameters
        ----------
        photo : uint8 (H, W, 3), RGB.

        Returns
        -------
        uint8 (21, 33, 33), 255 for certain. The photo's long side spans the whole grid, whose nodes lie 16 of 513
        pixels apart with the first at the photo's top left corner; what lies beyond the short side is padding.
        """
        canvas = padded(photo)
        straight = self._probabilities(canvas)
        mirrored = self._probabilities(canvas[:, ::-1])[:, :, ::-1]
        rounded: npt.NDArray[np.uint8] = np.rint((straight + mirrored) * 127.5).astype(np.uint8)
        return rounded

    def _probabilities(self, canvas: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        self._network.set_tensor(self._input, np.ascontiguousarray(canvas)[None])
        self._network.invoke()
        raw = self._network.get_tensor(self._scores)[0].astype(np.float32)
        scores = (raw - self._zero) * self._scale
        weight = np.exp(scores - scores.max(axis=2, keepdims=True))
        shares: npt.NDArray[np.float32] = (weight / weight.sum(axis=2, keepdims=True)).transpose(2, 0, 1)
        return shares


def padded(photo: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The photo with its long side at 513 pixels, at the top left of a grey square: uint8 (513, 513, 3)."""
    height, width = photo.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(photo, size, interpolation=cv2.INTER_LINEAR)
    return canvas


def answer_folder(teacher: Teacher, photos: Path, out: Path) -> None:
    """Writes ``out/NAME.npy`` for every photo of a folder that has none yet."""
    out.mkdir(parents=True, exist_ok=True)
    for path in tqdm(sorted(photos.iterdir()), desc=str(photos), mininterval=10):
        target = out / f"{path.stem}.npy"
        if target.exists():
            continue
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            raise ValueError(f"{path} is not a picture that can be read")
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, teacher.ask(picture.astype(np.uint8, copy=False)))
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
