"""What a prompt may say of the task, by how much the study lets it say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.digest import space as space_words
from agent.digest.task import task
from agent.llm.seat import Seat
from agent.search.history import History
from agent.search.llm.lessons import fitting
from trainers import catalog
from trainers.contract import DescribedTrainer
from trainers.errors import TunewrightError

_SCRIPT = "script"
_LESSONS = 6


def context(seat: Seat, history: History) -> dict[str, Any]:
    """The task, the space and the objective, the same in all prompts of a turn."""
    small = history.objective.direction == "minimize"
    return {
        "facts": facts(seat),
        "parameters": space_words.parameters(history.space),
        "constraints": [*space_words.constraints(history.space), *_learnt(history)],
        "objective": {"metric": history.objective.metric, "better": "lower" if small else "higher"},
        "form": space_words.placeholders(history.space, most=24),
    }


def facts(seat: Seat) -> dict[str, Any]:
    """`none`: the family of the model. `partial`: also the data, where the trainer says something of it. `full`: also
    what the trainer or the script says of itself, the person's words and the lessons that fit."""
    spec = seat.study.spec
    known = _of_trainer(spec.trainer, spec.task)
    family = "a model trained by a script" if spec.trainer == _SCRIPT else f"the model of the trainer '{spec.trainer}'"
    told: dict[str, Any] = {"model": known.get("model", family), "data": (), "command": "", "about": ""}
    told |= {"description": "", "lessons": ()}
    if spec.llambo.context == "none":
        return told
    told["data"] = known.get("data", ())
    if spec.llambo.context == "partial":
        return told
    words = task(seat.study)
    lessons = list(dict.fromkeys(lesson.text for lesson in fitting(seat)))[:_LESSONS]
    return told | {"command": words.command, "about": words.about, "description": words.description, "lessons": lessons}


def _of_trainer(name: str, task_name: str) -> Mapping[str, Any]:
    """What a trainer that describes itself says: `{"model": …, "data": […]}`."""
    try:
        trainer = catalog.load(name)
        return dict(trainer.facts(task_name)) if isinstance(trainer, DescribedTrainer) else {}
    except (TunewrightError, ImportError):
        return {}


def _learnt(history: History) -> Sequence[str]:
    return [f"not {bound.said} (learnt; such a config is refused)" for bound in history.bounds[:6]]
