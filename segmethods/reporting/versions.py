"""What made a result: the versions of all that takes part, and the machine."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from segmethods.core.version import __version__

PACKAGES = ("numpy", "opencv-python-headless", "scikit-image", "scipy", "pillow", "openvino", "torch")


def list_versions() -> dict[str, str]:
    """Versions of segmethods, Python and the packages that compute, by name; those that aren't installed are left out.

    Examples
    --------
    >>> list(list_versions())[:3]
    ['segmethods', 'python', 'numpy']
    """
    found = {"segmethods": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
