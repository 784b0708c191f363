"""``list``: the methods and their parameters."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any, TextIO

from segmethods.cli.table import format_table
from segmethods.core.registry import Method, Parameter
from segmethods.methods import list_methods, list_plugin_faults


def add_command(commands: Any) -> None:
    """Add ``list`` to the parser's commands."""
    text = "List the methods and their parameters."
    parser = commands.add_parser("list", help="list the methods and their parameters", description=text)
    parser.add_argument("--json", action="store_true", help="as JSON, with the range and meaning of each parameter")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Print the methods; plug-ins that can't be used are named on standard error."""
    for fault in list_plugin_faults():
        print(fault, file=sys.stderr)
    if args.json:
        print(json.dumps([_describe(m) for m in list_methods()], indent=2), file=out)
        return 0
    rows = [["METHOD", "FAMILY", "WHAT IT DOES, AND ITS PARAMETERS"]]
    for method in list_methods():
        rows.append([method.id, method.family, method.summary])
        if method.parameters:
            rows.append(["", "", ", ".join(f"{p.name}={json.dumps(p.default)}" for p in method.parameters)])
    print(format_table(rows), file=out)
    return 0


def _describe(method: Method) -> dict[str, object]:
    names = ("id", "title", "family", "source", "summary")
    return {n: getattr(method, n) for n in names} | {"parameters": [_parameter(p) for p in method.parameters]}


def _parameter(parameter: Parameter) -> dict[str, object]:
    limits = {"range": asdict(parameter.range)} if parameter.range else {}
    options = {"options": list(parameter.options)} if parameter.options else {}
    return {
        "name": parameter.name,
        "kind": parameter.kind,
        "default": parameter.default,
        **limits,
        **options,
        "label": parameter.about.label,
        "help": parameter.about.help,
    }
