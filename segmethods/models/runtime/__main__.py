"""``python -m segmethods.models.runtime``: converts every embedded network, so that nobody waits for it."""

import sys

from tqdm import tqdm

from segmethods.core.messages import SegmethodsError
from segmethods.models.architectures import NETWORKS
from segmethods.models.runtime import runner
from segmethods.models.weights import embedded

for weights in tqdm(embedded().values(), desc="Preparing networks", disable=None):
    for part in NETWORKS[weights.network].parts:
        try:
            runner(weights, part)
        except SegmethodsError as error:  # the dashboard says so, too, where it is needed
            tqdm.write(str(error), file=sys.stderr)
