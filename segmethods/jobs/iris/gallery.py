"""Images of eyes that are compared with each other: each with those before it, so that every pair counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from segmethods.core.types import Image
from segmethods.jobs._masks import to_grey
from segmethods.jobs.frame import JobError, JobSample, JobSampleFile, is_readable
from segmethods.jobs.iris.circles import Grey, Rings
from segmethods.jobs.iris.coding import Code, encode, find_iris, unroll

Find = Callable[[Grey], Rings]


@dataclass(eq=False)
class Gallery:
    """Images of eyes; in memory only.

    Parameters
    ----------
    eyes : list of str
        Which eye each image shows.
    images : list of callable
        What reads each image.
    groups : mapping
        Eye -> its group, where errors are told by group.
    """

    eyes: list[str]
    images: list[Callable[[], Image]]
    groups: Mapping[str, str] = field(default_factory=dict)
    _codes: dict[tuple[str, int], Code | None] = field(default_factory=dict)
    _readable: dict[int, bool] = field(default_factory=dict)

    def code(self, pipeline: str, find: Find, number: int) -> Code | None:
        """An image's code, computed once; None where no iris is found in it, or where it can't be read."""
        if (pipeline, number) not in self._codes:
            known = self.is_readable(number)
            self._codes[pipeline, number] = encode_image(self.images[number](), find) if known else None
        return self._codes[pipeline, number]

    def is_readable(self, number: int) -> bool:
        """Whether an image can be read; if not, no pair counts that it is in."""
        if number not in self._readable:
            self._readable[number] = is_readable(self.images[number])
        return self._readable[number]

    def keep(self, pipeline: str, number: int, code: Code | None) -> None:
        """Keep the code of an image that was looked at already."""
        self._codes[pipeline, number] = code

    def samples(self, names: Sequence[str]) -> Iterator[JobSampleFile]:
        """The images as samples of the job."""
        for number, name in enumerate(names):
            yield JobSampleFile(name, partial(self._load, name, number))

    def _load(self, name: str, number: int) -> JobSample:
        extra = {"gallery": self, "number": number, "group": self.groups.get(self.eyes[number], "")}
        return JobSample(name, self.images[number](), self.eyes[number], extra)


def encode_image(image: Image, find: Find) -> Code | None:
    """An image's code; None where no iris is found."""
    grey = to_grey(image)
    try:
        strip = unroll(grey, find(grey))
    except JobError:
        return None
    return encode(strip, find_iris(strip))
