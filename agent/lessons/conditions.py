"""The conditions of a study, as a lesson keeps them and as another study is compared with them."""

from __future__ import annotations

from agent.digest.task import Task, task
from agent.digest.text import shorten
from agent.lessons.families import families
from agent.lessons.lesson import Conditions
from agent.lessons.wire import uid_of
from agent.redaction import redact
from agent.store.studies import Study

_ABOUT = 300  # characters of a description that a lesson keeps
_OWN_NAMES = ("forest",)  # trainers whose name says what only some of their tasks are


def words_of(told: Task) -> str:
    """What the study's trainer, task, script and person say of it."""
    own = told.trainer not in _OWN_NAMES
    spoken = (told.trainer, told.about) if own else ()
    return " ".join([*spoken, told.task, told.command, told.description])


def conditions(study: Study) -> Conditions:
    spec, told = study.spec, task(study)
    about = told.description or (told.about if spec.trainer == "script" else "")
    return Conditions(
        trainer=spec.trainer,
        task=spec.task or (_script(told.command) if spec.trainer == "script" else ""),
        families=tuple(sorted(families(words_of(told), spec.space.parameters))),
        about=redact(shorten(about, _ABOUT)),
        metric=spec.objective.metric,
        direction=spec.objective.direction,
        parameters=spec.space.to_dict()["parameters"],
    )


def _script(command: str) -> str:
    """`train.py`: the name of the script, without the folders it lies in."""
    names = [word.rsplit("/", 1)[-1] for word in command.split() if word.endswith((".py", ".sh", ".R", ".jl"))]
    return names[0] if names else ""


def key_of(study: Study) -> str:
    """Which study it is, wherever its store lies: names come again."""
    return uid_of(study.name, f"{study.created:.3f}")
