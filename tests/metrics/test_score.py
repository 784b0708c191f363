"""`score`: which alignment is chosen, what each one does, and what is reported."""

import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segmethods import BINARY, CAMVID, VOC, GroundTruth, Segmentation, segments
from segmethods.core.messages import ImageError, ParameterError
from segmethods.core.types import Vocabulary
from segmethods.metrics import ALIGNMENTS, METRICS, Scores, explain_alignment, list_scores, score

DESCRIBED = {s.id for s in list_scores("class", "region")}
FRUIT = Vocabulary("fruit", ("apple", "pear", "plum"))


def compared(labels, classes, truth, truth_classes, alignment="auto") -> Scores:
    def small(values):
        return np.array(values, np.uint8 if np.max(values, initial=0) < 256 else np.uint16)

    return score(Segmentation(small(labels), classes), GroundTruth(small(truth), truth_classes), alignment)


@pytest.mark.parametrize(
    ("name", "classes", "truth_classes", "alignment", "other_names"),
    [
        ("the same names", VOC, VOC, "by name", False),
        ("the same names under another id", FRUIT, Vocabulary("mine", FRUIT.names), "by name", False),
        ("names of another vocabulary", CAMVID, VOC, "majority", True),
        ("names on background and object", VOC, BINARY, "majority", True),
        ("background and object on two classes", BINARY, BINARY, "better polarity", False),
        (
            "an object that was learned, where the truth has one",
            Vocabulary("taught", BINARY.names),
            BINARY,
            "by name",
            False,
        ),
        ("background and object on two names", BINARY, Vocabulary("pets", ("cat", "dog")), "better polarity", False),
        ("background and object on more classes", BINARY, VOC, "majority", False),
        ("segments", segments(2), BINARY, "majority", False),
        ("equal counts of segments are no names", segments(2), segments(2), "majority", False),
    ],
)
def test_auto(name, classes, truth_classes, alignment, other_names):
    scores = compared([[0, 1]], classes, [[0, 1]], truth_classes)
    assert (scores.alignment, scores.other_names) == (alignment, other_names)
    assert scores.is_helped == (alignment != "by name")


def test_by_name_leaves_the_labels_alone():
    scores = compared([[0, 1, 9]], FRUIT, [[0, 2, 1]], FRUIT)
    assert scores.aligned.tolist() == [[0, 1, 9]]
    assert scores.class_iou == (1.0, 0.0, 0.0)


def test_better_polarity_turns_the_map_where_that_fits_better():
    assert compared([[1, 1, 0]], BINARY, [[0, 0, 1]], BINARY).aligned.tolist() == [[0, 0, 1]]
    assert compared([[0, 0, 1]], BINARY, [[0, 0, 1]], BINARY).aligned.tolist() == [[0, 0, 1]]
    assert compared([[0, 1]], BINARY, [[0, 0]], BINARY).aligned.tolist() == [[0, 1]]  # a tie keeps the map


def test_majority_gives_each_segment_the_class_that_it_covers_most():
    scores = compared([[4, 4, 4, 7, 7, 9]], segments(10), [[1, 1, 2, 0, 2, 255]], FRUIT)
    assert scores.aligned.tolist() == [[1, 1, 1, 0, 0, 255]]  # ties to the lowest id; over void only: void
    assert scores.segments == 2


def test_hungarian_gives_each_class_one_segment():
    labels, truth = [[0, 0, 0, 1, 1, 2]], [[0, 0, 0, 0, 0, 1]]
    scores = compared(labels, segments(3), truth, FRUIT, "hungarian")
    assert scores.aligned.tolist() == [[0, 0, 0, 255, 255, 1]]
    assert scores.class_iou == (0.6, 1.0, None)
    assert compared(labels, segments(3), truth, FRUIT, "majority").mean_iou == 1


def test_hungarian_leaves_pairs_without_overlap_alone():
    scores = compared([[0, 1]], segments(2), [[0, 0]], BINARY, "hungarian")
    assert scores.aligned.tolist() == [[0, 255]]


@pytest.mark.parametrize("alignment", ["by name", "better polarity", "best"])
def test_an_alignment_that_does_not_fit_is_an_error(alignment):
    with pytest.raises(ParameterError, match="Choose from"):
        compared([[0, 1, 2]], segments(3), [[0, 1, 2]], FRUIT, alignment)


def test_maps_of_different_sizes_are_an_error():
    with pytest.raises(ImageError, match="differ in size"):
        compared([[0, 1]], BINARY, [[0, 1, 1]], BINARY)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_nothing_judged_is_null_everywhere(alignment):
    classes = VOC if alignment == "by name" else BINARY
    scores = compared([[0, 1]], classes, [[255, 255]], classes, alignment).as_dict()
    assert all(scores[ident] is None for ident in DESCRIBED)
    assert set(scores["class_iou"]) == {None}


def test_as_dict_is_json_and_covers_every_described_score():
    scores = compared([[0, 1]], VOC, [[0, 255]], VOC)
    values = json.loads(json.dumps(scores.as_dict(), allow_nan=False))
    assert values["mean_iou"] == 1
    assert values["pri"] is None  # one judged pixel makes no pair
    assert values["class_iou"] == [1.0] + [None] * 20
    assert set(METRICS) | {f.name for f in fields(Scores)} - {"aligned", "counts"} | {"ignored"} == set(values)
    assert values["ignored"] == 0.5


def test_region_scores_do_not_depend_on_the_alignment():
    first, second = (
        compared([[0, 0, 1, 2]], segments(3), [[0, 0, 1, 1]], BINARY, a) for a in ("majority", "hungarian")
    )
    assert (first.covering, first.pri, first.vi) == (second.covering, second.pri, second.vi)
    assert first.covering == pytest.approx((2 * 1 + 2 * 0.5) / 4)


def test_many_segments_keep_their_place():
    labels = np.arange(5_000, dtype=np.uint16).reshape(1, -1)
    scores = score(Segmentation(labels, segments(labels.size)), GroundTruth(np.zeros_like(labels, np.uint8), BINARY))
    assert (scores.segments, scores.mean_iou) == (labels.size, 1)
    assert scores.aligned.dtype == np.uint8


def test_every_alignment_is_explained():
    texts = {str(explain_alignment(a, 3)) for a in ALIGNMENTS} | {str(explain_alignment("majority", 3, True))}
    assert len(texts) == len(ALIGNMENTS) + 1


maps = st.tuples(
    arrays(np.uint8, (6, 6), elements=st.integers(0, 5)),
    arrays(np.uint8, (6, 6), elements=st.sampled_from([0, 1, 2, 255])),
)


@given(maps)
def test_majority_is_never_less_accurate_than_hungarian(pair):
    labels, truth = pair
    by = {a: compared(labels, segments(6), truth, FRUIT, a).pixel_accuracy for a in ("majority", "hungarian")}
    assert np.isnan(by["majority"]) or by["majority"] >= by["hungarian"]


@given(maps)
def test_scores_stay_in_their_range(pair):
    labels, truth = pair
    scores = compared(labels, segments(6), truth, FRUIT)
    for described in list_scores("class", "region"):
        value = getattr(scores, described.id)
        assert np.isnan(value) or value >= described.low - 1e-12
        assert np.isnan(value) or described.high is None or value <= described.high + 1e-12
