"""Hand-ins: honest ones add up, and every way to cheat is named."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.__main__ import main
from segmethods.classroom import (
    Exercise,
    dump_exercise,
    judge,
    make_exercise,
    pack_hand_in,
    read_hand_in,
    verify,
    verify_each,
)
from segmethods.core.types import BINARY, GroundTruth
from segmethods.io.label_png import decode_labels, encode_labels
from tests.classroom.conftest import Work, pack, retell, unpack


def faults(data: bytes, exercise: Exercise | None = None) -> list[str]:
    return [str(fault) for fault in verify(data, exercise, "li.zip").faults]


def perfect_mask(exercise: Exercise) -> bytes:
    return encode_labels(np.where(exercise.truth.labels == 1, 1, 0).astype(np.uint8), BINARY)


@pytest.mark.parametrize("method", ["threshold", "kmeans"])
def test_an_honest_hand_in_adds_up(exercise, work: Work, method):
    data = work(exercise, method)
    for copy in (None, exercise):
        found = verify(data, copy)
        assert (found.adds_up, found.faults, found.remarks) == (True, (), ())
        assert found.score == pytest.approx(found.claimed)
        assert (found.student, found.answer, found.method) == ("Li Na", "It is darker.", method)
    assert found.exercise == exercise.digest


def test_a_hand_in_holds_what_a_teacher_wants_to_know(exercise, work: Work):
    files = unpack(work(exercise, "kmeans"))
    record = json.loads(files["hand-in.json"])
    assert set(files) == {"hand-in.json", "mask.png", "exercise.json"}
    assert record["params"]["seed"] == 7
    assert record["digests"]["mask"] == hashlib.sha256(files["mask.png"]).hexdigest()
    assert record["digests"]["exercise"] == exercise.digest
    assert record["versions"]["numpy"] == np.__version__
    assert set(record["scores"]) == {"mean_iou", "pixel_accuracy", "dice"}


def test_a_student_may_stay_unnamed(exercise, work: Work):
    assert verify(work(exercise, student="")).adds_up


def test_a_mask_that_was_edited(exercise, work: Work):
    data = retell(work(exercise), lambda record: None, mask=perfect_mask(exercise))
    assert faults(data) == ["The mask was changed after it was handed in."]


def test_a_mask_that_was_edited_with_its_digest_and_score(exercise, work: Work):
    mask = perfect_mask(exercise)

    def lie(record: dict[str, Any]) -> None:
        record["digests"]["mask"] = hashlib.sha256(mask).hexdigest()
        record["scores"] = dict.fromkeys(record["scores"], 1.0)

    found = verify(retell(work(exercise), lie, mask=mask))
    (fault,) = map(str, found.faults)
    assert fault.startswith("Its parameters don't give this mask: ")
    assert found.score < 1


def test_a_single_pixel_is_seen(exercise, work: Work):
    data = work(exercise)
    labels = decode_labels(unpack(data)["mask.png"], "mask")
    labels[3, 4] ^= 1
    mask = encode_labels(labels, BINARY)
    told = judge(sm.Segmentation(labels, BINARY), exercise.truth).as_dict()

    def lie(record: dict[str, Any]) -> None:
        record["digests"]["mask"] = hashlib.sha256(mask).hexdigest()
        record["scores"] = {ident: told[ident] for ident in record["scores"]}

    assert faults(retell(data, lie, mask=mask)) == [
        "Its parameters don't give this mask: 1 of 1200 pixels differ when they are run again."
    ]


def test_a_score_that_was_edited(exercise, work: Work):
    data = work(exercise)
    true = verify(data).score
    (fault,) = faults(retell(data, lambda record: record["scores"].update(mean_iou=0.999)))
    assert fault == f"It states a Mean IoU of 0.9990; its mask reaches {true:.4f}."
    assert "Dice of –" in faults(retell(data, lambda record: record["scores"].update(dice="great")))[0]


def test_parameters_that_dont_give_the_mask(exercise, work: Work):
    (fault,) = faults(retell(work(exercise), lambda record: record["params"].update(invert=True, algorithm="fixed")))
    assert fault.startswith("Its parameters don't give this mask: ")


def test_a_locked_parameter_that_was_changed(exercise, work: Work):
    free = replace(exercise, locked={})
    result = sm.segment(exercise.image, "kmeans", k=5, seed=7)
    data = pack_hand_in(free, result, judge(result, exercise.truth))
    data = retell(
        data, lambda record: record["digests"].update(exercise=exercise.digest), exercise=dump_exercise(exercise)
    )
    assert faults(data) == ["k is locked at 3, and it says 5."]


def test_a_method_that_is_not_allowed(exercise, work: Work):
    result = sm.segment(exercise.image, "histogram")
    data = pack_hand_in(exercise, result, judge(result, exercise.truth))
    assert faults(data) == ["The exercise doesn't allow histogram, only threshold, kmeans."]


def test_another_exercise(exercise, work: Work):
    other = make_exercise(sample="cell", methods=["threshold"])
    data = work(other)
    assert faults(data) == []
    assert faults(data, exercise) == [
        f"It answers another exercise ({other.digest[:8]}), not this one ({exercise.digest[:8]})."
    ]


def test_an_exercise_that_a_student_made_easier(exercise, work: Work):
    """A truth to one's liking, with all digests in order, passes only where the teacher's copy isn't at hand."""
    mask = decode_labels(unpack(work(exercise))["mask.png"], "mask")
    easy = make_exercise(exercise.image, GroundTruth(mask, exercise.truth.classes), methods=["threshold"])
    data = work(easy)
    assert verify(data).score == 1
    assert "another exercise" in faults(data, exercise)[0]
    swapped = retell(
        data, lambda record: record["digests"].update(exercise=exercise.digest), exercise=dump_exercise(easy)
    )
    assert faults(swapped) == ["The exercise in it was changed after it was handed in."]


