"""What training makes small."""

import numpy as np
import torch
import torch.nn.functional as F

from segmethods.core.types import VOID
from segmethods.metrics import count_classes, tabulate
from segmethods.training.losses import lovasz


def random_masks(seed, classes=4, side=12):
    rng = np.random.default_rng(seed)
    truth, found = rng.integers(0, classes, (2, side, side)).astype(np.uint8)
    truth[rng.random(truth.shape) < 0.1] = VOID
    return truth, found


def certain(found, classes):
    return F.one_hot(torch.from_numpy(found).long(), classes).permute(2, 0, 1)[None].float()


def test_of_answers_that_are_certain_lovasz_is_what_the_score_leaves_to_one():
    for seed in range(20):
        truth, found = random_masks(seed)
        iou = count_classes(tabulate(truth, found), 4).mean_iou
        loss = lovasz(certain(found, 4), torch.from_numpy(truth).long()[None])
        np.testing.assert_allclose(loss.item(), 1 - iou, atol=1e-6)


def test_a_class_that_the_masks_do_not_show_counts_for_nothing():
    truth, found = random_masks(3, classes=3)
    labels = torch.from_numpy(truth).long()[None]
    torch.testing.assert_close(lovasz(certain(found, 5), labels), lovasz(certain(found, 3), labels))


def test_a_rare_class_is_found_that_cross_entropy_gives_up():
    """One pixel in twenty is of class 1, and where it may be, it is in two places of five."""
    labels = torch.zeros(1, 10, 40, dtype=torch.int64)
    labels[0, :4, :5] = 1
    suspected = torch.zeros(1, 1, 10, 40)
    suspected[:, :, :, :5] = 1

    def learned(loss):
        weights = torch.zeros(2, 2, requires_grad=True)
        optimiser = torch.optim.Adam([weights], 0.1)
        for _ in range(200):
            scores = torch.einsum("kc,nkhw->nchw", weights, torch.cat([suspected, 1 - suspected], dim=1))
            optimiser.zero_grad()
            loss(scores).backward()
            optimiser.step()
        return scores.argmax(dim=1)[0, 0, 0].item()

    assert learned(lambda scores: F.cross_entropy(scores, labels)) == 0
    assert learned(lambda scores: lovasz(scores.softmax(dim=1), labels)) == 1


def test_without_any_mask_there_is_nothing_to_make_small():
    scores = torch.rand(1, 3, 4, 4, requires_grad=True)
    loss = lovasz(scores.softmax(dim=1), torch.full((1, 4, 4), VOID))
    loss.backward()
    assert loss.item() == 0
    assert not scores.grad.any()
