"""Replays recorded learning curves under a stopping rule: what each order of the same trials costs, and finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna

from agent.stopping import Run, judge, promotions
from agent.study.stopping_spec import StoppingSpec
from trainers.contract import Objective


@dataclass(frozen=True)
class Recorded:
    """One trial's whole curve: its objective by step, CPU seconds by then, and in all."""

    steps: Sequence[int]
    values: Sequence[float]
    seconds: Sequence[float]
    spent: float

    @classmethod
    def of(cls, data: dict[str, Any]) -> Recorded:
        values = [math.nan if v is None else float(v) for v in data["values"]]
        return cls(data["steps"], values, data["seconds"], data["spent"])

    def run(self, number: int, upto: int, objective: Objective, **state: bool) -> Run:
        """What a rule sees after `upto` reports."""
        losses = tuple(objective.sign * v for v in self.values[:upto])
        more: dict[str, Any] = {"exempt": number == 0, "last": objective.at == "last", **state}
        return Run(number=number, steps=tuple(self.steps[:upto]), losses=losses, total=self.steps[-1], **more)


@dataclass
class Outcome:
    """`found` is (CPU seconds so far, best value so far) with each trial that completed."""

    found: list[tuple[float, float]] = field(default_factory=list)
    cost: float = 0.0
    stopped: set[int] = field(default_factory=set)  # as recorded, those that never came to their end
    chances: list[tuple[float, bool]] = field(default_factory=list)  # that it beats the best; whether it did

    def cost_to(self, loss: float) -> float:
        """CPU seconds until a trial completed with at most `loss`; infinity if none did."""
        return next((cost for cost, best in self.found if best <= loss), math.inf)

    def best_at(self, cost: float) -> float:
        """The best loss that had been found for so many CPU seconds."""
        return min((best for spent, best in self.found if spent <= cost), default=math.inf)


class Replay:
    """One study of one job: the recorded trials in `order`, the default (0) first."""

    def __init__(
        self, trials: Sequence[Recorded], order: Sequence[int], objective: Objective, spec: StoppingSpec
    ) -> None:
        self._trials, self._objective, self._spec = trials, objective, spec
        self._order = order
        self._runs: dict[int, Run] = {}  # by place in the order
        self._upto: dict[int, int] = {}
        self._out = Outcome()

    def outcome(self) -> Outcome:
        for place, index in enumerate(self._order):
            self._train(place, self._trials[index], 0)
            while ready := [n for n, _ in promotions(list(self._runs.values()), self._spec)]:
                for paused in ready:
                    trial = self._trials[self._order[paused]]
                    self._out.cost += trial.seconds[0]  # to start again: data and model
                    self._train(paused, trial, self._upto[paused])
        self._out.stopped = {self._order[n] for n, run in self._runs.items() if run.paused}
        return self._out

    def _train(self, place: int, trial: Recorded, done: int) -> None:
        """From after `done` reports to the end or to where the rule stops it."""
        before = trial.seconds[done - 1] if done else 0.0
        seen = trial.steps[done - 1] / trial.steps[-1] if done else 0.0
        for upto in range(done + 1, len(trial.steps)):
            run = trial.run(place, upto, self._objective)
            others = [r for n, r in self._runs.items() if n != place]
            verdict = judge(run, others, self._spec, self._objective, seen=seen)
            seen = run.steps[-1] / trial.steps[-1]
            if verdict.chance is not None:
                beaten = min(o.now for o in others if o.completed)
                self._out.chances.append((verdict.chance, self._final(trial) < beaten))
            if verdict.stop:
                self._upto[place] = upto
                self._runs[place] = trial.run(place, upto, self._objective, paused=True)
                self._out.cost += trial.seconds[upto - 1] - before
                return
        self._runs[place] = trial.run(place, len(trial.steps), self._objective, completed=True)
        self._out.cost += trial.spent - before
        best = min(self._final(trial), self._out.found[-1][1] if self._out.found else math.inf)
        self._out.found.append((self._out.cost, best))

    def _final(self, trial: Recorded) -> float:
        value = self._objective.value(trial.values)
        return math.inf if value is None else self._objective.sign * value


def optunas(
    trials: Sequence[Recorded],
    order: Sequence[int],
    objective: Objective,
    pruner: Callable[[], optuna.pruners.BasePruner],
) -> Outcome:
    """The same with a pruner of Optuna's, which is told of each report at its percent of the trial's length."""
    study = optuna.create_study(direction=objective.direction, pruner=pruner())
    out = Outcome()
    for place, index in enumerate(order):
        trial, asked = trials[index], study.ask()
        best = math.inf
        for step, value, seconds in zip(trial.steps[:-1], trial.values, trial.seconds, strict=False):
            best = min(best, objective.sign * value)
            asked.report(objective.sign * best, round(100 * step / trial.steps[-1]))
            if place and asked.should_prune():
                out.cost += seconds
                out.stopped.add(index)
                study.tell(asked, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            out.cost += trial.spent
            value = objective.value(trial.values)
            loss = math.inf if value is None else objective.sign * value
            study.tell(asked, value if value is not None else math.inf * objective.sign)
            out.found.append((out.cost, min(loss, out.found[-1][1] if out.found else math.inf)))
    return out
