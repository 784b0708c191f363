"""Python, the command line and the dashboard's workers give the same labels, bit for bit."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.core.settings import settings
from segmethods.execution.compare import plan_comparison
from segmethods.execution.pool import Pool
from segmethods.io.images import digest

ROOT = Path(__file__).resolve().parent.parent
METHODS = [m.id for m in sm.list_methods()]


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    from skimage.data import chelsea

    path = tmp_path_factory.mktemp("photo") / "cat.png"
    Image.fromarray(chelsea()[20:280, 60:400]).save(path)
    return path


@pytest.fixture(scope="module")
def in_python(file) -> Mapping[str, sm.Segmentation]:
    return {outcome.method: outcome for outcome in sm.compare(sm.load_image(file))}


@pytest.fixture(scope="module")
def on_the_command_line(file) -> Mapping[str, np.ndarray]:
    words = [sys.executable, "-m", "segmethods", "compare", str(file), "--out", str(file.parent), "--json"]
    done = subprocess.run(words, cwd=ROOT, env=os.environ.copy(), capture_output=True, text=True, timeout=300)
    results = json.loads(done.stdout)["results"]
    return {r["method"]: np.asarray(Image.open(r["labels"])) for r in results if r["status"] == "ok"}


@pytest.fixture(scope="module")
def in_the_workers(file) -> Iterator[Mapping[str, sm.Segmentation]]:
    image = sm.load_image(file)
    pool = Pool(workers=2, threads=settings().threads, deadline=300, cache_bytes=100_000_000)
    try:
        yield dict(pool.submit("test", image, digest(image), plan_comparison()))
    finally:
        pool.close()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_labels_everywhere(method, in_python, on_the_command_line, in_the_workers):
    expected = in_python[method]
    assert isinstance(expected, sm.Segmentation), str(expected.message)
    np.testing.assert_array_equal(on_the_command_line[method], expected.labels)
    worked = in_the_workers[method]
    assert isinstance(worked, sm.Segmentation), str(worked.message)
    np.testing.assert_array_equal(worked.labels, expected.labels)
    assert worked.params == expected.params
