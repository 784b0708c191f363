"""Tallies as rows of the database, every number by its name, and back."""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from dataclasses import asdict, fields
from typing import Any, TypeVar

import numpy as np

from segmethods.benchmark.evaluation import ImageCounts
from segmethods.core.types import Timings
from segmethods.metrics.boundaries import BoundaryCounts
from segmethods.metrics.contingency import Contingency
from segmethods.metrics.instances import ObjectCounts
from segmethods.metrics.naming import FEATURES, Features
from segmethods.metrics.regions import RegionCounts

Counts = TypeVar("Counts", RegionCounts, BoundaryCounts, ObjectCounts)

INSERT = """
insert or replace into tallies
    (run, name, label, error, prepare, infer, finish, alignment, segments, classes, counts)
    values (:run, :name, :label, :error, :prepare, :infer, :finish, :alignment, :segments, :classes, :counts)
"""


def to_row(run_id: int, tally: ImageCounts) -> dict[str, Any]:
    """The values of `INSERT`."""
    spent = tally.timings
    return {
        "run": run_id,
        "name": tally.image,
        "label": tally.label,
        "error": tally.error,
        "prepare": None if spent is None else spent.prepare,
        "infer": None if spent is None else spent.infer,
        "finish": None if spent is None else spent.finish,
        "alignment": tally.alignment,
        "segments": tally.segments,
        "classes": _pack(tally.table),
        "counts": _counts_to_text(tally),
    }


def from_row(row: sqlite3.Row) -> ImageCounts:
    """The tally of a row. The "memory" of old files is another figure, all that a process held, and is left out."""
    counts = json.loads(row["counts"])
    objects = _from_json(ObjectCounts, counts["objects"]) if counts["objects"] else None
    return ImageCounts(
        image=row["name"],
        label=row["label"],
        error=row["error"],
        timings=None if row["prepare"] is None else Timings(row["prepare"], row["infer"], row["finish"]),
        alignment=row["alignment"],
        segments=row["segments"],
        table=_unpack(row["classes"]),
        regions=_from_json(RegionCounts, counts["regions"]),
        boundaries=_from_json(BoundaryCounts, counts["boundaries"]),
        objects=objects,
        more={name: np.array(values, float) for name, values in (counts.get("more") or {}).items()},
        features=_unpack_features(counts.get("features")),
        memory=counts.get("working_memory", 0),
        machine=counts.get("machine", ""),
    )


def _counts_to_text(tally: ImageCounts) -> str:
    objects = None if tally.objects is None else asdict(tally.objects)
    counts: dict[str, Any] = {
        "regions": asdict(tally.regions),
        "boundaries": asdict(tally.boundaries),
        "objects": objects,
    }
    counts |= {"more": dict(tally.more), "features": _pack_features(tally.features)}
    counts |= {"working_memory": tally.memory, "machine": tally.machine}
    return json.dumps(counts, default=lambda number: number.tolist())  # of numpy


def _from_json(kind: type[Counts], values: dict[str, Any] | list[Any]) -> Counts:
    """Counts by their names; files of version 1 have them without names, in the order of the fields."""
    named = dict(zip((f.name for f in fields(kind)), values, strict=False)) if isinstance(values, list) else values
    if kind is ObjectCounts:
        matched = named.get("matched", named["pairs"][0])  # once, only pairs above one half were counted
        named = {**named, "pairs": np.array(named["pairs"], np.int64), "matched": matched}
    return kind(**named)


def _pack(table: Contingency | None) -> bytes | None:
    """The three columns of a table as int64, compressed."""
    if table is None:
        return None
    return zlib.compress(np.stack([table.rows, table.columns, table.counts]).astype("<i8").tobytes())


def _pack_features(features: Features | None) -> str | None:
    """A row for each segment, float32, compressed, as text."""
    if features is None:
        return None
    return base64.b64encode(zlib.compress(features.astype("<f4").tobytes())).decode()


def _unpack_features(text: str | None) -> Features | None:
    if text is None:
        return None
    values = np.frombuffer(zlib.decompress(base64.b64decode(text)), "<f4")
    return values.reshape(-1, len(FEATURES)).astype(np.float32)


def _unpack(data: bytes | None) -> Contingency | None:
    if data is None:
        return None
    return Contingency(*np.frombuffer(zlib.decompress(data), "<i8").reshape(3, -1).astype(np.int64))
