"""Ensemble: what the members say, how sure they are together, and where combining them helps or harms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import answer_view, choose_weights, chosen_weights, judge
from pages.learn.spec import Lesson, of_function, of_method
from pages.learn.views import View, plane_image, show_views
from pages.ui import numbers
from pages.ui.cells import Chip
from pages.ui.language import t
from pages.ui.layers import kinds_layer
from segmethods.core.palette import FALSE, MISSED, Rgb, to_hex
from segmethods.core.types import VOID, Labels, trace_of
from segmethods.introspection.ensemble import (
    ALL_RIGHT,
    ALL_WRONG,
    GAINED,
    LOST,
    EnsembleInspection,
    ensemble_outcome_map,
    inspect_ensemble,
    preload_members,
)
from segmethods.methods._network import NetworkTrace
from segmethods.models.architectures import NETWORKS

LESSON = Lesson(
    "ensemble",
    sample="chelsea",
    controls=(
        *of_function(inspect_ensemble, "members"),
        *of_method("ensemble", "rule"),
        *of_function(inspect_ensemble, "weights"),
    ),
)
_KINDS: tuple[Rgb, ...] = ((0, 0, 0), MISSED, FALSE, (90, 98, 108))
"""Everyone right, gained, lost, everyone wrong."""


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("ensemble")
    return plane_image(trace_of(result, NetworkTrace).entropy, colours="viridis", long_side=320) if result else None


def draw(ctx: LessonContext) -> None:
    choose_weights(ctx)
    _draw_votes(ctx)


@st.fragment
def _draw_votes(ctx: LessonContext) -> None:
    ctx.text("votes")
    with st.container(horizontal=True):
        members, rule = (ctx.control(name) for name in ("members", "rule"))
    joined = ctx.inspect(inspect_ensemble, members=members, rule=rule, **chosen_weights(ctx))
    if joined is None:
        return
    titles = {network: t(spec.title) for network, spec in NETWORKS.items()}
    views = [answer_view(ctx, titles[member], labels, joined.classes) for member, labels in joined.votes.items()]
    show_views([*views, answer_view(ctx, t("Ensemble’s answer"), joined.labels, joined.classes)])
    ctx.questions("votes")
    _draw_entropy(ctx, list(joined.votes.values()), joined)
    _draw_gains(ctx, list(joined.votes.values()), joined)


def _draw_entropy(ctx: LessonContext, votes: list[Labels], joined: EnsembleInspection) -> None:
    ctx.text("entropy")
    entropy, agreement = (plane.astype(np.float32) for plane in (joined.trace.entropy, joined.trace.agreement))
    same = np.mean([np.all([labels == votes[0] for labels in votes], axis=0)])
    most = float(entropy.max())
    show_views(
        [
            View(
                t("Entropy"),
                t("Bright where the mean of the scores is undecided"),
                plane_image(entropy, 0, most, colours="viridis"),
                note=t("dark 0, bright {most} of what is possible", most=numbers.share(most)),
            ),
            View(
                t("Weight behind the winner"),
                t("Dark where the members disagree"),
                plane_image(agreement, 0, 1, colours="viridis"),
                note=t("bright where all members agree, on {share} of the pixels", share=numbers.share(float(same))),
            ),
        ]
    )
    ctx.questions("entropy")


def _draw_gains(ctx: LessonContext, votes: list[Labels], joined: EnsembleInspection) -> None:
    ctx.text("gains")
    truth = ctx.truth()
    judged = [judge(ctx, labels, joined.classes) for labels in (*votes, joined.labels)]
    if truth is None or any(scores is None for scores in judged):
        st.info(
            t("Who is right is known only where a person has drawn the truth. Choose a sample."), icon=":material/info:"
        )
        return
    *members, ensemble = [scores.aligned for scores in judged if scores]
    kinds = ensemble_outcome_map(ensemble, members, truth.labels)
    counts = np.bincount(kinds[kinds != VOID], minlength=4)
    shares = {kind: float(counts[kind] / max(counts.sum(), 1)) for kind in (ALL_RIGHT, GAINED, LOST, ALL_WRONG)}
    names = {
        GAINED: t("The ensemble is right, a member is not"),
        LOST: t("A member is right, the ensemble is not"),
        ALL_WRONG: t("Nobody is right"),
    }
    chips = [Chip(to_hex(_KINDS[kind]), name, numbers.share(shares[kind])) for kind, name in names.items()]
    layer = kinds_layer(np.where(kinds == VOID, ALL_RIGHT, kinds), _KINDS, {ALL_RIGHT})
    wrong = np.stack([member != truth.labels for member in members])[:, truth.labels != VOID]
    alone = wrong.all(axis=0) & (ensemble == truth.labels)[truth.labels != VOID]
    left, right = st.columns([3, 2])
    with left:
        alt = t(", ").join(f"{chip.name} {chip.share}" for chip in chips)
        show_views([View(t("Who is right"), alt, over=[layer], fade=0.6, strength=1, chips=chips)])
    with right:
        st.markdown(_sum_up(shares, float(alone.mean())))
        st.markdown(_compare_with_chance(wrong))
    ctx.questions("gains")


def _sum_up(shares: Mapping[int, float], alone: float) -> str:
    """The picture of who is right, in words."""
    values = {
        "right": numbers.share(shares[ALL_RIGHT]),
        "gained": numbers.share(shares[GAINED]),
        "lost": numbers.share(shares[LOST]),
        "alone": numbers.share(alone),
    }
    return t(
        "All are right on {right} of the pixels. On {gained} the ensemble is right though a member errs; on {lost} a "
        "member knew better. On {alone} the ensemble is right though **every** member is wrong.",
        **values,
    )


def _compare_with_chance(wrong: NDArray[np.bool_]) -> str:
    """Where all members are wrong, in words: really, and if they erred independently.

    Parameters
    ----------
    wrong : ndarray, bool, shape (members, judged pixels)
    """
    each = wrong.mean(axis=1)
    return t(
        "Alone, the members are wrong on {each} of the pixels. If they erred independently, all would be wrong on "
        "{chance}; really it is {together}.",
        each=t(", ").join(numbers.share(float(share)) for share in each),
        chance=f"{100 * float(each.prod()):.1g}%",  # far below one per cent
        together=numbers.share(float(wrong.all(axis=0).mean())),
    )


if __name__ == "__main__":
    show_lesson(LESSON, draw, preload=preload_members)
