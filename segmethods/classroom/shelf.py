"""Exercises that a teacher left on the server, so that a short link opens them."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from segmethods.classroom.exercise import Exercise, ExerciseError
from segmethods.classroom.exercise_files import dump_exercise, load_exercise

LETTERS = 16
"""Of a digest, those that stand in a link: 64 bits, which nobody hits upon by chance."""
_KEY = re.compile(f"[0-9a-f]{{{LETTERS}}}")


class Shelf:
    """A folder of exercises, by the beginning of their digest; the one not opened for the longest gives way.

    Parameters
    ----------
    folder : Path
        Made when the first exercise is put there.
    limit : int
        Bytes that all of them may take.
    """

    def __init__(self, folder: Path, limit: int = 150_000_000) -> None:
        self._folder, self._limit = folder, limit

    def put(self, exercise: Exercise) -> str:
        """Keep an exercise; returns what its link needs, such as ``"3f0a9c5d17e2b468"``.

        Raises
        ------
        ExerciseError
            If the folder can't be written.
        """
        key, data = exercise.digest[:LETTERS], dump_exercise(exercise)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, self._path(key))
            self._make_room()
        except OSError as error:
            raise ExerciseError(
                "The exercise can't be kept here ({reason}). Download it and give the file to the class.",
                reason=error.strerror or "?",
            ) from error
        return key

    def get(self, key: str) -> Exercise:
        """The exercise that was put there under this key.

        Raises
        ------
        ExerciseError
            If there is none, or no longer.
        """
        path = self._path(key)
        if not _KEY.fullmatch(key) or not path.is_file():
            raise ExerciseError("This server has no such exercise, or no longer. Ask for a new link, or for the file.")
        os.utime(path)
        return load_exercise(path)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _make_room(self) -> None:
        files = sorted(self._folder.glob("*.json"), key=lambda p: p.stat().st_mtime)
        total = sum(p.stat().st_size for p in files)
        for path in files[:-1]:
            if total <= self._limit:
                return
            total -= path.stat().st_size
            path.unlink(missing_ok=True)
