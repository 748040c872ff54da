"""Studies with a history that teaches something, made through the store's own functions."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable
from typing import Any

from agent.lessons import rows
from agent.lessons.learn import learn
from agent.lessons.lesson import Lesson, LessonSource
from agent.lessons.library import open_lessons
from agent.llm.models import Models
from agent.llm.seat import Seat
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Source, TrialState
from tests.agent.stores import add_trial, make_study
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import Config, SearchSpace

SPACE = SearchSpace.from_dict(
    {
        "parameters": {
            "lr": {"type": "float", "low": 1e-5, "high": 1.0, "log": True, "default": 1e-3},
            "dropout": {"type": "float", "low": 0.0, "high": 0.5},
            "units": {"type": "int", "low": 16, "high": 256},
            "optimizer": {"type": "categorical", "choices": ["adam", "sgd"]},
        }
    }
)
NAN = Failure(kind=FailureKind.NON_FINITE, message="val_loss became nan at step 3")
Loss = Callable[[Config, random.Random], float | None]


def diverging(config: Config, rng: random.Random) -> float | None:
    """Best at a rate of 1e-3; above 0.05 it diverges; sgd is worse; dropout and units do nothing."""
    if config["lr"] > 0.05:
        return None
    return 1 + (math.log10(config["lr"]) + 3) ** 2 + 1.5 * (config["optimizer"] == "sgd") + rng.gauss(0, 0.1)


def study(store: Store, name: str = "one", **spec: Any) -> Study:
    given = {"trainer": "bracket", "task": "gru-clean", "space": SPACE, "objective": Objective("val_loss"), **spec}
    return make_study(store, name=name, **given)


def run(store: Store, made: Study, count: int, loss: Loss = diverging, seed: int = 0) -> None:
    """`count` random configs run to their end; a loss of None fails."""
    rng = random.Random(f"{made.name} {seed}")
    for _ in range(count):
        config = made.spec.space.sample(rng)
        end(store, made, config, loss(config, rng))


def end(store: Store, made: Study, config: Config, value: float | None, source: Source = Source.RANDOM) -> int:
    if value is None:
        return add_trial(store, made, config, TrialState.FAILED, failure=NAN, source=source)
    return add_trial(store, made, config, value=value, source=source)


def learnt(store: Store, made: Study, **args: Any) -> dict[str, Any]:
    """What the job answers, with the study's own model."""

    async def once() -> dict[str, Any]:
        models = Models()
        try:
            return await learn(Seat(store, made, await models.of(store, made)), **args)
        finally:
            await models.close()

    return asyncio.run(once())


def own(*sources: LessonSource) -> list[Lesson]:
    """The lessons in the file that were not shipped, or those of some sources."""
    with open_lessons() as library:
        every = rows.all_of(library)
    return [one for one in every if one.source in sources or (not sources and one.source is not LessonSource.SHIPPED)]


def of_kind(kind: str) -> list[Lesson]:
    return [one for one in own() if one.claim is not None and one.claim.kind == kind]
