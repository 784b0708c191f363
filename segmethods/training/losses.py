"""What training makes small: how far a network's answers are from the masks and from the teacher's."""

import torch
import torch.nn.functional as F
from torch import Tensor

from segmethods.core.types import VOID


def cross_entropy(logarithms: Tensor, labels: Tensor) -> Tensor:
    """Mean over the labelled pixels of minus the logarithm of the right class's probability.

    Parameters
    ----------
    logarithms : Tensor, float, shape (N, C, h, w)
        Logarithms of probabilities.
    labels : Tensor, int64, shape (N, h, w)
        Class ids, 255 for void.
    """
    known = (labels != VOID).sum().clamp(min=1)
    return F.nll_loss(logarithms, labels, ignore_index=VOID, reduction="sum") / known


def distillation(logarithms: Tensor, teacher: Tensor, teacher_valid: Tensor) -> Tensor:
    """Mean cross-entropy with the teacher's probabilities where these are valid.

    Parameters
    ----------
    logarithms : Tensor, float, shape (N, C, h, w)
        Logarithms of probabilities.
    teacher : Tensor, float, shape (N, C, h, w)
        Probabilities.
    teacher_valid : Tensor, float, shape (N, 1, h, w)
        1 where the teacher has something to say.
    """
    distance = -(teacher * logarithms).sum(dim=1, keepdim=True)
    return (distance * teacher_valid).sum() / teacher_valid.sum().clamp(min=1)


def lovasz(probabilities: Tensor, labels: Tensor) -> Tensor:
    """One minus the mean intersection over union, made continuous: 0 for a perfect answer, 1 for a wholly wrong one.

    Cross-entropy counts pixels, so a class of few pixels is hardly worth finding: poles are a hundredth of a street.
    Here each class counts the same, as it does in the score. The extension of the Jaccard loss to probabilities is
    that of Berman, Rannen Triki, Blaschko 2018, "The Lovász-Softmax Loss": errors are sorted, and each weighs what the
    index would lose by it. Classes that the masks do not show are left out.

    Parameters
    ----------
    probabilities : Tensor, float, shape (N, C, h, w)
    labels : Tensor, int64, shape (N, h, w)
        Class ids, 255 for void.

    Examples
    --------
    For answers that are certain it is the Jaccard loss itself: class 0 has 1 of 2 pixels, class 1 has 1 of 2.

    >>> labels = torch.tensor([[[0, 0, 1]]])
    >>> answers = torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]).flip(0)[None, :, None]
    >>> lovasz(answers, labels)
    tensor(0.5000)
    """
    known = labels != VOID
    pixels, truth = probabilities.movedim(1, -1)[known], labels[known]
    losses = []
    for c in range(probabilities.shape[1]):
        own = (truth == c).float()
        if not own.any():
            continue
        errors, order = (own - pixels[:, c]).abs().sort(descending=True)
        sorted_own = own[order]
        total = own.sum()
        jaccard = 1 - (total - sorted_own.cumsum(0)) / (total + (1 - sorted_own).cumsum(0))
        losses.append(errors @ torch.diff(jaccard, prepend=jaccard.new_zeros(1)))
    return torch.stack(losses).mean() if losses else probabilities.sum() * 0
