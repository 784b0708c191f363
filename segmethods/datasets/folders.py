"""A data set in a folder, as its layout says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from segmethods.core.messages import Message, ParameterError
from segmethods.core.types import BINARY, Vocabulary
from segmethods.datasets.class_folders import find_class_folders, open_beside, open_class_folders
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.files import FolderFiles, list_files
from segmethods.datasets.folder_patterns import is_split, same_split
from segmethods.datasets.listings import find_listings
from segmethods.datasets.masks import MaskReading, decide_reading
from segmethods.datasets.object_files import has_object_folders, open_object_files
from segmethods.datasets.pairing import MASK_WORDS
from segmethods.datasets.panoptic import numbers_segments, open_panoptic
from segmethods.datasets.polarity import INVERTED
from segmethods.datasets.reasons import NO_FORMAT, NO_IMAGE
from segmethods.datasets.sample_refs import NO_CLASSES, Kind, SampleRef, Skipped
from segmethods.datasets.scanning import FolderScan, Part, rank_split, scan_folder, short_names
from segmethods.io.annotations import is_background
from segmethods.io.class_names import ClassNames, find_class_names
from segmethods.io.id_maps import PRESETS, IdMap
from segmethods.io.labelling_tools import BOXES, has_boxes

JOINED = Message("{count:picture has|pictures have} several masks, which were joined.")
BLANK = Message("{count:picture has|pictures have} no mask, by the layout's rule: nothing but background is in them.")
FIRST_MASK = Message(
    "{count:picture has|pictures have} several masks of classes, of which the first by name counts, such as {file}. "
    "Take the others out."
)
OWN_NUMBERS = Message(
    "{file} numbers classes in each folder anew: equal ids in two masks are different classes. Save all masks with the "
    "same ids, or give labelme's JSON files and the pictures."
).template
NO_NAMES = Message("There is no {file}: the classes are those that the outlines name, in the order in which they come.")
RIVALS = Message("The masks are those of the folder {folder}; the files of {others} would fit as well.")


def open_folder(
    folder: Path, split: str, source: str, name: str = "", ids: IdMap | None = None, keep_white: bool = False
) -> Dataset:
    """The data set in a folder, or one part of it.

    Parameters
    ----------
    folder : Path
        Where it lies, or a folder around it.
    split : str
        The part; the first one if empty.
    source : str
        What messages call the folder.
    name : str, optional
        What the data set is called, if not by its folder.
    ids : IdMap, optional
        What the ids in its masks become, if not what its layout says.
    keep_white : bool
        Whether masks that seem to be the wrong way round are judged all the same.

    Raises
    ------
    ParameterError
        If there is no data set, no such part, or its classes can't be told.
    """
    scan = _scan(folder, split, source)
    if isinstance(scan, ParameterError):
        parts = _open_others(folder, source, name)
        if not parts:
            raise scan
        return _choose(parts, split, source)
    return _open_part(scan, scan.part("" if _is_root(scan, split) else split, source), source, name, ids, keep_white)


def open_folder_parts(
    folder: Path, split: str, source: str, name: str = "", ids: IdMap | None = None, keep_white: bool = False
) -> dict[str, Dataset]:
    """All parts of the data set in a folder by their names, or the one that is named; as `open_folder`."""
    scan = _scan(folder, split, source)
    if isinstance(scan, ParameterError):
        parts = _open_others(folder, source, name)
        if not parts:
            raise scan
        _refuse_several(parts, split, source)
        return {split: _choose(parts, split, source)} if split else parts
    chosen = scan.parts if not split or _is_root(scan, split) else (scan.part(split, source),)
    return {part.split: _open_part(scan, part, source, name, ids, keep_white) for part in chosen}


def _scan(folder: Path, split: str, source: str) -> FolderScan | ParameterError:
    """The data set of images and masks; why there is none, or that it has no pairs where they lie in another way."""
    try:
        scan = scan_folder(folder.absolute(), split, source)
    except ParameterError as error:
        return error
    masks = {mask for part in scan.parts for _, found in part.pairs for mask in found}
    if masks:
        files = list_files(folder.absolute())
        has_folders = _has_mask_folders(scan) and (bool(find_class_folders(files)) or has_object_folders(files))
        has_others = has_folders or numbers_segments(files, masks)
    else:
        has_others = bool(_open_others(folder, source, ""))
        if not has_others and (boxes := _find_boxes(scan)):
            return ParameterError(BOXES, name=boxes)
    return ParameterError("{folder} has no masks.", folder=source) if has_others else scan


def _find_boxes(scan: FolderScan) -> str:
    """A file of boxes that lies where masks do, if they are all that lies there."""
    skipped = [(scan.root / one.name, one.reason) for part in scan.parts for one in part.skipped]
    files = [file for file, reason in skipped if reason == NO_FORMAT and file.suffix.lower() == ".xml"]
    is_alone = all(reason != NO_IMAGE for _, reason in skipped)
    return next((file.name for file in files if is_alone and has_boxes(file.read_bytes())), "")


def _has_mask_folders(scan: FolderScan) -> bool:
    """Whether masks of classes lie in folders of the folder of masks."""
    masks = [(mask, part.folders[1]) for part in scan.parts for _, found in part.pairs for mask in found]
    return not scan.layout.regions and any(mask.parent != folder for mask, folder in masks)


def _open_others(folder: Path, source: str, name: str) -> dict[str, Dataset]:
    """Parts whose truths lie in one file for many images, or in many files for one."""
    files = list_files(folder.absolute())
    return (
        open_class_folders(files, folder, source, name)
        or _open_listings(files, folder, source, name)
        or open_panoptic(files, folder, source, name)
        or open_object_files(files, folder, source, name)
        or open_beside(files, folder, source, name)
    )


def _open_listings(files: FolderFiles, folder: Path, source: str, name: str) -> dict[str, Dataset]:
    found: dict[str, Dataset] = {}
    listings = find_listings(files)
    for part in listings:
        classes = Vocabulary("dataset", part.classes)
        stems = [image.stem for image, _ in part.truths]
        unique = len(set(stems)) == len(stems)
        pairs = tuple(
            SampleRef(
                image.stem if unique else image.relative_to(files.root).with_suffix("").as_posix(),
                image,
                (truth,),
                "labels",
                classes,
                (image.relative_to(files.root).as_posix(), part.file.name),
            )
            for image, truth in part.truths
        )
        title = name or f"{folder.absolute().name} {part.split}".strip()
        path = part.file.relative_to(files.root).with_suffix("").as_posix()
        is_alone = part.split != "" or sum(not other.split for other in listings) == 1
        key = part.split if is_alone and part.split not in found else path
        found[key] = Dataset(title, source, pairs, part.skipped, classes, part.tool, len(files.junk), part.notes)
    return dict(sorted(found.items(), key=lambda item: rank_split(item[0])))


def _refuse_several(parts: dict[str, Dataset], split: str, source: str) -> None:
    """Raise `ParameterError` if no part is named, and several could be meant."""
    if not split and len(parts) > 1 and "" not in parts and not any(map(is_split, parts)):
        raise ParameterError(
            "{folder} holds several data sets. Name one of them: {choices}.", folder=source, choices=", ".join(parts)
        )


def _choose(parts: dict[str, Dataset], split: str, source: str) -> Dataset:
    wanted = same_split(split)
    _refuse_several(parts, split, source)
    for key, part in parts.items():
        if not split or same_split(key) == wanted:
            return part
    choices = ", ".join(key for key in parts if key) or "none"
    raise ParameterError(
        "{folder} has no part {split}. Choose from {choices}.", folder=source, split=split, choices=choices
    )


def _is_root(scan: FolderScan, split: str) -> bool:
    """Whether a name is that of the data set's own folder, and not of a part."""
    return scan.root.name == split and all(part.split != split for part in scan.parts)


