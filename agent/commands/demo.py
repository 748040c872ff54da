"""Runs a study on a built-in task: no key, no network, twelve trials of at most a minute unless told.

In a terminal the app opens and things move at once; elsewhere it goes on without one and prints
the best config. The study is called demo-TASK. One that is not finished is gone on with; after a
finished one a new study begins (demo-TASK-2 and so on), so that there is always something to see.
"""

from __future__ import annotations

import argparse

from agent.commands import overrides
from agent.commands.app import open_app
from agent.plain import opening
from agent.plain.demos import DEFAULT, is_unfinished, ready_spec
from agent.plain.driving import drive, headless_wanted
from agent.plain.output import say
from agent.store import studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.policy import PolicyKind
from agent.study.spec import StudySpec

EXAMPLE = "tunewright demo --trials 20 --headless"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "task", metavar="TASK", nargs="?", default=DEFAULT, help=f"a trainer or one of its tasks (default: {DEFAULT})"
    )
    overrides.add_flags(parser, policy=PolicyKind.WATCH)


def run(args: argparse.Namespace) -> int:
    spec = ready_spec(args.task)
    with open_store(args.store) as store:
        study, changes = begin_or_go_on(store, spec, args)
        for change in changes:
            say(f"{study.name}: {change}")
        if headless_wanted(args.headless, args.json):
            return drive(store, study, as_json=args.json)
    return open_app(args, study.name)


def begin_or_go_on(store: Store, spec: StudySpec, args: argparse.Namespace) -> tuple[Study, list[str]]:
    """The newest demo of this task if, with the flags, it has trials left to run; else a new one."""
    name, count = spec.name, 1
    while (known := studies.find(store, name)) is not None:
        wanted = overrides.apply(known.spec, args)
        if is_unfinished(store, known, wanted):
            return opening.update(store, known, wanted, who="demo")
        count += 1
        name = f"{spec.name}-{count}"
    return opening.create(store, overrides.apply(spec.replace(name=name), args), store.folder), []
