"""``compare``: many methods on one image or several."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from segmethods.cli.ids import add_id_options
from segmethods.cli.table import format_table
from segmethods.cli.weights import choose_weights
from segmethods.core.messages import ImageError, Message, ParameterError, SegmethodsError
from segmethods.core.types import GroundTruth, Segmentation
from segmethods.datasets.folder_patterns import is_mask_folder
from segmethods.datasets.pairing import find_mask
from segmethods.execution.compare import compare_each, plan_comparison
from segmethods.io.annotations import ANNOTATION_SUFFIXES, name_outlines
from segmethods.io.class_names import ClassNames, find_class_names
from segmethods.io.ground_truth import read_ground_truth, share_void, tell_truth
from segmethods.io.id_maps import IdMap, choose_ids
from segmethods.io.images import SUFFIXES, read_image
from segmethods.io.label_png import encode_labels
from segmethods.metrics import score
from segmethods.reporting.objects import find_objects, write_objects
from segmethods.reporting.outcome_json import Report, report
from segmethods.reporting.ranking import is_helped
from segmethods.reporting.verdict import judge_blank, make_row, rank_rows, verdict

Plan = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Job:
    """One image: its name as given, how its label files' names begin, its truth mask, what the mask's ids become."""

    image: str
    stem: str
    mask: Path | None
    ids: IdMap | None


def add_command(commands: Any) -> None:
    """Add ``compare`` to the parser's commands."""
    text = "Segment images with several methods and compare the results."
    parser = commands.add_parser("compare", help="segment images with several methods", description=text)
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a picture; - reads one from standard input")
    parser.add_argument("--methods", metavar="ID,ID", help="the methods to run, see `list` (default: all)")
    parser.add_argument("--params", metavar="JSON", default="{}", help="""such as '{"kmeans": {"k": 5}}'""")
    parser.add_argument("--weights", metavar="NAME", help="what the networks know: voc, camvid, or see `weights list`")
    parser.add_argument(
        "--truth", metavar="MASK", type=Path, help="mask of the image, or a folder of masks named alike"
    )
    parser.add_argument(
        "--turn-mask", action="store_true", help="the mask was drawn on the picture as stored, before its EXIF turn"
    )
    parser.add_argument(
        "--page",
        metavar="N",
        type=int,
        help="which page, channel, slice or frame (default: the first that has content)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="write there each result's labels, as index PNGs, and all objects with their areas, as CSV",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--boundaries",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether boundaries and outlines are scored for --json, which takes most of the time on large pictures",
    )
    add_id_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Compare, print the results, and return the exit code."""
    from tqdm import tqdm

    if args.page is not None and args.page < 1:
        raise ParameterError("--page must be at least 1; it is {value}.", value=args.page)
    methods = None if args.methods is None else [word.strip() for word in args.methods.split(",")]
    plan = plan_comparison(*choose_weights(methods, read_params(args.params), args.weights))
    jobs = _plan_jobs(args.images, plan, args.truth, choose_ids(args.ids, args.ignore), args.out)
    reports: list[Report] = []
    quiet = not sys.stderr.isatty()
    with tqdm(total=len(jobs) * len(plan), file=sys.stderr, disable=quiet, leave=False, unit=" methods") as bar:
        for job in jobs:
            try:
                reports.append(_compare(job, plan, args, bar))
            except SegmethodsError as error:
                bar.write(f"error: {' '.join(str(error).split())}", file=sys.stderr)
    _show(reports, args.json, several=len(jobs) > 1, out=out)
    if len(reports) < len(jobs):
        return 2
    return int(any(result["status"] == "failed" for report in reports for result in report["results"]))


def read_params(text: str) -> dict[str, dict[str, Any]]:
    """What ``--params`` says: method id -> its parameters, not checked yet."""
    try:
        params = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParameterError(
            """--params is not JSON ({reason}). Write it like '{example}'.""",
            reason=str(error),
            example='{"kmeans": {"k": 5}}',
        ) from error
    if not isinstance(params, dict) or not all(isinstance(values, dict) for values in params.values()):
        raise ParameterError(
            "--params must be an object of objects. Write it like '{example}'.", example='{"kmeans": {"k": 5}}'
        )
    return params


def _plan_jobs(images: Sequence[str], plan: Plan, truth: Path | None, ids: IdMap | None, out: Path | None) -> list[Job]:
    if truth is not None and len(images) > 1 and not truth.is_dir():
        raise ParameterError(
            "--truth is one mask for {count} images. Give a folder of masks that are named like the images.",
            count=len(images),
        )
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(out, error) from error
    masks = truth.iterdir() if truth is not None and truth.is_dir() else [truth or Path()]
    taken = {Path(file).absolute() for file in [*images, *masks]}
    jobs = []
    for image in images:
        stem = _free_stem("stdin" if image == "-" else Path(image).stem, plan, out or Path(), taken)
        jobs.append(Job(image, stem, truth, ids))
    return jobs


def _free_stem(stem: str, plan: Plan, out: Path, taken: set[Path]) -> str:
    """`stem`, numbered if a label file would take the name of an image or of another label file."""
    number, free = 1, stem
    while taken & {_label_path(out, free, method).absolute() for method in plan}:
        number += 1
        free = f"{stem}-{number}"
    taken |= {_label_path(out, free, method).absolute() for method in plan}
    return free


def _label_path(out: Path, stem: str, method: str) -> Path:
    return out / f"{stem}-{method}.png"


def _find_mask(job: Job) -> Path | None:
    if job.mask is None or not job.mask.is_dir():
        return job.mask
    return find_mask("stdin" if job.image == "-" else job.image, job.mask, (*SUFFIXES, *ANNOTATION_SUFFIXES))


def _compare(job: Job, plan: Plan, args: argparse.Namespace, bar: Any) -> Report:
    page = None if args.page is None else args.page - 1
    file = read_image(sys.stdin.buffer if job.image == "-" else job.image, page=page)
    image, out = file.image, args.out
    mask = _find_mask(job)
    height, width = image.shape[:2]
    truth, told = (None, []) if mask is None else _load_truth(mask, (height, width), job, args, file.orientation)
    results, rows, objects = [], [], []
    for outcome in compare_each(image, plan, plan):
        scores = score(outcome, truth) if truth is not None and isinstance(outcome, Segmentation) else None
        results.append(report(outcome, scores, args.boundaries))
        rows.append(make_row(outcome, scores))
        if isinstance(outcome, Segmentation):
            objects.append((job.image, outcome.method, find_objects(outcome)))
        if out is not None and isinstance(outcome, Segmentation):
            results[-1]["labels"] = _save(outcome, _label_path(out, job.stem, outcome.method))
        bar.update()
    notes = [str(note) for note in [*file.notes, *told]]
    if out is not None:
        _write(out / f"{job.stem}-objects.csv", write_objects(objects).encode())
    judgement = None if truth is None else judge_blank(truth)
    return {
        "image": job.image,
        "width": width,
        "height": height,
        "notes": notes,
        "metric": None if truth is None else rank_rows(rows, judgement)[0],
        "ranking": list(rank_rows(rows, judgement)[1].placed),
        "verdict": [str(sentence) for sentence in verdict(rows, judgement)],
        "results": results,
    }


def _load_truth(
    mask: Path, size: tuple[int, int], job: Job, args: argparse.Namespace, orientation: int
) -> tuple[GroundTruth, list[Message]]:
    """The truth of an image, and what was assumed; the share that isn't judged is always said."""
    ids = job.ids
    named = None if ids else _find_classes(mask)
    classes, colours = (named[1].vocabulary, named[1].colours) if named else (None, ())
    if named and mask.suffix.lower() in (".json", ".txt"):
        classes = name_outlines(named[1].listed)
    file = read_ground_truth(
        mask,
        size,
        classes=ids.classes_in_file(None) if ids else classes,
        colours=colours,
        orientation=orientation,
        turn=args.turn_mask,
        image=job.image,
    )
    truth = ids.map_truth(file.truth) if ids else file.truth
    if share_void(truth) == 1:
        raise ImageError("No pixel of {name} is judged. Check --ids and --ignore.", name=str(mask))
    notes = [note for note in file.notes if not note.template.startswith("Not judged")]
    notes += [Message("The classes are those of {file}.", {"file": named[0].name})] if named else []
    notes += ids.tell_missing(file.truth.labels) if ids else ()
    return truth, [*notes, *tell_truth(truth)]


