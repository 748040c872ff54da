"""Drives a study line by line, for a terminal that can show no more.

Type help for the verbs. A pipe works as well as a keyboard. Leaving leaves the trials running.
With --json the talk goes to stderr, and stdout gets what 'run' answers.
"""

from __future__ import annotations

import argparse

from agent.repl import Repl
from agent.store.connection import open_store

EXAMPLE = "printf 'approve\\napprove lr=1e-3\\nwait\\n' | tunewright repl my-study"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", nargs="?", help="its name (default: the newest study)")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        return Repl(store, as_json=args.json).run(args.study)
