"""Score every method on the samples that have a truth: ``python -m tests.bench.samples``."""

from __future__ import annotations

import datetime

import segmethods as sm
from segmethods.io.samples import Sample, list_samples
from segmethods.metrics import score
from tests.bench.methods import machine
from tests.tables import table


def judge(sample: Sample, truth: sm.GroundTruth, methods: list[str]) -> list[str]:
    """The mean IoU of each method on a sample; with a star where the truth told the segments their class."""
    outcomes = sm.compare(sample.image(), methods)
    return [mark(outcome, truth) for outcome in outcomes]


def mark(outcome: sm.Segmentation | sm.Failure, truth: sm.GroundTruth) -> str:
    if isinstance(outcome, sm.Failure):
        return "–"
    scores = score(outcome, truth)
    return f"{scores.mean_iou:.2f}{'*' if scores.is_helped else ''}"


def main() -> None:
    methods = [m.id for m in sm.list_methods()]
    samples = {s.id: (s, truth) for s in list_samples() if (truth := s.truth()) is not None}
    rows = {ident: judge(sample, truth, methods) for ident, (sample, truth) in samples.items()}
    print(f"Mean IoU, all methods at their defaults, {datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    print(table(["sample", *methods], [[ident, *row] for ident, row in rows.items()], "l" + "r" * len(methods)))


if __name__ == "__main__":
    main()