def _find_classes(mask: Path) -> tuple[Path, ClassNames] | None:
    """The file of class names beside a mask, or beside its folder where that is one of masks."""
    folder = mask.absolute().parent
    return find_class_names((folder, folder.parent) if is_mask_folder(folder.name) else (folder,))


def _save(result: Segmentation, path: Path) -> str:
    _write(path, encode_labels(result.labels, result.classes))
    return str(path)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ParameterError:
    return ParameterError(
        "{path} can't be written ({reason}). Choose another folder.", path=str(path), reason=error.strerror or "?"
    )


def _show(reports: Sequence[Report], as_json: bool, *, several: bool, out: TextIO) -> None:
    if not reports and not several:
        return
    if as_json:
        print(json.dumps(list(reports) if several else reports[0], indent=2, allow_nan=False), file=out)
    else:
        print("\n\n".join(map(_table, reports)), file=out)


def _table(report: Report) -> str:
    scored = any(result["scores"] for result in report["results"])
    head = ["METHOD", *(["PLACE", "IOU", "ALIGNED"] if scored else []), "TIME", "RESULT"]
    metric = report["metric"] or "mean_iou"
    rows = [head, *(_row(result, scored, metric, report["ranking"]) for result in report["results"])]
    title = f"{report['image']}, {report['width']} × {report['height']} pixels"
    return "\n".join([title, *report["notes"], *report["verdict"], format_table(rows)])


def _row(result: Report, scored: bool, metric: str, ranking: Sequence[str]) -> list[str]:
    if result["status"] == "failed":
        return [result["method"], *(["", "", ""] if scored else []), "", f"failed: {result['error']}"]
    iou = result["scores"].get(metric)
    place = f"{ranking.index(result['method']) + 1}" if result["method"] in ranking else ""
    judged = [place, "n/a" if iou is None else f"{iou:.2f}", _alignment(result["scores"])] if scored else []
    shares = [f"{c['name']} {c['share']:.0%}" for c in result["classes"]]
    more = f", {len(shares) - 4} more" if len(shares) > 4 else ""
    objects = ", ".join(f"{count} × {name}" for name, count in result["objects"].items())
    found = ", ".join(shares[:4]) + more + (f"; {objects}" if objects else "")
    file = f" -> {result['labels']}" if result["labels"] else ""
    return [result["method"], *judged, f"{result['seconds']['total']:.3f} s", found + file]


def _alignment(scores: Mapping[str, Any]) -> str:
    many = f" of {scores['segments']}" if scores["alignment"] in ("majority", "hungarian") else ""
    bound = "upper bound, " if is_helped(scores["alignment"]) else ""
    return f"{bound}{scores['alignment']}{many}"
