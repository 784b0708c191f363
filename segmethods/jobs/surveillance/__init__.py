"""Surveillance: what moves before a fixed camera, who is who, and how many cross a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from segmethods.core.messages import Message
from segmethods.io.video import Clip, folder_clip, open_clip, write_webm
from segmethods.io.video.clips import SUFFIXES, list_frames
from segmethods.jobs._boxes import f1
from segmethods.jobs._masks import ratio, sum_counts
from segmethods.jobs.frame import Counts, Figure, Job, JobError, JobSample, JobSampleFile, Pipeline, Task
from segmethods.jobs.surveillance.backgrounds import (
    Background,
    Consensus,
    NetworkMask,
    RunningAverage,
    mixture,
    neighbours,
)
from segmethods.jobs.surveillance.crossings import Line
from segmethods.jobs.surveillance.figures import count_tracks, drop_slivers, score_tracks
from segmethods.jobs.surveillance.generated import KNOBS, ClipTruth, generate
from segmethods.jobs.surveillance.masks import check_masks, read_masks
from segmethods.jobs.surveillance.watching import View, Watched, draw, draw_clip, table, view_of, watch
from segmethods.jobs.tables import read_table

LINE_SHARE = 0.625
"""Where the line of a clip lies that says nothing of it: row 150 of 240."""
WARM = 100
"""Frames from which the background is learned, if the clip has so many before the first one that is judged."""

FIGURES = (
    Figure(
        "f1",
        Message("F1 of pixels"),
        Message("2 TP / (2 TP + FP + FN) of moving pixels, all judged frames together; shadows are not moving."),
        "changedetection.net",
    ),
    Figure(
        "pwc",
        Message("Wrong pixels"),
        Message("Per cent of the judged pixels that are wrong (PWC)."),
        "changedetection.net",
        higher_is_better=False,
    ),
    Figure(
        "count_error",
        Message("Count error"),
        Message("Objects counted at the line too many or too few, mean over clips."),
        "this project",
        higher_is_better=False,
    ),
    Figure(
        "mota",
        Message("MOTA"),
        Message("1 − (missed + false + switched numbers) / objects, with boxes right from IoU 0.5 on."),
        "Bernardin 2008",
    ),
    Figure(
        "idf1",
        Message("IDF1"),
        Message("F1 of boxes that carry the right number through the whole clip."),
        "Ristani 2016",
    ),
    Figure(
        "hota",
        Message("HOTA"),
        Message("Finding and following, weighed alike: the mean over IoU 0.05 to 0.95."),
        "Luiten 2021",
    ),
    Figure(
        "errors",
        Message("Wrong pixels a frame"),
        Message("False and missed pixels in a judged frame, mean over frames."),
        "Toyama 1999",
        higher_is_better=False,
    ),
    Figure(
        "frames_per_second",
        Message("Frames a second"),
        Message("How many frames one core watches in a second, decoding apart."),
        "this project",
    ),
)


def make_pipeline(id_: str, title: Message, about: Message, make: Callable[[], Background], why: Message) -> Pipeline:
    """A pipeline of a model of the background, cleaning and tracker."""
    return Pipeline(id_, title, about, partial(watch, make=make), why)


PIPELINES = (
    make_pipeline(
        "running_average",
        Message("Running average"),
        Message("The mean of the past; what differs from it by more than 30 levels in a colour moves."),
        RunningAverage,
        Message(
            "One value a pixel is enough where the scene stands still, and then it is hard to beat. A leaf "
            "that swings before the sky has two colours; their mean is neither, so all leaves count as "
            "moving."
        ),
    ),
    make_pipeline(
        "mog2",
        Message("MOG2"),
        Message("A few Gaussians for each pixel, so that a leaf and the sky behind it are both background."),
        mixture,
        Message(
            "Several Gaussians hold leaf and sky at once, and learn how much each pixel varies. Things in "
            "the colour of the ground are lost, and who stops long enough becomes background."
        ),
    ),
    make_pipeline(
        "knn",
        Message("KNN"),
        Message("Past colours of each pixel; a colour with few neighbours among them moves."),
        neighbours,
        Message(
            "It keeps real past colours, so it finds what differs a little, such as grey cars on grey "
            "asphalt. Leaves that come back to a colour seldom seen are called moving."
        ),
    ),
    make_pipeline(
        "feedback",
        Message("ViBe with feedback"),
        Message(
            "20 past colours a pixel, its neighbours’ too, and a threshold that rises where the scene moves by itself."
        ),
        Consensus,
        Message(
            "It asks a pixel’s neighbours before it calls a leaf moving, gives leaves a wider threshold after they "
            "have blinked, and learns no colour of a thing. In front of leaves it therefore misses things that look "
            "a little like them."
        ),
    ),
    make_pipeline(
        "network",
        Message("Network mask"),
        Message("DeepLab names people, vehicles and animals in every third frame; it doesn’t ask what moved."),
        NetworkMask,
        Message(
            "It knows cars and people from photos, stopped ones too, and no light or leaf disturbs it. Far "
            "and small ones it misses, its outlines are coarse, and a drawn walker may be nothing that it "
            "knows."
        ),
    ),
)


def count(case: JobSample, value: Watched | None) -> Counts:
    """Pixels, crossings and tracks of a clip; without an answer nothing moves."""
    truth: ClipTruth = case.truth
    found: dict[str, Any] = dict.fromkeys(("tp", "fp", "fn", "tn"), 0)
    for frame, mask in truth.masks.items():
        values = np.asarray(mask() if callable(mask) else mask)
        answer = np.zeros(values.shape, bool)
        if value is not None and frame in value.frames:
            answer = value.mask(frame)
        moves, still = values == 255, (values == 0) | (values == 50)
        found["tp"] += int((moves & answer).sum())
        found["fn"] += int((moves & ~answer).sum())
        found["fp"] += int((still & answer).sum())
        found["tn"] += int((still & ~answer).sum())
    found["frames"] = len(truth.masks)
    found["seconds_a_frame"] = 1 / value.rate if value is not None and value.rate else float("nan")
    if truth.crossings is not None:
        found["count_error"] = abs(truth.crossings - (0 if value is None else len(value.crossings)))
    if truth.tracks is not None:
        judged = range(view_of(case).start, len(truth.tracks))
        seen = []
        for t in judged:
            own = value.objects[t - value.start] if value is not None and t in value.frames else ()
            seen.append(drop_slivers(own, truth.tracks[t], truth.slivers[t]))
        found |= count_tracks([truth.tracks[t] for t in judged], seen)
    return found


def score(counts: Sequence[Counts]) -> Mapping[str, float]:
    """All figures of clips together."""
    tp, fp, fn, tn = sum_counts(counts, "tp", "fp", "fn", "tn")
    errors = [c["count_error"] for c in counts if "count_error" in c]
    times = [c["seconds_a_frame"] for c in counts]
    return {
        "f1": f1(tp, fp, fn),
        "pwc": 100 * ratio(fp + fn, tp + fp + fn + tn),
        "count_error": float(np.mean(errors)) if errors else float("nan"),
        **score_tracks(counts),
        "errors": ratio(fp + fn, sum(c["frames"] for c in counts)),
        "frames_per_second": 1 / float(np.mean(times)),
    }


def describe(value: Watched) -> Mapping[str, float]:
    """How many objects there were, and how many crossed the line."""
    numbers = {seen.number for objects in value.objects for seen in objects}
    return {"count": float(len(numbers)), "crossed": float(len(value.crossings)), "frames_per_second": value.rate}


def play(case: JobSample, value: Watched) -> bytes:
    """The answer as WebM."""
    return write_webm(draw_clip(case, value), view_of(case).clip.rate)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """Clips as files or as folders of frames, each with ``masks/`` and ``crossings.csv`` where they are known."""
    if not folder.is_dir():
        raise JobError("There is no folder {folder}. Give the folder of the job's data.", folder=str(folder))
    known = {task.id for task in TASKS}
    if is_clip(folder):
        return {folder.resolve().name if folder.resolve().name in known else "all": [clip_file(folder)]}
    found: dict[str, list[JobSampleFile]] = {}
    for place in sorted(folder.iterdir()):
        if is_clip(place) and not (place / "images").is_dir():  # another job's images are no clip
            found.setdefault(place.name if place.name in known else "all", []).append(clip_file(place))
    return found


def frames_folder(place: Path) -> Path:
    """Where the frames of a clip's folder lie."""
    return next((place / name for name in ("frames", "images") if (place / name).is_dir()), place)


