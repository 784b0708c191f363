"""Exercises as files: made of a picture and its truth, written, and read, in JSON.

The file, by example::

    {
      "segmethods": "exercise",
      "version": 1,
      "title": "Coins in bad light",
      "question": "Why does one level not do?",
      "picture": {"sample": "coins"},
      "methods": ["threshold", "kmeans"],
      "locked": {"kmeans": {"seed": 0}}
    }

A picture of the teacher's own stands there as ``{"name": "leaf.jpg", "data": "..."}`` with a ``"truth"`` of
``{"data": "...", "classes": ["background", "leaf"]}``: the files (WebP or PNG, at most 1 megapixel) in base64. A sample
brings its own truth unless the file has one. Without ``"methods"`` all may be used; parameters that are not locked are
free. Keys that we don't know are passed over.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from segmethods.classroom.exercise import Exercise, ExerciseError
from segmethods.core.types import CAMVID, VOC, GroundTruth, Image, Labels, Vocabulary
from segmethods.io.ground_truth import load_ground_truth
from segmethods.io.images import load_image, name_of, read_bytes
from segmethods.io.label_png import encode_labels
from segmethods.io.samples import get_sample
from segmethods.methods import get_method, list_methods

VERSION = 1
MOST_BYTES = 3_000_000
"""Largest exercise file: it is to travel by link and by mail, and inside every hand-in."""
MOST_PIXELS = 1_000_000
"""Larger pictures are shrunk when an exercise is made, and refused when one is read."""
MOST_LETTERS = {"title": 120, "question": 2000, "name": 120}
_WELL_KNOWN = {VOC.id: VOC, CAMVID.id: CAMVID}


def make_exercise(
    image: Image | None = None,
    truth: GroundTruth | None = None,
    *,
    sample: str = "",
    name: str = "",
    title: str = "",
    question: str = "",
    methods: Iterable[str] | None = None,
    locked: Mapping[str, Mapping[str, Any]] | None = None,
) -> Exercise:
    """Make an exercise of a sample, or of a picture and its truth.

    Parameters
    ----------
    image, truth : ndarray and GroundTruth, optional
        A picture of one's own, which is shrunk to `MOST_PIXELS` and compressed, and what is in it. A sample needs
        neither, but may be given another truth than its own.
    sample : str
        A sample's id.
    name, title, question, methods, locked
        As in `Exercise`; all methods may be used if `methods` is left out.

    Raises
    ------
    ExerciseError
        If there is no truth, it has another size than the picture, or the whole is too large.
    ParameterError
        For a sample, method or parameter that doesn't exist.

    Examples
    --------
    >>> exercise = make_exercise(sample="coins", question="Which level?", methods=["threshold"])
    >>> exercise.truth.classes.names, load_exercise(dump_exercise(exercise)).digest == exercise.digest
    (('background', 'coin'), True)
    """
    record: dict[str, Any] = {"segmethods": "exercise", "version": VERSION, "title": title, "question": question}
    record["picture"] = {"sample": sample}
    if not sample:
        if image is None or truth is None:
            raise _no_truth()
        image, truth = _shrink(image, truth)
        record["picture"] = {"name": name, "data": _to_text(_encode_image(image))}
    if truth is not None:
        record["truth"] = {
            "data": _to_text(encode_labels(truth.labels, truth.classes)),
            "vocabulary": truth.classes.id,
            "classes": list(truth.classes.names),
        }
    record["methods"] = [m.id for m in list_methods()] if methods is None else list(methods)
    record["locked"] = {method: dict(values) for method, values in (locked or {}).items() if values}
    return load_exercise(json.dumps(record).encode(), name or "The exercise")


def dump_exercise(exercise: Exercise) -> bytes:
    """An exercise as the JSON file that `load_exercise` reads."""
    files = {part: _to_text(data) for part, data in exercise.files.items()}
    image = {"name": exercise.name, "data": files["picture"]} if "picture" in files else {"sample": exercise.sample}
    classes = exercise.truth.classes
    truth = {"data": files.get("truth"), "vocabulary": classes.id, "classes": list(classes.names)}
    record = {
        "segmethods": "exercise",
        "version": VERSION,
        "title": exercise.title,
        "question": exercise.question,
        "picture": image,
        **({"truth": truth} if "truth" in files else {}),
        "methods": list(exercise.methods),
        "locked": exercise.locked,
    }
    return json.dumps(record, indent=1, ensure_ascii=False).encode()


def load_exercise(source: str | Path | bytes | BinaryIO, name: str = "") -> Exercise:
    """Read an exercise.

    Parameters
    ----------
    source : path, bytes or binary file
        The JSON file, see the top of this module.
    name : str, optional
        What error messages call it.

    Raises
    ------
    ExerciseError
        If it isn't one, is damaged, too large or made by a newer version. The message is one line.
    ImageError
        If its picture or its truth can't be read.
    ParameterError
        If it names a sample, method or parameter that doesn't exist, or a value out of range.
    """
    name = name or name_of(source)
    data = read_bytes(source, name)
    if len(data) > MOST_BYTES:
        raise ExerciseError(
            "{name} is larger than {limit} MB, too large for an exercise. Use a smaller picture.",
            name=name,
            limit=f"{MOST_BYTES / 1e6:g}",
        )
    record = _parse(data, name)
    files, sample, called = _read_image(record.get("picture"), name)
    image = get_sample(sample).image() if sample else load_image(files["picture"], name)
    if not sample and image.shape[0] * image.shape[1] > MOST_PIXELS:
        raise ExerciseError(
            "The picture of {name} has more than {limit} megapixel. Make it smaller and try again.",
            name=name,
            limit=f"{MOST_PIXELS / 1e6:g}",
        )
    truth = _read_truth(record.get("truth"), sample, (image.shape[0], image.shape[1]), files, name)
    methods = _read_methods(record.get("methods"), name)
    return Exercise(
        _text(record, "title"),
        _text(record, "question"),
        called,
        image,
        truth,
        methods,
        _read_locked(record.get("locked"), methods, name),
        sample,
        files,
    )


def clean_text(value: object, most: int) -> str:
    """Somebody's words: one text without control characters, cut at `most` letters; empty if it is no text at all.

    Examples
    --------
    >>> clean_text("Li\\x1b[31m Na\\n", 20)
    'Li[31m Na'
    """
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c.isprintable() or c == "\n").strip()[:most]


def _parse(data: bytes, name: str) -> dict[str, Any]:
    try:
        record = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _no_exercise(name) from error
    if not isinstance(record, dict) or record.get("segmethods", "exercise") != "exercise" or "picture" not in record:
        raise _no_exercise(name)
    version = record.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise ExerciseError(
            "{name} was made by a newer Segmethods. Update this one, or ask for an older exercise.", name=name
        )
    return record


def _read_image(image: object, name: str) -> tuple[dict[str, bytes], str, str]:
    """The encoded picture, or the sample's id; and the picture's name."""
    if isinstance(image, str):
        image = {"sample": image}
    if isinstance(image, dict) and isinstance(sample := image.get("sample"), str) and sample:
        return {}, get_sample(sample).id, sample
    if isinstance(image, dict) and "data" in image:
        return {"picture": _to_bytes(image["data"], name)}, "", _text(image, "name")
    raise ExerciseError("{name} has no picture. Make the exercise again.", name=name)


def _read_truth(truth: object, sample: str, size: tuple[int, int], files: dict[str, bytes], name: str) -> GroundTruth:
    if isinstance(truth, dict) and truth.get("data"):
        files["truth"] = _to_bytes(truth["data"], name)
        return load_ground_truth(files["truth"], size, name=name, classes=_read_classes(truth))
    own = get_sample(sample).truth() if sample else None
    if own is None:
        raise _no_truth()
    return own


def _read_classes(truth: Mapping[str, Any]) -> Vocabulary | None:
    names = truth.get("classes")
    if not isinstance(names, list) or not names:
        return None
    known = Vocabulary(clean_text(truth.get("vocabulary"), 40), tuple(clean_text(n, 60) or "?" for n in names[:1000]))
    if _WELL_KNOWN.get(known.id, known).names == known.names and known.id != "segments":
        return _WELL_KNOWN.get(known.id, known)
    return Vocabulary("exercise", known.names)


def _read_methods(methods: object, name: str) -> tuple[str, ...]:
    if methods is None:
        return tuple(m.id for m in list_methods())
    wanted = [word.strip() for word in methods.split(",")] if isinstance(methods, str) else methods
    if not isinstance(wanted, list) or not wanted or not all(isinstance(method, str) for method in wanted):
        raise ExerciseError("{name} allows no method. Make the exercise again and choose one at least.", name=name)
    allowed = {get_method(method).id for method in wanted}
    return tuple(m.id for m in list_methods() if m.id in allowed)


def _read_locked(locked: object, methods: tuple[str, ...], name: str) -> dict[str, dict[str, Any]]:
    if locked is None:
        return {}
    if not isinstance(locked, dict) or not all(isinstance(values, dict) for values in locked.values()):
        raise ExerciseError(
            """The locked parameters of {name} can't be read. Write them like '{example}'.""",
            name=name,
            example='{"kmeans": {"k": 5}}',
        )
    checked = {method: get_method(method).validate(values) for method, values in locked.items()}
    return {
        method: {parameter: checked[method][parameter] for parameter in sorted(values)}
        for method, values in sorted(locked.items())
        if values and method in methods
    }


