"""Whatever the bytes are, the answer is an image or one `ImageError`."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from segmethods import ImageError, load_image
from segmethods.io.ground_truth import load_ground_truth


def seeds() -> list[bytes]:
    noise = np.random.default_rng(0).integers(0, 256, (9, 11, 4), dtype=np.uint8)
    rgb, palette = Pillow.fromarray(noise[..., :3]), Pillow.fromarray(noise[..., :3]).quantize(16)
    exif = Pillow.Exif()
    exif[0x0112] = 6
    images = [
        (Pillow.fromarray(noise), "PNG", {}),
        (palette, "PNG", {"transparency": 3}),
        (rgb, "JPEG", {"exif": exif}),
        (rgb.convert("CMYK"), "JPEG", {"progressive": True}),
        (rgb, "WEBP", {"lossless": True}),
        (rgb, "TIFF", {"compression": "tiff_deflate"}),
        (rgb.convert("F"), "TIFF", {}),
        (rgb.convert("1"), "TIFF", {}),
        (rgb, "BMP", {}),
        (palette, "GIF", {"save_all": True, "append_images": [palette.rotate(90)]}),
        (Pillow.fromarray(noise[..., 0].astype(np.uint16) * 99), "PNG", {}),
    ]
    files = []
    for image, kind, options in images:
        file = io.BytesIO()
        image.save(file, kind, **options)
        files.append(file.getvalue())
    return files


SEEDS = seeds()
QUICK = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good file with some bytes changed, and perhaps a piece cut out, doubled or put in."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 8))):
        # Headers say most about a file, so they are hit most often.
        place = draw(st.one_of(st.integers(0, min(80, len(data) - 1)), st.integers(0, len(data) - 1)))
        data[place] = draw(st.one_of(st.integers(0, 255), st.sampled_from([0, 1, 0x7F, 0x80, 0xFF])))
    start, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
    match draw(st.sampled_from(["keep", "keep", "cut", "double", "insert", "shorten"])):
        case "cut":
            del data[start:end]
        case "double":
            data[start:start] = data[start:end]
        case "insert":
            data[start:start] = draw(st.binary(max_size=16))
        case "shorten":
            del data[start:]
    return bytes(data)


@contextmanager
def allowed_to_refuse() -> Iterator[None]:
    """The block may end in an `ImageError` of one line, and in nothing else."""
    try:
        yield
    except ImageError as error:
        if "\n" in str(error):
            raise


@pytest.mark.filterwarnings("ignore")
@QUICK
@given(mutated())
def test_mutated_files(data: bytes) -> None:
    with allowed_to_refuse():
        image = load_image(data)
        assert image.dtype == np.uint8
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert image.size > 0


@pytest.mark.filterwarnings("ignore")
@QUICK
@given(mutated())
def test_mutated_masks(data: bytes) -> None:
    with allowed_to_refuse():
        truth = load_ground_truth(data, (9, 11))
        assert truth.labels.shape == (9, 11)
        assert truth.labels[truth.labels != 255].max(initial=0) < len(truth.classes)


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(ImageError):
        load_image(data)
