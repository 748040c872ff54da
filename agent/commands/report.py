"""Writes a study as one HTML file that needs nothing else: curves, importances, samples, diagnoses, all trials.

It follows the reader's light or dark, and prints.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.exports import export
from agent.plain.output import emit, say
from agent.store import studies
from agent.store.connection import open_store

EXAMPLE = "tunewright report my-study -o report.html"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there (default: STUDY.html)")
    parser.add_argument("--force", action="store_true", help="let it replace a file")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        output = args.output or Path(f"{study.name.replace('/', '-')}.html")
        made = export(store, study, "html", output=output, force=args.force)
    if args.json:
        emit({"study": study.name, "path": made.path})
    else:
        say(f"Wrote {made.path}.")
    return 0
