"""Which crops make a batch: rare classes come up far more often than chance would have it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from segmethods.training.augmentation import GRID, Crop, crop
from segmethods.training.classmix import choose_pixels, decide_unknown, find_things, list_movable, paste
from segmethods.training.data import Dataset, Example
from segmethods.training.feature_distillation import PITCH

FAMILIAR = 60


class Pool:
    """Examples listed by the classes they show.

    A class is drawn with a chance that grows as the square root of the number of its examples, up to ``FAMILIAR`` of
    them: so a class with two examples is seen often, but not until they are known by heart.
    """

    def __init__(self, examples: Sequence[Example], classes: int) -> None:
        self.examples = examples
        self.holders = [
            [index for index, example in enumerate(examples) if c in example.classes] for c in range(classes)
        ]
        chances = np.sqrt([min(len(holders), FAMILIAR) for holders in self.holders])
        self.chances = chances / chances.sum()

    def draw(self, rng: np.random.Generator) -> tuple[Example, int]:
        """An example and the class that it was drawn for."""
        wanted = int(rng.choice(len(self.chances), p=self.chances))
        holders = self.holders[wanted]
        return self.examples[holders[rng.integers(len(holders))]], wanted


@dataclass(frozen=True)
class Batch:
    """Crops as a network takes them.

    Attributes
    ----------
    images : Tensor, uint8, shape (N, 3, side, side)
    labels : Tensor, int64, shape (N, h, w)
        Class ids at the network's outputs, 255 for void.
    teacher : Tensor, float, shape (N, C, h, w), or None
        Probabilities at the network's outputs.
    teacher_valid : Tensor, float, shape (N, 1, h, w)
        1 where the teacher has something to say.
    features, features_valid : Tensor or None
        The same of the teacher's features, ``feature_distillation.PITCH`` pixels apart.
    """

    images: Tensor
    labels: Tensor
    teacher: Tensor | None
    teacher_valid: Tensor
    features: Tensor | None = None
    features_valid: Tensor | None = None


class Batches:
    """An endless, reproducible stream of batches.

    Parameters
    ----------
    data : Dataset
        What to draw from.
    side, batch : int
        Pixels along a crop, crops in a batch.
    unlabelled : float
        Share of the crops that come from photos without masks.
    cell : float
        Pixels from one place at which masks are compared to the next.
    centre : float
        The pixel of the first place (of the first output, it is `Network.first_output_centre`).
    outputs : int
        How many places lie along a crop.
    scales : pair of float
        Smallest and largest magnification.
    mixed : float
        Share of the crops into which the things of another are carried.
    turn, tint : float
        As in `crop`.
    features : bool
        Whether the teacher's features are wanted, for photos that all have them.
    """

    def __init__(
        self,
        data: Dataset,
        *,
        side: int,
        batch: int,
        unlabelled: float,
        cell: float,
        centre: float,
        outputs: int,
        scales: tuple[float, float],
        mixed: float = 0.0,
        turn: float = 0.0,
        tint: float = 0.0,
        features: bool = False,
    ) -> None:
        self.labelled = Pool(data.train, len(data.classes))
        self.unlabelled = Pool(data.unlabelled, len(data.classes)) if data.unlabelled else None
        self.side, self.batch, self.share, self.scales, self.mixed = side, batch, unlabelled, scales, mixed
        self.turn, self.tint = turn, tint
        self.movable = torch.tensor(list_movable(data.classes), dtype=torch.long)
        self.places = centre + cell * np.arange(outputs)
        self.knots = (PITCH - 1) / 2 + PITCH * np.arange(side // PITCH) if features else None

    def draw(self, rng: np.random.Generator) -> Batch:
        """The next batch of crops, drawn by `rng`."""
        pairs: list[tuple[Example, Crop]] = []
        for _ in range(self.batch):
            pool = self.unlabelled if self.unlabelled and rng.random() < self.share else self.labelled
            example, wanted = pool.draw(rng)
            pairs.append((example, crop(example, wanted, self.side, rng, self.scales, self.turn, self.tint)))
        images = torch.from_numpy(np.stack([cut.image for _, cut in pairs])).permute(0, 3, 1, 2)
        labels = torch.from_numpy(np.stack([cut.labels for _, cut in pairs])).long()
        teacher, teacher_valid = self._teach(pairs)
        taken = choose_pixels(find_things(labels, teacher, teacher_valid, self.movable), self.mixed, rng)
        images, labels = paste(images, taken[:, None]), paste(labels, taken)
        features, features_valid = self._show(pairs, taken)
        taken = sample_at(taken, self.places)[:, None]
        teacher, teacher_valid = None if teacher is None else paste(teacher, taken), paste(teacher_valid, taken)
        return Batch(
            images,
            decide_unknown(sample_at(labels, self.places), teacher, teacher_valid),
            teacher,
            teacher_valid,
            features,
            features_valid,
        )

    def _teach(self, pairs: Sequence[tuple[Example, Crop]]) -> tuple[Tensor | None, Tensor]:
        """The teacher's answers, read off its grid at the network's outputs."""
        count = len(self.places)
        spoken = torch.tensor([example.teacher is not None for example, _ in pairs])
        if not spoken.any():
            return None, torch.zeros(len(pairs), 1, count, count)
        classes = len(self.labelled.holders)
        silent = np.zeros((classes, GRID, GRID), np.uint8)
        answers = np.stack([silent if example.teacher is None else example.teacher for example, _ in pairs])
        shares, inside = read_answers(answers, [cut for _, cut in pairs], self.places)
        return shares / 255, inside * spoken[:, None, None, None]

    def _show(self, pairs: Sequence[tuple[Example, Crop]], taken: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """The teacher's features, with those of the crop before where its things stand."""
        files = [example.features for example, _ in pairs if example.features is not None]
        if self.knots is None or len(files) < len(pairs):
            return None, None
        answers = np.stack([np.load(file, allow_pickle=False) for file in files]).transpose(0, 3, 1, 2)
        features, features_valid = read_answers(answers, [cut for _, cut in pairs], self.knots)
        carried = sample_at(taken, self.knots)[:, None]
        return paste(features, carried), paste(features_valid, carried)


