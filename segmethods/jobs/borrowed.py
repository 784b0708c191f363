"""Networks of other people that jobs bring along as they are: files taken out of packages, run by OpenVINO.

Beside each file in ``assets/borrowed`` lies a record: what it is, where it comes from, its licence and its SHA-256.
Where a file is missing, or is another one than its record says, the pipelines that need it say so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.settings import settings

Run = Callable[[NDArray[np.float32]], list[NDArray[np.float32]]]
"""A batch of images in, all outputs out."""


def borrowed_record(name: str) -> Mapping[str, Any]:
    """What is known of a borrowed network: title, file, source, version, licence, sha256."""
    file = settings().assets_dir / "borrowed" / f"{name}.json"
    if not file.is_file():
        raise MethodError("The record of the borrowed network {name} is missing: {file}.", name=name, file=str(file))
    record: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return record


def borrowed_file(name: str) -> Path:
    """Where a borrowed network lies.

    Raises
    ------
    MethodError
        If it is missing or differs from its record.
    """
    record = borrowed_record(name)
    file = settings().assets_dir / "borrowed" / str(record["file"])
    if not file.is_file():
        raise MethodError(
            "The network {title} is missing: {file}. It comes from {source}.",
            title=str(record["title"]),
            file=file.name,
            source=str(record["source"]),
        )
    if hashlib.sha256(file.read_bytes()).hexdigest() != record["sha256"]:
        raise MethodError("The network {title} is damaged: {file}.", title=str(record["title"]), file=file.name)
    return file


@lru_cache(maxsize=8)
def load_borrowed(name: str) -> Run:
    """A borrowed network, ready to run."""
    import segmethods.models.runtime.openvino  # noqa: F401, I001 - first: it keeps OpenVINO from reporting its use
    import openvino as ov

    options = {
        "INFERENCE_PRECISION_HINT": "f32",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": settings().threads,
    }
    request = ov.Core().compile_model(borrowed_file(name), "CPU", options).create_infer_request()

    def run(images: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        found = request.infer([images])
        return [np.array(found[i]) for i in range(len(found))]

    return run


@lru_cache(maxsize=1)
def recogniser_alphabet() -> tuple[str, ...]:
    """What the text recogniser's classes mean; class 0 is the blank of CTC."""
    import segmethods.models.runtime.openvino  # noqa: F401, I001 - first: it keeps OpenVINO from reporting its use
    import openvino as ov

    model = ov.Core().read_model(borrowed_file("ppocr-recogniser"))
    lines = model.get_rt_info(["framework", "character"]).astype(str).split("\n")
    return ("", *lines[:6623], " ")
