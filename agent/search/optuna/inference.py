"""The search space of a define-by-run study, read off its trials: which parameters, which ranges, under which
conditions.

Optuna records what each trial asked for and nothing of why. A parameter that some trials lack depends on another one:
where one is found whose values tell the trials with it from those without, that becomes its condition. What cannot be
told so, and what changes its range all the time, is left to be drawn by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState

from agent.search.optuna.translation import Translation
from trainers.dimension import is_number

_RANGES = 3  # different ranges of one parameter up to which the latest is taken for the one that holds
_LOOKED_AT = 500  # latest trials that conditions are read from


@dataclass
class Inference:
    """What the ended trials of one study say of its space. They are told once each, by number."""

    _ranges: dict[str, list[BaseDistribution]] = field(default_factory=dict)  # by name, the latest last
    _had: dict[str, int] = field(default_factory=dict)  # how many trials had it
    _ended: list[FrozenTrial] = field(default_factory=list)
    _failed: list[FrozenTrial] = field(default_factory=list)

    def tell(self, trial: FrozenTrial) -> None:
        """Failed trials count only as long as there are no others: they may have ended before they asked for all."""
        if trial.state is TrialState.FAIL:
            self._failed.append(trial)
            return
        self._ended.append(trial)
        self._count(trial)

    def _count(self, trial: FrozenTrial) -> None:
        for name, distribution in trial.distributions.items():
            known = self._ranges.setdefault(name, [])
            if not known or known[-1] != distribution:
                self._ranges[name] = [*(d for d in known if d != distribution), distribution][-_RANGES - 1 :]
            self._had[name] = self._had.get(name, 0) + 1

    def translation(self) -> Translation:
        """The space as far as it is known by now; empty before the first trial has ended."""
        if not self._ended:
            most = max(self._failed, key=lambda t: len(t.params), default=None)
            return Translation(_moving(most.distributions) if most is not None else {})
        steady = {name: ranges[-1] for name, ranges in self._ranges.items() if len(ranges) <= _RANGES}
        steady = _moving(steady)
        always = {name: d for name, d in steady.items() if self._had[name] == len(self._ended)}
        if len(always) == len(steady):
            return Translation(dict(sorted(always.items())))
        return self._with_conditions(always, {n: d for n, d in steady.items() if n not in always})

    def _with_conditions(self, placed: dict[str, BaseDistribution], rest: dict[str, BaseDistribution]) -> Translation:
        trials = self._ended[-_LOOKED_AT:]
        when: dict[str, tuple[str, str]] = {}
        placed, rest = dict(sorted(placed.items())), dict(sorted(rest.items()))
        while rest:
            found = {name: c for name in rest if (c := _condition(name, placed, trials)) is not None}
            if not found:
                break
            when |= found
            placed |= {name: rest.pop(name) for name in found}
        names = Translation(placed).names
        said = {name: f"{names[parent]} {test}" for name, (parent, test) in when.items()}
        return Translation(placed, said)


def _moving(distributions: dict[str, BaseDistribution]) -> dict[str, BaseDistribution]:
    """Those with more than one value."""
    return {name: d for name, d in distributions.items() if not d.single()}


def _condition(
    name: str, parents: dict[str, BaseDistribution], trials: Sequence[FrozenTrial]
) -> tuple[str, str] | None:
    """The parameter, and the test of it, that tells the trials with `name` from those without; choices first."""
    having = [t for t in trials if name in t.params]
    lacking = [t for t in trials if name not in t.params]
    if not having:
        return None
    for parent in sorted(parents, key=lambda p: (not isinstance(parents[p], CategoricalDistribution), p)):
        if any(parent not in t.params for t in having):
            continue
        values = [t.params[parent] for t in having]
        others = [t.params[parent] for t in lacking if parent in t.params]
        test = _choices(values, others) if isinstance(parents[parent], CategoricalDistribution) else None
        if not isinstance(parents[parent], CategoricalDistribution):
            test = _threshold(values, others)
        if test is not None:
            return parent, test
    return None


def _choices(values: Sequence[Any], others: Sequence[Any]) -> str | None:
    made, not_made = {_shown(v): v for v in values}, {_shown(v) for v in others}
    if made.keys() & not_made or not not_made or not all(_plain(v) for v in made.values()):
        return None
    return f"in [{', '.join(sorted(made))}]"


def _threshold(values: Sequence[Any], others: Sequence[Any]) -> str | None:
    if not others or not all(is_number(v) for v in (*values, *others)):
        return None
    if min(values) > max(others):
        return f">= {min(values)!r}"
    return f"<= {max(values)!r}" if max(values) < min(others) else None


def _shown(value: Any) -> str:
    return repr(value)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
