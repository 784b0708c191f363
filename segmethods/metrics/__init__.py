"""How good a segmentation is: counts first, formulas after.

One picture, one truth with classes, everything at once:

>>> import numpy as np
>>> from segmethods.core.types import BINARY, Segmentation, GroundTruth
>>> labels = np.eye(4, dtype=np.uint8)
>>> score(Segmentation(labels, BINARY), GroundTruth(labels, BINARY)).mean_iou
1.0

For a data set, count every image, add the counts, and read the scores off the sum. What counts start from is the
table of `tabulate`, truth first, without the pixels that the truth doesn't judge:

>>> from segmethods.core.types import VOID, segments
>>> truth, found = np.array([[0, 0, 1, 255]], np.uint8), np.array([[4, 4, 4, 2]], np.uint8)
>>> table = tabulate(truth, found).without_row(VOID)

- **Classes**: ``align(table, result.classes, truth.classes, alignment)`` says what the labels mean,
  ``count_classes(rename(table, meaning), len(truth.classes))`` counts. For the alignment ``"fitted"``, add the tables
  of all images first and align the sum: the one meaning serves every image.

  >>> meaning = align(table, segments(5), BINARY, "majority")
  >>> counts = count_classes(rename(table, meaning), len(BINARY))
  >>> (counts + counts).mean_iou, counts.iou.tolist()
  (0.3333333333333333, [0.6666666666666666, 0.0])

- **Regions**: ``count_regions(tables)``, one table for each annotator of the image.

  >>> regions = count_regions([table]) + count_regions([table])
  >>> round(regions.covering, 3), regions.images
  (0.556, 2)

- **Boundaries**: ``count_boundaries(outline(found), [outline(truth), ...])``, one outline for each annotator; thin the
  boundaries of a detector with ``thinned`` instead. Truths with void: ``fill_void`` both maps first.

  >>> whole = fill_void(truth, truth)
  >>> count_boundaries(outline(fill_void(found, truth)), [outline(whole)]).f
  0.0

- **Objects**: ``count_objects(table)``, where 0 is no object. **Outlines of one class**: ``count_surfaces(truth_mask,
  found_mask)``; say its ``blank`` beside the score.
- **Thresholds**: ``summarise_boundaries`` and ``summarise_regions`` give ODS, OIS and AP of counts by image and
  threshold.
- **What to compare with**: ``one_region``, ``one_class``, ``random_classes`` are answers that never looked;
  ``count_regions_of_people`` and ``count_boundaries_of_people`` say how well annotators agree.

`METRICS` has every metric: what tables and charts say of it, its counts and its formula; `POLICY` is the rule for what
is absent. A file in this folder that calls `register` adds one.
"""

import importlib
import pkgutil

from segmethods.metrics.agreement import (
    Halves,
    Pair,
    agreement,
    agreement_matrix,
    compare_pair,
    disagreement,
    mean_agreement,
    no_halves,
    share_halves,
)
from segmethods.metrics.alignment import (
    ALIGNMENTS,
    Alignment,
    Meaning,
    align,
    choose_alignment,
    explain_alignment,
    rename,
)
from segmethods.metrics.baselines import commonest_class, one_class, one_region, random_classes
from segmethods.metrics.boundaries import (
    Boundaries,
    BoundaryCounts,
    count_boundaries,
    fill_void,
    outline,
    thinned,
)
from segmethods.metrics.confusion import Confusion, count_classes
from segmethods.metrics.contingency import Contingency, tabulate
from segmethods.metrics.counts import Counted, MapCounts, Maps
from segmethods.metrics.curves import (
    BoundarySummary,
    Point,
    RegionSummary,
    best_point,
    summarise_boundaries,
    summarise_regions,
)
from segmethods.metrics.instances import ObjectCounts, count_objects
from segmethods.metrics.inter_annotator import count_boundaries_of_people, count_regions_of_people
from segmethods.metrics.regions import RegionCounts, count_regions
from segmethods.metrics.registry import METRICS, POLICY, Kind, Metric, get_metric, list_scores, register
from segmethods.metrics.scores import Scores, score
from segmethods.metrics.surface_distance import SurfaceCounts, count_class_surfaces, count_surfaces

__all__ = [
    "ALIGNMENTS",
    "METRICS",
    "POLICY",
    "Alignment",
    "Boundaries",
    "BoundaryCounts",
    "BoundarySummary",
    "Confusion",
    "Contingency",
    "Counted",
    "Halves",
    "Kind",
    "MapCounts",
    "Maps",
    "Meaning",
    "Metric",
    "ObjectCounts",
    "Pair",
    "Point",
    "RegionCounts",
    "RegionSummary",
    "Scores",
    "SurfaceCounts",
    "agreement",
    "agreement_matrix",
    "align",
    "best_point",
    "choose_alignment",
    "commonest_class",
    "compare_pair",
    "count_boundaries",
    "count_boundaries_of_people",
    "count_class_surfaces",
    "count_classes",
    "count_objects",
    "count_regions",
    "count_regions_of_people",
    "count_surfaces",
    "disagreement",
    "explain_alignment",
    "fill_void",
    "get_metric",
    "list_scores",
    "mean_agreement",
    "no_halves",
    "one_class",
    "one_region",
    "outline",
    "random_classes",
    "register",
    "rename",
    "score",
    "share_halves",
    "summarise_boundaries",
    "summarise_regions",
    "tabulate",
    "thinned",
]


def _load_every_file() -> None:
    """A metric is added by its file alone; those that ship come first."""
    importlib.import_module(f"{__name__}.catalogue")
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


_load_every_file()
