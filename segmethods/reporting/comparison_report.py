"""The report on images that methods were compared on: one image, or a set."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from segmethods.core.machine import describe_machine
from segmethods.core.messages import Message
from segmethods.core.types import Outcome, Segmentation, Vocabulary
from segmethods.methods import get_method, method_colour
from segmethods.metrics import METRICS, Scores
from segmethods.models.weights import catalogue
from segmethods.reporting.cost import tell_many, tell_measured
from segmethods.reporting.package import Analysed
from segmethods.reporting.report import (
    HEADINGS,
    Chart,
    Code,
    ImageRow,
    Part,
    Report,
    Say,
    Section,
    Shown,
    Table,
    show_image,
    show_labels,
)
from segmethods.reporting.snippets import as_command, as_python
from segmethods.reporting.svg import Bar, bar_chart
from segmethods.reporting.titles import name_method
from segmethods.reporting.verdict import class_scores
from segmethods.reporting.versions import list_versions

ClassName = Callable[[Vocabulary, int], str]
"""What a class is called in the reader's language."""


def plain_name(classes: Vocabulary, class_id: int) -> str:
    """The English name of a class; its number where it has none."""
    return classes.names[class_id] if class_id < len(classes) else f"class {class_id}"


MOST = 4
"""Classes that are named below a picture."""

HELPED = "#8b95a1"
"""The colour of scores that had the truth's help, and are no rank."""


@dataclass(frozen=True)
class Language:
    """How a report speaks.

    Parameters
    ----------
    say : callable
        Translates a message.
    class_name : callable
        Translates the name of a class.
    code : str
        ``"en"`` or ``"zh"``.
    """

    say: Say = str
    class_name: ClassName = plain_name
    code: str = "en"


def report_comparison(
    images: Sequence[Analysed],
    question: str,
    verdict: Sequence[str],
    sure: Sequence[str] = (),
    language: Language | None = None,
    standing: Sequence[Part] = (),
    score_name: str = "",
) -> Report:
    """The report on a comparison.

    Parameters
    ----------
    images : sequence of Analysed
        All with the same methods.
    question, verdict : str, sequence of str
        What was asked, and the answer, in the reader's language.
    sure : sequence of str
        How sure that is, a sentence each.
    language : Language
        English if left out.
    standing : sequence of Part
        How the methods stand over all pictures, in place of the chart of each picture's scores.
    score_name : str
        What the verdict calls the score that decides.
    """
    language = language or Language()
    say = language.say
    ranked = any(isinstance(part, Chart) for part in standing)
    charts = [
        Chart(svg) for name, svg in draw_charts(images, language, score_name).items() if name != "scores" or not ranked
    ]
    parts: dict[str, Sequence[Part]] = {
        "pictures": [_image_row(image, language) for image in images],
        "table": [*standing, _table(images, language, score_name), *charts],
        "sure": [*sure, *_how_sure(images, say)],
        "cost": _cost(images, say),
        "terms": list_terms([(o.method, o.params) for image in images for o in image.outcomes], say),
        "settings": _settings(images, say),
    }
    return Report(question, verdict, [Section(say(HEADINGS[key]), part) for key, part in parts.items()])


def draw_charts(images: Sequence[Analysed], language: Language, score_name: str = "") -> dict[str, str]:
    """The charts of a comparison as SVG files, by name; `score_name` is what the verdict calls the score."""
    say = language.say
    charts = {}
    methods, titles = _methods(images), _titles(images, say)
    seconds = {method: _seconds(images, method) for method in methods}
    if any(image.scores for image in images):
        metric = _deciding(images)
        bars = [_score_bar(method, titles[method], images, metric) for method in methods]
        charts["scores"] = bar_chart(
            bars,
            score_name or say(Message(METRICS[metric].title)),
            say(Message("0 is nothing right, 1 is everything right; grey: an upper bound, with the truth’s help")),
            top=1,
        )
    charts["seconds"] = bar_chart(
        [Bar(titles[m], 1000 * seconds[m], method_colour(m)) for m in methods],
        say(Message("Time for one picture")),
        say(Message("milliseconds")),
        text=lambda value: f"{_round(value):g} ms",
    )
    return charts


