"""A picture and what people say is in it: where it lies, and how it is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import BINARY, VOID, GroundTruth, Image, Labels, Vocabulary
from segmethods.io.class_names import Colour
from segmethods.io.ground_truth import check_size, read_ground_truth
from segmethods.io.id_maps import IdMap
from segmethods.io.images import load_image, opened, read_bytes, read_image
from segmethods.io.label_maps import load_maps

Source = Path | bytes
Kind = Literal["labels", "masks", "photos", "objects", "segmentations"]

NO_CLASSES = Vocabulary("none", ())
OBJECT_VOID = 65535
"""The value of a map of objects that means "not judged"."""


class Drawable(Protocol):
    """A recipe by which an image and its truth are drawn."""

    def draw(self) -> Case:
        """The image and its truth."""

    def __hash__(self) -> int:
        """A recipe is a value: the same recipe, the same image."""


@dataclass(frozen=True, eq=False)
class Case:
    """A picture of a data set, read.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    truth : GroundTruth or None
        Which class is where; None if people drew regions without names.
    annotators : tuple of ndarray, uint8 or uint16, shape (H, W)
        Every annotator's regions. Where there is a truth of classes or objects it is one, with its regions.
    void : int or None
        The value in `annotators` that is not judged.
    objects : ndarray, uint16, shape (H, W), or None
        A number for each object, 0 around them, 65535 where nobody judges; None where objects aren't told apart.
    """

    image: Image
    truth: GroundTruth | None
    annotators: tuple[Labels, ...]
    void: int | None = None
    objects: Labels | None = None


@dataclass(frozen=True)
class Pair:
    """A picture and its truth, not read yet.

    Parameters
    ----------
    name : str
        What it is called in the data set; unique there.
    image : path, bytes or Drawable
        The picture's file, or a recipe by which picture and truth are drawn.
    truth : tuple of path or bytes
        The files of its truth; several only for several annotators.
    kind : str
        What these files hold: ``"labels"`` (class ids, 255 = void), ``"masks"`` (0 and 255 = background and
        object), ``"photos"`` (masks of two classes saved as JPEG: from 128 on object), ``"objects"`` (a number for
        each object, 0 around them, 65535 = void), ``"segmentations"`` (regions).
    classes : Vocabulary
        What the ids of its truth mean; `NO_CLASSES` for regions.
    files : tuple of str
        What error messages call the picture and the files of its truth.
    ids : IdMap, optional
        What the ids in its truth become.
    colours : tuple of (int, int, int), optional
        The colours of the classes in colour masks, by id.
    void_alone : bool
        Whether its truth may hold nothing but background and void.
    """

    name: str
    image: Source | Drawable
    truth: tuple[Source, ...]
    kind: Kind
    classes: Vocabulary
    files: tuple[str, ...]
    ids: IdMap | None = None
    colours: tuple[Colour, ...] = ()
    void_alone: bool = False

    def load(self) -> Case:
        """Read the picture and its truth.

        Raises
        ------
        ImageError
            If one of them can't be read, or they differ in size.
        """
        if not isinstance(self.image, Path | bytes):
            return self.image.draw()
        file = read_image(self.image, name=self.files[0])
        image, size = file.image, (file.image.shape[0], file.image.shape[1])
        match self.kind:
            case "labels" | "masks" | "photos":
                truth = self.load_truth(size, file.orientation)
                return Case(image, truth, (truth.labels,), VOID)
            case "objects":
                objects = read_objects(self.truth[0], size, self.files[1])
                return object_case(image, objects)
        files = zip(self.truth, self.files[1:], strict=True)
        found = [load_maps(source, truth=True, white_is_object=False, name=name) for source, name in files]
        annotators = tuple(saved.labels for several in found for saved in several.maps)
        for labels in annotators:
            check_size(labels.shape, size, self.files[1])
        return Case(image, None, annotators)

    def packed(self) -> Pair:
        """The same with the files' bytes in place of their paths, fit for another machine."""
        if not isinstance(self.image, Path | bytes):
            return self
        image = read_bytes(self.image, self.files[0])
        truth = tuple(read_bytes(source, name) for source, name in zip(self.truth, self.files[1:], strict=True))
        return replace(self, image=image, truth=truth)

    def digest(self) -> str:
        """SHA-256 of what it holds, wherever that lies."""
        coding = [part for part in (self.ids, self.colours) if part]
        sha = hashlib.sha256(f"{self.name}\n{self.kind}\n{self.classes.names}\n{coding or ''}".encode())
        for part in [self.image, *self.truth]:
            sha.update(hashlib.sha256(_content(part)).digest())
        return sha.hexdigest()

    def load_truth(self, size: tuple[int, int], orientation: int = 1) -> GroundTruth:
        """Read its mask of classes.

        Parameters
        ----------
        size : (int, int)
            Height and width of the image.
        orientation : int
            The EXIF orientation by which the image was turned: a mask that doesn't fit otherwise is turned like it.

        Raises
        ------
        ImageError
            If it can't be read, or has another size.
        """
        if self.kind == "photos":
            grey = load_image(self.truth[0], name=self.files[1])[..., 0]
            check_size(grey.shape, size, self.files[1])
            return GroundTruth((grey >= 128).astype(np.uint8), self.classes)
        truth = read_ground_truth(
            self.truth[0],
            size,
            name=self.files[1],
            classes=self.ids.classes_in_file(self.classes) if self.ids else self.classes,
            white_is_object=self.kind == "masks",
            colours=self.colours,
            orientation=orientation,
            void_alone=self.void_alone or self.ids is not None,
        ).truth
        return truth if self.ids is None else self.ids.map_truth(truth)


@dataclass(frozen=True)
class Skipped:
    """A picture or a mask that can't take part, and why."""

    name: str
    reason: Message


def object_case(image: Image, objects: Labels) -> Case:
    """The case of a picture whose objects are numbered; as classes they are object and background."""
    labels = np.where(objects == OBJECT_VOID, VOID, objects > 0).astype(np.uint8)
    return Case(image, GroundTruth(labels, BINARY), (objects,), OBJECT_VOID, objects)


def read_objects(source: Source, size: tuple[int, int], name: str) -> Labels:
    """A map of numbered objects, uint16 (H, W), from an 8-bit or 16-bit grey or palette picture."""
    with opened(read_bytes(source, name), name) as picture:
        if picture.mode not in ("1", "L", "P") and not picture.mode.startswith("I;16"):
            raise ImageError("{name} is no map of numbered objects. Save it as a grey PNG of 8 or 16 bits.", name=name)
        objects: Labels = np.asarray(picture).astype(np.uint16)
    check_size(objects.shape, size, name)
    return objects


def _content(part: Source | Drawable) -> bytes:
    if isinstance(part, bytes):
        return part
    if not isinstance(part, Path):
        return repr(part).encode()
    try:
        return part.read_bytes()
    except OSError as error:  # it will be skipped when its turn comes
        return f"unreadable: {error.errno}".encode()
