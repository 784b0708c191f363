"""``job``: the pipelines of an application over its images, judged by the figure that it cares about."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from segmethods.cli.table import format_table
from segmethods.core.messages import ParameterError
from segmethods.jobs import get_job, list_jobs
from segmethods.jobs.as_json import list_areas, to_json
from segmethods.jobs.doubts import find_doubt, find_nothing
from segmethods.jobs.frame import Job, JobSampleFile
from segmethods.jobs.running import CaseResult, SubsetResult, answer_case, find_reasons, list_notes, run_subset

MOST, TOLD = 500, 20
"""Images that may be generated at once, and how many without truth are told one by one."""
KNOBS = {"noise": "noise", "blur": "blur", "light": "uneven light", "shift": "shift (faces)", "clutter": "clutter"}
"""What may be turned of images that are generated; not every job has all of them."""


def add_command(commands: Any) -> None:
    """Add ``job`` to the parser's commands."""
    text = (
        "Run the pipelines of a job over a folder of its data, or over generated images with exact truth, and rank "
        "them by the job's own figure. Images without truth are answered and described, not ranked. The exit code "
        "is 1 if a pipeline failed on some image."
    )
    parser = commands.add_parser("job", help="judge pipelines by the figure that a job cares about", description=text)
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(list_jobs())}")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", metavar="FOLDER", type=Path, help="a folder laid out as README says for this job")
    source.add_argument("--generate", metavar="N", type=int, help=f"draw so many images (default: 12, at most {MOST})")
    parser.add_argument("--seed", type=int, default=0, help="another one draws other images (default: 0)")
    parser.add_argument("--pipelines", metavar="ID,...", help="only these")
    parser.add_argument("--subset", metavar="ID,...", help="only these sub-sets")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="write every answer as an image, and a table of all cases"
    )
    parser.add_argument("--metres", type=float, help="how wide a pixel is: maps are told in hectares (satellite)")
    for knob, title in KNOBS.items():
        parser.add_argument(f"--{knob}", type=float, help=f"how much {title} generated images have")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Run the job and print its figures."""
    job = get_job(args.name)
    wanted = None if args.pipelines is None else split_names(args.pipelines)
    check_metres(job, args.metres)
    subsets = find_cases(job, args)
    results = {name: run_named(job, name, cases, wanted, args.out) for name, cases in subsets.items()}
    if args.json:
        print(json.dumps(to_json(job, results, args.metres), indent=1, ensure_ascii=False), file=out)
    else:
        for name, result in results.items():
            print(told(name, result), end="\n\n", file=out)
            if args.metres is not None:
                print(tell_areas(result, args.metres), end="\n\n", file=out)
    return int(any(r.failed for result in results.values() for r in result.pipelines))


def check_metres(job: Job, metres: float | None) -> None:
    """Refuse a width of pixels that says nothing."""
    if metres is None:
        return
    if all(task.areas is None for task in job.tasks):
        raise ParameterError("{job} has no areas, so --metres says nothing.", job=job.id)
    if not 0 < metres < math.inf:
        raise ParameterError("--metres must be above 0; it is {value}.", value=f"{metres:g}")


def check_folder(folder: Path) -> None:
    """Refuse what is no folder, and the images of a job's folder without their truth."""
    if not folder.is_dir():
        raise ParameterError("There is no folder {folder}. Give the folder of the job's data.", folder=str(folder))
    above = folder.resolve().parent
    beside = ("labels", "masks", "truth.csv", "crossings.csv")
    if folder.resolve().name in ("images", "frames") and any((above / name).exists() for name in beside):
        raise ParameterError("The truth of these images lies beside them. Give the folder {folder}.", folder=str(above))


def check_names(subsets: Mapping[str, Sequence[JobSampleFile]]) -> None:
    """Refuse images of one name, whose results nobody could tell apart."""
    for cases in subsets.values():
        name, count = Counter(case.name for case in cases).most_common(1)[0] if cases else ("", 0)
        if count > 1:
            raise ParameterError(
                "{count} images are called {name}. Give each a name of its own.", count=count, name=name
            )


def split_names(text: str) -> list[str]:
    """The names between commas, each once."""
    return list(dict.fromkeys(name.strip() for name in text.split(",")))


