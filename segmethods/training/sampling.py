"""Which crops make a batch: rare classes come up far more often than chance would have it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from segmethods.training.augmentation import GRID, Crop, crop
from segmethods.training.classmix import choose, decided, movable, paste, things
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
    images : uint8 (N, 3, side, side).
    labels : int64 (N, h, w) at the network's outputs, 255 = void.
    teacher : float (N, C, h, w) of probabilities at the network's outputs, or None.
    taught : float (N, 1, h, w), 1 where the teacher has something to say.
    features, felt : the same of the teacher's features, ``mimicry.PITCH`` pixels apart, or None.
    """

    images: Tensor
    labels: Tensor
    teacher: Tensor | None
    taught: Tensor
    features: Tensor | None = None
    felt: Tensor | None = None


class Batches:
    """An endless, reproducible stream of batches.

    Parameters
    ----------
    data : what to draw from.
    side, batch : pixels along a crop, crops in a batch.
    photos : share of the crops that come from photos without masks.
    cell, centre : the pixels between a network's outputs, and the pixel of the first (see ``Network``).
    outputs : outputs along a crop.
    scales : smallest and largest magnification.
    mixed : share of the crops into which the things of another are carried.
    turn, tint : as in `crop`.
    features : whether the teacher's features are wanted, for photos that all have them.
    """

    def __init__(
        self,
        data: Dataset,
        *,
        side: int,
        batch: int,
        photos: float,
        cell: int,
        centre: float,
        outputs: int,
        scales: tuple[float, float],
        mixed: float = 0.0,
        turn: float = 0.0,
        tint: float = 0.0,
        features: bool = False,
    ) -> None:
        self.labelled = Pool(data.train, len(data.classes))
        self.photos = Pool(data.photos, len(data.classes)) if data.photos else None
        self.side, self.batch, self.share, self.scales, self.mixed = side, batch, photos, scales, mixed
        self.turn, self.tint = turn, tint
        self.movable = torch.tensor(movable(data.classes), dtype=torch.long)
        self.places = centre + cell * np.arange(outputs)
        self.knots = (PITCH - 1) / 2 + PITCH * np.arange(side // PITCH) if features else None

    def draw(self, rng: np.random.Generator) -> Batch:
        """The next batch of crops, drawn by `rng`."""
        pairs: list[tuple[Example, Crop]] = []
        for _ in range(self.batch):
            pool = self.photos if self.photos and rng.random() < self.share else self.labelled
            example, wanted = pool.draw(rng)
            pairs.append((example, crop(example, wanted, self.side, rng, self.scales, self.turn, self.tint)))
        images = torch.from_numpy(np.stack([cut.image for _, cut in pairs])).permute(0, 3, 1, 2)
        labels = torch.from_numpy(np.stack([cut.labels for _, cut in pairs])).long()
        teacher, taught = self._teach(pairs)
        taken = choose(things(labels, teacher, taught, self.movable), self.mixed, rng)
        images, labels = paste(images, taken[:, None]), paste(labels, taken)
        features, felt = self._show(pairs, taken)
        taken = at(taken, self.places)[:, None]
        teacher, taught = None if teacher is None else paste(teacher, taken), paste(taught, taken)
        return Batch(images, decided(at(labels, self.places), teacher, taught), teacher, taught, features, felt)

    def _teach(self, pairs: Sequence[tuple[Example, Crop]]) -> tuple[Tensor | None, Tensor]:
        """The teacher's answers, read off its grid at the network's outputs."""
        count = len(self.places)
        spoken = torch.tensor([example.teacher is not None for example, _ in pairs])
        if not spoken.any():
            return None, torch.zeros(len(pairs), 1, count, count)
        classes = len(self.labelled.holders)
        silent = np.zeros((classes, GRID, GRID), np.uint8)
        answers = np.stack([silent if example.teacher is None else example.teacher for example, _ in pairs])
        shares, inside = read(answers, [cut for _, cut in pairs], self.places)
        return shares / 255, inside * spoken[:, None, None, None]

    def _show(self, pairs: Sequence[tuple[Example, Crop]], taken: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """The teacher's features, with those of the crop before where its things stand."""
        files = [example.features for example, _ in pairs if example.features is not None]
        if self.knots is None or len(files) < len(pairs):
            return None, None
        answers = np.stack([np.load(file, allow_pickle=False) for file in files]).transpose(0, 3, 1, 2)
        features, felt = read(answers, [cut for _, cut in pairs], self.knots)
        carried = at(taken, self.knots)[:, None]
        return paste(features, carried), paste(felt, carried)


def at(maps: Tensor, places: npt.NDArray[np.floating]) -> Tensor:
    """Maps (N, side, side) at the pixels nearest to the places, along both sides: (N, h, h)."""
    pixels = np.floor(places + 0.5).astype(int)
    return maps[:, pixels][:, :, pixels]


def read(
    answers: npt.NDArray[np.uint8], cuts: Sequence[Crop], places: npt.NDArray[np.floating]
) -> tuple[Tensor, Tensor]:
    """What a teacher says of the pixels of crops.

    Parameters
    ----------
    answers : uint8 (N, C, 33, 33), of the photos that the crops were cut from.
    places : float (h,), pixels along both sides of a crop.

    Returns
    -------
    float (N, C, h, h), and float (N, 1, h, h), 1 where the pixel lies on the photo.
    """
    y, x = np.meshgrid(places, places, indexing="ij")
    points = np.stack([x, y, np.ones_like(x)], axis=-1)
    nodes = np.stack([points @ cut.grid.T for cut in cuts]).astype(np.float32)
    extent = np.stack([cut.extent for cut in cuts])[:, None, None]
    inside = torch.from_numpy(((nodes >= 0) & (nodes <= extent)).all(axis=-1))
    grid = torch.from_numpy(nodes) * (2 / (GRID - 1)) - 1
    values = F.grid_sample(torch.from_numpy(answers).float(), grid, padding_mode="border", align_corners=True)
    return values, inside.float()[:, None]
