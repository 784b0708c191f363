"""The names of files in zip archives that don't say in which encoding they are."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable
from itertools import pairwise

UTF8_FLAG = 0x800

KANA, HALF_WIDTH = (0x3041, 0x30FE), (0xFF61, 0xFF9F)
HANGUL = (0xAC00, 0xD7A3)
SYLLABLES = frozenset(
    "가각간감강개거건검것게결경계고골공과관광교구국군권귀그글금급기길김나남내년노농뇌는늘능니다단달담당대데도독동되두드들등디라란람랑래량러런럼"
    "레려력련렬령례로록론료루류르른를름리린림립링마막만말맛망매머먼메면명모목무문물미민바박반발밤방배백버번법별병보복본봄부북분불비빈사산살"
    "삼상새색생서석선설섬성세소속손솔송수숙술스습슴시식신실심십쌍아안알암압앞애액야약양어언얼업에여역연열염엽영예오온올와완외요용우운울원월"
    "위유육율은을음의이인일임입있자작잔잘잡장재저적전절점접정제조족종좌주준중즉증지직진질집차착찬찰참창채책처천철첨청체초촌총최추축출충측치"
    "친침카커컨코콘크클킨타탁탄탈탐태터테토통투트특티파판팔패페편평폐포폭표푸풀품프플피필하학한할함합항해핵행향허험혀현혈형호혼홍화확환활황회"
    "획효후훈휴흉흐흔흙흡희히힘"
)
"""The common ones of Korean."""
HAN = (0x4E00, 0x9FFF)
CYRILLIC = (0x0410, 0x044F)
LATIN = (0x00C0, 0x017F)

THREE_BYTES = 0x800
"""From here on a letter takes three bytes in UTF-8, which no other encoding's letters are by chance."""
ALPHABETS = ((0x00A0, 0x017F), (0x0300, 0x036F), (0x0384, 0x03CE), (0x0400, 0x045F), (0x05D0, 0x05EA), (0x0620, 0x06FF))
"""The letters of two bytes that people write: Latin, marks on letters, Greek, Cyrillic, Hebrew, Arabic."""
CLOSE, FEW = 0.5, 12
"""With this many different letters or fewer, an encoding that is worse by less than this may be the right one."""

_WORD = re.compile(r"[^\W\d_]+")


def decode_names(members: Iterable[zipfile.ZipInfo]) -> tuple[list[str], list[str]]:
    """The paths of an archive's files, with slashes, the encoding that they were taken for, and others that fit.

    Windows writes names in the code page of its language and doesn't say so, and its zip folders in that of its
    terminal. In those of East Asia the second byte of a character may be 0x5C, the backslash, so names are decoded
    before backslashes become slashes. All names of an archive without the mark of UTF-8 are taken for one encoding,
    see `guess_encoding`.
    """
    members = list(members)
    raw = [m.orig_filename.encode("cp437", "replace") for m in members if not m.flag_bits & UTF8_FLAG]
    encodings = rank_encodings(raw)
    names = [
        (
            m.orig_filename
            if m.flag_bits & UTF8_FLAG
            else m.orig_filename.encode("cp437", "replace").decode(encodings[0], "replace")
        ).replace("\\", "/")
        for m in members
    ]
    return names, encodings


def guess_encoding(names: Iterable[bytes]) -> str:
    """The encoding of some names: UTF-8, or that in which they look most like what people write.

    Tried are the code pages of Japan, China, Taiwan, Korea, Russia and western Europe. Each letter counts for an
    encoding by how common it is in its language; what no language writes, such as a frame's corner, counts against it.

    Parameters
    ----------
    names : iterable of bytes

    Returns
    -------
    str
        A name that Python knows; cp437 where nothing fits.

    Examples
    --------
    >>> names = (("größe", "cp850"), ("größe", "cp1252"), ("фото", "cp866"))
    >>> [guess_encoding([name.encode(encoding)]) for name, encoding in names]
    ['cp850', 'cp1252', 'cp866']
    """
    return rank_encodings(names)[0]


