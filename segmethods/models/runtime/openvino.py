"""OpenVINO: runs the networks, those that ship without torch.

A converted network is a folder: a model in OpenVINO's format and its digest. Those of the embedded weights ship in
``assets/graphs``, as graphs: functions of the image and of the weights, whose numbers stay where they are, in the
``.safetensors`` file (``python -m segmethods.models.runtime export`` writes them). Other weights are converted with
torch the first time that they run, and kept in the cache folder.

Whatever asks OpenVINO for something, but for the teacher in training, asks here.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import openvino as ov
import openvino.opset13 as ops
from numpy.typing import NDArray
from safetensors.numpy import load_file

from segmethods.core.extras import require
from segmethods.core.settings import count_threads, settings
from segmethods.models.weights import Weights, WeightsError

log = logging.getLogger(__name__)

MODEL, DIGEST = ("model.xml", "model.bin"), "model.sha256"
"""A converted network's two files, and the file with the SHA-256 of both, one after the other."""

OPTIONS = {"NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False, "CPU_RUNTIME_CACHE_CAPACITY": 64}
"""One image at a time, on whichever cores are free; of the layers prepared for sizes of images, not all are kept."""

KERNEL_AXES = {"Convolution": 1, "GroupConvolution": 2}
"""A layer, and where in the shape of its kernel that of one output value's weights begins."""

FORMAT = 4
"""Raised when the conversion changes, so that older models in the cache are left alone."""


class Compiled:
    """A compiled model that takes and gives arrays."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._turn = threading.Lock()

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The scores of some pictures, one array for all."""
        with self._turn:
            answer = self._model.create_infer_request().infer(
                [np.ascontiguousarray(images)], share_inputs=True, share_outputs=True
            )
            self._model.release_memory()  # what layers wrote to, which the next network needs as well
        height, width = images.shape[1:3]
        scores: NDArray[np.float32] = answer[0][:, :, :height, :width]  # networks answer for whole cells
        return scores


def compiled(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Compiled:
    """The network of a weights file, ready to run.

    Parameters
    ----------
    file : Path
        Of the weights, already verified.

    Raises
    ------
    WeightsError
        If the weights ship and their graph is damaged or another network's.
    MissingPackageError
        If they have to be converted and torch is not installed.
    """
    precision = "bf16" if computes_bfloat16() else "f32"
    options = OPTIONS | {"INFERENCE_NUM_THREADS": count_threads(), "INFERENCE_PRECISION_HINT": precision}
    return Compiled(ov.Core().compile_model(_read(weights, file, part), "CPU", options))


def count_multiplications(
    weights: Weights, file: Path, part: Literal["whole", "window"], height: int, width: int
) -> int:
    """Multiplications in the convolutions of one pass over an image; errors are those of `compiled`."""
    model = _read(weights, file, part)
    model.reshape({0: [1, height, width, 3]})
    counted = 0
    for layer in model.get_ops():
        if layer.get_type_name() in KERNEL_AXES:
            kernel = list(layer.input_value(1).shape)[KERNEL_AXES[layer.get_type_name()] :]
            counted += math.prod(layer.output(0).shape) * math.prod(kernel)
    return counted


def _read(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Any:
    is_shipped = weights.origin == "embedded" and graph_folder(weights, part).is_dir()
    return read_graph(weights, file, part) if is_shipped else _read_converted(weights, file, part)


def computes_bfloat16() -> bool:
    """Whether networks compute in bfloat16 here: the processor has it, and nobody asked for exact numbers."""
    return not settings().exact and has_bfloat16()


@cache
def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself, at about twice the speed of float32."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def graph_folder(weights: Weights, part: str) -> Path:
    """Where the graph of embedded weights lies."""
    return settings().assets_dir / "graphs" / f"{weights.name}-{part}"


def read_graph(weights: Weights, file: Path, part: str) -> Any:
    """The graph of embedded weights with the numbers of their file in it, as an OpenVINO model.

    Raises
    ------
    WeightsError
        If the graph is damaged, or not the graph of these weights.
    """
    folder = graph_folder(weights, part)
    model, numbers = read_model(folder), read_numbers(file)
    tensors = {tensor.get_friendly_name(): tensor for tensor in model.get_parameters()[1:]} if model else {}
    if {name: value.shape for name, value in numbers.items()} != {n: tuple(t.shape) for n, t in tensors.items()}:
        raise WeightsError("The graph {name} is damaged. Restore assets/graphs.", name=folder.name)
    for name, tensor in tensors.items():
        tensor.output(0).replace(ops.constant(numbers[name]).output(0))
        model.remove_parameter(tensor)
    return model


def read_numbers(file: Path) -> dict[str, NDArray[np.float32]]:
    """The tensors of a weights file by name, in the precision in which networks compute."""
    return {name: value.astype(np.float32) for name, value in load_file(file).items()}


def read_model(folder: Path) -> Any:
    """The model in a folder, or None unless it is there as it was put there."""
    try:
        structure, numbers = ((folder / name).read_bytes() for name in MODEL)
        if (folder / DIGEST).read_text().strip() == hashlib.sha256(structure + numbers).hexdigest():
            return ov.Core().read_model(structure, ov.Tensor(np.frombuffer(numbers, np.uint8)))
    except (OSError, UnicodeError) as error:
        log.info("no model in %s: %s", folder, error)
    return None


def write_model(model: Any, folder: Path) -> None:
    """Write a model into a folder, in place of what is there.

    Raises
    ------
    OSError, RuntimeError
        If it can't be written; OpenVINO has the latter for a full disk.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        made = Path(draft) / "model"
        ov.save_model(model, made / MODEL[0], compress_to_fp16=False)
        digest = hashlib.sha256(b"".join((made / name).read_bytes() for name in MODEL)).hexdigest()
        (made / DIGEST).write_text(f"{digest}\n")
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(made, folder)


def _read_converted(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Any:
    """The network of any weights, converted unless the cache has it as it was put there."""
    version = ov.get_version().split("-")[0]
    folder = settings().cache_dir / "converted" / f"{weights.sha256[:16]}-{part}-{FORMAT}-openvino-{version}"
    model = read_model(folder)
    if model is None:
        require("torch", *(["torchvision"] if weights.origin == "fetched" else []))
        from segmethods.models.runtime.conversion import convert

        model = convert(weights, file, part)
        try:
            write_model(model, folder)
        except (OSError, RuntimeError) as error:  # a full or closed disk is no reason to stop
            log.warning("the converted model could not be kept in %s: %s", folder.parent, error)
    return model
