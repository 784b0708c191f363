"""Saved label maps: PNG and other pictures, NumPy's ``.npz``, and the ``.mat`` files of the Berkeley benchmark.

What the numbers in a file mean:

- Pictures and ``.npz`` hold ids of classes, and 255 where a truth doesn't judge; the rules of pictures are those of
  :func:`segmethods.load_ground_truth`. With ids above 255 they hold regions without names instead.
- ``.npz``: every array of whole numbers with two dimensions is a map, one with three is a stack of them.
- ``.mat``: ``segs``, a cell array of label maps; ``groundTruth``, a cell array of structs with a ``Segmentation``, one
  for each annotator; ``ucm2``, a contour map of double size, which is cut at several thresholds. All are regions
  without names.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.settings import settings
from segmethods.core.types import VOID, Labels, Segmentation, Vocabulary, segments
from segmethods.io.arrays import count_values
from segmethods.io.colour_masks import Colour
from segmethods.io.grey_masks import TOO_MANY, Tones, find_greys, split_tones
from segmethods.io.ground_truth import open_mask, read_ground_truth
from segmethods.io.images import name_of, read_bytes
from segmethods.io.palettes import Palette
from segmethods.io.stored_masks import read_stored
from segmethods.io.values import renumber

THRESHOLDS = 99
"""How many thresholds a contour map is cut at, as the Berkeley benchmark does."""

MOST_REGIONS = 65_536

RENUMBERED = Message(
    "Its numbers go up to {last}, too many for classes: they are regions or single objects, numbered anew."
)


@dataclass(frozen=True, eq=False)
class Saved:
    """The maps of one file.

    Parameters
    ----------
    maps : tuple of Segmentation
        In the order of the file, all of one size. Their vocabulary is ``segments`` where regions have no names,
        ``colours`` where classes are known by their colour, and ``mask`` where only by their id.
    thresholds : ndarray, float64, shape (n,), optional
        What a contour map was cut at.
    notes : tuple of Message
        What was assumed when the file was read.
    tones : (int, int), optional
        The two greys that were taken for background and object, where they aren't the usual ones.
    palette : tuple of (int, (int, int, int))
        The indices of a palette that were taken for ids, and their colours.
    """

    maps: tuple[Segmentation, ...]
    thresholds: NDArray[np.float64] | None = None
    notes: tuple[Message, ...] = ()
    tones: Tones | None = None
    palette: Palette = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Height and width."""
        return self.maps[0].labels.shape

    @property
    def has_classes(self) -> bool:
        """Whether the labels are class ids."""
        return all(label_map.classes.is_named for label_map in self.maps)

    @property
    def greys(self) -> tuple[int, ...]:
        """The greys that stand for its classes, where they were numbered."""
        return find_greys(self.notes)

    @property
    def is_renumbered(self) -> bool:
        """Whether its numbers were too large for classes."""
        return any(note.template == RENUMBERED.template for note in self.notes)

    def with_classes(self, classes: Vocabulary) -> Saved:
        """The same maps with another meaning of their ids."""
        return replace(self, maps=tuple(replace(label_map, classes=classes) for label_map in self.maps))


def load_maps(
    source: str | Path | bytes,
    truth: bool = False,
    white_is_object: bool = True,
    thresholds: int = THRESHOLDS,
    name: str = "",
    classes: Vocabulary | None = None,
    colours: Sequence[Colour] = (),
    void_alone: bool = False,
) -> Saved:
    """Read saved label maps; the rules are at the top of this module.

    Parameters
    ----------
    source : path or bytes
        A picture, ``.npz`` or ``.mat`` file.
    truth : bool
        Whether to prefer what people drew, in a ``.mat`` file that has both.
    white_is_object : bool
        Whether 0 and 255 are background and object where they are the only values.
    thresholds : int
        How many thresholds a contour map (``ucm2``) is cut at.
    name : str, optional
        The file's name, for what has none of its own.
    classes : Vocabulary, optional
        The classes of a mask, with `colours`.
    colours : sequence of (int, int, int), optional
        The colours of `classes`, where a mask shows them by colours.
    void_alone : bool
        Whether a mask may hold nothing but background and 255, since others show that 255 is void.

    Raises
    ------
    ImageError
        If there are no maps in it, or they differ in size.
    """
    name = name or name_of(source)
    data, suffix = read_bytes(source, name), Path(name).suffix.lower()
    if data.startswith(b"MATLAB"):
        saved = _load_mat(data, name, truth, thresholds)
    elif data.startswith(b"PK\x03\x04") and suffix != ".mat":
        arrays = [_split(label_map, white_is_object) for label_map in _read_npz(data, name)]
        saved = Saved(tuple(_as_result(_whole(label_map, name)) for label_map in arrays))
    elif suffix == ".mat":
        raise ImageError("{name} is no MATLAB 5 file. Save it in MATLAB with '-v6' or '-v7'.", name=name)
    else:
        try:
            saved = _load_picture(data, name, white_is_object, classes, colours, void_alone)
        except ImageError as error:
            if error.message.template != TOO_MANY:
                raise
            saved = _load_objects(data, name)
    for label_map in saved.maps[1:]:
        if label_map.labels.shape != saved.shape:
            raise ImageError("The maps in {name} differ in size. Save those of one picture together.", name=name)
    return saved


