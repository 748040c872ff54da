"""The trials a prompt shows, in the wording and the order of one of its variants."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.digest.text import digits, literal, number, numeric
from agent.search.history import History, subset
from agent.study.nouns import Trial
from trainers.space import Config, SearchSpace

_FAILED = 6  # failed configs a prompt names
DIGITS = 4  # significant ones of a parameter's value: more would tell a model nothing


@dataclass(frozen=True)
class Examples:
    """At most `most` completed trials: all of them while there are few, then the best, the latest and a spread.
    Values have as many digits as tell them apart, the same in every line."""

    space: SearchSpace
    metric: str
    shown: Sequence[Trial]
    values: Sequence[float]
    wide: int
    failed: Sequence[Config]
    waiting: Sequence[Config]

    @classmethod
    def of(cls, history: History, most: int) -> Examples:
        shown = subset(history, history.completed, most)
        values = [history.objective.sign * history.loss(trial) for trial in shown]
        failed = [t.params for t in history.failed if history.space.allows(t.params)]
        waiting = history.waiting[-_FAILED:]
        metric = history.objective.metric
        return cls(history.space, metric, shown, values, digits(values), failed[-_FAILED:], waiting)

    def lines(self, variant: int, rng: random.Random | None, *, value_first: bool = False) -> list[str]:
        """One a trial, shuffled; without `rng` in the order of their numbers. A table has its head first."""
        pairs = list(zip(self.shown, self.values, strict=True))
        if rng is not None:
            rng.shuffle(pairs)
        return self._written([(self.value(v), t.params) for t, v in pairs], self.metric, variant, value_first)

    def classes(self, variant: int, rng: random.Random | None, limit: float, sign: float) -> list[str]:
        """The same with a class for the value: 1 for one as good as `limit`, else 0."""
        pairs = list(zip(self.shown, self.values, strict=True))
        if rng is not None:
            rng.shuffle(pairs)
        told = [("1" if sign * v <= sign * limit else "0", t.params) for t, v in pairs]
        return self._written(told, "class", variant, False)

    def asked(self, configs: Sequence[Config], labels: Sequence[str], variant: int) -> list[str]:
        """Configs whose value is asked for, each after its label."""
        if variant == 2:
            return [
                _bars(["label", *self.space.parameters]),
                *(_bars([x, *self._cells(c)]) for x, c in _zip(labels, configs)),
            ]
        return [f"{label}: {self.config(config, variant)}" for label, config in _zip(labels, configs)]

    def config(self, config: Config, variant: int) -> str:
        if variant == 1:
            return "{" + ", ".join(f"{literal(n)}: {_short(v)}" for n, v in config.items()) + "}"
        return ", ".join(f"{name}={_short(value)}" for name, value in config.items())

    def value(self, value: float) -> str:
        return number(value, self.wide)

    def _written(self, pairs: Sequence[tuple[str, Config]], head: str, variant: int, value_first: bool) -> list[str]:
        names = list(self.space.parameters)
        if variant == 2:
            rows = [([value], self._cells(config)) for value, config in pairs]
            top = _bars([head, *names] if value_first else [*names, head])
            return [top, *(_bars([*v, *c] if value_first else [*c, *v]) for v, c in rows)]
        if value_first:
            return [f"{head} {value}: {self.config(config, variant)}" for value, config in pairs]
        return [f"{self.config(config, variant)} -> {head} {value}" for value, config in pairs]

    def _cells(self, config: Config) -> list[str]:
        return [_short(config[name]) if name in config else "–" for name in self.space.parameters]


def _short(value: Any) -> str:
    """As JSON has it, whole numbers whole."""
    return number(value, DIGITS) if numeric(value) else literal(value)


def _bars(cells: Sequence[str]) -> str:
    return " | ".join(cells)


def _zip(labels: Sequence[str], configs: Sequence[Config]) -> list[tuple[str, Config]]:
    return list(zip(labels, configs, strict=True))
