"""The names of classes in the files in which tools write them.

====================================  ================================================================================
``classes.txt``, ``class_names.txt``  a name a line; the number of the line, from 0, is the id. labelme's first line
``labels.txt``, ``obj.names``         ``__ignore__`` is left out. Where all lines have a number before or after the
                                      name (``0: road``, ``road 0``), that is the id; ``#rrggbb`` is a colour
``labelmap.txt`` (CVAT)               ``name:red,green,blue:parts:actions``: names, and the colours of the masks
``label_colors.txt``                  ``red green blue name``, the other way round as well
``_classes.csv`` (Roboflow)           ``id, name``
``class_dict.csv``                    ``name,red,green,blue``
``data.yaml`` (YOLO)                  ``names:`` and a list, or ids and names
``classes.json`` (SuperAnnotate)      ``[{"name": name, "color": "#rrggbb"}]``; the background comes before, but where
                                      the first class is black
``dataset.json`` (nnU-Net)            ``"labels": {name: id}``
``obj_class_to_machine_color.json``   ``{name: [id, id, id]}`` (Supervisely's ``masks_machine/``)
``meta.json`` (Supervisely)           ``"classes": [{"title": name, "color": "#rrggbb"}]``; the background comes before
====================================  ================================================================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmethods.core.messages import ParameterError
from segmethods.core.types import CAMVID, VOC, Vocabulary
from segmethods.io.text_marks import find_encoding

Colour = tuple[int, int, int]

_ACCENT = re.compile(rb"[a-z][\xe0-\xff]")
"""A letter with an accent after another one, in the encodings of western Windows; as GBK it is a rare character."""

FILES = (
    *("classes.txt", "class_names.txt", "labelmap.txt", "labels.txt", "obj.names", "label_colors.txt"),
    *("_classes.csv", "classes.csv", "class_dict.csv", "data.yaml", "data.yml", "dataset.yaml", "dataset.json"),
    *("classes.json", "obj_class_to_machine_color.json", "meta.json"),
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
    adds_ground : bool
        Whether the file leaves out the background, which was put before its names.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...] = ()
    adds_ground: bool = False

    @property
    def listed(self) -> tuple[str, ...]:
        """The names that stand in the file."""
        return self.names[1:] if self.adds_ground else self.names

    @property
    def vocabulary(self) -> Vocabulary:
        """The classes: a known vocabulary where they are its names."""
        known = {tuple(map(_plain, v.names)): v for v in (VOC, CAMVID)}
        return known.get(tuple(map(_plain, self.names))) or Vocabulary("dataset", self.names)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def read_class_names(file: Path) -> ClassNames:
    """The classes that a file names; the forms are at the top of this module.

    Empty lines at the end are left out. One between names is an empty name, which callers refuse: whether it counts is
    anybody's guess.

    Raises
    ------
    ParameterError
        If the file can't be read.
    """
    try:
        found = _read(file.name.lower(), decode_text(file))
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ParameterError(
            "{file} names no classes that can be read ({reason}). Write classes.txt, a name a line.",
            file=file.name,
            reason=" ".join(str(error).split())[:80],
        ) from error
    twice = next((name for i, name in enumerate(found.names) if name and name in found.names[:i]), None)
    if twice is not None:
        raise ParameterError("{file} has the class {name} twice. Name its classes apart.", file=file.name, name=twice)
    return found


def find_class_names(folders: Iterable[Path]) -> tuple[Path, ClassNames] | None:
    """The first file of class names in some folders, tried one after the other, and what it says; None without one.

    Raises
    ------
    ParameterError
        If it can't be read, or has an empty line between its names.
    """
    for folder in folders:
        inside = [*folder.iterdir(), *folder.glob("classes/classes.json")] if folder.is_dir() else []
        there = {file.name.lower(): file for file in inside}
        for file in (there[name] for name in FILES if name in there):
            found = read_class_names(file)
            if found.names and not all(found.names):
                raise ParameterError("{file} has an empty line between its names. A line is a class.", file=file.name)
            if found.names:
                _refuse_orders(file, found, there)
                return file, found
    return None


def _refuse_orders(file: Path, found: ClassNames, there: Mapping[str, Path]) -> None:
    """Raise `ParameterError` if another file beside it has the same names in another order."""
    ours = [_plain(name) for name in found.listed]
    for other in (there[name] for name in FILES if name in there and there[name] != file):
        try:
            theirs = [_plain(name) for name in read_class_names(other).listed]
        except ParameterError:  # it isn't used
            continue
        if theirs != ours and sorted(theirs) == sorted(ours):
            raise ParameterError(
                "{first} and {second} name the same classes in another order. Take the wrong one out.",
                first=file.name,
                second=other.name,
            )


def _read(name: str, text: str) -> ClassNames:
    match name:
        case "dataset.json":
            return _read_nnunet(text)
        case "classes.json":
            return _read_tool(json.loads(text), "name")
        case "obj_class_to_machine_color.json":
            return _by_id({0: "background"} | {int(hue[0]): str(title) for title, hue in json.loads(text).items()})
        case "meta.json":
            content = json.loads(text)
            listed = content.get("classes") if isinstance(content, dict) else None
            is_own = isinstance(listed, list) and all(isinstance(row, dict) and "title" in row for row in listed)
            return _read_tool(listed, "title") if listed and is_own else ClassNames(())
        case "_classes.csv":
            return _read_numbered(text)
        case "class_dict.csv":
            return _read_coloured(text, ",")
    if name.endswith((".yaml", ".yml")):
        return _read_yaml(text)
    lines = [line.strip() for line in text.rstrip().splitlines() if not line.startswith("# ")]
    if _is_labelmap(lines):
        return _read_coloured("\n".join(line for line in lines if not line.startswith("#")), ":")
    lines, hues = _split_hues(lines)
    if lines[:1] == ["__ignore__"] or re.fullmatch(_HEAD, "".join(lines[:1]).lower()):
        lines, hues = lines[1:], hues[1:]
    rows = [re.fullmatch(_COLOURED, line) for line in lines if line]
    if rows and all(rows):
        return _read_rows([row for row in rows if row])
    for pattern in (_NUMBER_FIRST, _NUMBER_LAST):
        known = [re.fullmatch(pattern, line) for line in lines if line]
        ids = {int(row["id"]): row["name"].strip().strip("\"'") for row in known if row}
        if len(ids) == len(known) > 1 and all(known) and _are_ids(ids):
            return _by_id({number: title for number, title in ids.items() if number != 255})
    return ClassNames(tuple(lines), _read_hues(hues))


def _split_hues(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names, and the six digits of the colours that stand beside them; empty where none does."""
    found = [re.fullmatch(_HUED, line) for line in lines]
    names = [row["name"] or row["title"] if row else line for row, line in zip(found, lines, strict=True)]
    return names, [(row["hue"] or row["own"]).lower() if row else "" for row in found]


