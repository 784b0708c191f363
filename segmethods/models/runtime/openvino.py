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
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.atomic import atomic_write
from segmethods.core.settings import settings
from segmethods.models.architectures.patch_cnn.windows import WINDOW
from segmethods.models.weights import Weights

# OpenVINO reports its use over the network when it is imported, unless its reporter can't be found.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino as ov  # noqa: E402

log = logging.getLogger(__name__)

MODEL, DIGEST = ("model.xml", "model.bin"), "model.sha256"
"""A converted model's two files, and the file with their SHA-256."""

VOUCHED = "blobs.sha256"
"""The SHA-256 of what OpenVINO has compiled of them, so that the next worker is ready three to six times sooner."""

OPTIONS = {"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
"""Full precision, on whichever cores are free."""

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
    model, is_kept = _cached(core, weights, file, part, folder)
    options = OPTIONS | {"INFERENCE_NUM_THREADS": settings().threads}
    if not (is_kept and _is_swept(folder)):
        return Compiled(core.compile_model(model, "CPU", options))
    made = core.compile_model(model, "CPU", options | {"CACHE_DIR": str(folder), "CACHE_MODE": "OPTIMIZE_SPEED"})
    _vouch(folder)
    return Compiled(made)


def _cached(
    core: Any, weights: Weights, file: Path, part: Literal["whole", "window"], folder: Path
) -> tuple[Any, bool]:
    """The converted model, made anew unless the cache has it as it was put there; and whether the cache has it now."""
    if not _is_whole(folder):
        if os.path.isdir(folder):  # False as well where it can't be looked at
            log.warning("the converted model in %s is not what was put there", folder)
            shutil.rmtree(folder, ignore_errors=True)
        model = _converted(weights, file, part)
        _keep(model, folder)
        if not _is_whole(folder):
            return model, False
    return core.read_model(folder / "model.xml"), True


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself, at about twice the speed of float32."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _converted(weights: Weights, file: Path, part: Literal["whole", "window"]) -> Any:
    import torch

    from segmethods.models.runtime.assembly import assemble

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
            made = Path(draft) / "model"
            ov.save_model(model, made / "model.xml", compress_to_fp16=False)
            (made / DIGEST).write_text(_digest(made / name for name in MODEL))
            if not folder.exists():
                os.rename(made, folder)
    except (OSError, RuntimeError) as error:  # OpenVINO has the latter for a full disk
        log.warning("the converted model could not be kept in %s: %s", folder.parent, error)


def _is_whole(folder: Path) -> bool:
    """Whether a converted model is there as it was put there."""
    try:
        return (folder / DIGEST).read_text() == _digest(folder / name for name in MODEL)
    except (OSError, UnicodeError):
        return False


def _is_swept(folder: Path) -> bool:
    """Whether what OpenVINO compiled and keeps in a folder may be used; what isn't as it was left there is deleted.

    OpenVINO notices a file that was cut off, but runs one whose bytes are others.
    """
    blobs = _blobs(folder)
    try:
        if blobs and (folder / VOUCHED).read_text() == _digest(blobs):
            return True
    except (OSError, UnicodeError):
        log.info("nobody vouches for what was compiled in %s", folder)
    try:
        for blob in blobs:
            blob.unlink(missing_ok=True)
    except OSError as error:
        log.warning("what was compiled in %s can't be used, nor deleted: %s", folder, error)
        return False
    return True


def _vouch(folder: Path) -> None:
    """Notes what OpenVINO has compiled, for the next process, and lets every user read it."""
    blobs = _blobs(folder)
    try:
        found = _digest(blobs)
        if not blobs or ((folder / VOUCHED).is_file() and (folder / VOUCHED).read_text() == found):
            return
        for blob in blobs:
            blob.chmod(0o644)
        with atomic_write(folder / VOUCHED) as part:
            part.write_text(found)
    except (OSError, UnicodeError) as error:
        log.warning("what was compiled in %s can't be vouched for: %s", folder, error)


def _blobs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.blob"))


def _digest(files: Iterable[Path]) -> str:
    """SHA-256 of files, one after the other."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()