def find_cases(job: Job, args: argparse.Namespace) -> Mapping[str, Sequence[JobSampleFile]]:
    """The cases that are asked for, by sub-set."""
    given = {k.id: getattr(args, k.id) for k in job.knobs if getattr(args, k.id, None) is not None}
    for name in KNOBS:
        if getattr(args, name) is not None and name not in {k.id for k in job.knobs}:
            raise ParameterError("{job} has no --{knob}.", job=job.id, knob=name)
    if args.data is not None:
        check_folder(args.data)
        if given:
            raise ParameterError("--{knob} changes images that are drawn, not those of --data.", knob=next(iter(given)))
        subsets = dict(job.read(args.data))
        check_names(subsets)
        if not any(subsets.values()):
            raise ParameterError(
                "{folder} has no images of this job. It wants: {layout}.", folder=str(args.data), layout=str(job.layout)
            )
    else:
        if job.generate is None:
            raise ParameterError("{job} has no generated images. Give a folder with --data.", job=job.id)
        count = 12 if args.generate is None else args.generate
        if not 1 <= count <= MOST:
            raise ParameterError("--generate must lie between 1 and {most}; it is {count}.", most=MOST, count=count)
        if args.seed < 0:
            raise ParameterError("--seed must be at least 0; it is {value}.", value=args.seed)
        for knob in job.knobs:
            if not knob.low <= given.get(knob.id, knob.default) <= knob.high:
                raise ParameterError(
                    "--{knob} must lie between {low} and {high}; it is {value}.",
                    knob=knob.id,
                    low=f"{knob.low:g}",
                    high=f"{knob.high:g}",
                    value=f"{given[knob.id]:g}",
                )
        subsets = dict(job.generate(count, args.seed, {k.id: k.default for k in job.knobs} | given))
    if args.subset is not None:
        names = split_names(args.subset)
        for name in names:
            if name not in subsets:
                raise ParameterError(
                    "There is no sub-set {name}. Choose from {choices}.", name=name, choices=", ".join(subsets)
                )
        subsets = {name: subsets[name] for name in names}
    return subsets


def run_named(
    job: Job, name: str, cases: Sequence[JobSampleFile], wanted: Sequence[str] | None, folder: Path | None
) -> SubsetResult:
    """One sub-set, with progress on standard error."""
    from tqdm import tqdm

    task = job.task(name)
    bar = tqdm(desc=name, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False)

    def one_more(_result: CaseResult) -> None:
        bar.update()

    with bar:
        result = run_subset(task, cases, wanted, one_more)
    if folder is not None:
        write_answers(job, name, cases, result, folder)
    return result