def _load_picture(
    data: bytes,
    name: str,
    white_is_object: bool,
    classes: Vocabulary | None,
    colours: Sequence[Colour],
    void_alone: bool,
) -> Saved:
    most = MOST_REGIONS
    file = read_ground_truth(data, None, name, classes, most, white_is_object, colours, void_alone=void_alone)
    maps = (_as_result(file.truth.labels, file.truth.classes),)
    return Saved(maps, None, file.notes, file.tones, file.palette)


def _load_objects(data: bytes, name: str) -> Saved:
    """A map of numbers that are too large for classes: single objects, numbered anew."""
    ids = read_stored(open_mask(data, name), name).ids
    assert ids is not None  # colours aren't too large
    labels, note = _whole(ids, name), Message(RENUMBERED.template, {"last": str(int(ids.max()))})
    return Saved((Segmentation(labels, segments(int(labels.max()) + 1)),), notes=(note,))


def spread_thresholds(count: int) -> NDArray[np.float64]:
    """`count` thresholds between 0 and 1, both left out.

    Examples
    --------
    >>> spread_thresholds(3).tolist()
    [0.25, 0.5, 0.75]
    """
    return np.arange(1, count + 1) / (count + 1)


def cut_contours(ucm2: NDArray[np.floating], threshold: float) -> Segmentation:
    """The regions and boundaries of a contour map of double size (Arbelaez et al. 2011) at one threshold.

    Parameters
    ----------
    ucm2 : ndarray, float, shape (2 H + 1, 2 W + 1)
        The strength of the contour between pixels, 0 to 1.
    threshold : float
        Contours up to this strength are no borders of regions; from it on they are boundaries.

    Examples
    --------
    >>> ucm2 = np.zeros((3, 5))
    >>> ucm2[:, 2] = 0.5
    >>> cut_contours(ucm2, 0.4).labels.tolist(), cut_contours(ucm2, 0.6).labels.tolist()
    ([[1, 2]], [[1, 1]])
    """
    from skimage.measure import label

    regions = label(ucm2 <= threshold, connectivity=2)[1::2, 1::2]
    return Segmentation(_whole(regions, "ucm2"), segments(int(regions.max()) + 1), ucm2[2::2, 2::2] >= threshold)


def _as_result(labels: Labels, classes: Vocabulary | None = None) -> Segmentation:
    """A map of class ids, or of regions without names if there are ids that no class can have."""
    highest = int(labels.max(initial=0))
    if highest > VOID:
        return Segmentation(labels, segments(highest + 1))
    if classes is not None and classes.is_named and classes.id != "mask":
        return Segmentation(labels, classes)
    if classes is not None and classes.names[0].startswith("#"):
        return Segmentation(labels, Vocabulary("colours", classes.names))
    return Segmentation(labels, number_classes(int(labels[labels != VOID].max(initial=0)) + 1))


def number_classes(count: int) -> Vocabulary:
    """The vocabulary of `count` classes, two at least, whose names nobody knows.

    Examples
    --------
    >>> number_classes(3).names
    ('class 0', 'class 1', 'class 2')
    """
    return Vocabulary("mask", tuple(f"class {i}" for i in range(max(count, 2))))


def _whole(values: NDArray[Any], name: str) -> Labels:
    """Labels in 8 or 16 bits; regions with other numbers are numbered anew."""
    if values.ndim != 2 or not values.size or values.dtype.kind not in "biuf":
        raise ImageError("{name} holds something that is no label map. Save maps of whole numbers.", name=name)
    if values.dtype.kind == "f" and not (np.isfinite(values) & (values == np.round(values))).all():
        raise ImageError("{name} has values between whole numbers. Save label maps, not scores.", name=name)
    if values.min() < 0 or values.max() >= MOST_REGIONS:
        if values.min() < 0:
            raise ImageError("{name} has labels below zero. Use 255 for pixels that are not judged.", name=name)
        numbers = renumber(values)
        if numbers.max() >= MOST_REGIONS:
            raise ImageError(
                "{name} has {count} regions. At most {most} can be told apart.",
                name=name,
                count=int(numbers.max()),
                most=MOST_REGIONS - 1,
            )
        return numbers.astype(np.uint16)
    return values.astype(np.uint8) if values.max() <= VOID else values.astype(np.uint16)


