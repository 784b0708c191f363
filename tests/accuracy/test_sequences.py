"""Whole sequences are left out: none of their images is learned."""

from pathlib import Path

from tests.accuracy.sequences import link_fold, list_sequences


def write(folder: Path) -> Path:
    (folder / "train" / "images").mkdir(parents=True)
    (folder / "train" / "labels").mkdir()
    for name in ("0001TP_1", "0001TP_2", "0006R0_1", "0016E5_1"):
        for kind in ("images", "labels"):
            (folder / "train" / kind / f"{name}.png").touch()
    (folder / "classes.txt").write_text("Sky\nRoad\n")
    return folder


def test_one_sequence_judges_and_the_others_are_learned(tmp_path: Path) -> None:
    camvid = write(tmp_path / "camvid")
    assert {name: len(images) for name, images in list_sequences(camvid / "train").items()} == {
        "0001TP": 2,
        "0006R0": 1,
        "0016E5": 1,
    }
    fold = tmp_path / "fold"
    fold.mkdir()
    link_fold(camvid, "0001TP", fold)
    for kind in ("images", "labels"):
        assert {file.name for file in (fold / "val" / kind).iterdir()} == {"0001TP_1.png", "0001TP_2.png"}
        assert {file.name for file in (fold / "train" / kind).iterdir()} == {"0006R0_1.png", "0016E5_1.png"}
    assert (fold / "classes.txt").read_text() == "Sky\nRoad\n"
