"""Pictures composed of photos."""

import cv2
import numpy as np
import pytest

from segmethods.training import augmentation, sampling
from segmethods.training.composition import compose, main, placing
from segmethods.training.data import load, read_folder
from segmethods.training.sampling import Pool
from tests.training.toy import draw_squares


@pytest.fixture
def folder(tmp_path):
    return draw_squares(tmp_path / "toy", 4)


@pytest.fixture
def pool(folder):
    return Pool(read_folder(folder, None), 2)


def test_no_two_are_alike_and_each_can_be_made_again(pool):
    pictures = [compose(pool, np.random.default_rng(number), 64) for number in (*range(20), *range(20))]
    assert {(picture.shape, picture.dtype) for picture in pictures} == {((64, 64, 3), np.dtype(np.uint8))}
    assert len({picture.tobytes() for picture in pictures}) == 20
    for first, again in zip(pictures[:20], pictures[20:], strict=True):
        np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("shape", [(64, 64), (30, 200), (500, 90)])
@pytest.mark.parametrize("long_side", [50, 400])
def test_what_a_photo_was_drawn_for_stands_in_the_frame(pool, shape, long_side):
    """The squares are red, and the frame has some red in it, wherever the photo is put and however it is turned."""
    for seed in range(20):
        moved = placing(pool.examples[0], 1, shape, long_side, np.random.default_rng(seed))
        mask = (pool.examples[0].labels == 1).astype(np.uint8)
        framed = cv2.warpAffine(mask, moved, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
        assert framed.any()


def test_the_command_goes_on_where_it_stopped_and_a_photo_needs_no_mask(folder, tmp_path):
    answers = tmp_path / "answers"
    answers.mkdir()
    sure = np.zeros((2, 33, 33), np.uint8)
    sure[1] = 255
    for number in range(4):
        np.save(answers / f"{number}.npy", sure)
    photos = tmp_path / "photos"
    photos.mkdir()
    (folder / "images").rename(photos / "images")
    words = [str(photos), "--teacher", str(answers), "--count"]
    assert main([str(tmp_path / "out"), *words, "3"]) == 0
    made = {file.name: file.read_bytes() for file in (tmp_path / "out" / "images").iterdir()}
    (tmp_path / "out" / "images" / "000001.jpg").unlink()
    assert main([str(tmp_path / "out"), *words, "5"]) == 0
    after = {file.name: file.read_bytes() for file in (tmp_path / "out" / "images").iterdir()}
    assert len(after) == 5
    assert made.items() <= after.items()
    assert len(set(after.values())) == 5


def test_photos_without_anything_in_them_are_one_line(tmp_path):
    empty = tmp_path / "empty" / "images"
    empty.mkdir(parents=True)
    with pytest.raises(SystemExit):
        main([str(tmp_path / "out"), str(empty.parent), "--teacher", str(tmp_path)])


def test_they_are_photos_to_learn_from_at_a_size_of_their_own(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert main([str(out), str(folder), "--teacher", str(tmp_path), "--count", "3"]) == 0
    for number in range(3):
        np.save(tmp_path / f"{number:06}.npy", np.full((2, 33, 33), 127, np.uint8))
    data = load(folder, photos=out, teacher=tmp_path)
    assert [photo.image.shape for photo in data.photos] == [(512, 512, 3)] * 3

    asked = []

    def crop(example, wanted, side, rng, scales):
        asked.append((example.labels is None, scales))
        return augmentation.crop(example, wanted, side, rng, scales)

    monkeypatch.setattr(sampling, "crop", crop)
    own, others = (0.5, 1.5), (0.4, 0.9)
    batches = sampling.Batches(
        data, side=64, batch=40, photos=0.5, cell=8, centre=3.5, outputs=8, scales=own, photo_scales=others
    )
    batches.draw(np.random.default_rng(0))
    assert set(asked) == {(False, own), (True, others)}
