"""Every score on a thousand random masks, by a second implementation: scikit-learn, SciPy, MONAI, or the definition."""

import math

import numpy as np
import pytest
import torch
from monai.metrics.hausdorff_distance import compute_hausdorff_distance
from monai.metrics.panoptic_quality import compute_panoptic_quality
from monai.metrics.surface_dice import compute_surface_dice
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import entropy
from sklearn import metrics

from segmethods.metrics import (
    count_boundaries,
    count_classes,
    count_objects,
    count_regions,
    count_surfaces,
    outline,
    tabulate,
)
from tests.metrics.random_masks import COUNT, random_objects, random_pairs

CLASSES = 4
OUTSIDE = CLASSES  # what scikit-learn calls a prediction that is no class


def test_class_scores() -> None:
    """All masks in one call of scikit-learn: mask k calls its class c 5 k + c."""
    pairs = list(random_pairs(CLASSES))
    ours = [count_classes(tabulate(*pair), CLASSES) for pair in pairs]
    judged = [truth != 255 for truth, _ in pairs]
    truths = [t[j].astype(int) + k * 5 for k, ((t, _), j) in enumerate(zip(pairs, judged, strict=True))]
    found = [
        np.where(p[j] == 255, OUTSIDE, p[j]).astype(int) + k * 5
        for k, ((_, p), j) in enumerate(zip(pairs, judged, strict=True))
    ]
    labels = np.arange(COUNT * 5).reshape(COUNT, 5)[:, :CLASSES].ravel()
    t, p = np.concatenate(truths), np.concatenate(found)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(t, p, labels=labels, zero_division=np.nan)
    iou = metrics.jaccard_score(t, p, labels=labels, average=None, zero_division=0)
    absent = (support == 0) & ~np.isin(labels, p)
    iou[absent] = np.nan
    for name, theirs in {"iou": iou, "precision": precision, "recall": recall, "dice": f1}.items():
        mine = np.concatenate([getattr(counts, name) for counts in ours])
        np.testing.assert_allclose(mine, theirs, err_msg=name)
    assert absent.any()
    assert any(not counts.counts.any() for counts in ours)
    by_mask = np.where(absent, np.nan, iou).reshape(COUNT, CLASSES)
    for k, counts in enumerate(ours):
        if not truths[k].size:
            assert math.isnan(counts.pixel_accuracy)
            assert math.isnan(counts.mean_iou)
            assert math.isnan(counts.frequency_weighted_iou)
            continue
        assert counts.pixel_accuracy == pytest.approx(metrics.accuracy_score(truths[k], found[k]))
        assert counts.mean_iou == pytest.approx(np.nanmean(by_mask[k]))
        weights = support.reshape(COUNT, CLASSES)[k]
        assert counts.frequency_weighted_iou == pytest.approx(np.nansum(weights * by_mask[k]) / weights.sum())
        assert counts.class_accuracy == pytest.approx(
            metrics.recall_score(truths[k], found[k], labels=np.unique(truths[k]), average="macro")
        )


def test_region_scores() -> None:
    for truth, found in random_pairs(CLASSES):
        judged = truth != 255
        counts = count_regions([tabulate(truth, found).without_row(255)])
        t, p = truth[judged], found[judged]
        if t.size < 2:
            assert counts.images == 0
            assert math.isnan(counts.vi)
            continue
        assert counts.pri == pytest.approx(metrics.rand_score(t, p))
        assert counts.adjusted_rand == pytest.approx(metrics.adjusted_rand_score(t, p))
        bits = sum(entropy(np.bincount(label_map), base=2) for label_map in (t, p)) - 2 * metrics.mutual_info_score(
            t, p
        ) / math.log(2)
        assert counts.vi == pytest.approx(bits, abs=1e-9)
        assert counts.covering == pytest.approx(covering_by_definition(t, p))
        assert counts.reverse_covering == pytest.approx(covering_by_definition(p, t))


def covering_by_definition(truth, found) -> float:
    regions, segments = ([label_map == label for label in np.unique(label_map)] for label_map in (truth, found))
    best = [max((r & s).sum() / (r | s).sum() for s in segments) for r in regions]
    return sum(r.sum() * b for r, b in zip(regions, best, strict=True)) / truth.size


