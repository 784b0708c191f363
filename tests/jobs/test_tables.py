"""The tables of a job's folder: read however people's programs write them, and never taken for empty."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.__main__ import main
from segmethods.core.messages import ImageError
from segmethods.io.boxes import Box
from segmethods.jobs import get_job

PLAIN = "file,x,y,w,h,text\ngröße.png,20,21.5,30,20,AB123CD\nb.png,1,2,3,4,\n"
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "semicolons and decimal commas": lambda text: text.replace(",", ";").replace(".5", ",5").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "blanks": lambda text: text.replace(",", " , ").encode(),
    "upper case": lambda text: text.replace("file,x,y,w,h,text", "FILE,X,Y,W,H,Text").encode(),
    "a column more": lambda text: (
        text.replace("file,", "id,file,").replace("größe", "1,größe").replace("b.", "2,b.").encode()
    ),
    "empty lines": lambda text: (text.replace("\n", "\n\n") + ",,,,,\n").encode(),
    "other endings": lambda text: text.replace(".png", ".JPG").encode(),
    "no endings": lambda text: text.replace(".png", "").encode(),
    "folders": lambda text: text.replace("größe", "images/größe").encode(),
    "Unicode taken apart": lambda text: unicodedata.normalize("NFD", text).encode(),
}


def plates(folder: Path, table: bytes) -> dict[str, object]:
    (folder / "images").mkdir()
    for name in ("größe", "b", "c"):
        Image.fromarray(np.full((64, 80, 3), 90, np.uint8)).save(folder / "images" / f"{name}.png")
    (folder / "truth.csv").write_bytes(table)
    return {case.name: case.load().truth for case in get_job("plates").read(folder)["all"]}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_table_says_the_same_however_it_is_written(way: str, tmp_path: Path) -> None:
    known = plates(tmp_path, WRITTEN[way](PLAIN))
    assert known == {"größe": ((Box(20, 21.5, 30, 20), "AB123CD"),), "b": ((Box(1, 2, 3, 4), ""),), "c": ()}


def test_a_line_without_a_box_says_that_there_is_none(tmp_path: Path) -> None:
    assert plates(tmp_path, b"file,x,y,w,h,text\nb.png,,,,,\n")["b"] == ()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (b"file,x,y,w,h,text\na1.png,1,2,3,4,\na2.png,1,2,3,4,\n", "names none of the images here. It says a1.png, a2"),
        (b"file,x,y,w,h,text\nb.png,9,9,-3,4,\n", "Line 2 of truth.csv: the box is -3 × 4. Give x, y, width"),
        (b"file,x,y,w,h,text\nb.png,0.1,0.2,0.2,0.1,\n", "the box is 0.2 × 0.1"),
        (b"file,x,y,w,h,text\n\nb.png,1,left,3,4,\n", "Line 3 of truth.csv: y is “left”, which is no number"),
        (b"file,x,y,w,h,text\nb.png,1,nan,3,4,\n", "Line 2 of truth.csv: y is “nan”"),
        (b"file,x,y,w,text\nb.png,1,2,3,\n", "it needs the columns file, x, y, w, h, text"),
        (b"", "it needs the columns"),
        ("file,x,y,w,h,text\nb.png,1,2,3,4,Ä\n".encode("latin-1"), "is no text in UTF-8"),
    ],
)
def test_a_table_that_makes_no_sense_is_told(table: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=says):
        plates(tmp_path, table)


def test_images_that_only_the_table_names_are_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plates(tmp_path, f"{PLAIN}gone.png,1,2,3,4,X\n".encode())
    words = ["job", "plates", "--data", str(tmp_path), "--pipelines", "edges"]
    assert main([*words, "--json"]) == 0
    (note,) = json.loads(capsys.readouterr().out)["subsets"]["all"]["notes"]
    assert note == {"picture": "b", "note": "truth.csv also names images that aren’t here (1): gone.png."}
    assert main(words) == 0
    assert "Note, b: truth.csv also names" in capsys.readouterr().out


def test_a_table_of_bottles_without_its_columns_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(np.full((64, 80, 3), 90, np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "truth.csv").write_text("name;grade\na.png;good\n")
    assert main(["job", "bottles", "--data", str(tmp_path)]) == 2
    assert "truth.csv can't be read: it needs the columns file, verdict." in capsys.readouterr().err


@pytest.mark.parametrize(("job", "part"), [("plates", "eu"), ("iris", "casia1"), ("faces", "att"), ("medical", "skin")])
def test_a_sub_set_alone_keeps_its_name(job: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("images", "a", "b"):
        if (place == "images") == (job in ("plates", "medical")):
            (tmp_path / part / place).mkdir(parents=True)
            for number in (1, 2):
                Image.fromarray(np.full((64, 80, 3), 90, np.uint8)).save(tmp_path / part / place / f"{number}.png")
    assert set(get_job(job).read(tmp_path / part)) == {part}
    monkeypatch.chdir(tmp_path / part)
    assert set(get_job(job).read(Path())) == {part}


def test_a_board_finds_its_template_whatever_the_endings(tmp_path: Path) -> None:
    board = np.full((64, 80, 3), 90, np.uint8)
    for name in ("images/007_TEST.PNG", "images/007_temp.bmp"):
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.fromarray(board).save(tmp_path / name)
    (tmp_path / "truth.csv").write_text("name,x,y,w,h\n007,1,2,3,4\n")
    place = tmp_path.rename(tmp_path.with_name("pcb"))
    (case,) = (file.load() for file in get_job("defects").read(place)["pcb"])
    assert case.truth == (Box(1, 2, 3, 4),)
    assert "template" in case.extra


def test_one_unreadable_number_spoils_its_own_image_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ImageError, match=r"Line 3 of truth\.csv: x is “left”"):
        plates(tmp_path, f"{PLAIN}gone.png,1,2,3,4,X\n".replace("b.png,1", "b.png,left").encode())["b"]
    assert main(["job", "plates", "--data", str(tmp_path), "--pipelines", "edges", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["subsets"]["all"]
    (failure,) = told["failures"]
    assert (failure["picture"], "Line 3 of truth.csv" in failure["reason"]) == ("b", True)
    assert (told["pictures"], told["judged"]) == (3, 2)
    assert told["pipelines"][0]["figures"]["found"] is not None
    (note,) = told["notes"]  # what the table says of other images is told beside the first one, which is b
    assert "gone.png" in note["note"]


def test_how_many_images_are_judged_is_told_where_some_have_no_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "abc":
        for folder, mode in (("images", "RGB"), ("labels", "L")):
            (tmp_path / folder).mkdir(exist_ok=True)
            if folder == "images" or name != "c":
                Image.new(mode, (64, 48)).save(tmp_path / folder / f"{name}.png")
    words = ["job", "driving", "--data", str(tmp_path), "--pipelines", "colour_model"]
    main([*words, "--json"])
    told = json.loads(capsys.readouterr().out)["subsets"]["all"]
    assert (told["pictures"], told["judged"]) == (3, 2)
    main(words)
    assert "3 images, of which 2 have a truth and are judged" in capsys.readouterr().out
