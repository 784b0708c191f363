"""What to do without a truth, and how much more of it would be worth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from pages.pictures.headline import find_results
from pages.pictures.rows import Plan, Row
from pages.ui.language import escape_markdown, join_sentences, t, translate_all
from segmethods.benchmark import Results, compare_pair, find_metric, leaderboard, ranking
from segmethods.core.messages import Message
from segmethods.datasets.image_sets import ImageSet
from segmethods.reporting.titles import name_method
from segmethods.reporting.worth import expected_margin

LABELME = "https://github.com/wkentaro/labelme"
ENOUGH = 6
"""From so many pictures on Benchmark may say that one method beats another."""


def draw_worth(found: ImageSet, rows: Sequence[Row], plan: Plan) -> None:
    """The next thing to do about the truth."""
    if found.judged >= ENOUGH or not rows:
        return
    with st.container(border=True, key="pictures-worth"):
        if not found.judged:
            st.markdown(t("**Which of these is right?** Without a truth nobody can say."))
        else:
            st.markdown(_worth_text(found, rows, plan))
        _draw_two(rows)


def _draw_two(rows: Sequence[Row]) -> None:
    """The two pictures whose truth is worth most; one that has a truth which was left out needs no other."""
    bare = [row for row in rows if not (row.image.sample or row.image.refused)]
    best = [row.image.file.name for row in sorted(bare, key=lambda row: -_known(row.disagreement))[:2]]
    if not best:
        return
    names = t(" and ").join(f"**{escape_markdown(name)}**" for name in best)
    st.markdown(
        t(
            "Draw the truth where the methods disagree most: {names}. The free program [labelme]({address}) saves "
            "outlines as JSON files named like the pictures; add them above. Masks from any other program do as well.",
            names=names,
            address=LABELME,
        )
    )


def _worth_text(found: ImageSet, rows: Sequence[Row], plan: Plan) -> str:
    results = find_results(found, rows, plan) if len(rows) == len(found.images) else None
    told = [
        t("**Truth for {count:picture|pictures}.**", count=found.judged),
        "" if results is None else translate_all(tell_worth(results)),
        t("Benchmark says that one method beats another from {count} pictures on.", count=ENOUGH),
    ]
    return join_sentences(told)


def tell_worth(results: Results) -> list[Message]:
    """How surely the best two are told apart, by the interval of the verdict, and how surely with more truth.

    Nothing where fewer than two methods are ranked, or where the difference is known to less than a point.
    """
    metric = find_metric(results)
    pair = ranking(results, metric).placed[:2]
    if len(pair) < 2:
        return []
    difference, images, more = compare_pair(results, pair[0], pair[1], metric), len(results.images), 2 * ENOUGH
    rows = {row.label: row for row in leaderboard(results)}
    first, second = (name_method(label, rows[label].params) for label in pair)
    values: dict[str, object] = {"first": first, "second": second}
    now = 100 * (difference.high - difference.low) / 2
    if not now < 100:  # no two shares are further apart, so this says nothing; so does the NaN of a single picture
        values |= {"count": images}
        return [Message("{count:picture is|pictures are} too few to tell how {first} and {second} compare.", values)]
    if now < 1:
        return []
    then = expected_margin(now, images, more)
    values |= {"now": f"{now:.0f}", "more": more, "then": f"{then:.0f}"}
    if then < 1:
        return [
            Message(
                "The difference between {first} and {second} is known to ± {now} points; with {more} such pictures it "
                "would be known to less than 1 point.",
                values,
            )
        ]
    return [
        Message(
            "The difference between {first} and {second} is known to ± {now} points; with {more} such pictures it "
            "would be ± {then}.",
            values,
        )
    ]


def _known(value: float) -> float:
    return value if math.isfinite(value) else -1.0