def rank_encodings(names: Iterable[bytes]) -> list[str]:
    """The encoding of `guess_encoding`, and those that fit nearly as well: a few letters can be words in two of them.

    Examples
    --------
    >>> rank_encodings(["照片".encode("gbk")]), rank_encodings(["北京".encode("gbk")])
    (['gbk'], ['gbk', 'big5'])
    """
    text = b"\n".join(sorted(set(names)))
    if text.isascii():
        return ["ascii"]
    found: list[tuple[float, str]] = []
    few = False
    for encoding, weigh in _LANGUAGES:
        try:
            decoded = text.decode(encoding)
        except UnicodeError:
            continue
        strange = [letter for letter in decoded if ord(letter) > 127]
        if encoding == "utf-8" and all(ord(letter) >= THREE_BYTES or _is_in(letter, *ALPHABETS) for letter in strange):
            return [encoding]
        few = few or len(set(strange)) <= FEW
        found.append((sum(map(weigh, strange)) / len(strange) + _spelling(decoded), encoding))
    ranked = sorted(found, key=lambda pair: -pair[0]) or [(0, "cp437")]
    return [
        encoding for score, encoding in ranked if encoding == ranked[0][1] or (few and ranked[0][0] - score < CLOSE)
    ]


def _is_in(letter: str, *ranges: tuple[int, int]) -> bool:
    return any(low <= ord(letter) <= high for low, high in ranges)


def _weigh_japanese(letter: str) -> float:
    if _is_in(letter, KANA):
        return 1.2
    if _is_in(letter, HALF_WIDTH):
        return -1
    return _weigh_common(letter, "cp932", range(0x88, 0x98))


def _weigh_chinese(letter: str) -> float:
    return _weigh_common(letter, "gbk", range(0xB0, 0xD8), range(0xA1, 0xFF))


def _weigh_taiwanese(letter: str) -> float:
    return _weigh_common(letter, "big5", range(0xA4, 0xC7))


def _weigh_korean(letter: str) -> float:
    if _is_in(letter, HANGUL):
        return 1.1 if letter in SYLLABLES else 0.2
    return -0.2


def _weigh_common(letter: str, encoding: str, leads: range, trails: range = range(256)) -> float:
    """Characters that are common come first in the tables of their country."""
    if not _is_in(letter, HAN):
        return -0.3
    code = letter.encode(encoding, "replace")
    return 1.0 if len(code) == 2 and code[0] in leads and code[1] in trails else -0.3


def _weigh_russian(letter: str) -> float:
    if not _is_in(letter, CYRILLIC) and letter not in "ёЁ":
        return -1
    return 0.9 if letter.lower() in "оеаинтсрвлкмдпубгзяы" else 0.5


def _weigh_western(letter: str) -> float:
    return (0.8 if letter in "äöüßÄÖÜéèêëàâáãåæøçñóòôõíìîïúùûýœÉÅØÆÇÑÁÓÀ" else 0.2) if _is_in(letter, LATIN) else -1


def _spelling(text: str) -> float:
    """What speaks against a spelling: capitals amid a word, words of accents alone, two alphabets in a word."""
    words = _WORD.findall(text)
    strange = sum(any(_is_strange(a, b) for a, b in pairwise(word)) for word in words)
    bare = sum(len(word) > 1 and all(_is_in(letter, LATIN) for letter in word) for word in words)
    both = 2 * ("/" in text and "\\" in text)  # a backslash that is the second half of a character
    return -both - (strange + bare) / max(sum(not word.isascii() for word in words), 1)


def _is_strange(first: str, second: str) -> bool:
    latin = [letter.isascii() or _is_in(letter, LATIN) for letter in (first, second)]
    case = first.islower() and second.isupper() and not (first.isascii() and second.isascii())
    return latin[0] != latin[1] or case


_LANGUAGES: tuple[tuple[str, Callable[[str], float]], ...] = (
    ("utf-8", lambda _: -1),  # letters that hardly anybody writes; they are two letters of another encoding
    ("cp932", _weigh_japanese),
    ("gbk", _weigh_chinese),
    ("cp949", _weigh_korean),
    ("big5", _weigh_taiwanese),
    ("cp866", _weigh_russian),
    ("cp1251", _weigh_russian),
    ("cp850", _weigh_western),
    ("cp1252", _weigh_western),
)
