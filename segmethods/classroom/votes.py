"""The tally of a class's guesses: which method will win on this picture? Counted on the server, kept on its disk.

A class has a short code that students type, and a key that only the teacher's address holds. What is kept are guesses:
of every voter, known by a random word of their browser's, the method. Nothing personal.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmethods.core.messages import SegmethodsError

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters of a class code: none that is taken for another on a blackboard."""
LETTERS = 5
MOST_CLASSES = 500
"""Classes kept; the one not used for the longest is forgotten first."""
MOST_VOTERS = 300
"""Guesses of one class on one picture."""
PATIENCE = 10.0
"""Seconds that one student's write waits for another's."""
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TABLES = """
create table if not exists classes (
    code text primary key, key text not null, picture text not null, used real not null
);
create table if not exists guesses (
    code text not null references classes on delete cascade, picture text not null, voter text not null,
    method text not null, primary key (code, picture, voter)
) without rowid;
"""


class VoteError(SegmethodsError):
    """A class that doesn't exist, or a guess that can't be counted."""


class VoteStore:
    """All classes of this server. It may be used by many processes and threads at once.

    Parameters
    ----------
    path : Path
        The SQLite file; it and its folder are made when they are needed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def open_class(self, image: str) -> tuple[str, str]:
        """Begin a class that guesses on `image`: its code, and the teacher's key."""
        code, key = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS)), secrets.token_urlsafe(9)
        with self._connect() as base:
            base.execute("insert or replace into classes values (?, ?, ?, ?)", (code, key, _word(image), time.time()))
            base.execute(
                "delete from classes where code not in (select code from classes order by used desc limit ?)",
                (MOST_CLASSES,),
            )
        return code, key

    def image(self, code: str) -> str:
        """The picture that a class guesses on now.

        Raises
        ------
        VoteError
            If there is no such class.
        """
        with self._connect() as base:
            found = base.execute("select picture from classes where code = ?", (clean_code(code),)).fetchone()
        if found is None:
            raise VoteError("There is no class {code}. Check the code on the board.", code=clean_code(code) or "?")
        return str(found[0])

    def is_teacher(self, code: str, key: str) -> bool:
        """Whether this is the class's key."""
        with self._connect() as base:
            found = base.execute("select key from classes where code = ?", (clean_code(code),)).fetchone()
        return found is not None and secrets.compare_digest(str(found[0]).encode(), key.encode())

    def show(self, code: str, key: str, image: str) -> None:
        """Let the class guess on another picture; its guesses on others are kept."""
        self._check_teacher(code, key)
        with self._connect() as base:
            base.execute(
                "update classes set picture = ?, used = ? where code = ?",
                (_word(image), time.time(), clean_code(code)),
            )

    def guess(self, code: str, image: str, voter: str, method: str) -> None:
        """Count a guess; a voter's later one takes the place of the earlier.

        Raises
        ------
        VoteError
            If there is no such class, or it has guessed `MOST_VOTERS` times already.
        """
        self.image(code)
        row = (clean_code(code), _word(image), _word(voter), _word(method))
        with self._connect() as base:
            base.execute(
                "insert into guesses select ?, ?, ?, ? where ? > "
                "(select count(*) from guesses where code = ? and picture = ? and voter <> ?) "
                "on conflict do update set method = excluded.method",
                (*row, MOST_VOTERS, *row[:3]),
            )
            counted = base.execute(
                "select 1 from guesses where code = ? and picture = ? and voter = ? and method = ?", row
            ).fetchone()
            base.execute("update classes set used = ? where code = ?", (time.time(), row[0]))
        if counted is None:
            raise VoteError("This class has made {most} guesses already. Ask the teacher to reset.", most=MOST_VOTERS)

    def guessed(self, code: str, image: str, voter: str) -> str | None:
        """What this voter guessed, if they did."""
        with self._connect() as base:
            found = base.execute(
                "select method from guesses where code = ? and picture = ? and voter = ?",
                (clean_code(code), image, voter),
            ).fetchone()
        return None if found is None else str(found[0])

    def count(self, code: str, image: str) -> dict[str, int]:
        """Method -> how many guessed it."""
        with self._connect() as base:
            return dict(
                base.execute(
                    "select method, count(*) from guesses where code = ? and picture = ? group by method",
                    (clean_code(code), image),
                ).fetchall()
            )

    def reset(self, code: str, key: str, image: str) -> None:
        """Forget the class's guesses on a picture.

        Raises
        ------
        VoteError
            If the key isn't the class's.
        """
        self._check_teacher(code, key)
        with self._connect() as base:
            base.execute("delete from guesses where code = ? and picture = ?", (clean_code(code), image))

    def _check_teacher(self, code: str, key: str) -> None:
        if not self.is_teacher(code, key):
            raise VoteError("This is not the address of the class's teacher. Open the class again.")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for every step: they are short, and no thread waits for another's page."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            base = sqlite3.connect(self._path, timeout=PATIENCE)
        except (OSError, sqlite3.Error) as error:
            raise _unwritable(error) from error
        try:
            with base:
                base.execute("pragma foreign_keys = on")
                base.executescript(_TABLES)
                yield base
        except sqlite3.Error as error:
            raise _unwritable(error) from error
        finally:
            base.close()


def clean_code(text: str) -> str:
    """A code as it is kept, however it was typed.

    Examples
    --------
    >>> clean_code(" ab-2c d"), clean_code("ＡＢ２ＣＤ")
    ('AB2CD', 'AB2CD')
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c in ALPHABET)[: 2 * LETTERS]


def new_voter() -> str:
    """A random word by which a browser's guesses are told from others'."""
    return secrets.token_urlsafe(9)


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise VoteError("{text} can't be counted. Open the page again.", text=repr(text[:40]))
    return text


def _unwritable(error: Exception) -> VoteError:
    return VoteError("The guesses can't be kept here ({reason}). Look at the server's data folder.", reason=str(error))