def write_answers(job: Job, name: str, cases: Sequence[JobSampleFile], result: SubsetResult, folder: Path) -> None:
    """Every answer as an image, and a table of all cases: ``DIR/SUBSET/CASE-PIPELINE.png`` and ``cases.csv``."""
    import csv

    from PIL import Image as PillowImage

    task, place = job.task(name), folder / name
    place.mkdir(parents=True, exist_ok=True)
    with (place / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        names = sorted({key for r in result.cases for key in (r.description or {})})
        table.writerow(["case", "pipeline", "seconds", "error", *names])
        for row in result.cases:
            told = row.description or {}
            cells = [told.get(key, "") for key in names]
            table.writerow([row.case, row.pipeline, f"{row.seconds:.4f}", str(row.error or ""), *cells])
    rows: list[dict[str, object]] = []
    answered = {r.case for r in result.cases if r.error is None}
    for file_ in cases:
        if file_.name not in answered:
            continue
        case = file_.load()
        doubt = find_doubt(task, case)
        for judged in result.pipelines:
            _, answer = answer_case(task, case, judged.pipeline, doubt)
            if answer is not None:
                rows += [{"case": case.name, "pipeline": judged.pipeline.id, **row} for row in task.table(answer.value)]
                image = PillowImage.fromarray(task.draw(case, answer.value))
                image.save(place / f"{case.name}-{judged.pipeline.id}.png")
                if task.play is not None:
                    (place / f"{case.name}-{judged.pipeline.id}.webm").write_bytes(task.play(case, answer.value))
    if rows:
        with (place / "table.csv").open("w", encoding="utf-8", newline="") as file:
            listing = csv.DictWriter(file, list(rows[0]))
            listing.writeheader()
            listing.writerows(rows)


def told(name: str, result: SubsetResult) -> str:
    """A sub-set's verdict and table, the best pipeline first."""
    figures = result.task.figures
    rows = [["PIPELINE", *(f.id.upper() for f in figures), "95%", "TIME", "FAILED"]]
    for r in result.ranked:
        between = "–" if r.interval is None else f"{r.interval[0]:.3f} to {r.interval[1]:.3f}"
        values = [_number(r.figures.get(f.id, math.nan)) for f in figures]
        seconds = "–" if math.isnan(r.seconds_median) else f"{1000 * r.seconds_median:.0f} ms"
        rows.append([r.pipeline.id, *values, between, seconds, str(r.failed)])
    images = f"{result.images} images" if result.judged == result.images else tell_judged(result)
    lines = [f"{name}, {images}", str(result.verdict), format_table(rows)]
    return "\n".join([*lines, *tell_failures(result), *tell_notes(result), *tell_answers(result)])


def tell_judged(result: SubsetResult) -> str:
    """How many images there are, and how many of them are judged."""
    return f"{result.images} images, of which {result.judged} have a truth and are judged"


def tell_notes(result: SubsetResult) -> list[str]:
    """What was assumed as truths were read, with the images of which that is so."""
    images: dict[str, list[str]] = {}
    for name, notes in list_notes(result.cases).items():
        for note in notes:
            images.setdefault(str(note), []).append(name)
    return [f"Note, {', '.join(names[:TOLD])}: {note}" for note, names in images.items()]


def tell_failures(result: SubsetResult) -> list[str]:
    """Why there is no answer: which images failed alike for all pipelines, or each pipeline's commonest reason."""
    commonest = {pipeline: str(reason) for pipeline, reason in find_reasons(result.cases).items()}
    if len(alike := group_failures(result)) > 1:
        return [f"Failed, {', '.join(names[:TOLD])}: {reason}" for reason, names in alike.items()]
    if len(set(commonest.values())) == 1:
        return [f"Failed: {next(iter(commonest.values()))}"]
    return [f"{pipeline} failed: {reason}" for pipeline, reason in commonest.items()]


def group_failures(result: SubsetResult) -> dict[str, list[str]]:
    """The failed images by their reason; empty if pipelines failed for several reasons on an image, or not all did."""
    reasons: dict[str, list[str]] = {}
    for case in result.cases:
        if case.error is not None:
            reasons.setdefault(case.case, []).append(str(case.error))
    grouped: dict[str, list[str]] = {}
    for name, each in reasons.items():
        if len(set(each)) > 1 or len(each) < len(result.pipelines) or not result.pipelines:
            return {}
        grouped.setdefault(each[0], []).append(name)
    return grouped


def tell_answers(result: SubsetResult) -> list[str]:
    """What is said of images without truth, a line for each pipeline; of the first `TOLD` images."""
    own = [r for r in result.cases if r.tally is None and r.description]
    names = list(dict.fromkeys(r.case for r in own))
    if not own:
        return []
    rows = [["IMAGE", "PIPELINE", "SAYS"]]
    for case in own:
        if case.case in names[:TOLD]:
            rows.append([case.case, case.pipeline, tell_description(result, case.description or {})])
    more = [f"{len(names) - TOLD} more; --out writes all of them."] if len(names) > TOLD else []
    return [format_table(rows), *more]


def tell_description(result: SubsetResult, description: Mapping[str, float]) -> str:
    """The numbers that an answer is told by, or what is said where it found nothing."""
    nothing = find_nothing(result.task, description)
    numbers = [f"{name.replace('_', ' ')} {value:.4g}" for name, value in description.items() if math.isfinite(value)]
    return str(nothing) if nothing is not None else ", ".join(numbers)


def tell_areas(result: SubsetResult, metres: float) -> str:
    """The hectares of each class on all maps together."""
    rows = [["PIPELINE", "CLASS", "MAPPED", "ESTIMATED", "95%"]]
    for pipeline, areas in list_areas(result, metres).items():
        for row in areas:
            mapped, estimated, low, high = (f"{row[name]:.2f}" for name in ("mapped", "estimated", "low", "high"))
            rows.append([pipeline, str(row["class"]), f"{mapped} ha", f"{estimated} ha", f"{low} to {high} ha"])
    return format_table(rows)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