def _open_part(scan: FolderScan, part: Part, source: str, name: str, ids: IdMap | None, keep_white: bool) -> Dataset:
    if ids is None and scan.layout.ids:
        ids = PRESETS[scan.layout.ids]
    _refuse_own_numbers(part)
    reading = _name_by_folder(part, _decide(scan, part, ids, keep_white))
    pairs = tuple(
        _pair(scan, title, image, masks, reading, ids)
        for title, (image, masks) in zip(_unique_names(scan, part), part.pairs, strict=True)
        if not set(masks) & set(reading.inverted)
    )
    inverted = [Skipped(name, _tell_inverted(file)) for name, file in _named(scan, reading.inverted)]
    return Dataset(
        name or f"{scan.root.name} {part.split}".strip(),
        source,
        pairs,
        (*part.skipped, *inverted),
        reading.classes,
        scan.layout.name,
        part.passed + len(scan.junk),
        (
            *reading.notes,
            *_tell_folders(part, reading),
            *_tell_joined(pairs),
            *_tell_first(pairs, part),
            *_tell_blank(pairs),
            *_tell_rivals(part),
        ),
    )


def _pair(
    scan: FolderScan, title: str, image: Path, masks: tuple[Path, ...], reading: MaskReading, ids: IdMap | None
) -> SampleRef:
    """An image with its mask; several masks of two values are joined."""
    files = tuple(short_names(scan, (image, *masks)))
    if not masks:
        kind: Kind = "object files" if reading.kind == "objects" else "class files"
        return SampleRef(title, image, (), kind, reading.classes, files)
    is_joined = len(masks) > 1 and reading.kind in ("masks", "labels") and len(reading.classes) == 2 and ids is None
    if is_joined:
        return SampleRef(title, image, masks, "class files", reading.classes, files, class_ids=(1,) * len(masks))
    if len(masks) > 1 and reading.kind != "segmentations":
        masks, files = masks[:1], files[:2]
    return SampleRef(
        title, image, masks, reading.kind, reading.classes, files, ids, reading.colours, reading.void_alone
    )


