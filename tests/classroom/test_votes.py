"""The votes of a class: it counts right, outlives the page, and many may guess at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from segmethods.classroom import VoteError, VoteStore, votes
from segmethods.classroom.votes import new_voter


@pytest.fixture
def path(tmp_path):
    return tmp_path / "classroom" / "votes.sqlite3"


def test_guesses_are_counted_and_outlive_the_page(path):
    code, _ = VoteStore(path).open_class("coins")
    for voter, method in (("a", "kmeans"), ("b", "edges"), ("c", "kmeans")):
        VoteStore(path).guess(code, "coins", voter, method)
    assert VoteStore(path).count(code, "coins") == {"kmeans": 2, "edges": 1}
    assert VoteStore(path).count(code, "cell") == {}
    assert VoteStore(path).guessed(code, "coins", "b") == "edges"
    assert VoteStore(path).guessed(code, "coins", "z") is None


def test_a_student_may_change_their_mind_and_counts_once(path):
    board = VoteStore(path)
    code, _ = board.open_class("coins")
    board.guess(code, "coins", "a", "kmeans")
    board.guess(code, "coins", "a", "edges")
    assert board.count(code, "coins") == {"edges": 1}


def test_codes_are_read_as_students_type_them(path):
    board = VoteStore(path)
    code, _ = board.open_class("coins")
    assert board.image(f" {code[:2].lower()}-{code[2:].lower()} ") == "coins"
    with pytest.raises(VoteError, match="There is no class"):
        board.image("ZZZZ")


def test_only_the_teacher_resets_and_goes_on(path):
    board = VoteStore(path)
    code, key = board.open_class("coins")
    board.guess(code, "coins", "a", "kmeans")
    assert board.is_teacher(code, key)
    for wrong in ("", "x", key.lower() + "é", code):
        assert not board.is_teacher(code, wrong)
        with pytest.raises(VoteError, match="not the address of the class's teacher"):
            board.reset(code, wrong, "coins")
        with pytest.raises(VoteError):
            board.show(code, wrong, "cell")
    board.show(code, key, "cell")
    assert board.image(code) == "cell"
    board.reset(code, key, "coins")
    assert board.count(code, "coins") == {}


def test_a_class_of_thirty_guesses_at_once(path):
    code, _ = VoteStore(path).open_class("coins")
    with ThreadPoolExecutor(30) as students:
        list(students.map(lambda i: VoteStore(path).guess(code, "coins", f"v{i}", "kmeans"), range(30)))
    assert VoteStore(path).count(code, "coins") == {"kmeans": 30}


def test_neither_classes_nor_guesses_grow_without_end(path, monkeypatch):
    monkeypatch.setattr(votes, "MOST_CLASSES", 2)
    monkeypatch.setattr(votes, "MOST_VOTERS", 3)
    board = VoteStore(path)
    codes = [board.open_class("coins")[0] for _ in range(3)]
    with pytest.raises(VoteError):
        board.image(codes[0])
    for voter in "abc":
        board.guess(codes[1], "coins", voter, "kmeans")
    with pytest.raises(VoteError, match="3 guesses already"):
        board.guess(codes[1], "coins", "d", "kmeans")
    board.guess(codes[1], "coins", "a", "edges")
    assert board.count(codes[1], "coins") == {"kmeans": 2, "edges": 1}


def test_nonsense_is_not_counted(path):
    board = VoteStore(path)
    code, _ = board.open_class("coins")
    for words in (("coins", "a b", "kmeans"), ("coins", "a", "x" * 99), ("", "a", "kmeans")):
        with pytest.raises(VoteError, match="can't be counted"):
            board.guess(code, *words)
    with pytest.raises(VoteError, match="There is no class"):
        board.guess("'; drop table guesses", "coins", "a", "kmeans")
    assert board.count(code, "coins") == {}


def test_a_folder_that_cant_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(VoteError, match="can't be kept here"):
        VoteStore(tmp_path / "file" / "votes.sqlite3").open_class("coins")
    (tmp_path / "broken").write_bytes(b"no data base" * 100)
    with pytest.raises(VoteError, match="can't be kept here"):
        VoteStore(tmp_path / "broken").open_class("coins")


def test_voters_differ():
    assert len({new_voter() for _ in range(50)}) == 50