def _deciding(images: Sequence[Analysed]) -> str:
    """The score that decides in all these pictures: with one class of interest its own IoU."""
    found = [class_scores(scores) for image in images for scores in image.scores.values()]
    has_one = bool(found) and all(math.isfinite(scores["foreground_iou"]) for scores in found)
    return "foreground_iou" if has_one else "mean_iou"


def _score_bar(method: str, title: str, images: Sequence[Analysed], metric: str) -> Bar:
    scores = [image.scores[method] for image in images if method in image.scores]
    colour = HELPED if any(one.is_helped for one in scores) else method_colour(method)
    return Bar(title, _mean([getattr(one, metric) for one in scores]), colour)


def make_csv(images: Sequence[Analysed]) -> str:
    """A row for each image and method: shares of the classes, scores, seconds, error."""
    rows: list[dict[str, object]] = []
    for image in images:
        for outcome in image.outcomes:
            scores = image.scores.get(outcome.method)
            row: dict[str, object] = {"image": image.name, "method": outcome.method}
            if isinstance(outcome, Segmentation):
                row |= {"status": "ok", "seconds": round(outcome.timings.total, 6)}
                row |= class_scores(scores) | {"alignment": scores.alignment} if scores else {}
                named = outcome.shares().items()
                row |= {f"share_{plain_name(outcome.classes, c)}": round(share, 6) for c, share in named}
                counts = outcome.instances.counts() if outcome.instances else {}
                row |= {f"objects_{plain_name(outcome.classes, c)}": count for c, count in counts.items()}
            else:
                row |= {"status": "failed", "error": str(outcome.message)}
            rows.append(row)
    first = ["image", "method", "status", "error", "seconds", "foreground_iou", "mean_iou", "alignment"]
    columns = [*first, *sorted({name for row in rows for name in row} - set(first))]
    file = io.StringIO()
    table = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return file.getvalue()


def list_terms(used: Iterable[tuple[str, Mapping[str, Any]]], say: Say = str) -> list[str]:
    """Under which terms the weights may be used that methods take with these parameters, a line for each kind.

    Parameters
    ----------
    used : iterable of (str, mapping)
        Ids of methods and all their parameters.
    say : callable
        Translates a message.
    """
    known = {weights.sha256: weights for weights in catalogue().values()}
    every = [(get_method(method), params) for method, params in used]
    terms: dict[str, list[str]] = {}
    for method, params in every:
        for digest in method.used_weights(params) if method.used_weights else ():
            if digest in known:
                names = terms.setdefault(known[digest].terms, [])
                names += [] if known[digest].name in names else [known[digest].name]
    told = [f"{', '.join(names)}: {say(Message(text))}" for text, names in terms.items()]
    free = Message("The classical methods have learned nothing; only the program’s licence (MIT) holds for them.")
    return [*told, *([say(free)] if any(method.family == "classical" for method, _ in every) else [])]


def _image_row(image: Analysed, language: Language) -> ImageRow:
    shown = [_shown(outcome, image.scores.get(outcome.method), language) for outcome in image.outcomes]
    return show_image(image.name, image.pixels, shown)


def _shown(outcome: Outcome, scores: Scores | None, language: Language) -> Shown:
    title = language.say(name_method(outcome.method, outcome.params))
    if not isinstance(outcome, Segmentation):
        return Shown(title, [language.say(outcome.message)])
    shares = list(outcome.shares().items())[:MOST]
    named = [f"{language.class_name(outcome.classes, c)} {_percent(share)}" for c, share in shares]
    decides = "foreground_iou" if scores is not None and math.isfinite(scores.foreground_iou) else "mean_iou"
    judged = [] if scores is None else [f"IoU {_judged(scores, decides)}"]
    return show_labels(title, [*judged, ", ".join(named)], outcome.labels, outcome.classes)


