"""``--ids`` and ``--ignore``: what the ids in masks become."""

from __future__ import annotations

import argparse

from segmethods.io.id_maps import PRESETS


def add_id_options(parser: argparse.ArgumentParser) -> None:
    """Add both options to a command that reads masks."""
    parser.add_argument(
        "--ids",
        metavar="NAME|FILE",
        help=f"what the ids in masks become: {', '.join(PRESETS)}, or a file with a line ID CLASS NAME for each id",
    )
    parser.add_argument("--ignore", metavar="ID,ID", help="ids in masks that are not judged, besides 255")


def add_white_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--keep-white`` to a command that reads a data set."""
    parser.add_argument(
        "--keep-white",
        action="store_true",
        help="white is the object in every mask, also where it covers most of one picture alone",
    )
