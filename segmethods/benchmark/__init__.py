"""Many methods over a data set: every finished image is recorded at once, and the scores follow from summed counts.

Data sets (`datasets`, `shapes`)::

    open_dataset(source, limit=None) -> Dataset
        source: a folder, a zip file (path or bytes), "samples", "shapes", or "shapes:count=50,noise=0.2,seed=3".
    Dataset: name, pairs: tuple[Pair, ...], skipped: tuple[Skipped, ...], classes: Vocabulary (empty: no classes), digest
    Pair: name;  pair.load() -> Case(image, truth: Truth | None, annotators: tuple[labels, ...])   raises ImageError
    Skipped: name, reason: Message
    shapes_dataset(ShapeSettings(count, seed, noise, contrast, overlap, shapes, size)) -> Dataset

What to run (`plans`)::

    Entry: label, method, params       one line of the leaderboard; labels are unique in a run
    plan_entries(methods=None, params=None) -> tuple[Entry, ...]      as in `compare`; label == method
    plan_sweep(method, parameter, values, params=None) -> tuple[Entry, ...]     label "kmeans k=5"

Runs (`store`, `runs`)::

    Store(folder=None)                 folder/benchmark.sqlite; the data folder if left out; safe in any thread
        .runs() -> list[Run]           newest first
        .run(id) -> Run                Run: id, dataset, source, digest, classes, entries, images, done, started, finished, skipped
        .delete(id)
    benchmark(dataset, entries, store, resume=False, workers=None, scheduler=None, stop=None) -> Iterator[Progress]
        one Progress a finished image: run (id), image, done, total, seconds_left; leaving the iterator or setting
        the threading.Event `stop` ends it, and what was finished stays. Raises RunError (one line).
    Job(dataset, entries, store, resume=False, workers=None, scheduler=None): the same in a thread, for a page
        .progress: Progress | None   .run: id | None   .is_over   .problem: Message | None   .stop()

Results (`results`, `statistics`, `export`)::

    read_results(store, id, alignment="auto") -> Results
        .run, .images: tuple[str, ...], .labels: tuple[str, ...] (entries, then "blank", "random", "human")
    leaderboard(results) -> list[Summary]        methods in plan order, then baselines and the human ceiling
        Summary: label, method, params, kind ("method" | "baseline" | "ceiling"), images, failed, alignment, segments,
        mean_iou, class_iou, pixel_accuracy, covering, pri, vi, boundary_precision, boundary_recall, boundary_f,
        seconds_median, seconds_p90; .as_json() has the keys of the command line
    METRICS: tuple of ids: "mean_iou", "pixel_accuracy", "covering", "pri", "vi", "boundary_f"
    by_image(results, metric) -> DataFrame       index image, one column a label; NaN where undefined
    rows(results) -> DataFrame                   one row an image and label, all scores and seconds: what is exported
    export_rows(results, "csv" | "parquet" | "json") -> bytes
    compare_pair(results, first, second, metric="mean_iou", draws=2000, seed=0) -> Difference
        Difference: estimate, low, high (95 %), margin (half the interval), better, worse, ties, images, p (Wilcoxon)
    verdict(results, metric="mean_iou") -> Message        one sentence: the best method against the next one
    pareto(results, metric="mean_iou") -> tuple[str, ...]     labels that no other beats in both score and time
    find_sweep(results) -> (method, parameter) | None
    sweep(results, metric="mean_iou") -> Sweep   parameter, values, scores, ods (best single value), ods_score,
        ois_score (best value of each image), best_of_image
"""
