"""What a run comes to: who is best, how sure that is, and what it costs."""

from __future__ import annotations

import math

import streamlit as st

from pages.benchmark.run_view import RunView, data_name, date_text, lines_of, metric_name, score_text
from pages.ui import numbers
from pages.ui.language import escape_markdown, t, translate, translate_all
from segmethods.benchmark import Run, Summary, compare_pair, get_metric, sweep, verdict
from segmethods.benchmark.statistics import ranking, unit_of_difference
from segmethods.core.messages import Message
from segmethods.methods import get_method
from segmethods.reporting.verdict import NOTICEABLE

SURE = 0.05
FEW = 6
"""With fewer pictures than this no difference is sure, whatever the numbers say."""


def draw_headline(view: RunView) -> None:
    """The verdict, and under it its price and its limits."""
    first, others = judge(view)
    with st.container(key="verdict"):
        st.title(translate(first), anchor=False)
        st.markdown(translate_all(others))


def judge(view: RunView) -> tuple[Message, list[Message]]:
    """The verdict in one sentence, and what else one must know before relying on it."""
    if view.swept:
        return _judge_sweep(view)
    ranked = ranking(view.results, view.metric)
    others = [*_price(ranked), *_helped(view, ranked), *_contradiction(view, ranked), *_doubts(view)]
    few = len(view.results.images) < FEW and len(ranked) > 1
    return _say_few(view, ranked) if few else verdict(view.results, view.metric), others


def _say_few(view: RunView, ranked: list[Summary]) -> Message:
    """Who is ahead on a handful of pictures, which proves nothing."""
    first, second = ranked[:2]
    best = score_text(view.score(first), view.metric)
    level = sum(score_text(view.score(line), view.metric) == best for line in ranked)
    values = {
        "first": view.title(first.label),
        "second": view.title(second.label),
        "metric": metric_name(view.metric),
        "best": best,
        "next": score_text(view.score(second), view.metric),
        "images": len(view.results.images),
        "level": level,
    }
    if level > 1:
        return Message("{level} are level at the top ({metric} {best}). Too few pictures to tell: {images}.", values)
    return Message(
        "{first} is ahead of {second} ({metric} {best} against {next}). Too few pictures to be sure: {images}.", values
    )


def facts(run: Run) -> str:
    """What was run, in one line."""
    parts = [
        escape_markdown(data_name(run)),
        t("{count:picture|pictures}", count=run.images),
        lines_of(run),
        date_text(run.started),
    ]
    if run.finished:
        parts.append(t("took {time}", time=numbers.seconds((run.finished - run.started).total_seconds())))
    return " · ".join(parts)


def _judge_sweep(view: RunView) -> tuple[Message, list[Message]]:
    assert view.swept is not None
    assert view.parameter is not None
    found = sweep(view.results, view.metric)
    entries = [e for e in view.run.entries if e.label in view.results.labels]
    best = next(e.label for e in entries if e.params[view.parameter.name] == found.ods)
    values = {
        "parameter": Message(view.parameter.about.label),
        "method": Message(get_method(view.swept[0]).title),
        "value": view.title(best),
        "score": score_text(found.ods_score, view.metric),
        "ois": score_text(found.ois_score, view.metric),
        "metric": metric_name(view.metric),
    }
    others = [Message("If every picture had its own best value, it would reach {ois} (OIS).", values)]
    if view.parameter.range is not None and best in (entries[0].label, entries[-1].label):
        others.append(Message("The best value is the first or last one tried, so a better one may lie beyond it."))
    if get_metric(view.metric).of_classes and all(line.is_helped for line in view.methods):
        others.append(Message("The truth told what the segments mean, which favours many small ones."))
    first = Message("{method} does best with {parameter} = {value}: {metric} {score} (ODS).", values)
    return first, [*others, *_doubts(view)]