def is_clip(place: Path) -> bool:
    """Whether this is a clip: a video, or a folder of frames."""
    if place.is_dir():
        return bool(list_frames(frames_folder(place)))
    return place.suffix.lower() in SUFFIXES


def clip_file(place: Path) -> JobSampleFile:
    """A clip that is not read yet."""
    return JobSampleFile(place.stem, partial(load_clip, place))


def load_clip(place: Path) -> JobSample:
    """A clip and what is known about it."""
    if place.is_file():
        return clip_sample(open_clip(place))
    clip = folder_clip(frames_folder(place), place.name)
    masks, notes = check_masks(read_masks(place, clip.files), clip.size)
    if clip.left_out:
        names = ", ".join(clip.left_out)
        notes = (Message("Frames that are left out, since they can’t be read: {names}.", {"names": names}), *notes)
    crossings = count_rows(place / "crossings.csv")
    truth = ClipTruth(masks, crossings) if masks or crossings is not None else None
    first = min(masks, default=0)
    return replace(clip_sample(clip, truth, first), notes=notes)


def clip_sample(clip: Clip, truth: ClipTruth | None = None, scored: int = 0, line: Line | None = None) -> JobSample:
    """A clip as the pipelines want it; where nothing is judged, the first frames are learned from and answered too."""
    warm = min(WARM, scored or WARM, max(1, clip.count // 2) if not scored else clip.count)
    start = min(warm, max(0, scored - 20)) if scored else 0
    view = View(clip, line or Line(row=round(LINE_SHARE * clip.size[1])), warm, start, scored)
    return JobSample(clip.name, clip.frame(min(scored, clip.count - 1)), truth, {"view": view})


def open_sample(name: str, data: bytes) -> JobSample:
    """A file that somebody brings, of which nothing is known."""
    return clip_sample(open_clip(data, name, side=480))


def count_rows(file: Path) -> int | None:
    """How many lines a table has below its head; None without the file."""
    if not file.is_file():
        return None
    return len(read_table(file))


TASKS = tuple(
    Task(
        id_,
        title,
        PIPELINES,
        FIGURES,
        count,
        score,
        draw,
        describe,
        table,
        nothing={"count": Message("Nothing was found that moves.")},
        play=play,
        film=open_sample,
    )
    for id_, title in (
        ("all", Message("Walkers, or clips of your own")),
        ("highway", Message("A highway")),
        ("waving_tree", Message("A waving tree")),
    )
)


JOB = Job(
    "surveillance",
    Message("Moving things"),
    Message(
        "A fixed camera asks what moves, who is who, and how many pass. The scene moves by itself, too: leaves, light "
        "and noise must not count. What stops or hides must keep its number."
    ),
    TASKS,
    read,
    generate,
    KNOBS,
    Message(
        "clips (MP4, WebM, AVI, MOV, GIF, or a folder with frames/), beside frames/ masks/NAME.png (0 still, 50 "
        "shadow, 255 moving, other values not judged) and crossings.csv (a line for each object that crosses the row "
        "at five eighths of the height, downwards); highway/ and waving_tree/ are sub-sets of their own"
    ),
    images=2,
)
