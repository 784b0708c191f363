"""An encoder that pools where it had strides measures what it sees before it learns."""

from dataclasses import replace

import torch

from segmethods.training import loop, settling
from segmethods.training.data import load
from segmethods.training.recipes import RECIPES
from segmethods.training.settling import settle
from tests.training.toy import QUICK, draw_squares


def test_statistics_are_those_of_the_crops_and_the_weights_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(settling, "SETTLING", 3)
    data = load(draw_squares(tmp_path / "toy", 4))
    run = loop.start(replace(RECIPES["segnet-voc"], **QUICK), data.classes, {}, seed=1)
    before = {name: value.clone() for name, value in run.network.named_parameters()}
    norm = run.network.backbone.stages[1][0].project.norm
    momentum, seen = norm.momentum, []
    norm.register_forward_hook(
        lambda _, given, __: seen.append(given[0].mean(dim=(0, 2, 3))) if norm.training else None
    )
    settle(run, data)
    assert len(seen) == 3
    torch.testing.assert_close(norm.running_mean, torch.stack(seen).mean(dim=0), atol=1e-4, rtol=1e-3)
    assert norm.momentum == momentum
    for name, value in run.network.named_parameters():
        assert torch.equal(value, before[name])
    for kept, new in zip(run.average.buffers(), run.network.buffers(), strict=True):
        assert torch.equal(kept, new)
