"""k-means against scikit-learn's, and its corners."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from skimage import data
from sklearn.cluster import KMeans

from segmethods import segment
from segmethods.core.types import trace_of
from segmethods.methods._colours import count_colours, to_rgb, to_space
from segmethods.methods.kmeans import (
    KMeansTrace,
    assign,
    cluster,
    final_inertias,
    init_kmeans_pp,
)

ASTRONAUT = data.astronaut()[::2, ::2].copy()


def inertia(points: np.ndarray, labels: np.ndarray) -> float:
    """Mean squared distance to the mean of one's own group, in the space of the points."""
    groups = [points[labels == i] for i in np.unique(labels)]
    return sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups) / len(points)


@pytest.mark.parametrize("k", [2, 4, 8])
@pytest.mark.parametrize("space", ["rgb", "lab", "hsv"])
def test_is_as_good_as_scikit_learn(space: str, k: int) -> None:
    points = to_space(ASTRONAUT.reshape(-1, 3).astype(np.float64), space)
    theirs = KMeans(k, n_init=1, random_state=0).fit(points)
    ours = min(inertia(points, segment(ASTRONAUT, "kmeans", k=k, space=space, seed=s).labels.ravel()) for s in range(3))
    assert ours <= theirs.inertia_ / len(points) * 1.02


def test_clusters_that_lie_apart_are_found() -> None:
    colours = np.array([(10, 10, 10), (200, 30, 30), (40, 200, 60), (90, 90, 240)])
    truth = np.random.default_rng(0).integers(0, 4, (60, 70))
    noise = np.random.default_rng(1).integers(-9, 10, (60, 70, 3))
    for seed in range(5):
        labels = segment(np.uint8(colours[truth] + noise), "kmeans", k=4, seed=seed).labels
        assert np.array_equal(np.argsort([labels[truth == i][0] for i in range(4)]).argsort()[truth], labels)


def test_segments_run_from_dark_to_light() -> None:
    for space in ("rgb", "lab", "hsv"):
        colours = segment(ASTRONAUT, "kmeans", k=6, space=space).trace.colours[-1]
        assert (np.diff(colours @ np.array([0.299, 0.587, 0.114])) >= 0).all()


def test_the_trace_tells_the_way() -> None:
    result = segment(ASTRONAUT, "kmeans", k=5, rounds=7)
    trace = trace_of(result, KMeansTrace)
    assert trace.centroids.shape == (8, 5, 3)
    assert trace.colours.shape == (8, 5, 3)
    assert (np.diff(trace.inertia) <= 0).all()
    assert trace.rounds == 7
    assert segment(ASTRONAUT, "kmeans", rounds=1).trace.inertia.shape == (2,)


def test_the_elbow_is_made_of_what_the_method_finds() -> None:
    for space, seed in (("lab", 0), ("hsv", 7)):
        found = [segment(ASTRONAUT, "kmeans", k=k, space=space, seed=seed) for k in (2, 5, 9)]
        inertia = [result.trace.inertia[-1] for result in found]
        assert final_inertias(ASTRONAUT, [2, 5, 9], space, seed) == inertia


def test_without_a_round_the_start_stays() -> None:
    start, whole = (segment(ASTRONAUT, "kmeans", rounds=rounds).trace for rounds in (0, 50))
    assert start.inertia.tolist() == whole.inertia[:1].tolist()
    assert np.array_equal(np.sort(start.centroids[0], axis=0), np.sort(whole.centroids[0], axis=0))


def test_more_groups_than_colours() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    image[:, 2:] = (255, 0, 0)
    image[:, 4:] = (0, 255, 0)
    result = segment(image, "kmeans", k=12)
    assert result.labels[0].tolist() == [0, 0, 1, 1, 2, 2]
    assert len(result.classes) == 3


def test_colours_that_share_a_cell_of_the_grid() -> None:
    image = np.full((4, 4, 3), 100, np.uint8)
    image[:, 2:] = 101
    assert segment(image, "kmeans", k=2).labels[0].tolist() == [0, 0, 1, 1]


def test_a_constant_image_is_one_segment() -> None:
    for position in (0.0, 0.5):
        result = segment(np.full((8, 8, 3), 50, np.uint8), "kmeans", position=position)
        assert len(result.classes) == (1 if position == 0 else 4)


