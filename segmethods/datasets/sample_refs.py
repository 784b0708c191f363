"""A picture and what people say is in it: where it lies, and how it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import BINARY, VOID, GroundTruth, Image, Labels, Vocabulary
from segmethods.io.class_names import Colour
from segmethods.io.ground_truth import NOT_TURNED, TURNED, check_size, open_mask, read_ground_truth
from segmethods.io.id_maps import IdMap
from segmethods.io.images import ImageFile, load_image, read_bytes, read_image
from segmethods.io.label_maps import load_maps
from segmethods.io.painting import OVERLAP
from segmethods.io.panoptic import read_panoptic
from segmethods.io.smoothing import BETWEEN
from segmethods.io.stored_masks import read_stored
from segmethods.io.values import renumber

Source = Path | bytes
Kind = Literal["labels", "masks", "photos", "objects", "object files", "class files", "panoptic", "segmentations"]

NO_CLASSES = Vocabulary("none", ())
OBJECT_VOID = 65535
"""The value of a map of objects that means "not judged"."""


class Drawable(Protocol):
    """A recipe by which an image and its truth are drawn."""

    def draw(self) -> LoadedSample:
        """The image and its truth."""

    def __hash__(self) -> int:
        """A recipe is a value: the same recipe, the same image."""


@dataclass(frozen=True, eq=False)
class LoadedSample:
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
    notes : tuple of Message
        What was assumed about the image, whether the truth was turned like it, and whether it may have been smoothed.
    """

    image: Image
    truth: GroundTruth | None
    annotators: tuple[Labels, ...]
    void: int | None = None
    objects: Labels | None = None
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class SampleRef:
    """A picture and its truth, not read yet.

    Parameters
    ----------
    name : str
        What it is called in the data set; unique there.
    image : path, bytes or Drawable
        The picture's file, or a recipe by which picture and truth are drawn.
    truth : tuple of path or bytes
        The files of its truth; several only for several annotators, or for one object or one class each, and none
        where there is nothing but background.
    kind : str
        What these files hold: ``"labels"`` (class ids, 255 = void), ``"masks"`` (0 and 255 = background and
        object), ``"photos"`` (masks of two classes saved as JPEG: from 128 on object), ``"objects"`` (a number for
        each object, 0 around them, 65535 = void), ``"object files"`` (a mask of each object), ``"class files"``
        (a mask of each class), ``"panoptic"`` (colours that number segments, and a JSON of the class of each),
        ``"segmentations"`` (regions).
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
    class_ids : tuple of int
        The class of each file of its truth, where each is a mask of one class.
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
    class_ids: tuple[int, ...] = ()

    def load(self) -> LoadedSample:
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
            case "labels" | "masks" | "photos" | "class files" | "panoptic":
                truth, notes = self.read_truth(size, file.orientation)
                return LoadedSample(image, truth, (truth.labels,), VOID, notes=(*file.notes, *notes))
            case "objects":
                return object_sample(file, read_objects(self.truth[0], size, self.files[1]))
            case "object files":
                return object_sample(file, join_objects(self.truth, size, self.files[1:]))
        files = zip(self.truth, self.files[1:], strict=True)
        found = [load_maps(source, truth=True, white_is_object=False, name=name) for source, name in files]
        annotators = tuple(saved.labels for several in found for saved in several.maps)
        for labels in annotators:
            check_size(labels.shape, size, self.files[1])
        return LoadedSample(image, None, annotators, notes=file.notes)

    def packed(self) -> SampleRef:
        """The same with the files' bytes in place of their paths, fit for another machine."""
        if not isinstance(self.image, Path | bytes):
            return self
        image = read_bytes(self.image, self.files[0])
        truth = tuple(read_bytes(source, name) for source, name in zip(self.truth, self.files[1:], strict=True))
        return replace(self, image=image, truth=truth)

    def renamed(self, name: str) -> SampleRef:
        """The same under another name."""
        return replace(self, name=name)

    def digest(self) -> str:
        """SHA-256 of what it holds, wherever that lies."""
        coding = [part for part in (self.ids, self.colours, self.class_ids) if part]
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
        return self.read_truth(size, orientation)[0]

    def read_truth(self, size: tuple[int, int], orientation: int) -> tuple[GroundTruth, tuple[Message, ...]]:
        """As `load_truth`, and whether the mask was turned, may have been smoothed, or has outlines that overlap."""
        if self.kind == "photos":
            grey = load_image(self.truth[0], name=self.files[1])[..., 0]
            check_size(grey.shape, size, self.files[1])
            return GroundTruth((grey >= 128).astype(np.uint8), self.classes), ()
        if self.kind == "panoptic":
            segments = {int(number): class_id for number, class_id in json.loads(_content(self.truth[1])).items()}
            return GroundTruth(read_panoptic(self.truth[0], segments, size, self.files[1]), self.classes), ()
        if self.kind == "class files":
            return GroundTruth(self._join_classes(size, orientation), self.classes), ()
        file = read_ground_truth(
            self.truth[0],
            size,
            name=self.files[1],
            classes=self.ids.classes_in_file(self.classes) if self.ids else self.classes,
            white_is_object=self.kind == "masks",
            colours=self.colours,
            orientation=orientation,
            void_alone=self.void_alone or self.ids is not None,
        )
        plain = (TURNED, NOT_TURNED, OVERLAP)
        told = tuple(note for note in file.notes if note in plain or note.template == BETWEEN.template)
        return file.truth if self.ids is None else self.ids.map_truth(file.truth), told

    def _join_classes(self, size: tuple[int, int], orientation: int) -> Labels:
        """Its masks of one class each in one map; a later one lies above."""
        labels: Labels = np.zeros(size, np.uint8)
        for source, name, class_id in zip(self.truth, self.files[1:], self.class_ids, strict=True):
            own = read_ground_truth(source, size, name=name, classes=BINARY, orientation=orientation).truth.labels
            labels[own == 1] = class_id
            labels[(own == VOID) & (labels == 0)] = VOID
        return labels


