"""What was done on a page, as a command and as Python."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from segmethods.methods import get_method

Plan = Mapping[str, Mapping[str, Any]]
"""Method id -> its parameters."""


def changed_params(plan: Plan) -> dict[str, dict[str, Any]]:
    """The parameters of a plan that differ from their defaults.

    Examples
    --------
    >>> changed_params({"kmeans": {"k": 5, "seed": 0}, "threshold": {}})
    {'kmeans': {'k': 5}}
    """
    found = {}
    for method, params in plan.items():
        defaults = {p.name: p.default for p in get_method(method).parameters}
        changed = {name: value for name, value in params.items() if value != defaults.get(name)}
        if changed:
            found[method] = changed
    return found


def as_command(images: Sequence[str], plan: Plan, truth: str = "") -> str:
    """The command that compares these methods on files of these names.

    Examples
    --------
    >>> print(as_command(["my cat.jpg"], {"kmeans": {"k": 5}, "threshold": {}}))
    segmethods compare 'my cat.jpg' --methods kmeans,threshold --params '{"kmeans": {"k": 5}}' --out out
    """
    words = ["segmethods", "compare", *images, "--methods", ",".join(plan)]
    if params := changed_params(plan):
        words += ["--params", json.dumps(params)]
    if truth:
        words += ["--truth", truth]
    return shlex.join([*words, "--out", "out"])


def as_python(image: str, plan: Plan) -> str:
    """The Python that compares these methods on a file of this name.

    Examples
    --------
    >>> print(as_python("cat.jpg", {"kmeans": {"k": 5}}))
    import segmethods as sm
    <BLANKLINE>
    image = sm.load_image('cat.jpg')
    for outcome in sm.compare(image, ['kmeans'], {'kmeans': {'k': 5}}):
        print(outcome.method, outcome.shares() if isinstance(outcome, sm.Segmentation) else outcome.message)
    """
    params = changed_params(plan)
    return "\n".join(
        [
            "import segmethods as sm",
            "",
            f"image = sm.load_image({PurePath(image).as_posix()!r})",
            f"for outcome in sm.compare(image, {list(plan)!r}{f', {params!r}' if params else ''}):",
            "    print(outcome.method, outcome.shares() if isinstance(outcome, sm.Segmentation) else outcome.message)",
        ]
    )


def as_benchmark_command(dataset: str, plan: Plan, boundaries: bool = True) -> str:
    """The command that runs these methods over a data set: a folder or an archive with masks, samples or shapes.

    Examples
    --------
    >>> print(as_benchmark_command("shapes:noise=0.1", {"kmeans": {"k": 5}}))
    segmethods benchmark shapes:noise=0.1 --methods kmeans --params '{"kmeans": {"k": 5}}' --out out
    >>> print(as_benchmark_command("samples", {"kmeans": {}}, boundaries=False))
    segmethods benchmark samples --methods kmeans --no-boundaries --out out
    """
    words = ["segmethods", "benchmark", dataset, "--methods", ",".join(plan)]
    if params := changed_params(plan):
        words += ["--params", json.dumps(params)]
    return shlex.join([*words, *([] if boundaries else ["--no-boundaries"]), "--out", "out"])


def as_benchmark_python(dataset: str, plan: Plan, boundaries: bool = True) -> str:
    """The Python that runs these methods over a data set.

    Examples
    --------
    >>> print(as_benchmark_python("samples", {"kmeans": {"k": 5}}))
    from segmethods.benchmark import Store, benchmark, open_dataset, plan_configs, read_results, verdict
    <BLANKLINE>
    if __name__ == "__main__":
        store, entries = Store('out'), plan_configs(['kmeans'], {'kmeans': {'k': 5}})
        for step in benchmark(open_dataset('samples'), entries, store):
            print(step.done, 'of', step.total)
        print(*verdict(read_results(store, step.run)), sep='\\n')
    """
    params = changed_params(plan)
    options = f"{f', {params!r}' if params else ''}{'' if boundaries else ', boundaries=False'}"
    return "\n".join(
        [
            "from segmethods.benchmark import Store, benchmark, open_dataset, plan_configs, read_results, verdict",
            "",
            'if __name__ == "__main__":',
            f"    store, entries = Store('out'), plan_configs({list(plan)!r}{options})",
            f"    for step in benchmark(open_dataset({dataset!r}), entries, store):",
            "        print(step.done, 'of', step.total)",
            "    print(*verdict(read_results(store, step.run)), sep='\\n')",
        ]
    )