def _split(label_map: NDArray[Any], white_is_object: bool) -> NDArray[Any]:
    return split_tones(label_map) if white_is_object and label_map.dtype == np.uint8 else label_map


def _read_npz(data: bytes, name: str) -> list[NDArray[Any]]:
    most = 64 * settings().max_pixels
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as files:
            if sum(file.file_size for file in files.infolist()) > most:
                raise ImageError("{name} is too large when unpacked. Save fewer or smaller maps.", name=name)
            for member in files.namelist():
                with files.open(member) as content:
                    if member.endswith(".npy") and count_values(content) > most:
                        raise ValueError("an array of a giant size")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = {key: arrays[key] for key in arrays.files}
    except (ValueError, OSError, EOFError, KeyError, RuntimeError, TokenError, zlib.error, zipfile.BadZipFile) as error:
        raise ImageError("{name} is damaged, or no .npz file of plain arrays. Save it anew.", name=name) from error
    maps = [label_map for array in found.values() if array.dtype.kind in "biu" for label_map in _maps_in(array)]
    if not maps:
        raise ImageError(
            "{name} has no array of whole numbers with two or three dimensions. It has {names}.",
            name=name,
            names=", ".join(f"{key} {value.dtype} {value.shape}" for key, value in found.items()) or "none",
        )
    return maps


def _maps_in(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    if array.ndim == 2:
        yield array
    elif array.ndim == 3:
        yield from array


def _load_mat(data: bytes, name: str, truth: bool, thresholds: int) -> Saved:
    content = _read_mat(data, name)
    wanted = ("groundTruth", "segs", "ucm2") if truth else ("segs", "ucm2", "groundTruth")
    variable = next((v for v in wanted if v in content), None)
    if variable is None:
        raise ImageError(
            "{name} has no variable segs, groundTruth or ucm2. It has {names}.",
            name=name,
            names=", ".join(sorted(content)) or "none",
        )
    values = content[variable]
    if variable == "ucm2":
        if values.ndim != 2 or values.dtype.kind != "f" or not all(side > 2 and side % 2 for side in values.shape):
            raise ImageError("ucm2 in {name} is no contour map of double size, 2 H + 1 by 2 W + 1.", name=name)
        cuts = spread_thresholds(thresholds)
        return Saved(tuple(cut_contours(values, threshold) for threshold in cuts.tolist()), cuts)
    maps = [_whole(label_map, name) for label_map in _unpack(values, variable, name)]
    if not maps:
        raise ImageError("{name} has no segmentation in it. Use another file.", name=name)
    return Saved(tuple(Segmentation(label_map, segments(int(label_map.max()) + 1)) for label_map in maps))


def _read_mat(data: bytes, name: str) -> Mapping[str, Any]:
    from scipy.io import loadmat

    if data.startswith(b"MATLAB 7.3"):
        raise ImageError("{name} is a MATLAB 7.3 file. Save it in MATLAB with '-v7'.", name=name)
    try:
        content = loadmat(io.BytesIO(data))
    except Exception as error:  # scipy's reader raises whatever damaged bytes lead it to
        raise ImageError("{name} is damaged, or no MATLAB 5 file. Save it anew with '-v7'.", name=name) from error
    return {key: value for key, value in content.items() if not key.startswith("__")}


def _unpack(values: NDArray[Any], variable: str, name: str) -> list[NDArray[Any]]:
    """The label maps of a cell array, a struct array, or a cell array of structs."""
    if values.dtype.kind not in "OV":
        return [values]
    try:
        return [_region_map(cell) for cell in values.ravel()]
    except (AttributeError, ValueError, KeyError, IndexError, TypeError) as error:
        raise ImageError(
            "{variable} in {name} is no cell array of label maps or of structs with a Segmentation.",
            variable=variable,
            name=name,
        ) from error


def _region_map(cell: Any) -> NDArray[Any]:
    if cell.dtype.names:
        cell = cell["Segmentation"]
    return np.asarray(cell.item() if cell.dtype.kind == "O" else cell)