def _table(images: Sequence[Analysed], language: Language, score_name: str) -> Table:
    say = language.say
    methods, titles = _methods(images), _titles(images, say).values()
    scored = any(image.scores for image in images)
    rows = []
    for image in images:
        outcomes = {outcome.method: outcome for outcome in image.outcomes}
        metric = _deciding(images) if scored else ""
        cells = [_cell(outcomes.get(m), image.scores.get(m), metric, language) for m in methods]
        rows.append([image.name, *cells])
    about = Message(METRICS[_deciding(images)].title) if scored else Message("Largest share")
    return Table([f"{say(Message('Picture'))} ({score_name or say(about)})", *titles], rows)


def _cell(outcome: Outcome | None, scores: Scores | None, metric: str, language: Language) -> str:
    if not isinstance(outcome, Segmentation):
        return "–"
    if metric:
        return "–" if scores is None else _judged(scores, metric)
    class_id, share = next(iter(outcome.shares().items()))
    return f"{language.class_name(outcome.classes, class_id)} {_percent(share)}"


def _how_sure(images: Sequence[Analysed], say: Say) -> list[str]:
    told = []
    titles = _titles(images, say)
    helped = [title for m, title in titles.items() if any(p.scores[m].is_helped for p in images if m in p.scores)]
    if helped:
        names = ", ".join(helped)
        told.append(
            say(
                Message(
                    "In each picture its own truth named what these found: {names}. So their scores of single "
                    "pictures (≤) are upper bounds and give no rank.",
                    {"names": names},
                )
            )
        )
    if len(images) == 1:
        told.append(say(Message("One picture says how methods do on this picture, and little about others.")))
    return told


def _cost(images: Sequence[Analysed], say: Say) -> list[str | Table]:
    head = [Message("Method"), Message("Median time"), Message("10,000 pictures take")]
    rows = []
    for method, title in _titles(images, say).items():
        seconds = _seconds(images, method)
        if math.isfinite(seconds):
            many = tell_many(seconds)
            rows.append([title, _time(seconds), say(many) if many else "–"])
    return [Table([say(name) for name in head], rows), say(tell_measured(describe_machine()))]


def _settings(images: Sequence[Analysed], say: Say) -> list[str | Code | Table]:
    plan = {o.method: dict(o.params) for image in images[:1] for o in image.outcomes}
    params = [
        [say(name_method(m, values)), ", ".join(f"{k}={_plain(v)}" for k, v in values.items())]
        for m, values in plan.items()
    ]
    versions = ", ".join(f"{name} {number}" for name, number in list_versions().items())
    return [
        Table([say(Message("Method")), say(Message("Parameters"))], params),
        Code(as_command([image.name for image in images], plan)),
        Code(as_python(images[0].name if images else "picture.png", plan)),
        versions,
    ]


def _methods(images: Sequence[Analysed]) -> list[str]:
    return list(dict.fromkeys(o.method for image in images for o in image.outcomes))


def _titles(images: Sequence[Analysed], say: Say) -> dict[str, str]:
    return {o.method: say(name_method(o.method, o.params)) for image in images for o in image.outcomes}


def _seconds(images: Sequence[Analysed], method: str) -> float:
    known = [o.timings.total for p in images for o in p.outcomes if o.method == method and isinstance(o, Segmentation)]
    return median(known) if known else math.nan


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def _judged(scores: Scores, metric: str) -> str:
    """A score as it is read; what had the truth's help is an upper bound."""
    return f"{'≤ ' if scores.is_helped else ''}{_number(getattr(scores, metric))}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "<1%"


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "–"


def _time(seconds: float) -> str:
    return f"{_round(1000 * seconds):g} ms" if seconds < 1 else f"{_round(seconds):g} s"


def _round(value: float) -> float:
    """Two digits that mean something: more of them change from run to run."""
    return float(f"{value:.1e}")


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
