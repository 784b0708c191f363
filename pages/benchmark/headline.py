"""What a run comes to: who is best, how sure that is, and what it costs."""

from __future__ import annotations

import streamlit as st

from pages.benchmark.run_view import RunView, data_name, date_text, lines_of, score_text
from pages.ui import numbers
from pages.ui.announce import announce
from pages.ui.language import escape_markdown, explain_verdict, t, translate
from segmethods.benchmark import Difference, Run, get_metric, sweep, verdict
from segmethods.benchmark.differences import FEWEST
from segmethods.benchmark.verdict import tell_interval
from segmethods.core.messages import Message
from segmethods.methods import get_method


def draw_headline(view: RunView) -> None:
    """The verdict, and under it its price and its limits."""
    first, others = judge(view)
    with st.container(key="verdict"):
        st.title(translate(first), anchor=False)
        st.markdown(explain_verdict(others, "metric"))
    announce("verdict", translate(first))


def judge(view: RunView) -> tuple[Message, list[Message]]:
    """The verdict in one sentence, and what else one must know before relying on it."""
    if view.swept:
        return _judge_sweep(view)
    first, *others = verdict(view.results, view.metric, is_shared=True)
    return first, [*others, *_doubts(view)]


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
        "metric": view.name_metric(view.metric),
    }
    others = [Message("If every picture had its own best value, it would reach {ois}, which needs the truth.", values)]
    if view.parameter.range is not None and best in (entries[0].label, entries[-1].label):
        others.append(Message("The best value is the first or last one tried, so a better one may lie beyond it."))
    if get_metric(view.metric).of_classes and all(line.is_helped for line in view.methods):
        others.append(Message("The truth named the segments, which favours many small ones: an upper bound."))
    others.append(
        Message("This value was picked on these very pictures; on new ones it likely does a little less well.")
    )
    first = Message("{method} does best with {parameter} = {value}: {metric} {score}.", values)
    return first, [*others, *_doubts(view)]


def _doubts(view: RunView) -> list[Message]:
    """What makes the result less sure than it looks."""
    doubts = []
    if view.run.done < view.run.images:
        values = {"done": view.run.done, "images": view.run.images}
        doubts.append(Message("Done so far: {done} of {images:picture|pictures}.", values))
    if len(view.results.images) < FEWEST and view.swept:
        doubts.append(Message("With so few pictures no difference is sure; add more of them."))
    failed = [line for line in view.methods if line.failed]
    if failed:
        values = {"failed": sum(line.failed for line in failed)}
        doubts.append(Message("{failed:time|times} a method had no answer; that counts as wrong.", values))
    return doubts


def difference_sentence(view: RunView, found: Difference) -> tuple[Message, Message]:
    """Two lines compared: who is ahead and by how much, and how sure that is."""
    ahead = (found.estimate >= 0) == get_metric(view.metric).higher_is_better
    first, second = (found.first, found.second) if ahead else (found.second, found.first)
    values = tell_interval(found) | {
        "first": view.title(first),
        "second": view.title(second),
        "metric": view.name_metric(view.metric),
    }
    if helped := [name for name in (first, second) if name in view.ranked.bounds]:
        values["names"] = t(", ").join(view.title(name) for name in helped)
        said = Message("The truth named what {names} found, so neither leads", values)
    elif found.is_sure:
        said = Message("{first} leads {second} by {gap} {unit}, on {better} of {images} images", values)
    else:
        said = Message("{first} and {second} can't be told apart", values)
    how = Message(
        "{metric}: {gap} {unit} apart, 95% interval {low} to {high} (jackknife over the pictures); Wilcoxon "
        "signed-rank test of the pictures' own scores: {p}.",
        values,
    )
    if found.pairs < 2:
        return said, how
    return said, Message("{how} One of {pairs} pairs, and p is corrected for that (Holm).", values | {"how": how})
