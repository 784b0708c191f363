"""The sentences above the pictures, case by case."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.messages import Message
from segmethods.core.types import BINARY, VOC
from segmethods.methods._network import NetworkTrace
from segmethods.metrics import score
from segmethods.models.weights import get_weights
from segmethods.reporting.findings import Find, Finds, list_finds, tell_set
from segmethods.reporting.verdict import Judgement, Row, judge_blank, make_row, rank_rows, verdict

NAN = math.nan
CAT = Judgement(VOC, (0, 8), {"foreground_iou": 0.0, "mean_iou": 0.4})
MANY = Judgement(VOC, (0, 8, 15), {"foreground_iou": NAN, "mean_iou": 0.3})
OBJECTS = Judgement(BINARY, (0, 1), {"foreground_iou": 0.0, "mean_iou": 0.4})


def make(method: str, iou: float, seconds: float = 0.1, alignment: str = "by name") -> Row:
    return Row(method, seconds, {"foreground_iou": iou, "mean_iou": (iou + 0.9) / 2}, alignment, 4)


DEEPLAB, FCN = make("deeplab", 0.91), make("fcn", 0.87, 0.09)
KMEANS, THRESHOLD = make("kmeans", 0.93, 0.1, "majority"), make("threshold", 0.62, 0.01, "better polarity")
FAILED = Row("segnet", None)
BOUND = (
    "If the truth named the 4 segments of K-means, IoU of cat could be 0.93: an upper bound that no new picture gives."
)


@pytest.mark.parametrize(
    ("rows", "judgement", "start"),
    [
        ([], CAT, "Choose at least one method."),
        ([FAILED], CAT, "No method gave a result; the cells say why."),
        ([DEEPLAB], CAT, "DeepLab finds cat. IoU of cat 0.91; a blank answer has 0.00."),
        ([DEEPLAB, FCN], CAT, "DeepLab finds cat best. IoU of cat 0.91, FCN 0.87; one picture proves little."),
        ([FCN, DEEPLAB], OBJECTS, "DeepLab comes closest to the truth. IoU of object 0.91, FCN 0.87; one picture"),
        ([DEEPLAB, replace(FCN, scores=DEEPLAB.scores)], CAT, "DeepLab and FCN come equally close to the truth. IoU"),
        ([DEEPLAB, make("fcn", 0.91), make("segnet", 0.91)], CAT, "3 methods come equally close to the truth."),
        ([DEEPLAB, KMEANS], CAT, f"DeepLab finds cat. IoU of cat 0.91; a blank answer has 0.00. {BOUND}"),
        (
            [KMEANS, THRESHOLD],
            CAT,
            f"None of these can name what the truth shows, so nothing is ranked. {BOUND}",
        ),
        (
            [Row("fcn", 0.1, {"foreground_iou": 0.02, "mean_iou": 0.31}), KMEANS],
            CAT,
            "None of these finds cat. By itself no method has a higher Mean IoU than 0.31; a blank answer has 0.40. "
            + BOUND,
        ),
        (
            [make("fcn", 0.0)],
            OBJECTS,
            "None of these finds the objects. By itself no method has a higher IoU of object than 0.00",
        ),
        (
            [Row("fcn", 0.1, {"foreground_iou": NAN, "mean_iou": 0.3}), Row("deeplab", 0.1, {"mean_iou": 0.2})],
            MANY,
            "None of these does better than a blank answer. By itself no method has a higher Mean IoU than 0.30",
        ),
        (
            [Row("fcn", 0.1, {"mean_iou": 0.2}), Row("deeplab", 0.1, {"mean_iou": 0.6})],
            MANY,
            "Only DeepLab does better than a blank answer. Mean IoU 0.60; a blank answer has 0.30.",
        ),
        (
            [Row("fcn", 0.1, {"mean_iou": NAN})],
            Judgement(VOC, (), {"mean_iou": NAN}),
            "The truth judges no pixel, so there are no scores.",
        ),
    ],
)
def test_with_a_truth(rows: list[Row], judgement: Judgement, start: str) -> None:
    assert " ".join(map(str, verdict(rows, judgement))).startswith(start)


def test_the_price_and_the_terms_stand_beside_the_recommendation() -> None:
    said = [str(sentence) for sentence in verdict([replace(DEEPLAB, memory=500_000_000), FCN, FAILED], CAT)]
    assert said[2].startswith("10,000 such pictures take DeepLab about 17 minutes on ")
    needs = "; it needs up to 500 MB of working memory beside the program and its weights."
    assert said[2].endswith((f" cores{needs}", f" core{needs}"))
    assert said[-1] == "1 of 3 methods failed; their cells say why."
    trained = sm.get_method("deeplab").validate({})
    said = [str(sentence) for sentence in verdict([replace(DEEPLAB, params=trained)], CAT)]
    assert "Terms of the weights of DeepLab: Non-commercial research only." in said


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.09, None), (0.02, "about 5 times"), (0.0011, "about 90 times"), (0.00103, "about 100 times")],
)
def test_ratios_are_rounded(seconds: float, told: str | None) -> None:
    said = [s for s in map(str, verdict([DEEPLAB, replace(FCN, seconds=seconds)], CAT)) if "faster" in s]
    assert said == ([] if told is None else [f"FCN is {told} faster."])


def test_no_sentence_names_a_winner_that_the_truth_helped() -> None:
    """Every alignment of four methods in every order of scores."""
    methods, ways = ("deeplab", "fcn", "kmeans", "threshold"), ("by name", "majority", "better polarity")
    for alignments in itertools.product(ways, repeat=4):
        for ious in ((0.9, 0.8, 0.7, 0.6), (0.6, 0.7, 0.8, 0.9), (0.8, 0.8, 0.8, 0.8), (0.0, 0.0, 0.9, 0.0)):
            rows = [make(m, i, 0.1, a) for m, i, a in zip(methods, ious, alignments, strict=True)]
            helped = {str(row.title) for row in rows if row.alignment != "by name"}
            assert not {str(row.title) for row in rows if row.method in rank_rows(rows, CAT)[1].placed} & helped
            for sentence in verdict(rows, CAT):
                if "upper bound" not in sentence.template:
                    assert not helped & set(map(str, sentence.values.values())), str(sentence)


def found(method: str, *finds: Find) -> Row:
    return Row(method, 0.1, finds=Finds(finds, ("person", "cat")))


PERSON, DOUBTFUL = Find("person", 0.06, 0.9), Find("cat", 0.3, 0.4)
SCRATCHES = Row("segnet", 0.1, finds=Finds((), ("scratch",)))


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [found("fcn", PERSON), found("deeplab", replace(PERSON, share=0.07)), found("segnet"), Row("kmeans", 0.1)],
            "Found: person, by 2 of 3 networks (6 to 7% of the picture). 1 network finds nothing. Methods that have "
            "learned nothing can't name what they find.",
        ),
        ([found("fcn"), found("deeplab")], "No network finds anything that it knows here."),
        (
            [found("patch_cnn", DOUBTFUL), found("fcn"), found("deeplab")],
            "No network is sure of anything here: Patch-CNN comes nearest with cat, 40% sure. 2 networks find nothing.",
        ),
        (
            [found("fcn", replace(PERSON, share=0.5)), found("deeplab", replace(PERSON, name="cat", share=0.4))],
            "Found: person, by 1 of 2 networks (50% of the picture). Found: cat, by 1 of 2 networks (40% of the "
            "picture). Doubtful: FCN sees person on 50% of the picture; no other network does.",
        ),
        (
            [found("fcn", PERSON), found("deeplab")],
            "Found: person, by 1 of 2 networks (6% of the picture). 1 network finds nothing. Doubtful: FCN "
            "sees person on 6% of the picture; no other network does.",
        ),
        (
            [found("fcn", PERSON), SCRATCHES],
            "Found: person, by 1 of 2 networks (6% of the picture). 1 network finds nothing.",
        ),
        (
            [found("fcn", replace(PERSON, share=0.96)), found("deeplab", replace(PERSON, share=0.94))],
            "Found: person, by 2 of 2 networks (94 to 96% of the picture). Doubtful: FCN sees person on 96% of the "
            "picture; one class rarely fills a picture.",
        ),
        ([found("fcn", replace(PERSON, share=0.94))], "Found: person (94% of the picture)."),
        ([Row("kmeans", 0.1), Row("threshold", 0.1)], "These methods can't name what they find."),
    ],
)
def test_without_a_truth_nothing_is_ranked(rows: list[Row], text: str) -> None:
    assert " ".join(map(str, verdict(rows))) == f"{text} Without a truth nothing is ranked."


def test_of_a_set_without_a_truth_what_most_pictures_show_comes_first() -> None:
    """A find in one picture of four is no headline where the networks are sure of nothing in the others."""
    person, nothing = ({"fcn": Finds((find,)), "kmeans": None} for find in (PERSON, DOUBTFUL))
    told = [str(message) for message in tell_set([person, nothing, nothing, nothing])]
    assert told[0] == "In 3 of 4 pictures no network is sure of anything."
    assert told[1:] == ["Found: person in 1 of 4 pictures.", "Without a truth nothing is ranked."]
    assert str(tell_set([person, person, nothing])[0]) == "Found: person in 2 of 3 pictures."
    assert str(tell_set([nothing])[0]) == "No network is sure of anything in any of these pictures."
    table = {"fcn": Finds((Find("diningtable", 0.97, 0.9),))}
    told = [str(message) for message in tell_set([table, table, person])]
    assert told[0] == "Found: person in 1 of 3 pictures."
    assert told[1] == "Doubtful: diningtable in 2 of 3 pictures; one class rarely fills a picture."
    assert str(tell_set([table])[0]).startswith("Doubtful")


def test_rows_are_made_of_outcomes_and_scores() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    image[:, 3:] = 200
    result = sm.segment(image, "threshold")
    truth = sm.GroundTruth(result.labels, sm.BINARY)
    row = make_row(result, score(result, truth))
    assert (row.scores, row.alignment, row.segments) == ({"foreground_iou": 1, "mean_iou": 1}, "better polarity", 2)
    assert (row.seconds, row.finds) == (result.timings.total, None)
    assert judge_blank(truth) == Judgement(sm.BINARY, (0, 1), {"foreground_iou": 0.0, "mean_iou": 0.25})
    assert make_row(sm.Failure("threshold", Message("No."))) == Row("threshold", None)


def test_finds_carry_how_sure_the_network_is_where_it_sees_them() -> None:
    """From the trace: results that come out of a worker process have lost their probabilities."""
    probabilities = np.zeros((21, 2, 2), np.float32)
    probabilities[8] = [[0.9, 0.7], [0.2, 0.2]]
    probabilities[0] = 1 - probabilities[8]
    trace = NetworkTrace.of(probabilities, get_weights("fcn", "voc"))
    labels = probabilities.argmax(axis=0).astype(np.uint8)
    finds = list_finds(sm.Segmentation(labels, VOC, trace=trace))
    assert finds is not None
    [cat] = finds.classes
    assert finds.known == VOC.names[1:]
    assert (cat.name, cat.share, round(cat.confidence, 1)) == ("cat", 0.5, 0.8)
    assert list_finds(sm.Segmentation(labels // 8, BINARY)) is None
