"""A run in sentences: who leads, by how much, how sure that is, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from segmethods.benchmark.differences import FEWEST, Difference, compare_pair
from segmethods.benchmark.results import Results, Summary, leaderboard
from segmethods.benchmark.statistics import find_metric, ranking, unit_of_difference
from segmethods.core.messages import Message
from segmethods.metrics.registry import METRICS
from segmethods.reporting.cost import NOTICEABLE, round_times, tell_price, tell_terms
from segmethods.reporting.ranking import LEARNED, Ranking, clears_blank
from segmethods.reporting.titles import name_method
from segmethods.reporting.verdict import find_nothing, name_metric

Values = dict[str, object]


def verdict(results: Results, metric: str | None = None, is_shared: bool = False) -> list[Message]:
    """Sum up a run.

    Parameters
    ----------
    results : Results
        Of a run.
    metric : str, optional
        What decides; with one class of interest its own IoU if left out, see `find_metric`.
    is_shared : bool
        Whether other work may have shared the processor while the methods were timed, as on pages.

    Returns
    -------
    list of Message
        First one plain sentence: who leads, or that nobody does. Then the figures, how sure they are, what the truth's
        help would give, and the price. Nobody is named as better whom the truth helped, or who doesn't do better than
        a blank answer.
    """
    metric = metric or find_metric(results)
    rows = {row.label: row for row in leaderboard(results)}
    ranked = ranking(results, metric)
    if not (ranked.placed or ranked.below):
        return _say_unranked(results, rows, ranked, metric)
    if not ranked.placed:
        return [*_say_none_finds(results, rows, ranked, metric), *_say_bound(results, rows, ranked, metric)]
    best = rows[ranked.placed[0]]
    said = (
        _say_lead(results, rows, ranked, metric)
        if len(ranked.placed) > 1
        else _say_alone(results, rows, ranked, metric)
    )
    return [
        *said,
        *_say_rare(results, metric),
        *_say_learned(results, [rows[label] for label in ranked.placed[:2]], metric),
        *_say_bound(results, rows, ranked, metric),
        *_say_cost(results, rows, ranked, is_shared),
        *(tell_terms(best.method, best.params) if best.method else ()),  # predictions made elsewhere have none
    ]


def is_close(first: Summary, second: Summary, metric: str) -> bool:
    """Whether two scores look the same in the digits that are shown."""
    return f"{first.scores[metric]:.2f}" == f"{second.scores[metric]:.2f}"


def tell_interval(found: Difference) -> Values:
    """The values of a sentence about a difference, from the side of whoever is ahead."""
    known = METRICS[found.metric]
    scale, unit = unit_of_difference(found.metric)
    digits = 1 if scale > 1 else 2
    ahead = (found.estimate >= 0) == known.higher_is_better
    ends = (found.low, found.high) if ahead else (-found.high, -found.low)
    return {
        "gap": f"{abs(found.estimate) * scale:.{digits}f}",
        "unit": unit,
        "low": f"{ends[0] * scale:+.{digits}f}",
        "high": f"{ends[1] * scale:+.{digits}f}",
        "better": found.better if ahead else found.worse,
        "images": found.images,
        "p": "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}",
        "pairs": found.pairs,
    }


def name_line(results: Results, label: str) -> Message | str:
    """What a line is called: its method's title, or its label where a run has several lines of one method."""
    entry = results.entry(label)
    return name_method(entry.method, entry.params) if entry and entry.label == entry.method else label


def name_deciding(results: Results, metric: str) -> Message:
    """What a score is called; with one class of interest its IoU has that class's name."""
    present = results.true_pixels.sum(axis=0) > 0
    return name_metric(metric, results.run.classes, present.nonzero()[0].tolist())


def _values(results: Results, rows: dict[str, Summary], labels: Sequence[str], metric: str) -> Values:
    values: Values = {"metric": name_deciding(results, metric), "images": len(results.images)}
    for name, label in zip(("first", "second"), labels, strict=False):
        values[name] = name_line(results, label)
        values[f"{name}_score"] = f"{rows[label].scores[metric]:.2f}"
    if metric in results.blank_scores:
        values["blank"] = f"{results.blank_scores[metric]:.2f}"
    return values


def _say_unranked(results: Results, rows: dict[str, Summary], ranked: Ranking, metric: str) -> list[Message]:
    if not ranked.bounds:
        return [Message("No method has this score on these pictures.")]
    first = Message("None of these can name what the truth shows, so nothing is ranked.")
    return [first, *_say_bound(results, rows, ranked, metric)]


def _say_none_finds(results: Results, rows: dict[str, Summary], ranked: Ranking, metric: str) -> list[Message]:
    best = rows[ranked.below[0]]
    missed = metric if not clears_blank({metric: best.scores[metric]}, results.blank_scores, metric) else "mean_iou"
    present = (results.true_pixels.sum(axis=0) > 0).nonzero()[0].tolist()
    values = _values(results, rows, ranked.below, missed)
    return [
        find_nothing(results.run.classes, present, metric),
        Message("By itself no method has a higher {metric} than {first_score}; a blank answer has {blank}.", values),
    ]