def test_another_picture(exercise, work: Work):
    data = retell(work(exercise), lambda record: record["digests"].update(picture="0" * 64))
    assert faults(data) == ["It was made on another picture than the exercise's."]


def test_a_hand_in_without_its_exercise_needs_the_teachers(exercise, work: Work):
    files = unpack(work(exercise))
    del files["exercise.json"]
    assert faults(pack(files), exercise) == []
    assert faults(pack(files)) == ["exercise.json in li.zip is empty. Choose another file."]


def test_other_versions_are_a_remark(exercise, work: Work):
    found = verify(retell(work(exercise), lambda record: record["versions"].update(numpy="1.0")))
    assert found.adds_up
    assert [str(r) for r in found.remarks] == ["It was made with other versions than here: numpy."]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda files: b"PK nothing", "is damaged or cut short"),
        (lambda files: b"", "is empty"),
        (lambda files: pack(files)[:-30], "is damaged or cut short"),
        (lambda files: flip(pack(files)), "is damaged or cut short"),
        (lambda files: pack({"mask.png": b"x"}), "is not a hand-in"),
        (lambda files: pack(files | {"hand-in.json": b"{"}), "is damaged or cut short"),
        (lambda files: pack(files | {"hand-in.json": b"[" * 90_000}), "is damaged or cut short"),
        (lambda files: pack(files | {"hand-in.json": b"{}"}), "is not a hand-in"),
        (lambda files: pack(files | {"hand-in.json": b'{"segmethods": "hand-in"}'}), "newer Segmethods"),
        (lambda files: pack(files | {f"{i}": b"" for i in range(50)}), "is damaged or cut short"),
    ],
)
def test_a_damaged_file_is_one_line(exercise, work: Work, spoil: Callable[[dict[str, bytes]], bytes], says):
    (fault,) = faults(spoil(unpack(work(exercise))))
    assert fault.startswith("li.zip")
    assert says in fault


def flip(data: bytes) -> bytes:
    """One bit of the first file's content changed: its checksum no longer fits."""
    place = 60
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


def test_a_zip_bomb_is_not_unpacked(exercise, work: Work):
    bomb = pack(unpack(work(exercise)) | {"mask.png": bytes(50_000_000)})
    assert len(bomb) < 100_000
    (fault,) = faults(bomb)
    assert fault.startswith("mask.png in li.zip unpacks to more than 2.5 MB")


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked(exercise, work: Work):
    bomb = pack(unpack(work(exercise)) | {"mask.png": bytes(50_000_000)})
    lying = bomb.replace(struct.pack("<L", 50_000_000), struct.pack("<L", 1000))
    assert lying != bomb
    (fault,) = faults(lying)
    assert "damaged" in fault


