"""Compare image segmentation methods.

>>> import segmethods as sm
>>> [m.id for m in sm.list_methods()][:2]
['threshold', 'kmeans']
"""

import sys

# OpenVINO reports its use over the network when it is imported, unless its reporter can't be found.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

from segmethods.core.messages import ImageError, MethodError, ParameterError, SegmethodsError
from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import (
    BINARY,
    CAMVID,
    VOC,
    Failure,
    GroundTruth,
    Segmentation,
    Timings,
    Vocabulary,
    segments,
)
from segmethods.core.version import __version__
from segmethods.execution.compare import compare, segment
from segmethods.io.ground_truth import load_ground_truth
from segmethods.io.images import load_image
from segmethods.io.samples import get_sample, list_samples
from segmethods.methods import get_method, list_methods
from segmethods.metrics import Scores, score

__all__ = [
    "BINARY",
    "CAMVID",
    "VOC",
    "About",
    "Failure",
    "GroundTruth",
    "ImageError",
    "MethodError",
    "ParameterError",
    "Range",
    "Scores",
    "Segmentation",
    "SegmethodsError",
    "Timings",
    "Vocabulary",
    "__version__",
    "compare",
    "get_method",
    "get_sample",
    "list_methods",
    "list_samples",
    "load_ground_truth",
    "load_image",
    "method",
    "score",
    "segment",
    "segments",
    "stage",
]
