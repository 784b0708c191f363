"""What a teacher and a class need: exercises, hand-ins that can be verified, and the tally of a quiz.

An exercise is one JSON file (`make_exercise`, `dump_exercise`, `load_exercise`). A hand-in is one ZIP that carries the
exercise with it (`pack_hand_in`, `read_hand_in`). `verify` runs the method again and scores what it finds, so nothing
that a hand-in claims is taken on trust; `judge` is how the classroom scores. A `VoteStore` counts a class's guesses.
"""

from segmethods.classroom.exercise import Exercise, ExerciseError
from segmethods.classroom.exercise_files import dump_exercise, load_exercise, make_exercise
from segmethods.classroom.handin import HandIn, HandInError, pack_hand_in, read_hand_in
from segmethods.classroom.judging import judge
from segmethods.classroom.shelf import Shelf
from segmethods.classroom.verification import Verification, verify, verify_each
from segmethods.classroom.votes import VoteError, VoteStore

__all__ = [
    "Exercise",
    "ExerciseError",
    "HandIn",
    "HandInError",
    "Shelf",
    "Verification",
    "VoteError",
    "VoteStore",
    "dump_exercise",
    "judge",
    "load_exercise",
    "make_exercise",
    "pack_hand_in",
    "read_hand_in",
    "verify",
    "verify_each",
]
