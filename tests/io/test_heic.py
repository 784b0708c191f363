"""Pictures of iPhones, where pi-heif is installed."""

import base64

import numpy as np
import pytest

from segmethods import ImageError
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.images import read_image

pytest.importorskip("pi_heif", reason="pi-heif is an extra")

HEIC = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9j
AAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAUwAAgAAAAADOAABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAA
ABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNg
AAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZE
AcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AA
AAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAA
AXhtZGF0AAABSCgBrwngeHEd5r/+bzZGlV/5ub9NEpQd2CP//lq1KoXFUyWY2d//d5i1zkzYEAPgH+PJQLrAz1wTKb7V8r9BVz5UUw8gV0fw
BNeUTr94BaXVFHwF9vimxGjv7ABNk6IpHnlS7NMs0TD7I3atpIkW+IZpGIFG787ZDi3AlJTkcbs7hREDJTit4oY6Cfs5AuUza0879ow0IRs8
qhTo98k2QSXFT3xybme9M35+Qfce8kYahwVmZvjdeMzkIO0YqJteASacQTV960/5gs9Icbqaz+zwX/NsY3+3yzpgVFr80EF6YEFef3C47o0B
j/gEDFNF9bEj0RNRgsrt99mGJ6DbVbkAs5drec8sfnH7CaeRYApz32/pEu9MwMlytpkJ22ehOypqFCADa5nG4Q9bteeUEx+2nTJSm7sPvzbK
l3pyiViRztR0AQOwppUAAAAGRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=
""")
"""A red disc on blue, 64 by 48 pixels as stored, to be turned by a quarter (EXIF orientation 6)."""

ROWS, COLUMNS = np.mgrid[:64, :48]
DISC = (ROWS - 24) ** 2 + (COLUMNS - 23) ** 2 < 12**2


def test_a_picture_of_an_iphone_is_read_and_turned() -> None:
    file = read_image(HEIC, "photo.heic")
    assert file.image.shape == (64, 48, 3)
    assert file.orientation == 6
    assert np.abs(file.image[DISC].mean(axis=0) - (200, 40, 30)).max() < 4
    assert np.abs(file.image[50:].mean(axis=(0, 1)) - (40, 90, 160)).max() < 4


def test_a_damaged_one_is_refused_in_a_line() -> None:
    for data in (HEIC[: len(HEIC) // 2], HEIC[:400] + bytes(460)):
        with pytest.raises(ImageError, match="damaged"):
            read_image(data, "photo.heic")


def test_it_is_no_mask() -> None:
    with pytest.raises(ImageError, match="has the format HEIC, which mixes neighbouring classes"):
        read_ground_truth(HEIC, None, "mask.heic")
