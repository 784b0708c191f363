"""The networks as they run here against the same in eager PyTorch, in float32: ``python -m tests.bench.eager``.

Runs are interleaved, on the same number of threads: OMP_NUM_THREADS, or all cores. A first run of each is not counted.
"""

from __future__ import annotations

import argparse
import datetime
import time
from statistics import geometric_mean, median

from skimage import data

from segmethods.core.settings import count_threads
from segmethods.methods._network import resize_long_side
from segmethods.models.architectures import NETWORKS
from segmethods.models.runtime import Runner, describe_runtime, openvino
from segmethods.models.runtime.eager import loaded
from segmethods.models.weights import get_weights, verified_path
from tests.bench.methods import machine
from tests.tables import table


def measure(network: str, runs: int) -> tuple[float, float]:
    """Median seconds of eager PyTorch and of ours, for scikit-image's cat at the size that the weights ask for."""
    weights = get_weights(network, "voc")
    images, file = resize_long_side(data.chelsea(), weights.size)[None], verified_path(weights)
    sides: tuple[Runner, Runner] = loaded(weights, file, "whole"), openvino.compiled(weights, file, "whole")
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 1):
        for side, spent in zip(sides, times, strict=True):
            began = time.perf_counter()
            side(images)
            if number:
                spent.append(time.perf_counter() - began)
    return median(times[0]), median(times[1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.eager", description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    found = {network: measure(network, runs) for network in NETWORKS}
    rows = [[NETWORKS[n].title, f"{1000 * a:.0f}", f"{1000 * b:.0f}", f"{a / b:.1f}×"] for n, (a, b) in found.items()]
    print(f"Milliseconds, median of {runs} interleaved runs, {describe_runtime()}, threads: {count_threads()}.")
    print(f"{datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    print(table(["", "eager PyTorch", "ours", "faster"], rows, "lrrr"))
    print(f"\nGeometric mean: {geometric_mean(a / b for a, b in found.values()):.1f}×")


if __name__ == "__main__":
    main()