def _read_hues(hues: Sequence[str]) -> tuple[Colour, ...]:
    """The colours of classes, where all have their own; masks of black and another one are read by any names."""
    if not all(hues) or len({*hues}) < len(hues) or (len(hues) == 2 and hues[0] == "000000"):
        return ()
    return tuple(map(_read_hue, hues))


def _read_hue(digits: str) -> Colour:
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _read_tool(rows: Sequence[Mapping[str, Any]], key: str) -> ClassNames:
    """Names and colours of a tool whose background has neither; no colours where they don't tell classes apart."""
    names = [str(row[key]).strip() for row in rows]
    shown = [_write_hue(row.get("color")) for row in rows]
    if (
        shown[:1] == ["000000"]
        and len({*shown}) == len(shown)
        and all(re.fullmatch("[0-9a-f]{6}", hue) for hue in shown)
    ):
        return ClassNames(tuple(names), tuple(map(_read_hue, shown)))
    if len({"000000", *shown}) <= len(shown) or not all(re.fullmatch("[0-9a-fA-F]{6}", hue) for hue in shown):
        return ClassNames(("background", *names), adds_ground=True)
    return ClassNames(("background", *names), ((0, 0, 0), *map(_read_hue, shown)), adds_ground=True)


def _write_hue(colour: Any) -> str:
    """The six digits of a colour that stands as such or as three numbers; anything else for all others."""
    if isinstance(colour, list) and len(colour) == 3 and all(isinstance(v, int) and 0 <= v <= 255 for v in colour):
        return bytes(colour).hex()
    return str(colour or "").lstrip("#").lower()