def _tell_joined(pairs: Sequence[SampleRef]) -> tuple[Message, ...]:
    count = sum(pair.kind == "class files" and len(pair.truth) > 1 for pair in pairs)
    return (Message(JOINED.template, {"count": count}),) if count else ()


def _tell_first(pairs: Sequence[SampleRef], part: Part) -> tuple[Message, ...]:
    """That masks which can't be joined lie beside those that count."""
    several = {image for image, masks in part.pairs if len(masks) > 1}
    cut = [pair for pair in pairs if len(pair.truth) == 1 and pair.image in several]
    return (Message(FIRST_MASK.template, {"count": len(cut), "file": cut[0].files[1]}),) if cut else ()


def _refuse_own_numbers(part: Part) -> None:
    """Raise `ParameterError` where labelme's export of single pictures gave classes other ids in each folder."""
    files = [image.parent / "label_names.txt" for image, _ in part.pairs]
    if len({file.read_bytes() for file in files if file.is_file()}) > 1:
        raise ParameterError(OWN_NUMBERS, file="label_names.txt")


def _tell_blank(pairs: Sequence[SampleRef]) -> tuple[Message, ...]:
    count = sum(not pair.truth for pair in pairs)
    return (Message(BLANK.template, {"count": count}),) if count else ()


def _tell_rivals(part: Part) -> tuple[Message, ...]:
    """That masks could have been taken from another folder as well."""
    values = {"folder": part.folders[1].name, "others": ", ".join(part.rivals)}
    return (Message(RIVALS.template, values),) if part.rivals else ()


def _name_by_folder(part: Part, reading: MaskReading) -> MaskReading:
    """Masks without names of classes whose only folder has a name: ``masks/scratch/x.png`` of ``images/x.png``."""
    masks = {mask.parent for _, found in part.pairs for mask in found}
    images = {image.parent.name for image, _ in part.pairs}
    if reading.classes.names != BINARY.names or reading.kind not in ("masks", "labels") or len(masks) != 1:
        return reading
    folder = masks.pop()
    is_plain = is_split(folder.name) or is_background(folder.name) or re.fullmatch(MASK_WORDS, folder.name.lower())
    if folder.parent != part.folders[1] or folder.name in images or is_plain:
        return reading
    note = Message("All masks lie in the folder {name}: that is what their object is called.", {"name": folder.name})
    classes = Vocabulary("dataset", ("background", folder.name))
    return replace(reading, classes=classes, notes=(*reading.notes, note))


def _named(scan: FolderScan, files: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    return zip(short_names(scan, files), files, strict=True)


def _tell_inverted(file: Path) -> Message:
    return Message(INVERTED.template, {"files": file.name})


def _tell_folders(part: Part, reading: MaskReading) -> tuple[Message, ...]:
    """That masks of two classes lie in several folders, which may have been meant for more classes."""
    images = {image.parent for image, _ in part.pairs}
    masks = {mask.parent.name for _, found in part.pairs for mask in found}
    if len(reading.classes) != 2 or len(images) > 1 or len(masks) < 2:
        return ()
    values = {"count": len(masks), "first": min(masks)}
    return (
        Message("The masks lie in {count} folders, such as {first}: these names were not taken for classes.", values),
    )


def _decide(scan: FolderScan, part: Part, ids: IdMap | None, keep_white: bool) -> MaskReading:
    if scan.layout.regions:
        return MaskReading("segmentations", NO_CLASSES)
    if ids is not None and ids.classes is not None:
        return MaskReading("labels", ids.classes)
    if scan.layout.kind and scan.layout.classes:
        return MaskReading(scan.layout.kind, scan.layout.classes)
    known = _find_names(scan, part)
    masks = [mask for _, found in part.pairs for mask in found]
    reading = decide_reading(masks, known, _name_classes(known, scan), keep_white)
    if known is not None or not scan.layout.names:
        return reading
    return replace(reading, notes=(*reading.notes, Message(NO_NAMES.template, {"file": scan.layout.names})))


def _unique_names(scan: FolderScan, part: Part) -> list[str]:
    """The names of images without their endings, or their paths where two have one name."""
    stems = [image.stem for image, _ in part.pairs]
    if len(set(stems)) == len(stems):
        return stems
    return [short.rpartition(".")[0] for short in short_names(scan, (image for image, _ in part.pairs))]


def _find_names(scan: FolderScan, part: Part) -> ClassNames | None:
    """What the first file of class names says: in the data set's folder, in that of a part, or one folder up."""
    found = find_class_names(dict.fromkeys(_places_of_names(scan, part)))
    return None if found is None else found[1]


def _places_of_names(scan: FolderScan, part: Part) -> Iterator[Path]:
    yield scan.root
    for known in (part, *scan.parts):
        for folder in known.folders:
            yield from (place for place in (folder, *folder.parents) if place.is_relative_to(scan.root))
    yield scan.root.parent


def _name_classes(known: ClassNames | None, scan: FolderScan) -> Vocabulary | None:
    """The classes that a file or the layout names: a known vocabulary where they are its names."""
    return scan.layout.classes if known is None else known.vocabulary