def test_a_picture_bomb_is_not_decoded(exercise, work: Work):
    buffer = io.BytesIO()
    Image.new("L", (30_000, 30_000)).save(buffer, "PNG")
    mask = buffer.getvalue()
    digest = hashlib.sha256(mask).hexdigest()
    data = retell(work(exercise), lambda record: record["digests"].update(mask=digest), mask=mask)
    assert faults(data) == ["mask.png has more than 25 megapixels. Make it smaller and try again."]


def test_a_mask_of_another_size_or_kind(exercise, work: Work):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "PNG")
    small = encode_labels(np.zeros((3, 4), np.uint8), BINARY)
    for mask, says in ((small, "another size"), (buffer.getvalue(), "doesn't hold labels")):
        digest = hashlib.sha256(mask).hexdigest()
        data = retell(work(exercise), lambda record, digest=digest: record["digests"].update(mask=digest), mask=mask)
        assert says in faults(data)[0]


def test_parameters_that_dont_exist_or_make_no_sense(exercise, work: Work):
    for params, says in (({"level": 1e9}, "level must lie"), ({"level": [1]}, "a number"), ({"no": 1}, "no parameter")):
        (fault,) = faults(retell(work(exercise), lambda record, params=params: record.update(params=params)))
        assert says in fault
    assert "no method" in faults(retell(work(exercise), lambda record: record.update(method="x")))[0]


def test_a_name_writes_nothing_onto_the_terminal(exercise, work: Work):
    found = verify(retell(work(exercise), lambda record: record.update(student="a\x1b[2Jb\nc")))
    assert found.student == "a[2Jb c"


def test_many_segments_keep_their_labels(exercise, work: Work):
    labels = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    result = sm.Segmentation(labels, sm.segments(1200), method="threshold", params=exercise.settle("threshold", {}))
    claim = read_hand_in(pack_hand_in(exercise, result, judge(result, exercise.truth)))
    np.testing.assert_array_equal(decode_labels(claim.mask, "mask"), labels)


