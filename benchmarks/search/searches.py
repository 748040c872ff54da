"""The searches measured, all asked and told alike: ours, driven through plain histories, and an adviser beside them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from agent.search.catalog import proposer
from agent.search.history import History
from agent.search.trust import wants_advice
from agent.study.nouns import Draft, Source
from agent.study.suggested import Suggested
from benchmarks.search.advisers import Adviser
from benchmarks.search.task import Task
from benchmarks.studies import add_trial
from trainers.contract import Objective
from trainers.space import Config, config_key

QUOTA = 0.3  # of the turns, where an adviser is taken at its word

PortfolioFor = Callable[[Task], tuple[Suggested, ...]]


class Search(Protocol):
    """Asked for a config, then told which was run in its place and what it came to (None: it failed)."""

    def ask(self) -> Draft: ...

    def tell(self, draft: Draft, run: Config, loss: float | None) -> None: ...


class Ours:
    """One of our proposers by name. With an adviser, `gated` leaves it to the search whether to hear it; otherwise
    QUOTA of the turns are the adviser's, and whatever it says is run."""

    def __init__(
        self,
        task: Task,
        name: str,
        seed: int,
        *,
        portfolio: tuple[Suggested, ...] = (),
        adviser: Adviser | None = None,
        gated: bool = True,
    ) -> None:
        self.task, self.proposer, self.adviser, self.gated = task, proposer(name), adviser, gated
        self.rng = random.Random(f"{task.name}/{seed}/adviser")
        self.history = History(
            space=task.space, objective=Objective("loss"), first_config=task.default, seed=seed, portfolio=portfolio
        )

    def ask(self) -> Draft:
        history = self.history
        if self.adviser is not None and history.number:
            if not self.gated and self.rng.random() < QUOTA:
                return self.adviser(history, self.rng, self.task)[0]
            if self.gated and wants_advice(history):
                history = replace(history, advice=tuple(self.adviser(history, self.rng, self.task)))
        return self.proposer.propose(history, 1)[0]

    def tell(self, draft: Draft, run: Config, loss: float | None) -> None:
        history = replace(self.history, taken=self.history.taken | {config_key(draft.params)})
        self.history = add_trial(history, replace(draft, params=run), loss, self.task.failure)


class Given:
    """Lets another search begin with configs chosen for it, which replace its own first ones."""

    def __init__(self, search: Search, configs: list[Config]) -> None:
        self.search, self.waiting = search, list(configs)

    def ask(self) -> Draft:
        if self.waiting:
            return Draft(source=Source.RANDOM, params=self.waiting.pop(0))
        return self.search.ask()

    def tell(self, draft: Draft, run: Config, loss: float | None) -> None:
        self.search.tell(draft, run, loss)
