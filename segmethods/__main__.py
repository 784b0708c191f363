"""The command line: ``segmethods list``, ``compare``, ``dashboard`` and so on; also ``python -m segmethods list``.

Standard output holds results and nothing else; errors are one line on standard error. Exit codes: 0 all fine, 1 some
method failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import NoReturn, TextIO

from segmethods.cli import benchmark, comparison, dashboard, job, listing, score, training, verify, weights
from segmethods.core.faults import describe_fault
from segmethods.core.messages import ParameterError, SegmethodsError

PROGRAM = "segmethods" if Path(sys.argv[0]).stem == "segmethods" else "python -m segmethods"


class Parser(argparse.ArgumentParser):
    """An argument parser that states a problem in one line and leaves the exit to `main`."""

    def error(self, message: str) -> NoReturn:
        """Raise the problem, which argparse would print before it ends the program."""
        raise ParameterError("{problem}. See {program} --help.", problem=message.rstrip("."), program=self.prog)


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``python -m segmethods``; those that this process was started with if left out.
    out : text file, optional
        Where results go; standard output if left out.

    Returns
    -------
    int
        The exit code.
    """
    words, out = list(sys.argv[1:] if argv is None else argv), out or sys.stdout
    try:
        code = _run(words, out)
        out.flush()
    except SegmethodsError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        out.flush()
        return 130
    except BrokenPipeError:  # whoever read our output has gone, as in `| head`
        _drop(out)
        return 141
    except Exception as error:
        fault = describe_fault(error)
        if fault is None:
            raise
        logging.getLogger(__name__).debug("the machine is at fault", exc_info=True)
        print(f"error: {fault}", file=sys.stderr)
        try:
            out.flush()
        except OSError:  # it was the output that found no room
            _drop(out)
        return 2
    return code


def _drop(out: TextIO) -> None:
    """Let what is left of the output go nowhere, instead of an error when it is closed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _run(words: list[str], out: TextIO) -> int:
    with redirect_stdout(out):  # for --help
        args = _parser().parse_args(words)
    handlers = None if args.verbose else [logging.NullHandler()]
    logging.basicConfig(level=logging.DEBUG if args.verbose else logging.WARNING, handlers=handlers)
    code: int = args.run(args, out)
    return code


def _parser() -> Parser:
    parser = Parser(prog=PROGRAM, description="Compare image segmentation methods.")
    _add_verbose(parser, default=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing.add_command(commands)
    comparison.add_command(commands)
    score.add_command(commands)
    benchmark.add_command(commands)
    verify.add_command(commands)
    job.add_command(commands)
    weights.add_command(commands)
    training.add_command(commands)
    dashboard.add_command(commands)
    for command in commands.choices.values():
        _add_verbose(command, default=argparse.SUPPRESS)  # where it is left out, what stands before the command holds
    return parser


def _add_verbose(parser: argparse.ArgumentParser, default: bool | str) -> None:
    parser.add_argument("--verbose", action="store_true", default=default, help="write the log to standard error, too")


def _own_stdout() -> TextIO:
    """Standard output for results alone; what libraries print there goes to standard error."""
    encoding, own = sys.stdout.encoding, os.dup(1)
    os.dup2(2, 1)
    return open(own, "w", buffering=1, encoding=encoding, errors="backslashreplace")  # a line is read as it comes


def run() -> NoReturn:
    """Run the command that this process was started with, and end with its exit code."""
    logging.captureWarnings(True)
    sys.exit(main(out=_own_stdout()))


if __name__ == "__main__":
    run()