def test_hue_is_a_circle() -> None:
    """Reds on both sides of 0° are one group; on a line they would be the two ends."""
    image = np.zeros((2, 6, 3), np.uint8)
    image[:, :2], image[:, 2:4], image[:, 4:] = (255, 0, 12), (255, 12, 0), (0, 255, 255)
    assert segment(image, "kmeans", k=2, space="hsv").labels[0].tolist() == [0, 0, 0, 0, 1, 1]


def test_position_makes_groups_compact() -> None:
    image = np.random.default_rng(0).integers(0, 80, (40, 60, 3), dtype=np.uint8)

    def border(position: float) -> int:
        labels = segment(image, "kmeans", k=4, position=position).labels
        return np.count_nonzero(np.diff(labels.astype(int)))

    assert border(1) < border(0.5) / 1.5 < border(0) / 2


def test_a_large_image_is_sampled_but_labelled_in_full() -> None:
    image = np.zeros((300, 400, 3), np.uint8)
    image[:, 200:] = 255
    assert np.array_equal(segment(image, "kmeans", k=2, position=0.1).labels == 1, image[..., 0] == 255)


@pytest.mark.parametrize("space", ["rgb", "lab", "hsv"])
def test_colour_spaces_go_there_and_back(space: str) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.float64)
    assert np.abs(to_rgb(to_space(colours, space), space) - colours).max() <= 1


def test_counted_colours_stand_for_the_pixels() -> None:
    for image in (ASTRONAUT, np.full((5, 6, 3), (1, 2, 3), np.uint8)):
        colours, counts, index, cells = count_colours(image)
        pixels, place = image.reshape(-1, 3), index[cells]
        assert np.array_equal(counts, np.bincount(place))
        assert counts.sum() == len(pixels) == len(place)
        assert np.abs(colours[place] - pixels).max() < 4
        assert (colours * counts[:, None]).sum(axis=0) == pytest.approx(pixels.sum(axis=0))


def test_start_draws_different_points() -> None:
    points = np.repeat(np.arange(5.0), 100)[:, None]
    for seed in range(20):
        start = init_kmeans_pp(points, np.ones(500, np.int64), 5, np.random.default_rng(seed))
        assert sorted(start.ravel()) == [0, 1, 2, 3, 4]


def test_weights_count_as_copies() -> None:
    points, counts = np.array([[0.0], [1.0], [10.0]]), np.array([3, 1, 2])
    path, inertia = cluster(points, counts, 2, 20, np.random.default_rng(0))
    assert sorted(path[-1].ravel()) == [0.25, 10]
    nearest, squares = assign(points, path[-1])
    assert inertia[-1] == pytest.approx((squares * counts).sum() / 6)
    assert len(np.unique(nearest)) == 2


def test_the_number_of_threads_changes_nothing() -> None:
    code = (
        "import segmethods as sm; from segmethods.io.images import digest;"
        "from segmethods.io.samples import get_sample;"
        "image = get_sample('coffee').image();"
        "print([digest(sm.segment(image, 'kmeans', k=8, space=s, position=p).labels)"
        " for s in ('rgb', 'lab', 'hsv') for p in (0, 0.4)])"
    )
    outputs = set()
    for threads in ("1", "3"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
        env = dict(os.environ) | dict.fromkeys(names, threads)
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_few_colours_are_counted_exactly_and_in_order() -> None:
    grey = np.repeat(np.random.default_rng(0).integers(0, 256, (200, 300, 1), dtype=np.uint8), 3, axis=2)
    colours, counts, index, cells = count_colours(grey)
    values, expected = np.unique(grey[..., 0], return_counts=True)
    assert np.array_equal(colours, np.repeat(values[:, None], 3, axis=1))
    assert np.array_equal(counts, expected)
    assert np.array_equal(colours[index[cells]], grey.reshape(-1, 3))


def test_colours_of_a_photo_are_counted_in_little_memory() -> None:
    image = np.tile(ASTRONAUT, (6, 6, 1))
    tracemalloc.start()
    try:
        count_colours(image)
        assert tracemalloc.get_traced_memory()[1] < 8 * image[..., 0].size
    finally:
        tracemalloc.stop()
