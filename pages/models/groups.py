"""Weights that can be compared: they know the same classes, were judged on the same pictures, and share their terms."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.models.rows import draw_row
from pages.ui.cells import Chip, chips_html
from pages.ui.language import class_name, t
from segmethods.core.palette import class_colour
from segmethods.core.registry import Parameter
from segmethods.methods import get_method
from segmethods.metrics import METRICS
from segmethods.models.weights import Weights

Group = list[Weights]
"""The best one first."""


def groups(known: Mapping[str, Weights]) -> list[Group]:
    """Weights by what they know, in the order in which forms offer their families."""
    found: dict[tuple[object, ...], Group] = {}
    for weights in sorted(known.values(), key=_form_order):
        found.setdefault((weights.classes, weights.score.on, weights.terms), []).append(weights)
    return [sorted(group, key=lambda weights: -weights.score.mean) for group in found.values()]


def family_name(weights: Weights) -> str:
    """What the method's form calls these weights."""
    return t(_choice(weights).about.options.get(weights.variant, weights.variant))


def draw_classes(group: Group) -> None:
    """What all of them know."""
    classes = group[0].classes
    st.html(
        chips_html(
            [Chip(class_colour(class_id, classes), class_name(classes, class_id)) for class_id in range(len(classes))]
        )
    )


def draw_group(group: Group) -> None:
    """A row for each of them, and what the numbers mean."""
    first = group[0]
    with st.container(key=f"list-{first.name}", gap=None):
        for weights in group:
            name = t(get_method(weights.network).title)
            draw_row(weights, name if weights.origin == "embedded" else f"{name} · {family_name(weights)}")
        with st.container(key=f"note-{first.name}", gap=None):
            score = t("Scores: mean IoU on {pictures}.", pictures=t(first.score.on))
            st.caption(score, help=t(METRICS["mean_iou"].explanation))
            st.caption(t("Terms: {terms}", terms=t(first.terms)))


def _form_order(weights: Weights) -> int:
    choices = _choice(weights).options
    return choices.index(weights.variant) if weights.variant in choices else len(choices)


def _choice(weights: Weights) -> Parameter:
    """The parameter by which a method chooses its weights."""
    return next(p for p in get_method(weights.network).parameters if p.name == "weights")
