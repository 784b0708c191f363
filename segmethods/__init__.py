"""Compare image segmentation methods.

>>> import segmethods as sm
>>> [m.id for m in sm.list_methods()][:2]
['threshold', 'kmeans']
"""

from segmethods.comparing import compare, segment
from segmethods.images import load_image
from segmethods.messages import ImageError, MethodError, ParameterError, SegmethodsError
from segmethods.method import About, Range, get_method, list_methods, method, stage
from segmethods.samples import get_sample, list_samples
from segmethods.scoring import Scores, score
from segmethods.segmentation import (
    BINARY,
    CAMVID,
    VOC,
    Failure,
    Segmentation,
    Timings,
    Truth,
    Vocabulary,
    segments,
)
from segmethods.truths import load_truth

__version__ = "0.1.0"

__all__ = [
    "BINARY",
    "CAMVID",
    "VOC",
    "About",
    "Failure",
    "ImageError",
    "MethodError",
    "ParameterError",
    "Range",
    "Scores",
    "Segmentation",
    "SegmethodsError",
    "Timings",
    "Truth",
    "Vocabulary",
    "compare",
    "get_method",
    "get_sample",
    "list_methods",
    "list_samples",
    "load_image",
    "load_truth",
    "method",
    "score",
    "segment",
    "segments",
    "stage",
]
