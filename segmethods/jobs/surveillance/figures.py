"""How well objects were followed: MOTA, IDF1 and HOTA, from counts that add up over clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from segmethods.jobs._boxes import box_iou
from segmethods.jobs.surveillance.tracking import Seen, share_inside

HALF = 0.5
"""IoU from which a box is right, for MOTA and IDF1."""
LEVELS = np.arange(0.05, 0.99, 0.05)
"""IoU from which a box is right, for HOTA: the mean over these (Luiten 2021)."""

Frames = Sequence[Sequence[Seen]]
Table = NDArray[np.float64]


def count_tracks(truth: Frames, found: Frames) -> dict[str, Any]:
    """What MOTA, IDF1 and HOTA are computed from, for one clip.

    Parameters
    ----------
    truth, found : sequence of sequence of Seen
        The objects of each frame.
    """
    overlaps = [_overlaps(t, f) for t, f in zip(truth, found, strict=True)]
    return {
        **_count_mota(truth, found, overlaps),
        **_count_idf1(truth, found, overlaps),
        **_count_hota(truth, found, overlaps),
    }


def drop_slivers(found: Sequence[Seen], truth: Sequence[Seen], slivers: Sequence[Seen]) -> list[Seen]:
    """Without boxes that lie on an object of which too little is seen, and on no other: MOTChallenge's rule."""
    return [
        f
        for f in found
        if any(box_iou(f.box, t.box) >= HALF for t in truth) or all(share_inside(f.box, s.box) < HALF for s in slivers)
    ]


def _overlaps(truth: Sequence[Seen], found: Sequence[Seen]) -> Table:
    return np.array([[box_iou(t.box, f.box) for f in found] for t in truth]).reshape(len(truth), len(found))


def _count_mota(truth: Frames, found: Frames, overlaps: Sequence[Table]) -> dict[str, Any]:
    """CLEAR MOT (Bernardin 2008): a pair that was right and still is stays; the rest is matched by overlap."""
    last: dict[int, int] = {}
    missed = false = switches = objects = 0
    for true, seen, overlap in zip(truth, found, overlaps, strict=True):
        objects += len(true)
        pairs: dict[int, int] = {}
        columns = {f.number: j for j, f in enumerate(seen)}
        for i, t in enumerate(true):
            j = columns.get(last.get(t.number, -1))
            if j is not None and overlap[i, j] >= HALF and j not in pairs.values():
                pairs[i] = j
        rows = [i for i in range(len(true)) if i not in pairs]
        free = [j for j in range(len(seen)) if j not in pairs.values()]
        for i, j in _match(overlap[np.ix_(rows, free)], HALF):
            pairs[rows[i]] = free[j]
        for i, j in pairs.items():
            number = true[i].number
            switches += number in last and last[number] != seen[j].number
            last[number] = seen[j].number
        missed += len(true) - len(pairs)
        false += len(seen) - len(pairs)
    return {"objects": objects, "missed": missed, "false": false, "switches": switches}


def _match(overlap: Table, least: float) -> list[tuple[int, int]]:
    """Most pairs of at least this overlap, and among these the largest sum of overlaps."""
    if not overlap.size:
        return []
    gain = np.where(overlap >= least, 1000 + overlap, 0)
    rows, columns = linear_sum_assignment(-gain)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if overlap[i, j] >= least]


def _numbers(frames: Frames) -> dict[int, int]:
    return {n: i for i, n in enumerate(sorted({s.number for frame in frames for s in frame}))}


def _count_idf1(truth: Frames, found: Frames, overlaps: Sequence[Table]) -> dict[str, Any]:
    """Ristani 2016: the one pairing of whole tracks with the most frames in common."""
    rows, columns = _numbers(truth), _numbers(found)
    common = np.zeros((len(rows), len(columns)))
    for true, seen, overlap in zip(truth, found, overlaps, strict=True):
        for i, j in zip(*np.nonzero(overlap >= HALF), strict=True):
            common[rows[true[i].number], columns[seen[j].number]] += 1
    best = common[linear_sum_assignment(-common)].sum() if common.size else 0.0
    return {"id_hits": int(best), "boxes": sum(map(len, truth)), "found_boxes": sum(map(len, found))}


def _count_hota(truth: Frames, found: Frames, overlaps: Sequence[Table]) -> dict[str, Any]:
    """At each level: hits, and how well the tracks of each hit agree as a whole."""
    rows, columns = _numbers(truth), _numbers(found)
    lengths = np.array([sum(s.number == n for f in truth for s in f) for n in rows], float)
    spans = np.array([sum(s.number == n for f in found for s in f) for n in columns], float)
    likely = np.zeros((len(rows), len(columns)))
    for true, seen, overlap in zip(truth, found, overlaps, strict=True):
        if overlap.size:
            share = overlap / np.maximum(overlap.sum(0) + overlap.sum(1)[:, None] - overlap, 1e-12)
            at = np.ix_([rows[t.number] for t in true], [columns[f.number] for f in seen])
            likely[at] += share
    likely /= np.maximum(lengths[:, None] + spans[None] - likely, 1e-12)
    hits, agreement = np.zeros(LEVELS.size), np.zeros(LEVELS.size)
    matches = np.zeros((LEVELS.size, len(rows), len(columns)))
    for true, seen, overlap in zip(truth, found, overlaps, strict=True):
        if not overlap.size:
            continue
        r, c = [rows[t.number] for t in true], [columns[f.number] for f in seen]
        i, j = linear_sum_assignment(-(likely[np.ix_(r, c)] * overlap))
        right = overlap[i, j][None] >= LEVELS[:, None] - 1e-9
        hits += right.sum(axis=1)
        for one, other, fine in zip(i, j, right.T, strict=True):
            matches[:, r[one], c[other]] += fine
    for level, table in enumerate(matches):
        joint = lengths[:, None] + spans[None] - table
        agreement[level] = float((table * table / np.maximum(joint, 1)).sum())
    return {"hits": hits, "agreement": agreement}


def score_tracks(counts: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The figures of clips together; undefined where there is nothing to follow."""
    known = [c for c in counts if "objects" in c]
    total = {name: sum(c[name] for c in known) for name in ("objects", "missed", "false", "switches", "id_hits")}
    if not total["objects"]:
        return {"mota": float("nan"), "idf1": float("nan"), "hota": float("nan")}
    boxes, found = (sum(c[name] for c in known) for name in ("boxes", "found_boxes"))
    hits, agreement = (np.sum([c[name] for c in known], axis=0) for name in ("hits", "agreement"))
    joint = boxes + found - hits
    return {
        "mota": 1 - (total["missed"] + total["false"] + total["switches"]) / total["objects"],
        "idf1": 2 * total["id_hits"] / (boxes + found),
        "hota": float(np.sqrt(agreement / joint).mean()),
    }
