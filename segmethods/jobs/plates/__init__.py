"""Number plates: where they are, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.io.images import load_image
from segmethods.jobs._boxes import box_iou, draw_boxes
from segmethods.jobs._masks import BLUE, GREEN, RED, grey_image, list_images, ratio
from segmethods.jobs.frame import Answer, Counts, Figure, Job, JobError, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.plates.characters import cut_by_components, cut_by_projection, ink_of, read_signs
from segmethods.jobs.plates.finding import FINDERS
from segmethods.jobs.plates.generated import KNOBS, Truth, generate
from segmethods.jobs.plates.reading import read_strip
from segmethods.jobs.plates.text import Plate, find_plates, is_plate, mend, upright
from segmethods.jobs.tables import BOX, Row, match_lines, read_table

SUBSETS = ("eu", "us", "cn", "ro")
FIGURES = (
    Figure(
        "read_whole",
        Message("Plates read whole"),
        Message("Share of plates of which every sign is read and no more."),
        "OpenALPR's benchmark",
    ),
    Figure(
        "characters",
        Message("Characters right"),
        Message("One less the edits that the best reading needs, over the plate’s length."),
        "Levenshtein 1966",
    ),
    Figure(
        "found",
        Message("Plates found"),
        Message("Share of plates covered by a box with an IoU of 0.5 or more."),
        "PASCAL VOC",
    ),
    Figure(
        "false_per_picture",
        Message("False boxes per image"),
        Message("Boxes that cover no labelled plate, per image."),
        "the job",
        False,
    ),
)


def by_looks(case: JobSample, finder: str, cut: str, reader: str) -> Answer:
    """Boxes by what plates look like; each is read by templates or by the recogniser."""
    boxes, steps = FINDERS[finder](case.image)
    plates = []
    for box in boxes:
        strip = crop(case.image, box)
        if reader == "templates":
            ink = ink_of(strip)
            spans = (cut_by_components if cut == "components" else cut_by_projection)(ink)
            text = read_signs(ink, spans)
            shown = grey_image(ink)
        else:
            text, _ = read_strip(strip)
            shown = strip
        if is_plate(text):
            plates.append(Plate(box, mend(text), shown))
    return Answer(tuple(plates), (*steps, *_strips(plates)))


def by_text(case: JobSample, closer: bool) -> Answer:
    """Plates by the text detector and recogniser."""
    plates, likely, lines = find_plates(case.image, closer)
    steps = (
        Step(Message("How likely each pixel is text"), grey_image(likely)),
        Step(Message("Lines of text"), draw_boxes(case.image, [upright(line.corners) for line in lines], BLUE)),
    )
    return Answer(tuple(plates), (*steps, *_strips(plates)))


def crop(image: Image, box: Box) -> Image:
    """The part of an image inside a box."""
    left, top = max(0, round(box.x)), max(0, round(box.y))
    part = image[top : max(top + 2, round(box.y + box.h)), left : max(left + 2, round(box.x + box.w))]
    if not part.size:
        raise JobError("A box lies outside its image.")
    return part


def _strips(plates: Sequence[Plate]) -> tuple[Step, ...]:
    for plate in plates:
        if plate.text:
            return (Step(Message("Read as {text}", {"text": plate.text}), plate.strip),)
    return (Step(Message("A plate by its form, not read"), plates[0].strip),) if plates else ()


PIPELINES = (
    Pipeline(
        "black_hat",
        Message("Black-hat, components, templates"),
        Message("What is dark and narrow, closed to bars; signs are pieces of ink, read by comparing with templates."),
        partial(by_looks, finder="black_hat", cut="components", reader="templates"),
        Message(
            "It needs signs that don’t touch each other and a font like that of its templates; dirt, slant and "
            "small plates break it."
        ),
    ),
    Pipeline(
        "edges",
        Message("Edges, projection, templates"),
        Message(
            "Where upright edges are dense; signs are separated at empty columns, read by comparing with templates."
        ),
        partial(by_looks, finder="edges", cut="projection", reader="templates"),
        Message("Grilles and fences have upright edges, too, and slanted signs leave no empty column between them."),
    ),
    Pipeline(
        "black_hat_network",
        Message("Black-hat, recogniser"),
        Message("Bars of black-hat and closing, read by a text network (PP-OCRv4)."),
        partial(by_looks, finder="black_hat", cut="", reader="network"),
        Message("The reader forgives what templates don't, but it can read only what black-hat has found."),
    ),
    Pipeline(
        "text",
        Message("Text detector and recogniser"),
        Message("Two networks (PP-OCRv4): one marks text, one reads it; lines that read like a plate stay."),
        partial(by_text, closer=False),
        Message(
            "It learned text in thousands of scenes, so grilles don't fool it; small signs are lost when the "
            "photo is shrunk."
        ),
    ),
    Pipeline(
        "text_twice",
        Message("Text detector, a second look, recogniser"),
        Message(
            "As before, but the photo and each line are looked at again, enlarged; several cuts of a line vote, and "
            "what has a plate’s form counts as found though it can’t be read."
        ),
        partial(by_text, closer=True),
        Message("The second look sees small signs as large as the network knows them, and one bad cut is outvoted."),
    ),
)


def count(case: JobSample, value: Sequence[Plate] | None) -> Counts:
    """Plates found and read, their signs, and boxes too many."""
    plates = value or ()
    truth: Truth = case.truth
    texts = [text for _, text in truth if text]
    edits = [min([edit_distance(text, p.text) for p in plates] + [len(text)]) for text in texts]
    hits = [any(box_iou(box, p.box) >= 0.5 for p in plates) for box, _ in truth]
    covering = [any(box_iou(box, p.box) >= 0.5 for box, _ in truth) for p in plates]
    return {
        "whole": sum(any(p.text == text for p in plates) for text in texts),
        "texts": len(texts),
        "right": sum(max(0.0, 1 - e / len(t)) for e, t in zip(edits, texts, strict=True)),
        "found": sum(hits),
        "boxes": len(truth),
        "false": len(plates) - sum(covering),
        "images": 1,
    }


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Shares over all plates, false boxes over all images."""
    total = {name: float(sum(t[name] for t in tallies)) for name in tallies[0]}
    return {
        "read_whole": ratio(total["whole"], total["texts"]),
        "characters": ratio(total["right"], total["texts"]),
        "found": ratio(total["found"], total["boxes"]),
        "false_per_picture": total["false"] / total["images"],
    }


