"""Renames a study, puts it away, copies it without its trials, or deletes it.

What is put away ('archive') is left out of lists, and comes back with 'unarchive'. 'copy' makes a new study with the
same space, objective, budget and policy. 'delete' says what would be lost and does nothing without --yes; run folders
stay where they are unless --runs is given.
"""

from __future__ import annotations

import argparse

from agent.commands.arguments import one_of
from agent.plain.output import emit, say
from agent.store import studies, upkeep
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from trainers.errors import TunewrightError

EXAMPLE = "tunewright study rename my-study cifar-first"
ACTIONS = ("rename", "archive", "unarchive", "copy", "delete")
_NAMED = ("rename", "copy")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", type=one_of("action", ACTIONS), help=", ".join(ACTIONS))
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list --all' shows it")
    parser.add_argument("name", metavar="NAME", nargs="?", help="for rename and copy: the new name")
    parser.add_argument("--yes", action="store_true", help="delete without asking back")
    parser.add_argument("--runs", action="store_true", help="delete the run folders as well")


def run(args: argparse.Namespace) -> int:
    _check(args)
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        name, said = _do(store, study, args)
    if args.json:
        emit({"study": study.name, "action": args.action, "name": name})
    else:
        say(said)
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.action in _NAMED and not args.name:
        raise TunewrightError(
            f"{args.action} needs a new name", remedy=f"tunewright study {args.action} {args.study} NAME."
        )
    if args.action not in _NAMED and args.name:
        raise TunewrightError(
            f"{args.action} takes no new name", remedy=f"tunewright study {args.action} {args.study}."
        )
    if args.action != "delete" and (args.yes or args.runs):
        raise TunewrightError("--yes and --runs are for delete", remedy="Leave them out.")


def _do(store: Store, study: Study, args: argparse.Namespace) -> tuple[str | None, str]:
    """The name the study has afterwards (a copy's own; None when it is gone), and what to say."""
    match args.action:
        case "rename":
            name = upkeep.rename(store, study, args.name).name
            return name, f"{study.name} is {name} now."
        case "copy":
            name = upkeep.fork(store, study, args.name).name
            return name, f"{name} has the space of {study.name} and no trials. Next: tunewright run {name}"
        case "archive" | "unarchive":
            upkeep.archive(store, study, away=args.action == "archive")
            return study.name, f"{study.name} is {'put away' if args.action == 'archive' else 'back in the list'}."
    if not args.yes:
        lost = upkeep.holdings(store, study).words(runs=args.runs)
        raise TunewrightError(f"deleting {study.name} loses {lost}", remedy="Add --yes to delete it.")
    had = upkeep.delete(store, study, runs=args.runs)
    return None, f"{study.name} is deleted: {had.words(runs=args.runs)}."
