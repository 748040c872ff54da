"""Runs a study on a built-in task: no key, no network, twelve trials unless told.

In a terminal the app opens and things move at once; elsewhere it goes on without one and prints
the best config. The study is called demo-TASK. One that is not finished is gone on with; after a
finished one a new study begins (demo-TASK-2 and so on), so that there is always something to see.
"""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Iterator, Sequence

from agent.commands import overrides
from agent.commands.app import open_app
from agent.plain import opening
from agent.plain.driving import drive, headless_wanted
from agent.plain.output import say
from agent.store import studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import Budget, StudySpec
from trainers import catalog
from trainers.contract import Trainer
from trainers.errors import TunewrightError, nearest

EXAMPLE = "tunewright demo --trials 20 --headless"
DEFAULT = "forest"
TRIALS = 12
_NOT_SHOWN = ("script",)  # has no task of its own


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "task", metavar="TASK", nargs="?", default=DEFAULT, help=f"a trainer or one of its tasks (default: {DEFAULT})"
    )
    overrides.add_flags(parser)


def run(args: argparse.Namespace) -> int:
    spec = demo_spec(*find(args.task))
    with open_store(args.store) as store:
        study, changes = begin_or_go_on(store, spec, args)
        for change in changes:
            say(f"{study.name}: {change}")
        if headless_wanted(args.headless, args.json):
            return drive(store, study, as_json=args.json)
    return open_app(args.store, study.name)


def find(text: str) -> tuple[Trainer, str]:
    """The trainer and task that `text` names: a trainer (its first task) or a task.

    Raises TunewrightError naming the nearest.
    """
    names = [name for name in catalog.names() if name not in _NOT_SHOWN]
    if text in names:
        trainer = catalog.load(text)
        return trainer, next(iter(trainer.tasks()), "")
    known = list(names)
    for trainer in _loadable(names):
        if text in trainer.tasks():
            return trainer, text
        known += trainer.tasks()
    raise TunewrightError(f"there is no built-in task '{text}'", remedy=nearest(text, known))


def _loadable(names: Sequence[str]) -> Iterator[Trainer]:
    for name in names:
        with contextlib.suppress(ImportError):  # another trainer's missing package is no reason to refuse this one
            yield catalog.load(name)


def demo_spec(trainer: Trainer, task: str) -> StudySpec:
    """The study of a demo: everything runs, within twelve trials."""
    return StudySpec(
        name="demo-" + re.sub(r"[^A-Za-z0-9]+", "-", task or trainer.name).strip("-"),
        trainer=trainer.name,
        task=task,
        space=trainer.space(task),
        objective=trainer.objective(task),
        defaults=trainer.defaults(task),
        budget=Budget(trials=TRIALS),
        policy=Policy(kind=PolicyKind.WATCH),
    )


def begin_or_go_on(store: Store, spec: StudySpec, args: argparse.Namespace) -> tuple[Study, list[str]]:
    """The newest demo of this task if, with the flags, it has trials left to run; else a new one."""
    name, count = spec.name, 1
    while (known := studies.find(store, name)) is not None:
        wanted = overrides.apply(known.spec, args)
        if _unfinished(store, known, wanted):
            return opening.update(store, known, wanted, who="demo")
        count += 1
        name = f"{spec.name}-{count}"
    return studies.create(store, overrides.apply(spec.replace(name=name), args), store.folder), []


def _unfinished(store: Store, study: Study, wanted: StudySpec) -> bool:
    done = trials.all_trials(store, study.id)
    ended = sum(t.state.ended for t in done)
    return ended < len(done) or wanted.budget.trials is None or len(done) < wanted.budget.trials
