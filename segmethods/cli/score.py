"""``score``: a saved segmentation against a saved truth."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from segmethods.benchmark.predictions import ScoreOptions
from segmethods.cli.ids import add_id_options
from segmethods.cli.score_folders import open_bar, run_folders
from segmethods.cli.table import format_table
from segmethods.core.messages import Message, ParameterError
from segmethods.core.types import CAMVID, VOC, VOID, GroundTruth, Labels, Segmentation, Vocabulary
from segmethods.datasets.sample_refs import OBJECT_VOID
from segmethods.io.arrays import is_array
from segmethods.io.class_names import read_class_names
from segmethods.io.colour_masks import Colour
from segmethods.io.files import read_bytes
from segmethods.io.ground_truth import DEEP, tell_judged, tell_truth
from segmethods.io.id_images import number_objects
from segmethods.io.id_maps import choose_ids
from segmethods.io.label_maps import THRESHOLDS, Saved
from segmethods.io.label_pairs import load_pair
from segmethods.io.prediction_doubts import tell_objects
from segmethods.metrics import (
    ALIGNMENTS,
    POLICY,
    Alignment,
    Boundaries,
    MapCounts,
    Maps,
    Scores,
    explain_alignment,
    fill_void,
    list_scores,
    outline,
    score,
    thinned,
)
from segmethods.metrics.registry import SLOW

TEXT = """\
Score saved segmentations against a saved truth of the same picture.

Files: PNG and other pictures of masks, .npz (each array of whole numbers is a map), and the .mat files of the Berkeley
benchmark (segs, groundTruth with several annotators, and ucm2, which is cut at several thresholds).

Pictures and .npz hold class ids from 0 and 255 where the truth doesn't judge; equal ids are the same class unless
--alignment says otherwise. 0 and 255 alone are background and object. Maps of a .mat file, or with ids above 255, are
regions without names: against a mask of classes they are aligned by majority. Against regions without names, or
several annotators, there are no class scores: they are null. With --objects every label but 0 is an object of its own,
as it is in 16-bit pictures and in arrays with numbers too large for classes, unless --no-objects says otherwise.

