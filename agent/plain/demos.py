"""Built-in tasks as studies: no key, no network, twelve trials of a minute at most."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.plain import opening
from agent.store import studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import Budget, StudySpec
from trainers import catalog
from trainers.contract import Trainer
from trainers.errors import TunewrightError, nearest
from trainers.settling import settled

DEFAULT = "forest"
TRIALS = 12
SECONDS = 60.0  # a trial; then it counts with what it has, so that a demo ends while one looks on
_NOT_SHOWN = ("script",)  # has no task of its own


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
    """The study of a demo: everything runs, within twelve short trials."""
    return StudySpec(
        name="demo-" + re.sub(r"[^A-Za-z0-9]+", "-", task or trainer.name).strip("-"),
        trainer=trainer.name,
        task=task,
        space=trainer.space(task),
        objective=trainer.objective(task),
        defaults=trainer.defaults(task),
        budget=Budget(trials=TRIALS, trial_seconds=SECONDS),
        policy=Policy(kind=PolicyKind.WATCH),
    )


def ready_spec(text: str) -> StudySpec:
    """The study of the demo that `text` names. Raises TunewrightError where its data are not at hand."""
    trainer, task = find(text)
    spec = demo_spec(trainer, task)
    options, _ = settled(trainer, task, spec.options, spec.space, Path.cwd())
    return spec.replace(options=options)


def begin(store: Store, task: str = DEFAULT) -> str:
    """The name of the newest demo of the task that has trials left to run; of a new one where there is none."""
    spec = ready_spec(task)
    name, count = spec.name, 1
    while (known := studies.find(store, name)) is not None:
        if is_unfinished(store, known, known.spec):
            return name
        count += 1
        name = f"{spec.name}-{count}"
    return opening.create(store, spec.replace(name=name), store.folder).name


def is_unfinished(store: Store, study: Study, wanted: StudySpec) -> bool:
    """Whether it has trials under way, or `wanted` has room for more."""
    done = trials.all_trials(store, study.id)
    ended = sum(t.state.ended for t in done)
    return ended < len(done) or wanted.budget.trials is None or len(done) < wanted.budget.trials
