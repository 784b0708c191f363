"""Packages that not every installation has, and the command that adds them."""

from __future__ import annotations

from importlib.util import find_spec

from segmethods.core.messages import MethodError
from segmethods.core.settings import is_checkout

EXTRAS = {
    "openvino": "networks",
    "safetensors": "networks",
    "babel": "dashboard",
    "pandas": "dashboard",
    "plotly": "dashboard",
    "pyarrow": "dashboard",
    "segno": "dashboard",
    "streamlit": "dashboard",
    "filelock": "train",
    "torch": "train",
    "torchvision": "train",
    "distributed": "cluster",
}
"""Package -> the extra of this project that brings it."""


class MissingPackageError(MethodError):
    """A package that this installation was made without."""


def is_installed(package: str) -> bool:
    """Whether a package can be imported; it is not imported yet.

    Examples
    --------
    >>> is_installed("numpy"), is_installed("no_such_package")
    (True, False)
    """
    return find_spec(package) is not None


def require(*packages: str) -> None:
    """Raise `MissingPackageError`, which names the command that adds them, unless these packages are installed."""
    for package in packages:
        if not is_installed(package):
            project = "." if is_checkout() else "segmethods"
            raise MissingPackageError(
                "This needs {package}, which is not installed. Add it: {command}",
                package=package,
                command=f"pip install '{project}[{EXTRAS[package]}]'"
                if package in EXTRAS
                else f"pip install {package}",
            )
