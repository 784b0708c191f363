"""``weights``: what the networks know; fetch it, verify it, keep and remove what is one's own."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from segmethods.cli.table import format_table
from segmethods.core.messages import ParameterError
from segmethods.methods import get_method, list_methods
from segmethods.models.weights import (
    READY,
    State,
    Weights,
    WeightsError,
    by_name,
    catalogue,
    fetch,
    fetchable,
    register_user_weights,
    remove,
    state,
    verify,
)
from segmethods.models.weights.user import read_header


def add_command(commands: Any) -> None:
    """Add ``weights`` to the parser's commands."""
    text = "List, fetch, verify, add and remove the weights of the networks."
    parser = commands.add_parser("weights", help="list, fetch and verify weights of networks", description=text)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    def add(name: str, run: Callable[[argparse.Namespace, TextIO], int], text: str) -> Any:
        action = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        action.add_argument("--json", action="store_true", help="print JSON instead of a table")
        action.set_defaults(run=run)
        return action

    add("list", run_list, "list all weights: where they are, how large, how good, under which terms")
    name_help = "the weights' name, see `weights list` (default: all {which})"
    download = add("download", run_download, "fetch published weights")
    download.add_argument("name", nargs="?", metavar="NAME", help=name_help.format(which="that can be fetched"))
    check = add("verify", run_verify, "read every byte of weights and compare their SHA-256")
    check.add_argument("name", nargs="?", metavar="NAME", help=name_help.format(which="that are here"))
    addition = add("add", run_add, "take a file that training wrote as weights of your own")
    addition.add_argument("file", type=Path, metavar="FILE", help="a .safetensors file of the command train")
    addition.add_argument(
        "--name", metavar="NAME", help="what to call them (default: the file's name, without the network's)"
    )
    removal = add("remove", run_remove, "delete weights that were fetched or are your own")
    removal.add_argument("name", metavar="NAME", help="the weights' name, see `weights list`")


def run_list(args: argparse.Namespace, out: TextIO) -> int:
    """Print the catalogue."""
    found = catalogue().values()
    if args.json:
        return _print_json([_describe(weights, state(weights)) for weights in found], out)
    rows = [["NAME", "STATE", "SIZE", "PARAMETERS", "MEAN IOU", "MEASURED ON"]]
    terms: dict[str, list[str]] = {}
    for weights in found:
        size, numbers = f"{weights.bytes / 1e6:.1f} MB", f"{weights.parameters / 1e6:.1f} million"
        rows.append([weights.name, state(weights), size, numbers, _share(weights.score.mean), weights.score.on])
        terms.setdefault(weights.terms, []).append(weights.name)
    print(format_table(rows), file=out)
    for text, names in terms.items():
        print("\n" + format_table([["Terms", f"of {', '.join(names)}: {text}"]]), file=out)
    return 0


def run_download(args: argparse.Namespace, out: TextIO) -> int:
    """Fetch the named weights unless they are here, or all that can be fetched; one that fails stops no others."""
    chosen = [by_name(args.name)] if args.name else list(fetchable().values())
    for weights in chosen:
        if weights.origin == "fetched":
            try:
                fetch(weights)
            except WeightsError as error:
                if args.name:
                    raise
                print(f"error: {error}", file=sys.stderr)
    return _print_states(chosen, state, args.json, out)


def run_verify(args: argparse.Namespace, out: TextIO) -> int:
    """Verify the named weights, or all but those that were never fetched; exit code 1 if any aren't whole."""
    here = [weights for weights in catalogue().values() if state(weights) != "not fetched"]
    return _print_states([by_name(args.name)] if args.name else here, verify, args.json, out)


def run_add(args: argparse.Namespace, out: TextIO) -> int:
    """Keep a trained file."""
    name = args.name or args.file.stem.removeprefix(f"{read_header(args.file)['network']}-")
    return _print_states([register_user_weights(args.file, name)], state, args.json, out)


def run_remove(args: argparse.Namespace, out: TextIO) -> int:
    """Remove the named weights."""
    weights = by_name(args.name)
    remove(weights)
    if args.json:
        return _print_json([_describe(weights, None)], out)
    print(f"{weights.name} is removed", file=out)
    return 0


def choose_weights(
    methods: Sequence[str] | None, params: Mapping[str, Mapping[str, Any]], name: str | None
) -> tuple[Sequence[str] | None, Mapping[str, Mapping[str, Any]]]:
    """The methods and their parameters when the networks shall use these weights.

    Parameters
    ----------
    methods : sequence of str, optional
        If left out, all networks that have such weights.
    params : mapping
        Method id -> parameters; those that say ``weights`` themselves keep theirs.
    name : str, optional
        A variant, such as ``"voc"``, or one network's weights, such as ``"fcn-voc"``; without one nothing changes.

    Examples
    --------
    >>> choose_weights(None, {}, "fcn-camvid")
    (['fcn'], {'fcn': {'weights': 'camvid'}})
    """
    if name is None:
        return methods, params
    one = catalogue().get(name)
    variant, network = (one.variant, one.network) if one else (name, None)
    known = {m.id: p for m in list_methods() for p in m.parameters if p.name == "weights"}
    having = [method for method, parameter in known.items() if variant in parameter.options]
    if not having:
        raise ParameterError(
            "There are no weights {name}. See them with: python -m segmethods weights list.", name=name
        )
    if methods is None:
        methods = [network] if network else [method for method in having if get_method(method).family == "network"]
    if network is not None and network not in methods:
        raise ParameterError(
            "The weights {name} are {network}'s, which is not among the methods. Add it, or choose other weights.",
            name=name,
            network=network,
        )
    for method in methods:
        if method in known and method not in having and network is None and "weights" not in params.get(method, {}):
            raise ParameterError(
                "{method} has no weights {name}. Name methods that have them: {choices}.",
                method=method,
                name=name,
                choices=", ".join(having),
            )
    chosen = {
        method: {"weights": variant, **params.get(method, {})}
        for method in methods
        if method in known and network in (None, method)
    }
    return methods, {**params, **chosen}


def _print_states(chosen: Sequence[Weights], judge: Callable[[Weights], State], as_json: bool, out: TextIO) -> int:
    states = [judge(weights) for weights in chosen]
    if as_json:
        _print_json([_describe(w, s) for w, s in zip(chosen, states, strict=True)], out)
    else:
        rows = [[w.name, s, str(w.file)] for w, s in zip(chosen, states, strict=True)]
        print(format_table([["NAME", "STATE", "FILE"], *rows]), file=out)
    return int(any(s not in READY for s in states))


def _print_json(told: Iterable[dict[str, object]], out: TextIO) -> int:
    print(json.dumps(list(told), indent=2, allow_nan=False), file=out)
    return 0


def _describe(weights: Weights, state: State | None) -> dict[str, object]:
    return {
        "name": weights.name,
        "state": state,
        "origin": weights.origin,
        "network": weights.network,
        "family": weights.variant,
        "classes": list(weights.classes.names),
        "file": str(weights.file),
        "url": weights.url,
        "sha256": weights.sha256,
        "bytes": weights.bytes,
        "parameters": weights.parameters,
        "terms": weights.terms,
        "score": {
            "mean_iou": _finite(weights.score.mean),
            "pixels": _finite(weights.score.pixels),
            "classes": [_finite(share) for share in weights.score.classes],
            "on": weights.score.on,
        },
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _share(value: float) -> str:
    return f"{value:.1%}" if math.isfinite(value) else "n/a"
