"""OpenVINO: the network converted once, kept in the cache folder, and from then on run without loading torch.

Whatever asks OpenVINO for something, but for the teacher in training, asks here.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.networks.windows import WINDOW
from segmethods.settings import settings
from segmethods.weights import Weights

# OpenVINO reports its use over the network when it is imported, unless its reporter can't be found.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino as ov  # noqa: E402

log = logging.getLogger(__name__)

DIGEST = "model.sha256"

FORMAT = 2
"""Raised when the conversion changes, so that older models in the cache are left alone."""


class Compiled:
    """A compiled model that takes and gives arrays."""

    def __init__(self, model: Any) -> None:
        self._request = model.create_infer_request()
        self._turn = threading.Lock()

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        with self._turn:
            answer = self._request.infer([np.ascontiguousarray(pictures)], share_inputs=True)
        scores: NDArray[np.float32] = answer[0]
        return scores


def compiled(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Compiled:
    """The network of a weights file, ready to run.

    Parameters
    ----------
    file : Path
        Of the weights, already verified; read only if the converted model is not in the cache.
    """
    core = ov.Core()
    version = ov.get_version().split("-")[0]
    folder = settings().cache_dir / "converted" / f"{weights.sha256[:16]}-{part}-{FORMAT}-openvino-{version}"
    model = _cached(core, weights, file, part, folder)
    return Compiled(core.compile_model(model, "CPU", _options(folder)))


def _cached(core: Any, weights: Weights, file: Path, part: Literal["whole", "window"], folder: Path) -> Any:
    """The converted model as the cache has it, made anew if it is not there, or not what was put there."""
    if folder.is_dir():
        try:
            if (folder / DIGEST).read_bytes() == _digest(folder).encode():
                return core.read_model(folder / "model.xml")
        except (OSError, RuntimeError):
            log.warning("the converted model in %s can't be read", folder)
        shutil.rmtree(folder, ignore_errors=True)
    model = _converted(weights, file, part)
    _keep(model, folder)
    return core.read_model(folder / "model.xml") if folder.is_dir() else model


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself, at about twice the speed of float32."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _converted(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Any:
    import torch

    from segmethods.runtime.assembly import assemble

    side = WINDOW if part == "window" else 160
    example = torch.zeros(1, side, side, 3, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # OpenVINO still traces with torch.jit
        model = ov.convert_model(assemble(weights, file, part), example_input=example)
    model.reshape({0: ov.PartialShape([-1, -1, -1, 3])})
    return model


def _keep(model: Any, folder: Path) -> None:
    """Writes a model beside its place and moves it there in one step; a full or closed disk is no reason to stop."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
            whole = Path(draft) / "model"
            ov.save_model(model, whole / "model.xml", compress_to_fp16=False)
            (whole / DIGEST).write_text(_digest(whole))
            if not folder.exists():
                os.rename(whole, folder)
    except OSError as error:
        log.warning("the converted model could not be kept in %s: %s", folder.parent, error)


def _digest(folder: Path) -> str:
    """SHA-256 of a converted model's two files."""
    found = hashlib.sha256()
    for name in ("model.xml", "model.bin"):
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def _options(folder: Path) -> dict[str, Any]:
    """Full precision, and no more threads than the worker may use, on whichever cores are free.

    What is compiled is kept beside the converted model, if that could be kept: the next worker is ready three to six
    times sooner. OpenVINO itself judges whether that is still fit to be used; no digest of ours covers it.
    """
    kept = {"CACHE_DIR": str(folder), "CACHE_MODE": "OPTIMIZE_SPEED"} if folder.is_dir() else {}
    return kept | {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": settings().threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