def _say_alone(results: Results, rows: dict[str, Summary], ranked: Ranking, metric: str) -> list[Message]:
    values = _values(results, rows, ranked.placed, metric)
    others = bool(ranked.below)
    first = (
        Message("Only {first} does better than a blank answer.", values)
        if others
        else Message("{first} reaches {first_score} ({metric}) on {images:image|images}.", values)
    )
    if "blank" not in values:
        return [first]
    figure = (
        Message("Its {metric} is {first_score}, that of a blank answer {blank}.", values)
        if others
        else Message("A blank answer has {blank}.", values)
    )
    return [first, figure]


def _say_lead(results: Results, rows: dict[str, Summary], ranked: Ranking, metric: str) -> list[Message]:
    """The best two, which were compared before anybody saw which two they are."""
    pair = ranked.placed[:2]
    found = compare_pair(results, pair[0], pair[1], metric)
    values = _values(results, rows, pair, metric) | tell_interval(found)
    level = is_close(rows[pair[0]], rows[pair[1]], metric)
    if found.is_sure:
        first = Message("{first} beats {second}.", values)
    elif found.images >= FEWEST:
        first = Message("{first} and {second} can't be told apart.", values)
    elif level:
        first = Message("{first} and {second} are level on {images:image|images}, too few to tell them apart.", values)
    else:
        first = Message("{first} is ahead of {second} on {images:image|images}, too few to be sure.", values)
    figures = Message("{metric} {first_score} against {second_score}.", values)
    if math.isnan(found.low):
        return [first, figures]
    doubt = Message(
        "The difference is {gap} {unit}, 95% interval {low} to {high}; better on {better} of {images} images, {p}.",
        values,
    )
    said = [first, figures, doubt]
    if found.is_clear and not found.is_sure and found.images >= FEWEST:
        said.append(
            Message("Picture by picture the lead is not sure (Wilcoxon test): it rests on a few pictures or classes.")
        )
    return said


def _say_rare(results: Results, metric: str) -> list[Message]:
    """In how many images a class is, where that is few: then the score hangs on them."""
    if not METRICS[metric].of_classes or len(results.images) < FEWEST:
        return []
    shown = (results.true_pixels > 0).sum(axis=0)
    rare = [(int(count), class_id) for class_id, count in enumerate(shown) if 0 < count < FEWEST]
    if not rare:
        return []
    count, class_id = min(rare)
    values: Values = {
        "name": Message(results.run.classes.names[class_id]),
        "count": count,
        "images": len(results.images),
        "rare": len(rare),
        "few": FEWEST,
    }
    if len(rare) == 1:
        return [Message("Only {count} of {images} images show {name}, so its score is not sure.", values)]
    return [
        Message(
            "{rare} classes are in fewer than {few} of {images} images, such as {name} (in {count}), "
            "so their scores are not sure.",
            values,
        )
    ]


def _say_learned(results: Results, rows: Sequence[Summary], metric: str) -> list[Message]:
    learned = [row for row in rows if METRICS[metric].of_classes and LEARNED in row.alignment]
    if not learned:
        return []
    names = [name_line(results, row.label) for row in learned]
    if len(names) == 1:
        values: Values = {"first": names[0]}
        return [
            Message(
                "A rule learned on the other images names the segments of {first}, by their colour, size and place.",
                values,
            )
        ]
    return [Message("A rule learned on the other images names the segments of both, by their colour, size and place.")]


def _say_bound(results: Results, rows: dict[str, Summary], ranked: Ranking, metric: str) -> list[Message]:
    """What would be reached if the truth itself named the segments, where that is more than the best has."""
    known = METRICS[metric]
    bounds = {label: row.bounds[metric] for label, row in rows.items() if metric in row.bounds}
    bounds |= {label: rows[label].scores[metric] for label in ranked.bounds}
    if not bounds:
        return []
    label = max(bounds, key=lambda name: bounds[name] if known.higher_is_better else -bounds[name])
    best = rows[ranked.placed[0]].scores[metric] if ranked.placed else math.nan
    if not math.isnan(best) and bounds[label] <= best:
        return []
    values = {
        "first": name_line(results, label),
        "score": f"{bounds[label]:.2f}",
        "metric": name_deciding(results, metric),
        "segments": round(rows[label].segments),
    }
    return [
        Message(
            "If the truth named the segments of {first} (about {segments} in an image), {metric} could be {score}: "
            "an upper bound that no new image gives.",
            values,
        )
    ]


def _say_cost(results: Results, rows: dict[str, Summary], ranked: Ranking, is_shared: bool) -> list[Message]:
    """The price of the best, and how much less the next one takes if that is noticeable."""
    best = rows[ranked.placed[0]]
    said = tell_price(name_line(results, best.label), best.seconds_median, best.memory, best.machine, is_shared)
    quicker = [rows[label] for label in ranked.placed[1:] if _ratio(best, rows[label]) >= NOTICEABLE]
    if said and quicker:
        values = {"second": name_line(results, quicker[0].label), "times": round_times(_ratio(best, quicker[0]))}
        said.append(Message("{second} is about {times} times faster.", values))
    return said


def _ratio(slow: Summary, fast: Summary) -> float:
    ratio = slow.seconds_median / fast.seconds_median if fast.seconds_median > 0 else math.nan
    return ratio if math.isfinite(ratio) else 0.0
