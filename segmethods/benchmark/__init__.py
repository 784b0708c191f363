"""Many methods over a data set: every finished picture is recorded at once, and the scores follow from summed counts.

Data sets (`datasets`, `layouts`, `shapes`)::

    open_dataset(source, limit=None, name="") -> Dataset
        source: a folder, FOLDER@train, a zip file (path or bytes), "samples", "shapes", "shapes:noise=0.2,overlap=0.5"
    shapes_dataset(ShapeSettings(count, seed, noise, contrast, overlap, objects, size)) -> Dataset
    Dataset: name, source, pairs: tuple[SampleRef, ...], skipped: tuple[Skipped, ...], classes: Vocabulary (empty: none)
    SampleRef: name, files;  .load() -> LoadedSample(image, truth: GroundTruth | None, annotators, void, objects)
        raises ImageError
    Skipped: name, reason: Message

What to run (`plans`)::

    RunConfig: label, method, params       a line of the leaderboard; labels are unique in a run
    plan_configs(methods=None, params=None) -> tuple[RunConfig, ...]      as in `compare`; label == method
    plan_sweep(method, parameter, values, params=None) -> tuple[RunConfig, ...]     labels such as "kmeans k=5"

Runs (`store`, `runs`)::

    Store(folder=None)                 folder/benchmark.sqlite; the data folder if left out; safe in any thread
        .runs() -> list[Run]           the newest first
        .run(id) -> Run                id, dataset, source, digest, classes, entries, images, done, started, finished,
                                       skipped: tuple[Skipped, ...], notes: tuple[Message, ...]
        .delete(id)
    benchmark(dataset, entries, store, resume=False, workers=None, scheduler=None, stop=None) -> Iterator[Progress]
        a Progress at the start and after each picture: run (id), image, done, total, seconds_left. Leaving the
        iterator or setting the threading.Event `stop` ends it; what was finished stays. Raises RunError (one line).
    Job(dataset, entries, store, resume=False, workers=None, scheduler=None): the same in a thread, for a page
        .progress: Progress | None   .run: id | None   .is_over   .problem: Message | None   .stop()   .wait(seconds)

Results (`results`, `statistics`, `export`)::

    read_results(store, number, alignment="auto") -> Results  of a run that is finished or not
        alignment: "auto", "majority", "hungarian", "fitted" (`CHOICES`)
        .run, .images, .labels (entries, then "blank", "random", "human"), .entry(label), .score(label, metric),
        .by_image(label, metric) and .seconds(label): arrays (images,)
    judge_set(dataset, plan, [count_classes_alone(name, loaded_sample, outcome), ...]) -> Results   without a store
    leaderboard(results) -> list[Summary]        methods in the plan's order, then baselines, then the human ceiling
        Summary: label, method, params, kind ("method" | "baseline" | "ceiling"), images, failed, alignment, is_helped,
        segments, class_iou, seconds_median, seconds_p90, memory, machine, bounds (with the truth's help), scores
        (mapping), every score as an attribute; .as_json()
    list_metrics: ids of the scores: mean_iou, pixel_accuracy, covering, pri, vi, boundary_f, boundary_precision,
        boundary_recall, average_precision, panoptic_quality, aggregated_jaccard; get_metric(id).higher_is_better
    by_image(results, metric) -> DataFrame       index image, one column a label; NaN where undefined
    rows(results) -> DataFrame                   a row for each image and label
    export_rows(results, file_format) -> bytes   file_format: "csv" | "parquet" | "json" (`FORMATS`)
    compare_pair(results, first, second, metric="mean_iou") -> Difference
        estimate, low, high (95 %), is_clear, is_sure, better, worse, ties, images, p (Wilcoxon)
    compare_all(results, labels, metric="mean_iou") -> {(first, second): Difference}    p corrected (Holm)
    ranking(results, metric=None) -> Ranking              labels that are placed, below a blank answer, or upper bounds
    verdict(results, metric=None) -> list[Message]        who leads, how sure that is, and what it costs
    pareto(results, metric="mean_iou") -> tuple[str, ...]     placed labels that no other beats in both score and time
    find_sweep(results) -> (method, parameter) | None
    sweep(results, metric="mean_iou") -> Sweep   values, scores, ods, ods_score, ois_score, best_of_image

>>> from tempfile import TemporaryDirectory
>>> from segmethods.benchmark import Store, open_dataset
>>> with TemporaryDirectory() as folder:
...     Store(folder).runs()
[]
"""

from segmethods.benchmark.differences import Difference, compare_all, compare_pair
from segmethods.benchmark.emptiness import explain_nothing
from segmethods.benchmark.evaluation import ImageCounts, count_classes_alone
from segmethods.benchmark.export import FORMATS, by_image, export_rows, rows
from segmethods.benchmark.metrics import list_metrics
from segmethods.benchmark.plans import RunConfig, plan_configs, plan_sweep
from segmethods.benchmark.results import CHOICES, Results, Summary, leaderboard, read_results
from segmethods.benchmark.runs import Job, Progress, benchmark
from segmethods.benchmark.set_results import judge_set
from segmethods.benchmark.statistics import Sweep, find_metric, find_sweep, pareto, ranking, sweep
from segmethods.benchmark.store import Run, RunError, Store
from segmethods.benchmark.verdict import name_deciding, verdict
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.opening import open_dataset, shapes_dataset
from segmethods.datasets.sample_refs import LoadedSample, SampleRef, Skipped
from segmethods.datasets.shapes import LIMITS, ShapeSettings, parse_shapes
from segmethods.metrics.registry import get_metric

__all__ = [
    "CHOICES",
    "FORMATS",
    "LIMITS",
    "Dataset",
    "Difference",
    "ImageCounts",
    "Job",
    "LoadedSample",
    "Progress",
    "Results",
    "Run",
    "RunConfig",
    "RunError",
    "SampleRef",
    "ShapeSettings",
    "Skipped",
    "Store",
    "Summary",
    "Sweep",
    "benchmark",
    "by_image",
    "compare_all",
    "compare_pair",
    "count_classes_alone",
    "explain_nothing",
    "export_rows",
    "find_metric",
    "find_sweep",
    "get_metric",
    "judge_set",
    "leaderboard",
    "list_metrics",
    "name_deciding",
    "open_dataset",
    "pareto",
    "parse_shapes",
    "plan_configs",
    "plan_sweep",
    "ranking",
    "read_results",
    "rows",
    "shapes_dataset",
    "sweep",
    "verdict",
]
