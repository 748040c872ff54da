"""Fetches the data of a built-in task, or makes it.

'ett' is the Electricity Transformer Temperature data of the informer trainer: ETTh1.csv and ETTh2.csv, two years of
hours, 5 MB. They go to your data folder, where every study finds them. A file that is there already is left as it is;
one that is fetched is checked, and appears whole or not at all.

'describe' makes time series and what is true of them by rules, a JSON line each, with every label as frequent as the
others; or works out anew, with --relabel and other --thresholds, what is true of those in a file.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from agent.commands.arguments import one_of, whole
from agent.plain.output import emit
from trainers.informer.ett import ADDRESS, data_folder

EXAMPLE = "tunewright data ett"
KINDS = ("ett", "describe")


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("kind", metavar="KIND", type=one_of("kind of data", KINDS), help=", ".join(KINDS))
    add("--to", type=Path, metavar="PATH", help=f"ett: the folder ({data_folder()}); describe: the file")
    add("--from", dest="address", metavar="URL", help=f"ett: a mirror's folder (default: {ADDRESS})")
    add("--samples", type=whole(1), default=2_000, metavar="N", help="describe: how many series (2000)")
    add("--process", default="ou", metavar="NAME", help="describe: ou (Ornstein–Uhlenbeck) or brownian (with drift)")
    add("--seed", type=whole(0), default=0, metavar="N", help="describe: files of different seeds share no series (0)")
    add("--thresholds", default="", metavar="NAME=X,…", help="describe: flat, low, high, ends, early, late")
    add("--relabel", type=Path, metavar="FILE", help="describe: the series of FILE, under other thresholds")
    add("--force", action="store_true", help="describe: let --to replace a file")


def run(args: argparse.Namespace) -> int:
    document = importlib.import_module(f"agent.commands.data_{args.kind}").run(args)
    if args.json:
        emit({"data": args.kind, **document})
    return 0
