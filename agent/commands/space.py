"""Shows the search space of a study, where the trials lie in it, and changes it.

A change is one entry of the journal; waiting proposals that no longer fit expire. With --write it also goes into the
study.toml that the study was made from, whose comments stay.
"""

from __future__ import annotations

import argparse

from agent.commands.arguments import trial_number
from agent.hinting import heard, hint
from agent.plain import space as plain
from agent.plain.output import emit, say
from agent.settling import change_space, drop_bound
from agent.store import studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.space_toml import study_file, write_space
from trainers.errors import TunewrightError

EXAMPLE = "tunewright space my-study --set lr.high=.01 --set \"momentum.when=opt == 'sgd'\" --dry-run"


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    add(
        "--set",
        action="append",
        default=[],
        dest="edits",
        metavar="CHANGE",
        help="NAME.KEY=VALUE, +NAME adds one, --set=-NAME removes one, constraints='a < b; c < d'; may be repeated",
    )
    add(
        "--drop-bound",
        action="append",
        default=[],
        dest="dropped",
        metavar="TRIAL",
        type=trial_number,
        help="lets go of what a trial that ran out of memory says of larger configs; may be repeated",
    )
    add(
        "--hint",
        action="append",
        default=[],
        dest="hints",
        metavar="WORDS",
        help="where good values lie: 'lr ~ 1e-3; small batch_size'; 'drop' takes all back; may be repeated",
    )
    add("--dry-run", action="store_true", help="only say what the change would mean")
    add("--write", action="store_true", help="also write the space into the study.toml of a script study")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        for number in [] if args.dry_run else args.dropped:
            study = drop_bound(store, study, number)
            say(f"t{number} bounds nothing any more.")
        readings = []
        for said in args.hints:
            reading = heard(study, said)
            readings.append((said, reading))
            if not args.dry_run:
                study = hint(store, study, said)
            say(f"hint “{said}”: {reading.told(study.spec.space) or 'all are taken back'}.")
        change = plain.weighed(store, study, plain.meant(study, args.edits)) if args.edits else None
        saved = change is not None and bool(change.changes) and not args.dry_run
        if change is not None and saved:
            study, _ = change_space(store, study, change.space)
        wrote = bool(args.write) and not args.dry_run and _write(study)
        if args.json:
            document = plain.document(store, study, change, saved=saved, wrote=wrote)
            emit({**document, "heard": plain.heard(study, readings)})
        else:
            _tell(store, study, change, saved=saved)
    return 0


def _write(study: Study) -> bool:
    file = study_file(study.spec, study.folder)
    if file is None:
        what = f"there is no study.toml of '{study.name}' in it"
        raise TunewrightError(what, where=str(study.folder), remedy="The space in the store is as you asked.")
    if file.changes:
        write_space(study.spec, file)
        say(f"{file.path}: {'; '.join(file.changes)}")
    return bool(file.changes)


def _tell(store: Store, study: Study, change: plain.Change | None, *, saved: bool) -> None:
    print(plain.lines(store, study, change))
    if change is not None:
        say("The space is changed." if saved else "Nothing is changed.")