_HUED = (
    r"(?P<name>.*?[^\s:=,;])\s*[:=,;\t ]\s*#(?P<hue>[0-9a-fA-F]{6})|#(?P<own>[0-9a-fA-F]{6})[:=,;\t ]\s*(?P<title>.+)"
)
_HEAD = r"(id|index|class|value|pixel value)[ ,;\t]+(name|class|label)s?"
_NUMBER_FIRST = r"(?P<id>\d{1,3})\s*[:=,;.)\t ]\s*(?P<name>\S.*)"
_NUMBER_LAST = r"(?P<name>.*?[^\s:=,;])\s*[:=,;\t ]\s*(?P<id>\d{1,3})"
_COLOURED = (
    r"(?P<rgb>\d{1,3}[ ,\t]+\d{1,3}[ ,\t]+\d{1,3})[ ,\t]+(?P<name>[^\d\s].*)|"
    r"(?P<title>[^\d\s].*?)[ ,:\t]+(?P<own>\d{1,3}[ ,\t]+\d{1,3}[ ,\t]+\d{1,3})"
)


def _are_ids(ids: Mapping[int, str]) -> bool:
    """Whether numbers beside names count them, as ids do, and names that end with a number don't."""
    judged = sorted(number for number in ids if number != 255)
    return judged[0] in (0, 1) and 2 * len(judged) > judged[-1] and len(set(ids.values())) == len(ids)


def _read_rows(rows: Sequence[re.Match[str]]) -> ClassNames:
    names, colours = [], []
    for row in rows:
        red, green, blue = (int(v) for v in re.split(r"[ ,\t]+", row["rgb"] or row["own"]))
        names.append((row["name"] or row["title"]).strip())
        colours.append((red, green, blue))
    return ClassNames(tuple(names), tuple(colours))


def _read_yaml(text: str) -> ClassNames:
    """The ``names`` of a YAML file, as a list or by ids; no other YAML is understood."""
    found = re.search(r"^names\s*:[ \t]*(.*)$", text, re.MULTILINE)
    if found is None:
        return ClassNames(())
    inline = re.match(r"[\[{](.*?)[\]}]", text[found.start(1) :], re.DOTALL)
    if inline:
        items = [item.strip() for item in inline[1].split(",") if item.strip()]
    else:
        block = re.match(r"(?:[ \t]*\n|[ \t]+\S.*(?:\n|$)|-\s.*(?:\n|$))*", text[found.end(1) + 1 :])
        items = [line.strip() for line in (block[0] if block else "").splitlines() if line.strip()]
    items = [re.sub(r"""^((?:[^"'#]|"[^"]*"|'[^']*')*?)\s+#.*$""", r"\1", item) for item in items]
    plain = [item.removeprefix("- ").strip().strip("\"'") for item in items]
    rows = [re.fullmatch(r"(?P<id>\d{1,3})\s*:\s*(?P<name>.+)", item) for item in plain]
    if rows and all(rows):
        return _by_id({int(row["id"]): row["name"].strip().strip("\"'") for row in rows if row})
    return ClassNames(tuple(plain))


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
    known = find_encoding(data)
    for encoding in [known] if known else ["utf-8", "gbk"]:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if encoding == "gbk" and not _is_in("gb2312", data) and (_is_in("cp932", data) or _is_in("big5", data)):
            raise ParameterError("{file} may be text in GBK, Shift-JIS or Big5. Save it as UTF-8.", file=file.name)
        if "\0" not in text and not (encoding == "gbk" and _ACCENT.search(data)):
            return text
    raise ParameterError("{file} is not text in UTF-8, UTF-16 or GBK. Save it as UTF-8.", file=file.name)


def _is_in(encoding: str, data: bytes) -> bool:
    """Whether bytes are text in an encoding."""
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


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
    if any(isinstance(number, list) for number in labels.values()):
        raise ValueError("its labels are regions of several ids")
    if all(str(key).isdecimal() for key in labels):  # nnU-Net 1 wrote it the other way round
        return _by_id({int(number): str(name) for number, name in labels.items()})
    return _by_id({int(number): str(name) for name, number in labels.items() if name != "ignore"})


def _by_id(names: dict[int, str]) -> ClassNames:
    if not names or max(names) > 254:
        raise ValueError("ids must lie between 0 and 254")
    return ClassNames(tuple(names.get(i, f"class {i}") for i in range(max(names) + 1)))