def test_the_command_lists_the_class(exercise, work: Work, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leaf.json").write_bytes(dump_exercise(exercise))
    honest = work(exercise)
    (tmp_path / "a.zip").write_bytes(honest)
    (tmp_path / "b.zip").write_bytes(retell(honest, lambda r: r["scores"].update(mean_iou=1), exercise=b""))
    (tmp_path / "c.zip").write_bytes(work(exercise, student="=SUM(A1)"))
    out = io.StringIO()
    assert main(["verify", "a.zip", "b.zip", "c.zip", "--exercise", "leaf.json"], out) == 1
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ["FILE", "STUDENT", "METHOD", "IOU", "RESULT"]
    assert lines[1].startswith("a.zip  Li Na")
    assert lines[1].endswith("adds up")
    assert "DOES NOT ADD UP: It states a Mean IoU of 1.0000" in " ".join(out.getvalue().split())
    assert lines[-1] == "2 of 3 add up."

    out = io.StringIO()
    assert main(["verify", ".", "--csv"], out) == 1
    rows = out.getvalue().splitlines()
    assert len(rows) == 4
    assert rows[1].split(",")[5] == "yes"
    assert ",'=SUM(A1)," in rows[3]
    assert "algorithm=" in rows[1].split(",")[-1]

    assert main(["verify", "a.zip"], io.StringIO()) == 0
    out = io.StringIO()
    assert main(["verify", "none.zip"], out) == 1
    assert "There is no file none.zip." in " ".join(out.getvalue().split())


def test_hand_ins_of_two_exercises_ask_which_one_counts(exercise, work: Work, tmp_path):
    (tmp_path / "a.zip").write_bytes(work(exercise))
    (tmp_path / "b.zip").write_bytes(work(make_exercise(sample="cell", methods=["threshold"])))
    out = io.StringIO()
    assert main(["verify", str(tmp_path)], out) == 0
    assert out.getvalue().splitlines()[-1] == "They answer different exercises; --exercise FILE says which one counts."


def test_an_exercise_that_cant_be_read_is_bad_input(tmp_path, capsys):
    (tmp_path / "a.json").write_text("hello")
    assert main(["verify", "a.zip", "--exercise", str(tmp_path / "a.json")], io.StringIO()) == 2
    assert "is not an exercise" in capsys.readouterr().err


def test_a_folder_without_hand_ins_is_no_success(tmp_path, capsys):
    assert main(["verify", str(tmp_path)], io.StringIO()) == 2
    assert "no hand-in" in capsys.readouterr().err


def test_equal_hand_ins_are_run_once(exercise, work: Work, tmp_path, monkeypatch):
    from segmethods.classroom import verification

    runs = []
    try_segment = verification.try_segment
    monkeypatch.setattr(verification, "try_segment", lambda *given: runs.append(given) or try_segment(*given))
    for name in "abc":
        (tmp_path / f"{name}.zip").write_bytes(work(exercise, student=name))
    assert main(["verify", str(tmp_path)], io.StringIO()) == 0
    assert len(runs) == 1


def test_zip_files_with_one_name_twice_are_refused(exercise, work: Work):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in unpack(work(exercise)).items():
            archive.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("mask.png", b"other")
    assert "damaged" in faults(buffer.getvalue())[0]


def test_a_copy_under_another_name_is_named(exercise, work: Work, tmp_path):
    honest = work(exercise)
    renamed = retell(honest, lambda record: record.update(student="Wang Wei"))
    assert faults(renamed) == ["Its name, answer or number was changed after it was handed in."]
    old = retell(renamed, lambda record: (record.update(version=1), record["digests"].pop("said")))
    assert verify(old).adds_up
    first, copy, again = verify_each([("a.zip", honest), ("b.zip", old), ("c.zip", honest)])
    assert first.adds_up
    assert list(map(str, copy.faults)) == ["It is the same hand-in as a.zip, by Li Na: one of the two is a copy."]
    assert again.adds_up
    assert list(map(str, again.remarks)) == ["It is the same as a.zip."]


def test_one_long_answer_of_two_students_is_named_and_a_short_one_is_not(exercise):
    result = sm.segment(exercise.image, "threshold")
    scores = judge(result, exercise.truth)
    for answer, is_copy in (("At level 100.", False), ("At level 100, since the paper is darker there.", True)):
        works = [(name, pack_hand_in(exercise, result, scores, name, answer)) for name in ("Li Na", "Wang Wei")]
        assert [found.adds_up for found in verify_each(works)] == [True, not is_copy]


def test_the_zip_of_a_learning_platform_and_folders_of_folders_are_opened(exercise, work: Work, tmp_path):
    students = ("Li Na", "Wang Wei")
    inside = {f"{name}_12_file/hand-in.zip": work(exercise, student=name) for name in students}
    (tmp_path / "class.zip").write_bytes(pack(inside | {"__MACOSX/x.zip": b"", "notes.txt": b"", "bad.zip": b"PK"}))
    out = io.StringIO()
    assert main(["verify", str(tmp_path / "class.zip")], out) == 1
    assert out.getvalue().splitlines()[-1] == "2 of 3 add up."
    assert "bad.zip" in out.getvalue()
    (tmp_path / "class.zip").unlink()
    for place, data in inside.items():
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_bytes(data)
    out = io.StringIO()
    assert main(["verify", str(tmp_path)], out) == 0
    assert out.getvalue().splitlines()[-1] == "2 of 2 add up."


@pytest.mark.parametrize(
    "repack",
    [
        lambda files: pack({"work.zip": pack(files)}),
        lambda files: pack({"my work/hand-in.zip": pack(files), "notes.docx": b"PK"}),
        lambda files: pack({f"hand-in-Li/{name}": data for name, data in files.items()} | {"__MACOSX/._x": b""}),
    ],
    ids=["packed once more", "in a folder, with more", "unpacked and packed again"],
)
def test_what_students_pack_once_more_is_opened(exercise, work: Work, tmp_path, repack):
    students = ("Li Na", "Wang Wei")
    inside = {f"{name}_12_file/hand-in.zip": repack(unpack(work(exercise, student=name))) for name in students}
    (tmp_path / "class.zip").write_bytes(pack(inside))
    out = io.StringIO()
    assert main(["verify", str(tmp_path / "class.zip")], out) == 0
    lines = out.getvalue().splitlines()
    assert lines[-1] == "2 of 2 add up."
    assert [line.split("_")[0] for line in lines[1:3]] == list(students)  # who handed in under the same file's name


def test_zips_are_not_opened_without_end(tmp_path):
    data = b"PK"
    for _ in range(9):
        data = pack({"a.zip": data})
    (tmp_path / "deep.zip").write_bytes(data)
    out = io.StringIO()
    assert main(["verify", str(tmp_path / "deep.zip")], out) == 1
    assert "is not a hand-in" in " ".join(out.getvalue().split())
