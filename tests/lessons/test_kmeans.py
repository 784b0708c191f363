"""What the lesson on k-means promises happens."""

from __future__ import annotations

import numpy as np
from skimage.color import hsv2rgb

from pages.learn.lessons.kmeans import LESSON, SEEDS
from segmethods import segment
from segmethods.core.types import Image, trace_of
from segmethods.methods._colours import to_space
from segmethods.methods.kmeans import KMeansTrace, final_inertias
from tests.lessons.samples import image, says

CONTROLS = {control.name: control.default for control in LESSON.controls if control.name != "round"}


def trace(**moved: object) -> KMeansTrace:
    return trace_of(segment(image("coffee"), "kmeans", **{**CONTROLS, **moved}), KMeansTrace)


def test_centroids_move_most_in_the_first_rounds() -> None:
    says("kmeans", "In the first few rounds", "最初几轮")
    moves = np.linalg.norm(np.diff(trace().centroids, axis=0), axis=2).max(axis=1)
    assert moves.argmax() == 0
    assert moves[:5].min() > 1.5 * moves[5:].max()
    assert moves[-1] < 0.001


def test_no_step_raises_the_inertia() -> None:
    says("kmeans", "**sum of squared errors** (SSE)", "**簇内误差平方和**（SSE）")
    assert (np.diff(trace().inertia) <= 1e-9).all()
    points = to_space(image("coffee").reshape(-1, 3).astype(np.float64), CONTROLS["space"])
    distances = np.square(points[:, None] - trace().centroids[-1][None]).sum(axis=2).min(axis=1)
    assert np.isclose(distances.mean(), trace().inertia[-1], rtol=0.02)


def test_another_seed_may_end_in_another_local_minimum() -> None:
    says("kmeans", "in another local minimum", "另一个局部最优")
    says(
        "kmeans",
        "On the coffee with 8 groups, seed 2 ends 4% higher than the best",
        "种子 2 停在比最好的结果高 4% 的地方",
    )
    assert (LESSON.sample, CONTROLS["k"], CONTROLS["seed"], SEEDS) == ("coffee", 8, 0, 4)
    ends = np.array([trace(seed=seed).inertia[-1] for seed in range(SEEDS)])
    assert ends.argmax() == 2
    assert round(100 * (ends[2] / ends.min() - 1)) == 4
    fewer = [trace(k=5, seed=seed).inertia[-1] for seed in range(SEEDS)]
    assert max(fewer) < 1.01 * min(fewer)


def test_more_groups_always_lower_the_inertia() -> None:
    inertias = final_inertias(image("coffee"), range(2, 9), CONTROLS["space"], CONTROLS["seed"])
    assert (np.diff(inertias) < 0).all()
    flat = np.repeat(np.array([[[200, 0, 0], [0, 200, 0], [0, 0, 200]]], np.uint8), 8, axis=0)
    assert trace_of(segment(flat, "kmeans", k=3), KMeansTrace).inertia[-1] < 1e-9


def drops(image: Image) -> np.ndarray:
    """By how much of the first inertia each further group lowers it, from the third group on."""
    inertias = final_inertias(image, range(2, 13), CONTROLS["space"], CONTROLS["seed"])
    return -np.diff(inertias) / inertias[0]


def sharpest_elbow(image: Image) -> tuple[int, float]:
    """The number of groups after which a further one helps least, and how much more that group itself helped."""
    bends = drops(image)[:-1] / drops(image)[1:]
    return 3 + int(bends.argmax()), float(bends.max())


def test_few_clear_colours_have_an_elbow_and_photos_none() -> None:
    says("kmeans", "the curve bends like an arm at their number", "曲线会在这个数目处像手臂一样弯一下")
    says("kmeans", "photos such as our samples have no clear elbow", "没有明显的肘部")
    clear = [[200, 40, 40], [40, 180, 60], [50, 60, 200], [230, 220, 90]]
    noisy = np.repeat(clear, 2500, axis=0).reshape(100, 100, 3) + np.random.default_rng(0).normal(0, 8, (100, 100, 3))
    flat = np.clip(noisy, 0, 255).astype(np.uint8)
    groups, bend = sharpest_elbow(flat)
    assert groups == len(clear)
    assert bend > 20
    assert drops(flat)[groups - 2 :].max() < 0.01
    for name in ("chelsea", "astronaut", "coffee", "motorcycle", "camera", "ihc"):
        assert sharpest_elbow(image(name))[1] < 10
        assert drops(image(name))[2:4].min() > 0.01