def test_boundary_scores() -> None:
    """The square problem of the definition: every pixel of either map has a partner or an outlier of its own."""
    paired = 0
    for truth, found in random_pairs(3, void=False):
        first, second = outline(found), outline(truth)
        tolerance = 0.14  # of the diagonal: 1.6 pixels
        counts = count_boundaries(first, [second], tolerance)
        here, there = np.argwhere(first), np.argwhere(second)
        assert (counts.found, counts.true) == (len(here), len(there))
        distance = tolerance * math.hypot(8, 8)
        gaps = cdist(here, there)
        cost = np.full((len(here) + len(there),) * 2, 100 * distance)
        cost[len(here) :, len(there) :] = 0
        cost[: len(here), : len(there)] = np.where(gaps <= distance, gaps, 1e6)
        rows, columns = linear_sum_assignment(cost)
        pairs = int(((rows < len(here)) & (columns < len(there))).sum())
        assert counts.recalled == counts.right == pairs
        paired += pairs
    assert paired > 1000


@pytest.mark.filterwarnings("ignore:.*is all 0", "ignore:.*always_return_as_numpy")
def test_outline_scores() -> None:
    masks = [(t == 1, p == 1) for t, p in random_pairs(3, void=False)]
    ours = [count_surfaces(truth, found, 1.0) for truth, found in masks]
    truth, found = (torch.tensor(np.array(side))[:, None] for side in zip(*masks, strict=True))
    far = compute_hausdorff_distance(found, truth, include_background=True, percentile=95)[:, 0].numpy()
    near = compute_surface_dice(found, truth, [1.0], include_background=True)[:, 0].numpy()
    blank = 0
    for counts, (t, p), hausdorff, share in zip(ours, masks, far, near, strict=True):
        assert counts.compared == (t.any() or p.any())
        assert counts.blank == (t.any() != p.any())
        blank += counts.blank
        if counts.blank:  # theirs is infinite or not a number
            assert counts.hausdorff95 == counts.hausdorff == np.hypot(*t.shape)
            assert counts.surface_distance == 0
        elif counts.compared:
            assert counts.hausdorff95 == pytest.approx(float(hausdorff), rel=1e-5)
            assert counts.surface_distance == pytest.approx(float(share), rel=1e-5)
        else:
            assert math.isnan(counts.hausdorff95)
            assert math.isnan(counts.surface_distance)
    assert blank > 50
    assert sum(ours[1:], ours[0]).blank == blank


def test_object_scores() -> None:
    for number, (truth, found) in enumerate(random_objects()):
        counts = count_objects(tabulate(truth, found))
        assert (counts.true, counts.found) == tuple(
            len(np.unique(label_map[label_map > 0])) for label_map in (truth, found)
        )
        assert_equal(counts.aggregated_jaccard, aggregated_jaccard_by_definition(truth, found))
        if not counts.true and not counts.found:
            assert math.isnan(counts.average_precision)
            assert math.isnan(counts.panoptic_quality)
            continue
        step = number % 10  # of IoU 0.50, 0.55, ...; exact sizes, so that rounding can't decide
        maps = [torch.tensor(label_map.astype(np.int64)) for label_map in (found, truth)]
        if not counts.true or not counts.found:  # MONAI has no answer there
            assert not counts.pairs.any()
            assert counts.average_precision == counts.panoptic_quality == 0
            continue
        level = 0.5 + 0.05 * step + (-1e-5 if step else 1e-5)  # ours is reached, theirs exceeded; at half only PQ asks
        hits, false, missed, overlap = compute_panoptic_quality(
            *maps, match_iou_threshold=level, output_confusion_matrix=True
        ).tolist()
        pairs = counts.pairs[step] if step else counts.matched
        assert pairs / (counts.true + counts.found - pairs) == pytest.approx(hits / (hits + false + missed))
        if step == 0:
            assert counts.iou == pytest.approx(overlap, abs=1e-4)
            assert counts.panoptic_quality == pytest.approx(overlap / (hits + false / 2 + missed / 2), abs=1e-4)
            assert_equal(counts.segmentation_quality, overlap / hits if hits else math.nan)
            assert counts.recognition_quality == pytest.approx(hits / (hits + false / 2 + missed / 2))


def aggregated_jaccard_by_definition(truth, found) -> float:
    objects, finds = (
        {label: label_map == label for label in np.unique(label_map) if label} for label_map in (truth, found)
    )
    common = joined = 0
    used = set()
    for region in objects.values():
        ious = {label: (region & f).sum() / (region | f).sum() for label, f in finds.items()}
        best = max(ious, key=lambda label: (ious[label], -int(label)), default=None)
        if best is None or not ious[best]:
            joined += region.sum()
            continue
        common, joined = common + (region & finds[best]).sum(), joined + (region | finds[best]).sum()
        used.add(best)
    joined += sum(f.sum() for label, f in finds.items() if label not in used)
    return common / joined if joined else math.nan


def assert_equal(mine: float, theirs: float) -> None:
    np.testing.assert_allclose(mine, theirs, atol=1e-4)
