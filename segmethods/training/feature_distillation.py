"""The encoder learns to see what the teacher sees, and not only to decide as it does.

A mask, or a teacher's probabilities, say one thing of a pixel: its class. Where photos are few a network learns these
photos by heart. The teacher's features say hundreds of things of every place, of background too; they cannot be
learned by heart (Romero et al. 2015, "FitNets: Hints for Thin Deep Nets").
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmethods.models.architectures.backbone import HEAD_WIDTH, LITE0, Backbone, upsample

PITCH = 16
"""Pixels of a crop between two places at which the teacher's features are guessed: those of the encoder's middle."""

MIDDLE = 4
"""The encoder's stage whose map has that pitch."""


class FeatureHint(nn.Module):
    """Guesses the teacher's features from two maps of an encoder, the middle one and the head's.

    Training alone needs it: it is not among the weights that are written.

    Parameters
    ----------
    mean, deviation : Tensor, float, shape (D,)
        Mean and standard deviation of each of the teacher's features over many photos.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: npt.NDArray[np.float32], deviation: npt.NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(mean)[:, None, None])
        self.register_buffer("deviation", torch.from_numpy(deviation)[:, None, None])
        self.middle = nn.Conv2d(LITE0[MIDDLE].width, len(mean), 1, bias=False)
        self.head = nn.Conv2d(HEAD_WIDTH, len(mean), 1)
        for weight in self.parameters():
            nn.init.zeros_(weight)
        self._maps: dict[str, Tensor] = {}

    def attach(self, backbone: Backbone) -> None:
        """Take the maps of this encoder whenever it runs."""
        assert backbone.head is not None
        for name, part in (("middle", backbone.stages[MIDDLE]), ("head", backbone.head)):
            part.register_forward_hook(lambda _part, _given, made, name=name: self._maps.update({name: made}))

    def loss(self, features: Tensor, valid: Tensor) -> Tensor:
        """How far the guess from the maps seen last is from the features, in deviations of these.

        Parameters
        ----------
        features : Tensor, float, shape (N, D, h, w)
            As the teacher has them, ``PITCH`` pixels apart.
        valid : Tensor, float, shape (N, 1, h, w)
            1 where the teacher has something to say.
        """
        guess = self.middle(self._maps["middle"])
        guess = guess + upsample(self.head(self._maps["head"]), guess.shape[2:])
        distance = F.smooth_l1_loss(guess, (features - self.mean) / self.deviation, reduction="none")
        return (distance.mean(dim=1, keepdim=True) * valid).sum() / valid.sum().clamp(min=1)


def make_hint(features: Sequence[npt.NDArray[np.uint8]]) -> FeatureHint:
    """A hint whose scale is that of a sample of the teacher's features, uint8 (33, 33, D) a photo."""
    values = np.concatenate([seen.reshape(-1, seen.shape[-1]) for seen in features]).astype(np.float32)
    return FeatureHint(values.mean(axis=0), np.maximum(values.std(axis=0), 1))
