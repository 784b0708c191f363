"""Cells and organs: nuclei, lungs, skin lesions, vessels of the retina, membranes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from segmethods.core.messages import Message
from segmethods.jobs._masks import (
    MASK_LEGEND,
    Mask,
    count_mask,
    dice,
    dice_figures,
    draw_mask,
    list_labelled_cases,
    ratio,
    sum_counts,
)
from segmethods.jobs.frame import Counts, Figure, Job, JobSample, JobSampleFile, Knob, Pipeline, Task
from segmethods.jobs.medical import membranes, nuclei, organs, vessels
from segmethods.jobs.medical.generated import generate

DICE = (
    Figure(
        "dice",
        Message("Dice"),
        Message("Twice the shared area over the sum of both areas, mean over images."),
        "Dice 1945",
    ),
    Figure(
        "worst_tenth", Message("Worst tenth"), Message("Mean Dice of the worst tenth of the images."), "this project"
    ),
    Figure(
        "sensitivity", Message("Sensitivity"), Message("Share of the true pixels that are found."), "Yerushalmy 1947"
    ),
    Figure(
        "specificity",
        Message("Specificity"),
        Message("Share of the other pixels that are left alone."),
        "Yerushalmy 1947",
    ),
)


def count_inside(case: JobSample, value: Mask | None) -> Counts:
    """The counts of a mask inside the field of view, where there is one."""
    field = case.extra.get("field")
    return count_mask(case.truth, value, None if field is None else field > 0)


SECOND = Figure(
    "second_dice",
    Message("Dice of a second observer"),
    Message(
        "How far another person agrees with the truth on the same images. Who comes as near as that has learned what "
        "these images can tell."
    ),
    "Staal 2004",
)


def count_vessels(case: JobSample, value: Mask | None) -> Counts:
    """The counts of an answer, and of a second observer where there is one."""
    second = case.extra.get("second")
    counts = count_inside(case, value)
    if second is None:
        return counts
    return {**counts, **{f"second_{name}": number for name, number in count_inside(case, second > 0).items()}}


def vessel_figures(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """The figures of an answer, and the mean Dice of the second observer."""
    drawn_twice = (tally for tally in tallies if "second_tp" in tally)
    second = [dice({name: tally[f"second_{name}"] for name in ("tp", "fp", "fn")}) for tally in drawn_twice]
    return {**dice_figures(tallies), SECOND.id: sum(second) / len(second) if second else math.nan}


def area_of(value: Mask) -> Mapping[str, float]:
    """How much of an image a mask covers."""
    return {"share": float(value.mean())}


def _masks(name: str, title: Message, pipelines: tuple[Pipeline, ...]) -> Task:
    return Task(
        name,
        title,
        pipelines,
        DICE,
        count_inside,
        dice_figures,
        draw_mask,
        area_of,
        legend=MASK_LEGEND,
        familiar=f"medical/{name}",
        nothing={"share": Message("Nothing was found: no pixel looks like it.")},
    )


MEMBRANE = Figure(
    "membrane_f1",
    Message("F1 of membranes"),
    Message(
        "Harmonic mean of precision and recall of membrane pixels. The challenge itself scored regions, by Rand index."
    ),
    "ISBI 2012, simplified",
)


def membrane_figures(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """F1 of all images' pixels together."""
    tp, fp, fn = sum_counts(tallies, "tp", "fp", "fn")
    return {"membrane_f1": ratio(2 * tp, 2 * tp + fp + fn)}


TASKS = (
    Task(
        "nuclei",
        Message("Cell nuclei"),
        nuclei.PIPELINES,
        nuclei.FIGURES,
        nuclei.count,
        nuclei.score,
        nuclei.draw,
        nuclei.describe,
        legend=Message("Each nucleus has a colour of its own."),
        familiar="medical/nuclei",
        nothing={"count": Message("No nucleus was found.")},
    ),
    _masks("lungs", Message("Lungs in X-rays"), organs.LUNGS),
    _masks("skin", Message("Skin lesions"), organs.SKIN),
    replace(
        _masks("retina", Message("Vessels of the retina"), vessels.PIPELINES),
        figures=(*DICE, SECOND),
        count=count_vessels,
        score=vessel_figures,
    ),
    Task(
        "em",
        Message("Cell membranes in electron microscopy"),
        membranes.PIPELINES,
        (MEMBRANE,),
        count_inside,
        membrane_figures,
        draw_mask,
        area_of,
        legend=MASK_LEGEND,
        familiar="medical/em",
    ),
)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """The sub-sets that a folder has, each with ``images/`` and ``labels/``; a sub-set's own folder will do as well."""
    own = folder.resolve().name
    if own in {t.id for t in TASKS} and (folder / "images").is_dir():
        return {own: _read_part(folder, own)}
    return {t.id: _read_part(folder / t.id, t.id) for t in TASKS if (folder / t.id / "images").is_dir()}


def _read_part(folder: Path, task: str) -> list[JobSampleFile]:
    if task == "nuclei":
        return list_labelled_cases(folder, nuclei.check_numbers, notes_of=nuclei.note_pieces)
    truth_of = (lambda v: v == 0) if task == "em" else (lambda v: v > 0)
    return list_labelled_cases(folder, truth_of, field="field", second="second")


JOB = Job(
    "medical",
    Message("Cells and organs"),
    Message(
        "A pathologist counts nuclei, a radiologist measures lungs, an eye doctor follows vessels. Each wants another "
        "figure: objects counted right, area, or thin lines kept whole. The images here are for teaching, not for "
        "diagnosis."
    ),
    TASKS,
    read,
    generate,
    (
        Knob("noise", Message("Noise"), 0.0, 0.4, 0.08),
        Knob("blur", Message("Blur"), 0.0, 4.0, 1.0),
        Knob("light", Message("Uneven light"), 0.0, 1.0, 0.2),
        Knob("clutter", Message("Crowding"), 0.0, 1.0, 0.3),
    ),
    Message(
        "nuclei/, lungs/, skin/, retina/, em/, each with images/ and labels/NAME.png (nuclei: 16-bit numbers of "
        "nuclei; em: 0 = membrane; the others: 0 and 1; retina also field/NAME.png, and second/NAME.png "
        "where a second person drew them)"
    ),
)
