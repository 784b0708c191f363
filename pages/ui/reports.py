"""What visitors take along, in their language: pictures with what methods made of them, for `segmethods.reporting`."""

from __future__ import annotations

from dataclasses import replace

from pages.state.images import LoadedImage
from pages.state.session import session
from pages.ui.language import class_name, translate
from pages.ui.outcomes import OutcomeStream, Plan
from segmethods.core.types import GroundTruth, Outcome, Segmentation
from segmethods.metrics import choose_alignment, score
from segmethods.reporting.comparison_report import Language
from segmethods.reporting.package import Analysed


def report_language() -> Language:
    """The visitor's language, for what `segmethods.reporting` writes."""
    return Language(translate, class_name, session().language)


def analyse(image: LoadedImage, plan: Plan, truth: GroundTruth | None, name: str = "", file: bytes = b"") -> Analysed:
    """A picture with all label maps, from the cache where it still has them."""
    outcomes: dict[str, Outcome] = {}
    with OutcomeStream(image, plan) as work:
        outcomes.update(work)
    scores = {
        method: score(outcome, truth, choose_alignment(outcome.classes, truth.classes))
        for method, outcome in outcomes.items()
        if truth is not None and isinstance(outcome, Segmentation)
    }
    slim = [replace(o, probabilities=None, trace=None) if isinstance(o, Segmentation) else o for o in outcomes.values()]
    return Analysed(name or image.name, image.pixels, slim, scores, file)
