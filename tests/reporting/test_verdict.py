"""The sentence above the charts, case by case."""

import math
from dataclasses import replace

import pytest

import segmethods as sm
from segmethods.core.messages import Message
from segmethods.metrics import score
from segmethods.reporting.verdict import Row, make_row, verdict

NAN = math.nan
DEEPLAB = Row("DeepLab", 0.2, 0.91)
FCN = Row("FCN", 0.19, 0.87)
THRESHOLD = Row("Threshold", 0.005, 0.62, "better polarity", 2)
KMEANS = Row("k-means", 0.1, 0.93, "majority", 4)
FAILED = Row("SegNet", None)
HELPED_ALL = "The truth told every method what its segments mean; k-means has 4 of them."


def alone(row: Row, agreement: float = NAN) -> Row:
    return Row(row.title, row.seconds, agreement=agreement)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "Choose at least one method."),
        ([FAILED], "No method gave a result; the cells say why."),
        ([FAILED, FAILED], "No method gave a result; the cells say why."),
        ([DEEPLAB], "DeepLab agrees with the truth with an IoU of 0.91."),
        ([KMEANS], "k-means agrees with the truth with an IoU of 0.93. The truth told it what its 4 segments mean."),
        (
            [THRESHOLD, DEEPLAB],
            "DeepLab agrees best with the truth: IoU 0.91. Threshold is 40 times faster and reaches 0.62.",
        ),
        (
            [DEEPLAB, THRESHOLD, FAILED],
            "DeepLab agrees best with the truth: IoU 0.91. Threshold is 40 times faster and reaches 0.62. "
            "1 of 3 methods failed; their cells say why.",
        ),
        ([DEEPLAB, FCN], "DeepLab agrees best with the truth: IoU 0.91. FCN follows with 0.87."),
        (
            [replace(DEEPLAB, seconds=0.1), FCN],
            "DeepLab agrees best with the truth (IoU 0.91) and is the fastest, too.",
        ),
        (
            [DEEPLAB, replace(FCN, iou=0.912, seconds=0.1)],
            "FCN and DeepLab agree equally well with the truth: IoU 0.91. FCN is 2.0 times faster.",
        ),
        ([DEEPLAB, replace(FCN, iou=0.914)], "FCN and DeepLab agree equally well with the truth: IoU 0.91."),
        (
            [DEEPLAB, replace(FCN, iou=0.91), replace(FCN, title="SegNet", iou=0.91, seconds=0.05)],
            "3 methods agree equally well with the truth: IoU 0.91. SegNet is the fastest of them.",
        ),
        (
            [DEEPLAB, KMEANS, FCN],
            "k-means agrees best with the truth (IoU 0.93) and is the fastest, too. The truth told k-means what its "
            "4 segments mean; of the methods that name classes themselves, DeepLab is best: IoU 0.91.",
        ),
        (
            [DEEPLAB, replace(KMEANS, iou=0.91, seconds=0.2)],
            "DeepLab and k-means agree equally well with the truth: IoU 0.91. "
            "DeepLab names its classes without the truth's help.",
        ),
        (
            [replace(KMEANS, seconds=0.004), replace(THRESHOLD, alignment="majority")],
            f"k-means agrees best with the truth (IoU 0.93) and is the fastest, too. {HELPED_ALL}",
        ),
        (
            [KMEANS, THRESHOLD],
            "k-means agrees best with the truth: IoU 0.93. Threshold is 20 times faster and reaches 0.62. "
            "The truth told the methods what their segments mean, and not all in the same way; k-means has 4 of them.",
        ),
        ([replace(DEEPLAB, iou=NAN), replace(FCN, iou=NAN)], "The truth judges no pixel, so there are no scores."),
        (
            [replace(DEEPLAB, seconds=0.0), replace(FCN, seconds=0.0)],
            "DeepLab agrees best with the truth (IoU 0.91) and is the fastest, too.",
        ),
        ([alone(DEEPLAB)], "DeepLab stands alone; choose another method to compare it with."),
        (
            [alone(DEEPLAB), FAILED],
            "DeepLab stands alone; choose another method to compare it with. "
            "1 of 2 methods failed; their cells say why.",
        ),
        (
            [alone(DEEPLAB, 0.5), alone(FCN, 0.5)],
            "DeepLab and FCN agree with each other to 0.50 (adjusted Rand index).",
        ),
        (
            [alone(KMEANS, 0.2), alone(DEEPLAB, 0.5), alone(FCN, 0.4)],
            "DeepLab agrees most with the others (mean adjusted Rand index 0.50).",
        ),
        (
            [alone(KMEANS, 0.2), alone(DEEPLAB, 0.5), alone(FCN, 0.5)],
            "DeepLab and FCN agree most with the others (mean adjusted Rand index 0.50).",
        ),
        (
            [alone(KMEANS, 0.5), alone(DEEPLAB, 0.5), alone(FCN, 0.5)],
            "3 methods agree equally with the others (mean adjusted Rand index 0.50).",
        ),
        ([alone(KMEANS), alone(DEEPLAB)], "The picture is too small to say which methods agree."),
    ],
)
def test_verdict(rows, text):
    assert " ".join(map(str, verdict(rows))) == text


@pytest.mark.parametrize(("slow", "times"), [(0.0126, "1.3"), (0.0999, "10"), (0.456, "46"), (12.345, "1,200")])
def test_factors_have_two_significant_digits(slow, times):
    sentence = verdict([replace(DEEPLAB, seconds=slow), replace(THRESHOLD, seconds=0.01)])[0]
    assert sentence.values["times"] == times


def test_names_are_messages_so_that_they_are_translated():
    values = verdict([DEEPLAB, THRESHOLD])[0].values
    assert values["best"] == Message("DeepLab")
    assert values["fast"] == Message("Threshold")


def test_rows_are_made_of_outcomes_and_scores():
    import numpy as np

    image = np.zeros((4, 6, 3), np.uint8)
    image[:, 3:] = 200
    result = sm.segment(image, "threshold")
    row = make_row(result, score(result, sm.GroundTruth(result.labels, sm.BINARY)))
    assert (row.title, row.iou, row.alignment) == ("Threshold", 1, "better polarity")
    assert row.segments == 2
    assert row.seconds == result.timings.total
    assert make_row(result, agreement=0.5) == Row("Threshold", row.seconds, agreement=0.5)
    assert make_row(sm.Failure("threshold", Message("No."))) == Row("Threshold", None)