@dataclass(frozen=True)
class Skipped:
    """A picture or a mask that can't take part, and why."""

    name: str
    reason: Message


def object_sample(file: ImageFile, objects: Labels) -> LoadedSample:
    """The case of a picture whose objects are numbered; as classes they are object and background."""
    labels = np.where(objects == OBJECT_VOID, VOID, objects > 0).astype(np.uint8)
    return LoadedSample(file.image, GroundTruth(labels, BINARY), (objects,), OBJECT_VOID, objects, file.notes)


def read_objects(source: Source, size: tuple[int, int], name: str) -> Labels:
    """A map of numbered objects, uint16 (H, W), from a grey or palette picture; of 32 bits they are numbered anew."""
    file = open_mask(read_bytes(source, name), name)
    image = file.image
    if image is not None and (image.mode in ("1", "L", "P") or image.mode.startswith("I;16")):
        objects: Labels = np.asarray(image).astype(np.uint16)
    else:
        objects = _renumber(read_stored(file, name).ids, name)
    check_size(objects.shape, size, name)
    return objects


def _renumber(numbers: NDArray[np.integer] | None, name: str) -> Labels:
    """Objects of any numbers as uint16, numbered from 1 in their order where there are larger ones; 0 stays."""
    if numbers is None:
        raise ImageError("{name} is no map of numbered objects. Save it as a grey PNG of 8 or 16 bits.", name=name)
    if numbers.max(initial=0) <= OBJECT_VOID:
        return numbers.astype(np.uint16)
    found = renumber(numbers)
    if found.max() >= OBJECT_VOID:
        raise ImageError("{name} has {count} objects, too many for one picture.", name=name, count=int(found.max()))
    return found.astype(np.uint16)


def join_objects(sources: Sequence[Source], size: tuple[int, int], names: Sequence[str]) -> Labels:
    """The objects of several masks in one map, uint16 (H, W), numbered in their order; the later one lies above."""
    if len(sources) >= OBJECT_VOID:
        raise ImageError("{name} and its like are too many masks for one picture.", name=names[0])
    objects: Labels = np.zeros(size, np.uint16)
    for number, (source, name) in enumerate(zip(sources, names, strict=True), 1):
        truth = read_ground_truth(source, size, name=name, classes=BINARY, white_is_object=True).truth
        objects[truth.labels == 1] = number
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
