"""Exports the best config of a study, or all its trials."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.commands.arguments import one_of, trial_number
from agent.exports import FORMATS, export
from agent.plain.output import emit, say
from agent.store import studies
from agent.store.connection import open_store

EXAMPLE = "tunewright export my-study --format toml -o best.toml"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument(
        "--format",
        type=one_of("format", FORMATS),
        default="toml",
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)} (default: toml)",
    )
    parser.add_argument("--trial", type=trial_number, metavar="N", help="this trial's config (default: the best one's)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there (default: stdout)")
    parser.add_argument("--force", action="store_true", help="let -o replace a file")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        made = export(store, study, args.format, number=args.trial, output=args.output, force=args.force)
    if args.json:
        emit({"study": study.name, "format": made.format, "trial": made.trial, "path": made.path, "text": made.text})
    elif made.path is not None:
        say(f"Wrote {made.path}.")
    else:
        sys.stdout.write(made.text or "")
    return 0
