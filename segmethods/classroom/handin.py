"""What a student hands in: one ZIP with the mask, how it was made, and the exercise that it answers.

``hand-in.json`` names the student (if they wish), the answer, the method with all its parameters (its seed among them),
the versions of what ran, the scores, and SHA-256 digests of exercise, picture and mask. ``mask.png`` holds the labels,
``exercise.json`` the exercise, so that a hand-in can be verified with nothing else. A random number tells it from all
others, so that a copy is known; a digest over number, name and answer shows that none was changed afterwards, unless
somebody made a new digest. All of it is only a claim.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import platform
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Any, BinaryIO

from segmethods.classroom.exercise import Exercise
from segmethods.classroom.exercise_files import MOST_BYTES, clean_text, dump_exercise
from segmethods.core.messages import SegmethodsError
from segmethods.core.types import Segmentation
from segmethods.core.version import __version__
from segmethods.execution.cache import make_key
from segmethods.io.images import digest, name_of, read_bytes
from segmethods.io.label_png import encode_labels
from segmethods.metrics import Scores

VERSION = 2
"""1 had no number and no digest of name and answer."""
CLAIMED = ("mean_iou", "pixel_accuracy", "dice")
"""The scores that a hand-in states, of those in `segmethods.metrics.METRICS`."""
LIMITS = {"hand-in.json": 100_000, "mask.png": 2_500_000, "exercise.json": MOST_BYTES}
"""The files of a hand-in, and the bytes that each may have unpacked."""
MOST_LETTERS = {"student": 80, "answer": 4000}
_PACKAGES = ("numpy", "opencv-python-headless", "scikit-image", "scipy", "openvino")


class HandInError(SegmethodsError):
    """A file that is no hand-in, or a damaged one."""


@dataclass(frozen=True, eq=False)
class HandIn:
    """What a hand-in claims.

    Parameters
    ----------
    number : str
        The same in every copy, and in nothing else; empty in old hand-ins.
    student, answer : str
        Empty where the student left them out.
    is_sealed : bool
        Whether number, name and answer are those that were handed in, by their digest; True for old hand-ins.
    method, params : str and mapping
        What is said to have made the mask; not checked yet.
    scores : mapping
        Score id -> claimed value, None where it is undefined.
    digests : mapping
        ``"exercise"``, ``"picture"`` and ``"mask"`` -> SHA-256 in hexadecimal.
    versions : mapping
        What ran -> its version.
    mask, exercise : bytes
        The files ``mask.png`` and ``exercise.json``; the second may be empty.
    """

    number: str
    student: str
    answer: str
    is_sealed: bool
    method: str
    params: Mapping[str, Any]
    scores: Mapping[str, float | None]
    digests: Mapping[str, str]
    versions: Mapping[str, str]
    mask: bytes = field(repr=False)
    exercise: bytes = field(repr=False)


def pack_hand_in(
    exercise: Exercise, result: Segmentation, scores: Scores, student: str = "", answer: str = ""
) -> bytes:
    """A student's work as a ZIP.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    result : Segmentation
        Of :func:`segmethods.segment` on the exercise's image.
    scores : Scores
        Of that result against the exercise's truth.
    student, answer : str, optional
        Any name, and the answer to the teacher's question.

    Examples
    --------
    >>> from segmethods import segment
    >>> from segmethods.classroom import judge, make_exercise
    >>> exercise = make_exercise(sample="page")
    >>> result = segment(exercise.image, "threshold", level=100, algorithm="fixed")
    >>> made = read_hand_in(pack_hand_in(exercise, result, judge(result, exercise.truth), "Li Na"))
    >>> made.student, made.method, made.params["level"]
    ('Li Na', 'threshold', 100)
    """
    mask = encode_labels(result.labels, result.classes)
    said = (token_hex(8), clean_text(student, MOST_LETTERS["student"]), clean_text(answer, MOST_LETTERS["answer"]))
    told = scores.as_dict("class")
    record = {
        "segmethods": "hand-in",
        "version": VERSION,
        "number": said[0],
        "student": said[1],
        "answer": said[2],
        "method": result.method,
        "params": dict(result.params),
        "scores": {name: told[name] for name in CLAIMED},
        "alignment": scores.alignment,
        "digests": {
            "exercise": exercise.digest,
            "picture": digest(exercise.image),
            "mask": hashlib.sha256(mask).hexdigest(),
            "said": _seal(said),
        },
        "versions": versions(result.method, result.params),
    }
    texts = {"hand-in.json": json.dumps(record, indent=1, ensure_ascii=False).encode(), "mask.png": mask}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**texts, "exercise.json": dump_exercise(exercise)}.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read_hand_in(source: str | Path | bytes | BinaryIO, name: str = "") -> HandIn:
    """Read a hand-in without believing it.

    Parameters
    ----------
    source : path, bytes or binary file
        The ZIP. No more is unpacked than `LIMITS` says, whatever its headers say.
    name : str, optional
        What error messages call it.

    Raises
    ------
    HandInError
        If it is no hand-in or is damaged.
    ImageError
        If there is no such file, or it is too large.
    """
    name = name or name_of(source)
    files = _unpack(read_bytes(source, name), name)
    try:
        record = json.loads(files["hand-in.json"].decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _damaged(name) from error
    if not isinstance(record, dict) or record.get("segmethods") != "hand-in":
        raise _no_hand_in(name)
    if not isinstance(record.get("version"), int) or record["version"] > VERSION:
        raise HandInError("{name} was made by a newer Segmethods. Update this one and verify again.", name=name)
    tables = {key: record.get(key) for key in ("params", "scores", "digests", "versions")}
    if not isinstance(record.get("method"), str) or not all(isinstance(table, dict) for table in tables.values()):
        raise _damaged(name)
    said = [record.get(key) for key in ("number", "student", "answer")]
    return HandIn(
        number=clean_text(record.get("number"), 40),
        is_sealed=record["version"] < 2 or record["digests"].get("said") == _seal(said),
        student=clean_text(record.get("student"), MOST_LETTERS["student"]).replace("\n", " "),
        answer=clean_text(record.get("answer"), MOST_LETTERS["answer"]),
        method=clean_text(record["method"], 40),
        params=record["params"],
        scores={key: _number(record["scores"].get(key)) for key in CLAIMED},
        digests={key: str(value) for key, value in record["digests"].items()},
        versions={str(key): str(value) for key, value in record["versions"].items()},
        mask=files["mask.png"],
        exercise=files.get("exercise.json", b""),
    )


def _seal(said: Sequence[object]) -> str:
    """Digest of number, name and answer."""
    return hashlib.sha256(json.dumps(list(said), ensure_ascii=True).encode()).hexdigest()


def versions(method: str, params: Mapping[str, Any]) -> dict[str, str]:
    """What a result of this method depends on, here: packages, weights and the kind of machine."""
    key = make_key("", method, params)
    packages = {name: _version(name) for name in _PACKAGES}
    machine = f"{platform.system()} {platform.machine()}"
    python = platform.python_version()
    return {"segmethods": __version__, "python": python, **packages, "weights": key.weights, "machine": machine}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # another build of the same library, under another name
        return "?"


def find_folder(names: Iterable[str]) -> str | None:
    """Where in a ZIP the hand-in lies: at the top, or in the folder that somebody unpacked and packed again.

    Parameters
    ----------
    names : iterable of str
        Of all files in the ZIP.

    Returns
    -------
    str or None
        What stands before the names of its files; None if the ZIP is no hand-in.

    Examples
    --------
    >>> find_folder(["hand-in-Li-Na/hand-in.json", "hand-in-Li-Na/mask.png", "__MACOSX/hand-in-Li-Na/._mask.png"])
    'hand-in-Li-Na/'
    """
    records = {name for name in names if PurePosixPath(name).name == "hand-in.json"}
    return records.pop().removesuffix("hand-in.json") if len(records) == 1 else None


def _unpack(data: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            folder = find_folder(names)
            if folder is None or f"{folder}mask.png" not in names:
                raise _no_hand_in(name)
            if len(names) > len(set(names)) or len(names) > 20:
                raise _damaged(name)
            places = {file: f"{folder}{file}" for file in LIMITS if f"{folder}{file}" in names}
            return {file: _read(archive, place, LIMITS[file], name) for file, place in places.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise _damaged(name) from error


def _read(archive: zipfile.ZipFile, file: str, limit: int, name: str) -> bytes:
    with archive.open(file) as stream:
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise HandInError(
                "{file} in {name} unpacks to more than {limit} MB: no hand-in is that large. Ask for another one.",
                file=file,
                name=name,
                limit=f"{limit / 1e6:g}",
            )
        return data


def _number(value: object) -> float | None:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if fine else None  # type: ignore[arg-type]


def _no_hand_in(name: str) -> HandInError:
    return HandInError("{name} is not a hand-in. Choose a ZIP that the exercise page made.", name=name)


def _damaged(name: str) -> HandInError:
    return HandInError("{name} is damaged or cut short. Ask for it again.", name=name)
