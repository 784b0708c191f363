"""Ids that a resize with smoothing made along borders are no classes: refused, or said wherever the mask is read."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from segmethods.__main__ import main
from segmethods.core.messages import ImageError
from segmethods.datasets.opening import open_dataset
from segmethods.io.ground_truth import read_ground_truth


def draw(ids: tuple[int, int, int]) -> np.ndarray:
    scene = np.zeros((100, 150), np.uint8)
    scene[20:60, 15:60], scene[50:90, 60:130] = ids[0], ids[1]
    return cv2.circle(scene, (110, 30), 18, ids[2], -1)


def encode(ids: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(ids).save(file, "PNG")
    return file.getvalue()


def resize(ids: np.ndarray, scale: float, how: int) -> np.ndarray:
    return np.asarray(cv2.resize(ids, None, fx=scale, fy=scale, interpolation=how))


@pytest.mark.parametrize("how", [cv2.INTER_LINEAR, cv2.INTER_CUBIC])
@pytest.mark.parametrize("scale", [0.37, 1.7, 2, 4])
@pytest.mark.parametrize(("ids", "is_refused"), [((20, 40, 60), True), ((150, 76, 29), True), ((9, 5, 3), False)])
def test_smoothed_ids_are_refused_or_doubted(
    ids: tuple[int, int, int], is_refused: bool, scale: float, how: int
) -> None:
    smoothed = resize(draw(ids), scale, how)
    if is_refused:
        with pytest.raises(ImageError, match="it was smoothed"):
            read_ground_truth(encode(smoothed), smoothed.shape)
    else:
        notes = read_ground_truth(encode(smoothed), smoothed.shape).notes
        assert "ids between those on both sides" in " ".join(map(str, notes))


@pytest.mark.parametrize("scale", [0.25, 1, 3])
def test_thin_classes_are_classes(scale: float) -> None:
    """Poles of one pixel before the sky, ids in any order."""
    street = np.repeat(np.repeat(np.array([[10, 3, 12, 1, 8]], np.uint8), 40, 1), 100, 0)
    street[:, 5::17] = 5
    street[::31] = 7
    plain = resize(street, scale, cv2.INTER_NEAREST)
    notes = read_ground_truth(encode(plain), plain.shape).notes
    assert "between" not in " ".join(map(str, notes))


@pytest.mark.parametrize("has_names", [False, True])
def test_it_is_said_of_data_sets_and_scores(
    has_names: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smoothed = resize(draw((9, 5, 3)), 2, cv2.INTER_LINEAR)
    for number in range(2):
        for part in ("images", "masks"):
            (tmp_path / part).mkdir(exist_ok=True)
        Image.fromarray(np.full((*smoothed.shape, 3), 90, np.uint8)).save(tmp_path / f"images/{number}.png")
        (tmp_path / f"masks/{number}.png").write_bytes(encode(smoothed))
    if has_names:
        (tmp_path / "classes.txt").write_text("\n".join(f"thing{chr(97 + i)}" for i in range(10)))
    found = open_dataset(tmp_path)
    assert "ids between those on both sides" in " ".join(map(str, found.describe()))
    assert any("between" in str(note) for note in found.pairs[0].load().notes)
    mask = str(tmp_path / "masks/0.png")
    for names in ((mask, mask), (str(tmp_path / "masks"), str(tmp_path / "masks"))):
        assert main(["score", *names, "--no-boundaries"]) == 0
        assert "ids between those on both sides" in " ".join(capsys.readouterr().out.split())
