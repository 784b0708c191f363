"""What a user has chosen on the Benchmark page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from segmethods.datasets.shapes import ShapeSettings

Data = Literal["samples", "shapes", "own"]
DATA: tuple[Data, ...] = get_args(Data)
TASKS = ("methods", "sweep")


@dataclass
class BenchmarkState:
    """The choices of one user.

    Parameters
    ----------
    data : str
        Which data set: the samples, shapes, or the user's own.
    shapes : ShapeSettings
        How the shapes look.
    task : str
        ``"methods"`` compares methods; ``"sweep"`` one method at several values of a parameter.
    sweep, parameter : str
        The method and its parameter; empty for the first one that can be swept.
    low, high, steps : float, float, int
        Where the values of a number begin and end, and how many there are; None for the parameter's whole range.
    boundaries : bool
        Whether boundaries are scored.
    run : str
        The run that is open; empty while a new one is being prepared.
    scored : str
        The scores of predictions made elsewhere that are shown; empty for none.
    runs, deleted : list of str, set of str
        The user's runs, newest first, and those that they deleted.
    undo : str
        The run that was deleted last, which can be brought back.
    metric, panel : str
        The score that decides, empty for the one that fits the run; and the chart that is shown.
    pair : tuple of str
        The names of the two lines of the leaderboard that are compared.
    looked_at : str
        The name of the line whose best and worst pictures are shown.
    beside : tuple of str
        Runs that lie beside the open one.
    """

    widgets: ClassVar[str] = "benchmark."

    data: Data = "samples"
    shapes: ShapeSettings = field(default_factory=lambda: ShapeSettings(count=20))
    task: str = "methods"
    sweep: str = "kmeans"
    parameter: str = ""
    low: float | None = None
    high: float | None = None
    steps: int = 7
    boundaries: bool = True
    run: str = ""
    scored: str = ""
    runs: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    undo: str = ""
    metric: str = ""
    panel: str = ""
    pair: tuple[str, ...] = ()
    looked_at: str = ""
    beside: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The data set as `segmethods.benchmark.open_dataset` and the address call it."""
        return str(self.shapes) if self.data == "shapes" else self.data
