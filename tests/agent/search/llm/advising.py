"""A real client on the loopback endpoint, which plays an advisor; and studies run on functions by its proposals."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.llm.errors import LLMError
from agent.llm.models import Models
from agent.llm.seat import Seat
from agent.search import wire
from agent.search.catalog import proposer
from agent.search.from_store import history
from agent.search.llambo.job import propose as llambo
from agent.search.llm.job import propose
from agent.store import proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Draft, TrialState
from agent.study.spec import StudySpec
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Asked, Endpoint
from tests.agent.llm.steps import Step
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import Config, SearchSpace

FAILED = Failure(kind=FailureKind.EXCEPTION, message="diverged")


@dataclass
class Advisor:
    """A sensible one: it looks at the best trial of the prompt's table and at the space, and changes a few values.
    It needs nothing but the text it is sent. `faults` are played in turn before each sensible reply."""

    space: SearchSpace
    k: int = 3
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    asked: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Step:
        self.asked.append(asked.prompt)
        return steps.reply(self.document(asked.prompt))

    def document(self, prompt: str) -> dict[str, Any]:
        best = self._best(prompt)
        return {"proposals": [self._proposal(best) for _ in range(self.k)]}

    def _best(self, prompt: str) -> Config:
        """The config after "Best so far", as a reader would take it."""
        if "Best so far: " not in prompt:
            return {}
        told = prompt.split("Best so far: ")[1].splitlines()[0].split(": ", 1)[1].rstrip(".")
        pairs = (pair.split("=", 1) for pair in told.split(", "))
        return {name: json.loads(value) if _is_json(value) else value for name, value in pairs}

    def _proposal(self, best: Config) -> dict[str, Any]:
        other = self.space.sample(self.rng)
        params = {name: best[name] if name in best and self.rng.random() < 0.5 else v for name, v in other.items()}
        return {
            "params": params,
            "rationale": "Near the best, with two values moved.",
            "evidence": [{"trial": 0, "metric": None, "step": None, "text": "the defaults"}],
            "expected": {"low": 0.0, "high": 2.0},
            "confidence": 0.4,
        }


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@dataclass
class Desk:
    """A study in a store, its endpoint, and the job on it. `stood_in` counts turns that went to the classical search."""

    store: Store
    study: Study
    endpoint: Endpoint
    loss: Callable[[Config], float | None] = lambda c: float(len(str(c)))
    stood_in: list[LLMError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def propose(self, n: int = 1, **args: Any) -> list[Draft]:
        """What the job answers; raises what it raises."""

        async def once() -> dict[str, Any]:
            models = Models()
            try:
                model = await models.of(self.store, self.study)
                number = proposals.next_number(self.store, self.study.id)
                job = llambo if self.study.spec.search == "llambo" else propose
                return await job(Seat(self.store, self.study, model), number=number, n=n, **args)
            finally:
                await models.close()

        answer = asyncio.run(once())
        self.notes.append(answer["note"])
        return [wire.draft_from_dict(draft) for draft in json.loads(json.dumps(answer, allow_nan=False))["drafts"]]

    def turn(self, n: int = 1) -> list[Draft]:
        """What a session gets: the model's drafts, or the classical search's when it has none."""
        try:
            return self.propose(n)
        except LLMError as error:
            self.stood_in.append(error)
        return proposer("random").propose(self.past(), n)

    def past(self):
        every = trials.all_trials(self.store, self.study.id)
        pending = proposals.pending(self.store, self.study.id)
        return history(self.store, self.study, every, pending, proposals.next_number(self.store, self.study.id))

    def run(self, draft: Draft, value: float | None = None, state: TrialState | None = None) -> None:
        """The draft approved and run to its end on `loss`, or to `value`."""
        [proposal] = proposals.add(self.store, self.study.id, [draft])
        number = proposals.approve(self.store, proposal, actor="person")
        trial = trials.get(self.store, self.study.id, number)
        attempt = trials.claim(self.store, trial.id, f"runs/{number}")
        assert attempt is not None
        value = self.loss(draft.params) if value is None else value
        failure = FAILED if value is None else None
        end = state or (TrialState.COMPLETED if failure is None else TrialState.FAILED)
        trials.end(
            self.store, attempt, end, value=value, failure=failure, outcome={}, retry=False, ended_at=trial.queued_at
        )

    def grow(self, count: int) -> list[Draft]:
        """`count` more trials one after another, or fewer when there is nothing left; the drafts they came from."""
        drafts: list[Draft] = []
        while len(drafts) < count and (got := self.turn(min(3, count - len(drafts)))):
            for draft in got:
                self.run(draft)
            drafts += got
        return drafts


@contextmanager
def desk(path: Path, space: SearchSpace, script: Any = None, **agent: Any) -> Iterator[Desk]:
    """A new study on `space`, whose model is an endpoint that plays `script`; a sensible advisor unless told."""
    with Endpoint(script or Advisor(space)) as endpoint, open_store(path / "store.sqlite") as store:
        search, model = agent.pop("search", "llm"), agent.pop("model", endpoint.url)
        study = {name: agent.pop(name) for name in ("objective", "llambo", "seed") if name in agent}
        spec = StudySpec(
            name="study",
            trainer="forest",
            task="svm-wine",
            space=space,
            search=search,
            agent=AgentSpec(model=model, **agent),
            **{"objective": Objective("loss"), **study},
        )
        yield Desk(store, studies.create(store, spec, path), endpoint)
