"""The teacher's features: cropped as the picture is, guessed from the encoder, and no part of what ships."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from segmethods.models.architectures import build
from segmethods.training import command, loop
from segmethods.training.data import load
from segmethods.training.feature_distillation import FeatureHint, make_hint
from segmethods.training.recipes import Recipe
from segmethods.training.sampling import Batches, sample_at
from tests.training.toy import draw_squares, write_answers

RECIPE = Recipe("fcn", "toy", 1, side=64, batch=2, size=64, scales=(0.8, 1.2), frozen=2, mixed=0.0)


@pytest.fixture
def taught(tmp_path):
    """A toy and a teacher with two features: the square, and all but the square."""
    toy = draw_squares(tmp_path / "toy", 6)
    return load(toy, teacher=write_answers(toy, tmp_path / "teacher"))


@pytest.mark.parametrize("mixed", [0.0, 1.0])
def test_features_are_cropped_and_carried_as_the_picture_is(taught, mixed):
    batches = Batches(
        taught,
        side=160,
        batch=12,
        unlabelled=0,
        cell=8,
        centre=3.5,
        outputs=20,
        scales=(0.5, 2),
        mixed=mixed,
        features=True,
    )
    agreed = []
    for seed in range(10):
        batch = batches.draw(np.random.default_rng(seed))
        red = sample_at(batch.images[:, 0], batches.knots) > 120
        agreed.append(((batch.features[:, 0] > 127) == red)[batch.features_valid[:, 0] > 0])
    assert torch.cat(agreed).float().mean() > 0.9


def test_a_hint_learns_what_can_be_read_off_the_encoder_and_moves_it():
    torch.manual_seed(0)
    network, images, valid = build("fcn", 2).train(), torch.randn(2, 3, 64, 64), torch.ones(2, 1, 4, 4)
    features = torch.randn(2, 5, 4, 4) * 9 + 100
    guess = FeatureHint(np.full(5, 100, np.float32), np.full(5, 9, np.float32))
    guess.attach(network.backbone)
    optimiser = torch.optim.Adam(guess.parameters(), 0.01)
    losses = []
    for _ in range(60):
        network.logits(images)
        losses.append(guess.loss(features, valid))
        optimiser.zero_grad()
        losses[-1].backward()
        optimiser.step()
    assert losses[-1] < 0.5 * losses[0]
    assert network.backbone.stages[4][0].project.convolution.weight.grad.abs().max() > 0
    assert guess.loss(features, 0 * valid) == 0


def test_a_run_with_features_goes_on_where_it_was_stopped(taught, tmp_path, monkeypatch):
    def begun():
        return loop.start(RECIPE, taught.classes, {}, 0, command.make_hint_for(RECIPE, taught))

    whole = begun()
    loop.train(whole, taught, tmp_path / "whole.run", epochs=1)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "SAVE_EVERY", 0.0)
        advance = loop.advance
        patch.setattr(loop, "advance", lambda run, *rest: advance(run, *rest) if run.step < 2 else exit())
        with pytest.raises(SystemExit):
            loop.train(begun(), taught, tmp_path / "part.run", epochs=1)
    resumed = begun()
    resumed.restore(torch.load(tmp_path / "part.run", weights_only=True))
    assert resumed.step == 2
    loop.train(resumed, taught, tmp_path / "part.run", epochs=1)
    assert whole.hint.head.weight.abs().max() > 0
    for run, other in ((whole.network, resumed.network), (whole.hint, resumed.hint)):
        for name, value in run.state_dict().items():
            torch.testing.assert_close(value, other.state_dict()[name], atol=0, rtol=0)
    assert not [name for name in whole.best if "hint" in name]
    alone = loop.start(RECIPE, taught.classes, {}, 0)
    with pytest.raises(ValueError, match="learned with a teacher's features and this one learns without them"):
        alone.restore(whole.state())


def test_without_every_feature_none_is_guessed(taught):
    assert command.make_hint_for(RECIPE, taught) is not None
    assert command.make_hint_for(replace(RECIPE, features=0.0), taught) is None
    lacking = replace(taught, train=[replace(taught.train[0], features=None), *taught.train[1:]])
    assert command.make_hint_for(RECIPE, lacking) is None


def test_features_are_standardised():
    sample = np.random.default_rng(0).normal((100, 50), (20, 5), (9, 33, 33, 2)).clip(0, 255).astype(np.uint8)
    known = make_hint(list(sample))
    np.testing.assert_allclose(known.mean.flatten(), (99.5, 49.5), atol=1)
    np.testing.assert_allclose(known.deviation.flatten(), (20, 5), rtol=0.05)
