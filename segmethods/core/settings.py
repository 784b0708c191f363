"""Limits and places, read once from the environment. Every number that bounds what a user may ask for is here."""

from __future__ import annotations

import os
from contextlib import suppress
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
    worker_bytes: int
    """Bytes that a worker may hold while it rests; one that holds more is started anew (SEGMETHODS_WORKER_BYTES)."""
    password: str
    """What visitors have to type before they see anything; empty if nothing (SEGMETHODS_PASSWORD)."""
    frames: str
    """Addresses of pages that may show the dashboard in a frame, with spaces between them (SEGMETHODS_FRAMES)."""
    exact: bool
    """Whether networks compute in float32 where bfloat16 would be faster (SEGMETHODS_EXACT, on or off)."""
    deadline: float
    """Seconds after which a method is stopped (SEGMETHODS_DEADLINE)."""
    cache_bytes: int
    """Bytes of results that the dashboard keeps for all its users (SEGMETHODS_CACHE_BYTES).

    An eighth of the memory, up to a gigabyte, if it isn't said."""
    max_video_bytes: int
    """Largest video file, in bytes (SEGMETHODS_MAX_VIDEO_BYTES)."""
    max_video_frames: int
    """Most frames of a clip (SEGMETHODS_MAX_VIDEO_FRAMES)."""
    max_video_seconds: int
    """How long a clip may last (SEGMETHODS_MAX_VIDEO_SECONDS)."""
    max_video_pixels: int
    """Largest frame, in pixels; larger than 640 on the long side it is made smaller (SEGMETHODS_MAX_VIDEO_PIXELS)."""
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
    training_minutes: int
    """Minutes that one network may learn in the dashboard (SEGMETHODS_TRAINING_MINUTES)."""
    training: bool
    """Whether visitors may teach networks (SEGMETHODS_TRAINING, on or off).

    One training runs at a time and the others wait; each takes all cores that are free. Switch it off, or allow fewer
    minutes, where strangers visit."""
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
    jobs_dir: Path
    """What the pipelines of jobs have learned (SEGMETHODS_JOBS).

    Name a folder whose networks haven't seen the images that they are judged on, or one of networks of your own."""


PROFILES: dict[str, dict[str, object]] = {
    "laptop": {},
    "classroom": {"MAX_PIXELS": 12_000_000, "BENCHMARK_IMAGES": 60, "BENCHMARK_SECONDS": 600, "DEADLINE": 60},
    "public": {
        "MAX_PIXELS": 12_000_000,
        "MAX_BYTES": 20_000_000,
        "MAX_DATASET_BYTES": 500_000_000,
        "BENCHMARK_IMAGES": 40,
        "BENCHMARK_SECONDS": 300,
        "BENCHMARK_RUNS": 2,
        "DEADLINE": 30,
        "KEEP_UPLOADS": 900,
        "KEEP_RUNS": 86_400,
        "FETCHING": "off",
    },
}
"""What SEGMETHODS_PROFILE stands for: defaults of other settings, each of which can still be set by itself."""


@cache
def settings() -> Settings:
    """The settings of this process."""
    cores = _count_cores()
    workers = _number("WORKERS", max(1, min(cores, 4)))
    home = os.environ.get("SEGMETHODS_HOME")
    assets = (ROOT if is_checkout() else PACKAGE) / "assets"
    return Settings(
        max_pixels=_number("MAX_PIXELS", 25_000_000),
        max_bytes=_number("MAX_BYTES", 50_000_000),
        workers=workers,
        threads=_number("THREADS", max(1, cores // workers)),
        worker_bytes=_number("WORKER_BYTES", 700_000_000),
        password=os.environ.get("SEGMETHODS_PASSWORD", ""),
        frames=os.environ.get("SEGMETHODS_FRAMES", ""),
        exact=_switch("EXACT", False),
        deadline=float(_number("DEADLINE", 120)),
        cache_bytes=_number("CACHE_BYTES", max(128_000_000, min(1_000_000_000, _memory() // 8))),
        max_video_bytes=_number("MAX_VIDEO_BYTES", 50_000_000),
        max_video_frames=_number("MAX_VIDEO_FRAMES", 1800),
        max_video_seconds=_number("MAX_VIDEO_SECONDS", 120),
        max_video_pixels=_number("MAX_VIDEO_PIXELS", 8_300_000),
        max_dataset_bytes=_number("MAX_DATASET_BYTES", 4_000_000_000),
        max_dataset_files=_number("MAX_DATASET_FILES", 100_000),
        benchmark_images=_number("BENCHMARK_IMAGES", 200),
        benchmark_seconds=_number("BENCHMARK_SECONDS", 1800),
        benchmark_runs=_number("BENCHMARK_RUNS", 8),
        training_minutes=_number("TRAINING_MINUTES", 30),
        training=_switch("TRAINING", True),
        keep_uploads=_number("KEEP_UPLOADS", 3600),
        keep_runs=_number("KEEP_RUNS", 30 * 86_400),
        fetching=_switch("FETCHING", True),
        cache_dir=Path(home, "cache") if home else platformdirs.user_cache_path("segmethods"),
        data_dir=Path(home, "data") if home else platformdirs.user_data_path("segmethods"),
        assets_dir=assets,
        jobs_dir=Path(os.environ.get("SEGMETHODS_JOBS") or assets / "jobs"),
    )


def count_threads() -> int:
    """Threads that this process may use: OMP_NUM_THREADS, which workers are given, or else one for each core."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdecimal() and int(given) else _count_cores()


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    """Bytes of memory that this process may use, as far as the system tells."""
    pages, size = (os.sysconf(name) if hasattr(os, "sysconf") else 0 for name in ("SC_PHYS_PAGES", "SC_PAGE_SIZE"))
    known = [pages * size] if pages > 0 and size > 0 else []
    with suppress(OSError, ValueError):  # no such file outside a container of Linux; "max" where there is no limit
        known.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(known, default=2_000_000_000)


def _read(name: str, default: object) -> str:
    """What the environment says of a setting, or else the profile, or else the default."""
    profile = os.environ.get("SEGMETHODS_PROFILE", "laptop")
    if profile not in PROFILES:
        raise ParameterError(
            "There is no profile {name}. Set SEGMETHODS_PROFILE to one of these: {choices}.",
            name=profile,
            choices=", ".join(PROFILES),
        )
    return os.environ.get(f"SEGMETHODS_{name}", str(PROFILES[profile].get(name, default)))


def _number(name: str, default: int) -> int:
    text = _read(name, default)
    if not text.isdecimal() or int(text) == 0:
        raise ParameterError(
            "{name} in the environment must be a whole number above zero, not {value}.",
            name=f"SEGMETHODS_{name}",
            value=repr(text),
        )
    return int(text)


def _switch(name: str, default: bool) -> bool:
    text = _read(name, "on" if default else "off").lower()
    if text not in ("on", "off"):
        raise ParameterError(
            "{name} in the environment must be on or off, not {value}.",
            name=f"SEGMETHODS_{name}",
            value=repr(text),
        )
    return text == "on"