def sample_at(maps: Tensor, places: npt.NDArray[np.floating]) -> Tensor:
    """Maps (N, side, side) at the pixels nearest to the places, along both sides: (N, h, h)."""
    pixels = np.floor(places + 0.5).astype(int)
    return maps[:, pixels][:, :, pixels]


def read_answers(
    answers: npt.NDArray[np.uint8], cuts: Sequence[Crop], places: npt.NDArray[np.floating]
) -> tuple[Tensor, Tensor]:
    """What a teacher says of the pixels of crops.

    Parameters
    ----------
    answers : ndarray, uint8, shape (N, C, 33, 33)
        The teacher's answers to the photos that the crops were cut from.
    places : ndarray, float, shape (h,)
        Pixels along both sides of a crop.

    Returns
    -------
    values : Tensor, float, shape (N, C, h, h)
        The answers at these pixels.
    inside : Tensor, float, shape (N, 1, h, h)
        1 where the pixel lies on the photo.
    """
    y, x = np.meshgrid(places, places, indexing="ij")
    points = np.stack([x, y, np.ones_like(x)], axis=-1)
    nodes = np.stack([points @ cut.grid.T for cut in cuts]).astype(np.float32)
    extent = np.stack([cut.extent for cut in cuts])[:, None, None]
    inside = torch.from_numpy(((nodes >= 0) & (nodes <= extent)).all(axis=-1))
    grid = torch.from_numpy(nodes) * (2 / (GRID - 1)) - 1
    values = F.grid_sample(torch.from_numpy(answers).float(), grid, padding_mode="border", align_corners=True)
    return values, inside.float()[:, None]
