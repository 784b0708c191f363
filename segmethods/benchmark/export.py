"""Results as tables for other programs."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from segmethods.benchmark.metrics import list_metrics
from segmethods.benchmark.results import Results
from segmethods.core.extras import require
from segmethods.core.messages import ParameterError
from segmethods.core.types import Timings

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet", "json")


def rows(results: Results) -> pd.DataFrame:
    """One row for each picture and line of the leaderboard: its own scores, seconds, alignment and error.

    Class IoUs are in columns ``iou_NAME``, whole counts of boundaries in columns of their own. Scores of a data set
    follow from summed counts, so they are not the means of these columns.
    """
    require("pandas")
    import pandas as pd

    metrics = list_metrics()
    scores = {label: {m: results.by_image(label, m) for m in metrics} for label in results.labels}
    found: list[dict[str, Any]] = []
    for number, image in enumerate(results.images):
        for label in results.labels:
            tally, confusion, entry = results.tallies[label][number], results.confusions[label][number], None
            entry = results.entry(label)
            seconds = tally.timings.as_dict() if tally.timings else dict.fromkeys(Timings().as_dict(), math.nan)
            found.append(
                {"image": image, "label": label, "method": entry.method if entry else label, "error": tally.error}
                | {metric: float(scores[label][metric][number]) for metric in metrics}
                | {"alignment": tally.alignment, "segments": tally.segments}
                | {f"seconds_{stage}": value for stage, value in seconds.items()}
                | dict(zip(BOUNDARY_COLUMNS, _boundary_counts(tally), strict=True))
                | ({} if confusion is None else dict(zip(_columns(results), confusion.iou.tolist(), strict=True)))
            )
    return pd.DataFrame(found)


def by_image(results: Results, metric: str) -> pd.DataFrame:
    """A score of every picture by itself: pictures down, lines of the leaderboard across, NaN where undefined."""
    require("pandas")
    import pandas as pd

    columns = {label: results.by_image(label, metric) for label in results.labels}
    return pd.DataFrame(columns, index=pd.Index(results.images, name="image"))


def export_rows(results: Results, file_format: str) -> bytes:
    """`rows` as a file, and a row for each file that was left out of the data set, with the reason as its error.

    Parameters
    ----------
    results : Results
        Of a run.
    file_format : str
        ``"csv"`` (UTF-8, empty where undefined), ``"parquet"`` or ``"json"`` (a list of objects, null where undefined).

    Raises
    ------
    ParameterError
        For another format.
    """
    table = _add_skipped(rows(results), results)
    match file_format:
        case "csv":
            return table.to_csv(index=False, lineterminator="\n").encode()
        case "json":
            return table.to_json(orient="records", indent=1, force_ascii=False).encode()
        case "parquet":
            file = io.BytesIO()
            table.to_parquet(file, index=False)
            return file.getvalue()
    raise ParameterError(
        "There is no format {name}. Choose from {choices}.", name=file_format, choices=", ".join(FORMATS)
    )


def _add_skipped(table: pd.DataFrame, results: Results) -> pd.DataFrame:
    import pandas as pd

    skipped = results.run.skipped
    if not skipped:
        return table
    left_out = [{"image": one.name, "label": "", "method": "", "error": f"left out: {one.reason}"} for one in skipped]
    return pd.concat([table, pd.DataFrame(left_out)], ignore_index=True)


BOUNDARY_COLUMNS = ("boundary_recalled", "boundary_true", "boundary_right", "boundary_found")


def _boundary_counts(tally: Any) -> tuple[int, int, int, int]:
    counts = tally.boundaries
    return counts.recalled, counts.true, counts.right, counts.found


def _columns(results: Results) -> list[str]:
    return [f"iou_{name}" for name in results.run.classes.names]
