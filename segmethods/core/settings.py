"""Limits and places, read once from the environment. Every number that bounds what a user may ask for is here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from segmethods.core.messages import ParameterError

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parent
"""The top of the repository, where this is a checkout of it."""


def is_checkout() -> bool:
    """Whether this runs from the repository; an installed package has pages and assets inside it."""
    return not (PACKAGE / "assets").is_dir()


@dataclass(frozen=True)
class Settings:
    """What the environment allows; the names in capitals are the variables that change it."""

    max_pixels: int
    """Largest picture, in pixels (SEGMETHODS_MAX_PIXELS). 25 million are 75 MB decoded."""
    max_bytes: int
    """Largest file, in bytes (SEGMETHODS_MAX_BYTES)."""
    workers: int
    """Processes that compute for the dashboard (SEGMETHODS_WORKERS); workers x threads = cores."""
    threads: int
    """Threads that one worker may use (SEGMETHODS_THREADS)."""
    deadline: float
    """Seconds after which a method is stopped (SEGMETHODS_DEADLINE)."""
    cache_bytes: int
    """Bytes of results that the dashboard keeps for all its users (SEGMETHODS_CACHE_BYTES)."""
    max_dataset_bytes: int
    """Largest data set in a zip file, unpacked, in bytes (SEGMETHODS_MAX_DATASET_BYTES)."""
    max_dataset_files: int
    """Most files in such a zip file (SEGMETHODS_MAX_DATASET_FILES)."""
    benchmark_images: int
    """Pictures of a data set that the dashboard runs at most (SEGMETHODS_BENCHMARK_IMAGES)."""
    benchmark_seconds: int
    """Seconds after which the dashboard pauses a run (SEGMETHODS_BENCHMARK_SECONDS)."""
    benchmark_runs: int
    """Runs that may go on in the dashboard at once, all visitors together (SEGMETHODS_BENCHMARK_RUNS)."""
    keep_uploads: int
    """Seconds that a visitor's data set is kept after somebody looked at it last (SEGMETHODS_KEEP_UPLOADS)."""
    keep_runs: int
    """Seconds that the scores of a visitor's run are kept (SEGMETHODS_KEEP_RUNS)."""
    fetching: bool
    """Whether weights may be fetched from elsewhere, and removed on the Models page (SEGMETHODS_FETCHING, on or off).

    Switch it off where strangers visit: each could fill the disk, or empty it."""
    cache_dir: Path
    """Fetched weights and converted models; safe to delete (SEGMETHODS_HOME moves it)."""
    data_dir: Path
    """Runs and weights of the user's own (SEGMETHODS_HOME moves it)."""
    assets_dir: Path
    """What ships with the project: weights, samples, texts."""


@cache
def settings() -> Settings:
    """The settings of this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = _number("WORKERS", max(1, min(cores, 4)))
    home = os.environ.get("SEGMETHODS_HOME")
    return Settings(
        max_pixels=_number("MAX_PIXELS", 25_000_000),
        max_bytes=_number("MAX_BYTES", 50_000_000),
        workers=workers,
        threads=_number("THREADS", max(1, cores // workers)),
        deadline=float(_number("DEADLINE", 120)),
        cache_bytes=_number("CACHE_BYTES", 256_000_000),
        max_dataset_bytes=_number("MAX_DATASET_BYTES", 4_000_000_000),
        max_dataset_files=_number("MAX_DATASET_FILES", 100_000),
        benchmark_images=_number("BENCHMARK_IMAGES", 200),
        benchmark_seconds=_number("BENCHMARK_SECONDS", 1800),
        benchmark_runs=_number("BENCHMARK_RUNS", 8),
        keep_uploads=_number("KEEP_UPLOADS", 3600),
        keep_runs=_number("KEEP_RUNS", 30 * 86_400),
        fetching=_switch("FETCHING", True),
        cache_dir=Path(home, "cache") if home else platformdirs.user_cache_path("segmethods"),
        data_dir=Path(home, "data") if home else platformdirs.user_data_path("segmethods"),
        assets_dir=(ROOT if is_checkout() else PACKAGE) / "assets",
    )


def _number(name: str, default: int) -> int:
    text = os.environ.get(f"SEGMETHODS_{name}", str(default))
    if not text.isdecimal() or int(text) == 0:
        raise ParameterError(
            "{name} in the environment must be a whole number above zero, not {value}.",
            name=f"SEGMETHODS_{name}",
            value=repr(text),
        )
    return int(text)


def _switch(name: str, default: bool) -> bool:
    text = os.environ.get(f"SEGMETHODS_{name}", "on" if default else "off").lower()
    if text not in ("on", "off"):
        raise ParameterError(
            "{name} in the environment must be on or off, not {value}.",
            name=f"SEGMETHODS_{name}",
            value=repr(text),
        )
    return text == "on"