def edit_distance(first: str, second: str) -> int:
    """How many signs must be added, left out or changed.

    Examples
    --------
    >>> edit_distance("RK346AL", "RK34BA")
    2
    """
    row = list(range(len(second) + 1))
    for i, sign in enumerate(first, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(second, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (sign != other))
    return row[-1]


def draw(case: JobSample, value: Sequence[Plate]) -> Image:
    """Boxes over the image: found, and where the truth is known, missed in blue and false in orange."""
    if case.truth is None:
        return draw_boxes(case.image, [p.box for p in value], GREEN)
    truth: Truth = case.truth
    right = [p.box for p in value if any(box_iou(box, p.box) >= 0.5 for box, _ in truth)]
    image = draw_boxes(case.image, [p.box for p in value if p.box not in right], RED)
    missed = [box for box, _ in truth if all(box_iou(box, p.box) < 0.5 for p in value)]
    return draw_boxes(draw_boxes(image, missed, BLUE), right, GREEN)


def list_plates(value: Sequence[Plate]) -> list[Mapping[str, object]]:
    """Each plate's text and box."""
    rounded = [(p.text, *(round(v, 1) for v in (p.box.x, p.box.y, p.box.w, p.box.h))) for p in value]
    return [dict(zip(("text", "x", "y", "w", "h"), row, strict=True)) for row in rounded]


TASK = Task(
    "all",
    Message("Number plates"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    lambda value: {"plates": len(value)},
    list_plates,
    nothing={"plates": Message("No number plate was found: nothing in this image reads like one.")},
    folders=SUBSETS,
)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """A folder with ``images/`` and ``truth.csv``, or one of these for each of `SUBSETS`."""
    parts = {name: folder / name for name in SUBSETS if (folder / name / "images").is_dir()}
    own = folder.resolve().name
    alone = {own if own in SUBSETS else "all": folder}
    return {name: _read_part(part) for name, part in (parts or alone).items()}


def _read_part(folder: Path) -> list[JobSampleFile]:
    files, table = list_images(folder), folder / "truth.csv"
    names = [f.name for f in files]
    lines = match_lines(read_table(table, "file", *BOX, "text"), "file", names) if table.is_file() else None
    truth = None if lines is None else lines.read(_plates_of)

    def load(file: Path) -> JobSample:
        return JobSample(file.stem, load_image(file), None if truth is None else truth.find(file.name, ()))

    notes = {} if lines is None else lines.notes
    return [JobSampleFile(f.stem, partial(load, f), notes.get(f.name, ())) for f in files]


def _plates_of(rows: Sequence[Row]) -> Truth:
    return tuple((row.box(), row.text("text").upper()) for row in rows if row.has_box)


JOB = Job(
    "plates",
    Message("Number plates"),
    Message(
        "A car park wants to know which car came in. First the plate has to be found in the photo, then its signs have "
        "to be cut out and read. A plate of which one sign is wrong is a different car, so what counts is plates read "
        "whole."
    ),
    (TASK,),
    read,
    generate,
    KNOBS,
    Message("images/ and truth.csv (file, x, y, w, h, text; text may be empty), or eu/, us/, cn/, ro/ with these"),
    images=6,
)
