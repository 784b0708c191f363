"""``python -m segmethods.runtime``: converts every embedded network, so that nobody's first picture waits for it."""

import sys

from tqdm import tqdm

from segmethods.messages import SegmethodsError
from segmethods.runtime import Part, runner
from segmethods.weights import embedded

for weights in tqdm(embedded().values(), desc="Preparing networks", disable=None):
    parts: tuple[Part, ...] = ("whole", "window") if weights.network == "patch_cnn" else ("whole",)
    for part in parts:
        try:
            runner(weights, part)
        except SegmethodsError as error:  # the dashboard says so, too, where it is needed
            tqdm.write(str(error), file=sys.stderr)