PREDICTION and TRUTH may be folders: files are matched by their names, as images and masks are everywhere (see README),
counts are summed over all images, and with the folders of other methods after TRUTH the methods are ranked and the
best is tested against the others. Classes are named by --classes, or by a classes.txt beside the truths."""

OBJECTS = Message("Its numbers are too large for classes: they count as single objects. --no-objects says otherwise.")

Row = dict[str, Any]


def add_command(commands: Any) -> None:
    """Add ``score`` to the parser's commands."""
    parser = commands.add_parser(
        "score",
        help="score saved masks against a saved truth",
        description=TEXT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("prediction", metavar="PREDICTION", help="one segmentation or several of one picture")
    parser.add_argument("truth", metavar="TRUTH", help="a mask of classes, or the regions of one annotator or several")
    parser.add_argument(
        "more", metavar="PREDICTION", nargs="*", help="with folders: those of other methods, to be ranked"
    )
    parser.add_argument(
        "--classes", metavar="N|FILE", help="how many classes there are; a file with a name a line; voc; camvid"
    )
    choices = [name.replace(" ", "-") for name in ALIGNMENTS]
    parser.add_argument(
        "--alignment", choices=choices, help="how labels of PREDICTION become classes (default: what the files allow)"
    )
    parser.add_argument(
        "--thresholds", metavar="N", type=int, default=THRESHOLDS, help="how many cuts of a ucm2 map (default: 99)"
    )
    parser.add_argument(
        "--objects",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether labels are single objects, 0 none (default: in 16-bit pictures)",
    )
    parser.add_argument(
        "--boundaries",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to score boundaries and outlines, which takes most of the time",
    )
    add_id_options(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Score, print the results, and return the exit code."""
    if not 1 <= args.thresholds <= 1000:
        raise ParameterError("--thresholds must lie between 1 and 1000; it is {value}.", value=args.thresholds)
    wish: Alignment | None = args.alignment and args.alignment.replace("-", " ")
    classes, colours = (None, ()) if args.classes is None else _read_classes(args.classes)
    ids = choose_ids(args.ids, args.ignore)
    folders = [Path(name) for name in (args.prediction, *args.more)]
    if Path(args.truth).is_dir() and all(folder.is_dir() for folder in folders):
        options = ScoreOptions(classes, colours, ids, args.objects, args.boundaries)
        return run_folders(Path(args.truth), folders, options, args.json, out)
    if args.more or folders[0].is_dir() or Path(args.truth).is_dir():
        missing = next((name for name in (*map(str, folders), args.truth) if not Path(name).exists()), None)
        if missing is not None:
            raise ParameterError("There is no {name}. Check the path.", name=missing)
        raise ParameterError("Give two files, or folders alone: predictions, truths, and other predictions.")
    by_name = wish in (None, "by name")
    found, true = load_pair(args.prediction, args.truth, classes, by_name, args.thresholds, ids, colours)
    truth = GroundTruth(true.maps[0].labels, true.maps[0].classes) if true.has_classes and len(true.maps) == 1 else None
    if wish is not None and truth is None:
        raise ParameterError(
            "--alignment needs a mask of classes, but {name} has regions without names. Leave it out.", name=args.truth
        )
    objects = _are_objects(args, found, true)
    void = VOID if true.has_classes else OBJECT_VOID if objects else None
    if void is not None and all((t.labels == void).all() for t in true.maps):
        raise ParameterError("No pixel of {name} is judged. Use another truth.", name=args.truth)
    lines = () if not args.boundaries else tuple(outline(_filled(t.labels, t.labels, void)) for t in true.maps)
    rows, scored = [], []
    with open_bar(len(found.maps) * len(list_scores()), " metrics") as bar:

        def tell(metric: str) -> None:
            bar.set_postfix_str(metric)
            bar.update()

        for segmentation in found.maps:
            scores = None if truth is None else score(segmentation, truth, wish or "auto")
            rows.append(_judge(segmentation, true, void, lines, scores, objects, tell))
            scored.append(scores)
    if args.json:
        notes = [
            *map(str, _tell_truth(true, void)[1:]),
            *(f"{name}: {note}" for name, note in _notes(args, found, true)),
        ]
        report = {"results": rows, "not_judged": _share_void(true, void), "notes": notes}
        print(json.dumps(report, indent=2, allow_nan=False), file=out)
    else:
        print(_table(args, found, true, void, rows, scored), file=out)
    return 0


def _read_classes(text: str) -> tuple[Vocabulary, Sequence[Colour]]:
    """A number of classes, a known vocabulary, or the names in a file, and the colours that it gives them."""
    known = {"voc": VOC, "camvid": CAMVID}
    if text in known:
        return known[text], ()
    if not text.isdecimal():
        found = read_class_names(Path(text))
        return Vocabulary("mask", tuple(name for name in found.names if name)), found.colours
    names = [f"class {i}" for i in range(min(int(text), VOID + 1))]
    if not 1 <= len(names) <= VOID:
        raise ParameterError("There can be 1 to 255 classes, not {count}. See --classes.", count=len(names))
    return Vocabulary("mask", tuple(names)), ()


def _are_objects(args: argparse.Namespace, found: Saved, true: Saved) -> bool:
    if args.objects is not None:
        return bool(args.objects)
    both = ((args.prediction, found), (args.truth, true))
    rest = [read_bytes(name) for name, saved in both if not saved.is_renumbered]
    return number_objects(rest) or (len(rest) == 1 and is_array(rest[0]))


def _judge(
    segmentation: Segmentation,
    true: Saved,
    void: int | None,
    outlines: tuple[Boundaries, ...],
    scores: Scores | None,
    objects: bool,
    tell: Callable[[str], object],
) -> Row:
    """Every metric of one segmentation; None where it is undefined or left out. Each is told when its turn comes."""
    annotators = tuple(t.labels for t in true.maps)
    maps = Maps(annotators, segmentation.labels, void=void) if scores is None else scores.counts.maps
    pair = (annotators[0], segmentation.labels) if objects and len(annotators) == 1 else None
    drawn = _outline(segmentation, true, void) if outlines else None
    counts = MapCounts(replace(maps, found=drawn, outlines=outlines, objects=pair))
    values: Row = {}
    for metric in list_scores():
        tell(metric.title)
        values[metric.id] = _defined(metric.score(counts)) if outlines or metric.kind not in SLOW else None
    boundaries = counts.boundaries if outlines else None
    return values | {
        "class_iou": None if scores is None else list(scores.class_iou),
        "alignment": None if scores is None else scores.alignment,
        "approximate": [] if boundaries is None or not boundaries.approximate else ["boundary"],
    }


def _filled(labels: Labels, true: Labels, void: int | None) -> Labels:
    return labels if void is None else fill_void(labels, true, void)


def _outline(segmentation: Segmentation, true: Saved, void: int | None) -> Boundaries:
    """The boundaries of a contour map, or else of the labels, which a truth with void fills where it doesn't judge."""
    if segmentation.boundaries is not None:
        return thinned(segmentation.boundaries)
    single = len(true.maps) == 1
    return outline(_filled(segmentation.labels, true.maps[0].labels, void) if single else segmentation.labels)


def _share_void(true: Saved, void: int | None) -> float:
    """The share of the pixels that no annotator judges."""
    return 0.0 if void is None else float(np.mean([m.labels == void for m in true.maps]))


def _tell_truth(true: Saved, void: int | None) -> tuple[Message, ...]:
    """How much of the truth is judged, and if it shows but one class."""
    if true.has_classes and len(true.maps) == 1:
        return tell_truth(GroundTruth(true.maps[0].labels, true.maps[0].classes))
    return (tell_judged(_share_void(true, void)),)


def _notes(args: argparse.Namespace, found: Saved, true: Saved) -> list[tuple[str, Message]]:
    """What was assumed of each file, but for the share that isn't judged, which has a line of its own."""
    every = [(args.prediction, note) for note in found.notes] + [(args.truth, note) for note in true.notes]
    objects = _are_objects(args, found, true)  # of which it needn't be said that their numbers are no classes
    kept = [(name, note) for name, note in every if not (objects and ("ids" in note.values or note == DEEP))]
    told = [(args.truth, OBJECTS)] if objects and args.objects is None and _has_array(args) else []
    doubts = tell_objects(found.maps[0].labels, true.maps[0].labels) if objects else ()
    told += [(args.prediction, note) for note in doubts]
    return [(name, note) for name, note in kept if not note.template.startswith("Not judged")] + told


def _has_array(args: argparse.Namespace) -> bool:
    return any(is_array(read_bytes(name)) for name in (args.prediction, args.truth))


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def _table(
    args: argparse.Namespace,
    found: Saved,
    true: Saved,
    void: int | None,
    rows: Sequence[Row],
    scored: Sequence[Scores | None],
) -> str:
    height, width = true.shape
    people = f", {len(true.maps)} annotators" if len(true.maps) > 1 else ""
    first, counts_objects = scored[0], rows[0]["panoptic_quality"] is not None
    head = ["MAP", "SEGMENTS", "COVERING", "RAND", "VI", "BOUNDARY F", "PRECISION", "RECALL"]
    head += ["AP", "PQ", "AJI"] if counts_objects else []
    head += ["MEAN IOU", "DICE", "ACCURACY", "ALIGNED"] if first else []
    if found.thresholds is not None:
        head[0] = "CUT AT"
    lines = [f"{args.prediction} against {args.truth}, {width} × {height} pixels{people}"]
    lines.append(format_table([head, *(_cells(i, found, row) for i, row in enumerate(rows))]))
    if first and len(rows) == 1:
        names = true.maps[0].classes.names
        ious = (f"{name} {_text(iou)}" for name, iou in zip(names, first.class_iou, strict=True))
        lines.append(format_table([["IoU by class:", ", ".join(ious)]], gap=" "))
    if first:
        lines.append(str(explain_alignment(first.alignment, first.segments, first.other_names)))
    else:
        lines.append("The truth has regions without names: there are no class scores.")
    lines.append(" ".join(map(str, _tell_truth(true, void))))
    lines += [f"{name}: {note}" for name, note in _notes(args, found, true)]
    if any(row["approximate"] for row in rows):
        lines.append("Boundary F is approximate: outlines this large of several annotators can be 0.005 too high.")
    lines.append(f"VI is in bits, lower is better; all others go from 0 to 1, higher is better. {POLICY}")
    return "\n".join(lines)


def _cells(index: int, found: Saved, row: Row) -> list[str]:
    number = f"{index + 1}" if found.thresholds is None else f"{found.thresholds[index]:.3g}"
    segments = len(set(found.maps[index].labels.ravel().tolist()))
    names = ["covering", "pri", "vi", "boundary_f", "boundary_precision", "boundary_recall"]
    if row["panoptic_quality"] is not None:
        names += ["average_precision", "panoptic_quality", "aggregated_jaccard"]
    names += ["mean_iou", "dice", "pixel_accuracy"] if row["alignment"] else []
    aligned = [row["alignment"]] if row["alignment"] else []
    return [number, f"{segments}", *(_text(row[name]) for name in names), *aligned]


def _text(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"
