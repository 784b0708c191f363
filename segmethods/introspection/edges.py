"""Canny's edge detector stage by stage, and the way from its lines to regions."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Segmentation, segments
from segmethods.methods._channels import extract_channel
from segmethods.methods.edges import (
    LOW_HELP,
    Gap,
    High,
    MinArea,
    Sigma,
    blur,
    differentiate,
    enclose,
    find_ridges,
    find_seeds,
    find_strength,
)


@method(
    "edges_stages",
    title="Edges, stage by stage",
    family="inside",
    source="Canny 1986; Meyer 1992 (watershed)",
    needs=("cv2",),
)
def edges_stages(
    image: Image,
    *,
    sigma: Sigma = 1.5,
    high: High = 0.9,
    low: Annotated[float, Range(0, 1, 0.05), About("Weak edges", LOW_HELP)] = 0.4,
    gap: Gap = 6,
    min_area: MinArea = 100,
) -> Segmentation:
    """What the method edges does with the detector Canny, and everything that it sees on the way.

    Evidence, all (H, W): ``grey`` and ``blurred`` uint8; ``across``, ``down`` and ``gradient`` float32, in levels per
    pixel; ``ridges`` bool, where the gradient is largest across the line; ``strong`` bool, ridges above the
    upper threshold; ``weak`` bool, those between the two; ``lines`` bool, strong ones and the weak ones that hang on
    them; ``seeds`` int32, from where regions grow, 0 for nowhere. ``low`` and ``high`` are the thresholds in levels
    per pixel.

    Examples
    --------
    >>> image = np.zeros((40, 60, 3), np.uint8)
    >>> image[:, 30:] = 200
    >>> seen = edges_stages(image).evidence
    >>> [int(np.count_nonzero(seen[name][20])) for name in ("strong", "weak", "lines")]
    [1, 0, 1]
    """
    with stage("prepare"):
        grey = extract_channel(image, "grey")
        blurred = blur(grey.astype(np.float32), sigma)
    with stage("infer"):
        across, down = differentiate(blurred, "canny")
        gradient = np.hypot(across, down)
        upper = find_strength(gradient, high)
        lower = low * upper
        strong = find_ridges(across, down, upper, upper)
        lines = find_ridges(across, down, lower, upper)
    with stage("finish"):
        labels = enclose(lines, blurred, gap, min_area)
    return Segmentation(
        labels,
        segments(int(labels.max()) + 1),
        boundaries=lines,
        evidence={
            "grey": grey,
            "blurred": blurred.round().astype(np.uint8),
            "across": across,
            "down": down,
            "gradient": gradient,
            "ridges": find_ridges(across, down, 0, 0),
            "strong": strong,
            "weak": find_ridges(across, down, lower, lower) & ~strong,
            "lines": lines,
            "seeds": find_seeds(lines, gap),
            "low": lower,
            "high": upper,
        },
    )
