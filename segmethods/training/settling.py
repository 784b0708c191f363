"""The statistics of an encoder that pools where the one it comes from had strides."""

import numpy as np
import torch

from segmethods.training.data import Dataset
from segmethods.training.loop import Run, make_batches
from segmethods.training.validation import normalise

SETTLING = 40
"""Batches on which an encoder's statistics are measured anew."""


def settle(run: Run, data: Dataset) -> None:
    """Let the encoder measure the statistics of its batch normalisations on crops, before anything is learned.

    They come from ImageNet's network; one that pools where that had strides sees other values.
    """
    norms = [part for part in run.network.backbone.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
    batches = make_batches(run, data)
    run.network.train()
    with torch.no_grad():
        for number in range(SETTLING):
            run.network.logits(normalise(batches.draw(np.random.default_rng((run.seed, SETTLING, number))).images))
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
    run.average.load_state_dict(run.network.state_dict())
