"""A method over a clip: segments keep their names, flicker is counted, and a vote over time calms it."""

import numpy as np

from segmethods.core.types import BINARY, segments
from segmethods.execution.over_time import follow_segments, measure_flicker, name_alike, smooth_over_time


def test_segments_that_swap_their_numbers_do_not_flicker() -> None:
    first = np.zeros((8, 8), np.uint8)
    first[:, 4:], first[4:, :2] = 1, 2
    swapped = np.array([2, 0, 1], np.uint8)[first]
    assert (follow_segments(first, swapped) == first).all()
    assert measure_flicker([first, swapped])[0] == 1
    assert measure_flicker(name_alike([first, swapped], segments(3))) == [0]
    assert measure_flicker(name_alike([first, swapped], BINARY)) == [1]


def test_a_new_segment_gets_a_number_of_its_own() -> None:
    first, now = np.array([[0, 0, 1, 1]], np.uint8), np.array([[2, 2, 0, 1]], np.uint8)
    assert len(np.unique(follow_segments(first, now))) == 3


def test_a_vote_over_five_frames_leaves_what_theory_says() -> None:
    rng = np.random.default_rng(0)
    noisy = [(rng.random((200, 200)) < 0.1).astype(np.uint8) for _ in range(9)]
    smooth = smooth_over_time(noisy, 2)
    assert len(smooth) == 9
    assert abs(np.mean([f.mean() for f in smooth[2:-2]]) - 0.00856) < 0.002
    assert max(measure_flicker(smooth)) < 0.3 * min(measure_flicker(noisy))


def test_no_vote_changes_nothing_and_a_tie_keeps_the_frame() -> None:
    frames = [np.full((1, 1), v, np.uint8) for v in (0, 1, 2)]
    assert [int(f[0, 0]) for f in smooth_over_time(frames, 0)] == [0, 1, 2]
    assert [int(f[0, 0]) for f in smooth_over_time(frames, 1)] == [0, 1, 2]
    assert smooth_over_time([], 2) == []
