"""The names of classes in the files in which tools write them.

====================================  ================================================================================
``classes.txt``, ``class_names.txt``  a name a line; the number of the line, from 0, is the id. labelme's first line
``labels.txt``                        ``__ignore__`` is left out
``labelmap.txt`` (CVAT)               ``name:red,green,blue:parts:actions``: names, and the colours of the masks
``_classes.csv`` (Roboflow)           ``id, name``
``class_dict.csv``                    ``name,red,green,blue``
``dataset.json`` (nnU-Net)            ``"labels": {name: id}``
====================================  ================================================================================
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from pathlib import Path

from segmethods.core.messages import ParameterError

Colour = tuple[int, int, int]

_ACCENT = re.compile(rb"[a-z][\xe0-\xff]")
"""A letter with an accent after another one, in the encodings of western Windows; as GBK it is a rare character."""

FILES = (
    *("classes.txt", "class_names.txt", "labelmap.txt", "labels.txt"),
    *("_classes.csv", "class_dict.csv", "dataset.json"),
)
"""The names of such files, in the order in which they are looked for."""


@dataclass(frozen=True)
class ClassNames:
    """The classes that a file names.

    Parameters
    ----------
    names : tuple of str
        By id; empty where a line between names is.
    colours : tuple of (int, int, int)
        The colours of the classes in colour masks, by id; empty where the file has none.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...] = ()


def read_class_names(file: Path) -> ClassNames:
    """The classes that a file names; the forms are at the top of this module.

    Empty lines at the end are left out. One between names is an empty name, which callers refuse: whether it counts is
    anybody's guess.

    Raises
    ------
    ParameterError
        If the file can't be read.
    """
    text = decode_text(file)
    try:
        match file.name.lower():
            case "dataset.json":
                return _read_nnunet(text)
            case "_classes.csv":
                return _read_numbered(text)
            case "class_dict.csv":
                return _read_coloured(text, ",")
    except (ValueError, IndexError, AttributeError, TypeError) as error:
        raise ParameterError(
            "{file} names no classes that can be read ({reason}). Write classes.txt, a name a line.",
            file=file.name,
            reason=" ".join(str(error).split())[:80],
        ) from error
    lines = [line.strip() for line in text.rstrip().splitlines()]
    if _is_labelmap(lines):
        return _read_coloured("\n".join(line for line in lines if not line.startswith("#")), ":")
    return ClassNames(tuple(lines[1:] if lines[:1] == ["__ignore__"] else lines))


def decode_text(file: Path) -> str:
    """The text of a file in UTF-8, UTF-16 or GBK, as editors on Windows write it.

    Raises
    ------
    ParameterError
        If it is in none of them, or can't be read.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ParameterError(
            "{file} can't be read ({reason}). Check the path and your rights.",
            file=str(file),
            reason=error.strerror or "?",
        ) from error
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    known = next((name for mark, name in marks.items() if data.startswith(mark)), "")
    for encoding in [known] if known else ["utf-8", "gbk"]:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text and not (encoding == "gbk" and _ACCENT.search(data)):
            return text
    raise ParameterError("{file} is not text in UTF-8, UTF-16 or GBK. Save it as UTF-8.", file=file.name)


def _is_labelmap(lines: list[str]) -> bool:
    rows = [line for line in lines if line and not line.startswith("#")]
    return bool(rows) and all(line.count(":") == 3 for line in rows)


def _read_coloured(text: str, mark: str) -> ClassNames:
    """Rows of a name and a colour, ``name:r,g,b:...`` or ``name,r,g,b``."""
    names, colours = [], []
    for line in text.splitlines():
        name, _, rest = line.strip().partition(mark)
        numbers = rest.partition(":")[0].split(",")
        if len(numbers) == 3 and all(number.strip().isdecimal() for number in numbers):
            red, green, blue = (int(number) for number in numbers)
            names.append(name.strip())
            colours.append((red, green, blue))
        elif mark == ":" and not rest.partition(":")[0]:
            raise ValueError(line)
    if not names:
        raise ValueError("no colours")
    if mark == ":" and (0, 0, 0) in colours:  # CVAT's ids go by its background, which it may write anywhere
        order = sorted(range(len(names)), key=lambda i: colours[i] != (0, 0, 0))
        names, colours = [names[i] for i in order], [colours[i] for i in order]
    return ClassNames(tuple(names), tuple(colours))


def _read_numbered(text: str) -> ClassNames:
    rows = [line.partition(",") for line in text.splitlines() if line.strip()]
    return _by_id({int(number): name.strip() for number, _, name in rows if number.strip().isdecimal()})


def _read_nnunet(text: str) -> ClassNames:
    content = json.loads(text)
    labels = content.get("labels") if isinstance(content, dict) else None
    if not isinstance(labels, dict) or not labels:  # another tool's file of this name
        return ClassNames(())
    if all(str(key).isdecimal() for key in labels):  # nnU-Net 1 wrote it the other way round
        return _by_id({int(number): str(name) for number, name in labels.items()})
    return _by_id({int(number): str(name) for name, number in labels.items() if name != "ignore"})


def _by_id(names: dict[int, str]) -> ClassNames:
    if not names or max(names) > 254:
        raise ValueError("ids must lie between 0 and 254")
    return ClassNames(tuple(names.get(i, f"class {i}") for i in range(max(names) + 1)))