def _text(record: Mapping[str, Any], key: str) -> str:
    return clean_text(record.get(key), MOST_LETTERS[key])


def _to_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _to_bytes(text: object, name: str) -> bytes:
    try:
        return base64.b64decode(str(text).rpartition(",")[2])  # what stands before a comma is that of a data: address
    except (binascii.Error, ValueError) as error:
        raise ExerciseError("{name} is damaged or cut short. Download or copy it again.", name=name) from error


def _shrink(image: Image, truth: GroundTruth) -> tuple[Image, GroundTruth]:
    """Both at no more than `MOST_PIXELS`."""
    import cv2

    height, width = image.shape[:2]
    if truth.labels.shape != (height, width):
        raise ExerciseError("The truth is of another size than the picture. Choose a mask of the picture's size.")
    if height * width <= MOST_PIXELS:
        return image, truth
    factor = (MOST_PIXELS / (height * width)) ** 0.5
    size = (max(1, int(width * factor)), max(1, int(height * factor)))
    labels: Labels = cv2.resize(truth.labels, size, interpolation=cv2.INTER_NEAREST_EXACT)  # type: ignore[assignment]
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), GroundTruth(
        labels, truth.classes
    )


def _encode_image(image: Image) -> bytes:
    from PIL import Image as Pillow

    file = io.BytesIO()
    Pillow.fromarray(image).save(file, "WEBP", quality=92, method=4)
    return file.getvalue()


def _no_exercise(name: str) -> ExerciseError:
    return ExerciseError("{name} is not an exercise. Choose a JSON file that the exercise page made.", name=name)


def _no_truth() -> ExerciseError:
    return ExerciseError("An exercise needs a truth, to score what students make. Choose a picture that has one.")
