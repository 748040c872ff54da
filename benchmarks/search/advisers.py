"""Stand-ins for a language model that proposes: each a plain function of the history, good or bad in its own way.

They draw from what the task knows of its configs, which no search is shown. Three drafts a turn, as a model gives.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from agent.search.history import History
from agent.study.nouns import Draft, Source
from benchmarks.search.task import Known, Task
from trainers.space import Config

Adviser = Callable[[History, random.Random, Task], list[Draft]]
COUNT = 3


def _drafts(configs: list[Config], said: str) -> list[Draft]:
    return [Draft(source=Source.LLM, params=config, rationale=said) for config in configs]


def _between(known: Known, low: float, high: float, rng: random.Random) -> list[Config]:
    """COUNT configs whose rank lies between these shares of all, 0 being the best."""
    part = known[int(low * len(known)) : max(int(high * len(known)), 1)]
    return [rng.choice(part)[0] for _ in range(COUNT)]


def good(_history: History, rng: random.Random, task: Task) -> list[Draft]:
    """From the best tenth."""
    return _drafts(_between(task.known(), 0.0, 0.1, rng), "It did well on tasks like this one.")


def middling(_history: History, rng: random.Random, task: Task) -> list[Draft]:
    """Between the best tenth and the middle."""
    return _drafts(_between(task.known(), 0.1, 0.5, rng), "A usual choice.")


def bad(_history: History, rng: random.Random, task: Task) -> list[Draft]:
    """From the worse half."""
    return _drafts(_between(task.known(), 0.5, 1.0, rng), "Surely better.")


def unhelpful(_history: History, rng: random.Random, task: Task) -> list[Draft]:
    """Anything."""
    return _drafts(_between(task.known(), 0.0, 1.0, rng), "Let us try this.")


def repeating(history: History, rng: random.Random, task: Task) -> list[Draft]:
    """What was run already, nine times in ten: first of all the best so far."""
    tried = [t.params for t in history.ranking[:COUNT]]
    return _drafts(tried, "The best so far.") if tried and rng.random() < 0.9 else middling(history, rng, task)


def large(_history: History, rng: random.Random, task: Task) -> list[Draft]:
    """The largest of thirty: whatever drives memory by its name is as high as it goes."""
    space, names = task.space, [n for n in task.space.parameters if any(w in n for w in ("batch", "width", "depth"))]
    drawn = [space.sample(rng) for _ in range(30)]
    drawn.sort(key=lambda c: -sum(space.parameters[n].unit(c[n]) for n in names))
    return _drafts([task.place(c, ()) if task.place else c for c in drawn[:COUNT]], "A larger model learns more.")


ADVISERS: dict[str, Adviser] = {
    "good": good,
    "middling": middling,
    "bad": bad,
    "random-adviser": unhelpful,
    "repeating": repeating,
    "large": large,
}
