"""Studies and lessons for tests of lessons."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from agent.lessons.lesson import Conditions, Lesson, LessonSource
from agent.lessons.wire import uid_of
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from agent.study.spec import StudySpec
from trainers import catalog
from trainers.contract import Objective
from trainers.space import SearchSpace

LR = {"type": "float", "low": 1e-5, "high": 1e-1, "log": True}
UNIT = {"type": "float", "low": 0.0, "high": 1.0}
COUNT = {"type": "int", "low": 1, "high": 512}


def space(**parameters: dict[str, Any]) -> SearchSpace:
    return SearchSpace.from_dict({"parameters": parameters})


def built_in(trainer: str, task: str) -> Study:
    """A study on a task that ships with Tunewright, not in any store."""
    made = catalog.load(trainer)
    spec = StudySpec(name=task, trainer=trainer, task=task, space=made.space(task), objective=made.objective(task))
    return Study(1, spec, Path(), 0.0)


def scripted(
    about: str, parameters: SearchSpace | None = None, *, metric: str = "val_loss", command: str = "train.py"
) -> Study:
    """A study of a script, which the person describes as `about`."""
    spec = StudySpec(
        name="mine",
        trainer="script",
        space=parameters or space(lr=LR, batch_size=COUNT),
        objective=Objective(metric),
        options={"command": ["python", command, "--lr", "{lr}"]},
        agent=AgentSpec(about=about),
    )
    return Study(1, spec, Path(), time.time())


def lesson(text: str, **fields: Any) -> Lesson:
    held = fields.pop("conditions", Conditions())
    return Lesson(**{"uid": uid_of(text), "text": text, "source": LessonSource.RULES, "conditions": held, **fields})
