"""The ensemble from inside: what each member says beside what they say together."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from segmethods.core.registry import About, method, stage
from segmethods.core.types import Image, Segmentation
from segmethods.methods._network import EmbeddedFamily, decided
from segmethods.methods.ensemble import COUNTS, TITLES, Member, asked, joined


@method(
    "ensemble_inside", title="Ensemble from inside", family="inside", source="Hansen & Salamon 1990", needs=("cv2",)
)
def ensemble_inside(
    image: Image,
    *,
    members: Annotated[tuple[Member, ...], About("Networks", "Whose answers are joined.", TITLES)] = (
        "fcn",
        "segnet",
        "deeplab",
    ),
    rule: Literal["mean", "vote"] = "mean",
    weights: EmbeddedFamily = "voc",
) -> Segmentation:
    """Asks every member once, and shows its answer beside the one they give together, counted as in the ensemble.

    Evidence: see `segmethods.methods.ensemble.ensemble`; and ``votes``, member -> labels, uint8 (H, W): what the
    network says alone. Patch-CNN's own method says the same but for a few pixels at the edge, which it repeats there.
    """
    answers = asked(image, members, weights, "auto")
    whole = joined(image, answers, tuple(COUNTS[member] for member in members), rule)
    with stage("finish"):
        votes = {known.network: decided(scores, image.shape) for known, scores in answers}
    return replace(whole, evidence={**vars(whole.trace), "votes": votes})