def _price(ranked: list[Summary]) -> list[Message]:
    """How long the best one takes, against the next one and the fastest one."""
    timed = [line for line in ranked if math.isfinite(line.seconds_median) and line.seconds_median > 0]
    if not timed or timed[0] is not ranked[0]:
        return []
    best, fastest = timed[0], min(timed, key=lambda line: line.seconds_median)
    values: dict[str, object] = {"first": Message(get_method(best.method).title)}
    values |= {"time": numbers.seconds(best.seconds_median)}
    if len(timed) == 1:
        return [Message("{first} takes {time} a picture.", values)]
    second = timed[1]
    ratio = best.seconds_median / second.seconds_median
    values |= {"second": Message(get_method(second.method).title)}
    values |= {"times": numbers.times(max(ratio, 1 / ratio)).rstrip("×")}
    values |= {"fast": Message(get_method(fastest.method).title), "quick": numbers.seconds(fastest.seconds_median)}
    if ratio >= NOTICEABLE:
        first = Message("{first} takes {time} a picture, {times} times as long as {second}.", values)
    elif 1 / ratio >= NOTICEABLE:
        first = Message("{first} takes {time} a picture; {second} takes {times} times as long.", values)
    else:
        first = Message("{first} takes {time} a picture, about as long as {second}.", values)
    return [first] if fastest in (best, second) else [first, Message("The fastest is {fast}, {quick}.", values)]


def _helped(view: RunView, ranked: list[Summary]) -> list[Message]:
    """What methods reach whose segments the truth had to name, where they are not ranked with the others."""
    if not get_metric(view.metric).of_classes:
        return []
    labels = {line.label for line in ranked}
    left_out = [line for line in view.methods if line.is_helped and line.label not in labels]
    left_out = [line for line in left_out if math.isfinite(view.score(line))]
    if not left_out:
        return []
    values = {
        "count": len(left_out),
        "best": Message(get_method(left_out[0].method).title),
        "score": score_text(view.score(left_out[0]), view.metric),
    }
    return [
        Message(
            "{count} methods without class names are not ranked here, because the truth told what their segments "
            "mean; the best of them is {best} with {score}.",
            values,
        )
    ]


def _contradiction(view: RunView, ranked: list[Summary]) -> list[Message]:
    """Where the two tests of the lead disagree: sums of counts follow large objects, the other one counts pictures."""
    if len(ranked) < 2 or len(view.results.images) < FEW:
        return []
    found = compare_pair(view.results, ranked[0].label, ranked[1].label, view.metric)
    if found.is_clear and found.p >= SURE:
        return [
            Message("Picture by picture the lead is not sure (Wilcoxon test): it rests on a few pictures or classes.")
        ]
    return []


def _doubts(view: RunView) -> list[Message]:
    """What makes the result less sure than it looks."""
    doubts = []
    if view.run.done < view.run.images:
        values = {"done": view.run.done, "images": view.run.images}
        doubts.append(Message("So far {done} of {images:picture|pictures} are done.", values))
    if len(view.results.images) < FEW and view.swept:
        doubts.append(Message("With so few pictures no difference is sure; add more of them."))
    failed = [line for line in view.methods if line.failed]
    if failed:
        values = {"failed": sum(line.failed for line in failed)}
        doubts.append(Message("{failed} times a method had no answer; that counts as wrong.", values))
    return doubts


def difference_sentence(view: RunView, first: str, second: str) -> tuple[Message, Message]:
    """Two lines compared: who is ahead and by how much, and how sure that is."""
    found = compare_pair(view.results, first, second, view.metric)
    sign = 1 if get_metric(view.metric).higher_is_better else -1
    ahead = sign * found.estimate >= 0
    scale, unit = unit_of_difference(view.metric)
    digits = 1 if scale > 1 else 2
    values = {
        "first": view.title(first if ahead else second),
        "second": view.title(second if ahead else first),
        "gap": f"{abs(found.estimate) * scale:.{digits}f}",
        "margin": f"{found.margin * scale:.{digits}f}",
        "unit": unit,
        "better": found.better if ahead else found.worse,
        "images": found.images,
        "low": f"{found.low * scale:+.{digits}f}",
        "high": f"{found.high * scale:+.{digits}f}",
        "p": f"{found.p:.3f}" if found.p >= 0.001 else "< 0.001",
        "metric": metric_name(view.metric),
    }
    if found.is_sure:
        said = Message("{first} leads {second} by {gap} ± {margin} {unit}, on {better} of {images} images", values)
    else:
        said = Message("{first} and {second} can't be told apart: {gap} ± {margin} {unit}", values)
    return said, Message(
        "{metric}, 95 % interval {low} to {high} {unit} (paired bootstrap over pictures, 2000 draws); "
        "Wilcoxon signed-rank test of the pictures' own scores: p = {p}.",
        values,
    )