def test_shade_weighs_most_in_rgb() -> None:
    says("kmeans", "shade weighs most in RGB", "明暗在 RGB 里占的分量最重")
    for lit in ([200.0, 60, 50], [120.0, 140, 90], [60.0, 80, 160]):
        colours = np.array([lit, np.multiply(lit, 0.7), np.full(3, np.mean(lit))])
        weight = {}
        for space in ("rgb", "lab", "hsv"):
            own, shaded, grey = to_space(colours, space)  # type: ignore[arg-type]
            weight[space] = np.linalg.norm(own - shaded) / np.linalg.norm(own - grey)
        assert max(weight, key=weight.__getitem__) == "rgb"


def test_a_thing_in_half_the_light_stays_together_longer_where_hue_counts_for_more() -> None:
    says("kmeans", "hue counts for more, and they stay together longer", "亮处和暗处就更能留在一起")
    chance = np.random.default_rng(0)
    hue, saturation, value = chance.random(2000), chance.uniform(0.4, 0.7, 2000), chance.uniform(0.6, 0.95, 2000)
    other = (hue + chance.uniform(0.12, 0.5, 2000)) % 1
    lit, beside = (255 * hsv2rgb(np.stack([h, saturation, value], axis=1)) for h in (hue, other))
    apart = {}
    for space in ("rgb", "lab", "hsv"):
        here, shaded, there = (to_space(colours, space) for colours in (lit, lit / 2, beside))  # type: ignore[arg-type]
        shade, hues = (np.linalg.norm(here - colours, axis=1) for colours in (shaded, there))
        apart[space] = float((shade > hues).mean())
    assert apart["rgb"] > 0.4 > 0.25 > max(apart["lab"], apart["hsv"])


def test_one_colour_in_two_places_is_one_group() -> None:
    says("kmeans", "It knows colours only, not places", "它只认颜色，不管位置")
    image = np.full((40, 90, 3), 220, np.uint8)
    image[10:30, 5:25] = image[10:30, 65:85] = (200, 30, 30)
    labels = segment(image, "kmeans", k=2).labels
    assert labels[20, 15] == labels[20, 75] != labels[20, 45]


def groups_of_a_lit_thing(space: str, light: float, k: int) -> tuple[int, int]:
    """The groups of a red thing in the sun and of its part in the shade, on green ground before a blue wall."""
    red, ground, wall = np.array([210, 60, 50]), np.array([90, 170, 80]), np.array([70, 100, 190])
    image = np.zeros((40, 80, 3), np.uint8)
    image[:20], image[20:], image[10:30, 10:40], image[10:30, 40:70] = wall, ground, red, red * light
    labels = segment(image, "kmeans", k=k, space=space).labels
    return int(labels[20, 20]), int(labels[20, 60])


def test_a_deep_shadow_is_split_off_in_every_space_and_a_soft_one_in_none() -> None:
    says("kmeans", "A deep shadow is split off in all three", "很深的阴影在三个空间里都会被分出去")
    for space in ("rgb", "lab", "hsv"):
        lit, deep = groups_of_a_lit_thing(space, 0.12, 4)
        assert lit != deep
        lit, soft = groups_of_a_lit_thing(space, 0.8, 3)
        assert lit == soft


def test_first_centroids_are_likely_to_lie_far_apart() -> None:
    says("kmeans", "k-means++ makes it likely that they start far apart", "k-means++ 会让它们多半离得比较远")
    points = to_space(image("coffee").reshape(-1, 3).astype(np.float64), CONTROLS["space"])
    chance = np.random.default_rng(0)

    def nearest(centroids: np.ndarray) -> float:
        apart = np.linalg.norm(centroids[:, None] - centroids[None], axis=2)
        return float(apart[np.triu_indices(len(apart), 1)].min())

    chosen = [nearest(trace(seed=seed, rounds=0).centroids[0]) for seed in range(9)]
    picked = [nearest(points[chance.choice(len(points), len(trace().centroids[0]))]) for _ in range(9)]
    assert np.median(chosen) > 1.5 * np.median(picked)
