"""Which trials are runs of one config, and the line that stands for them in the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agent.study.nouns import Trial, TrialState
from agent.study.repeats import Repeats


class Groups:
    """Numbers of trials by config, kept up to date as `trials` grow."""

    def __init__(self, trials: Mapping[int, Trial]) -> None:
        self._trials = trials
        self._by_key: dict[str, list[int]] = {}
        self.any = False  # whether a config has been run more than once

    def put(self, trial: Trial) -> None:
        group = self._by_key.setdefault(trial.key, [])
        if trial.number not in group:
            group.append(trial.number)
            self.any = self.any or len(group) > 1

    def of(self, number: int) -> list[int]:
        """The numbers of all runs of that trial's config, itself among them."""
        return self._by_key[self._trials[number].key] if self.any else [number]

    def head(self, number: int) -> int:
        return self.of(number)[0]

    def line(self, number: int) -> Trial:
        """The runs of a config as one trial, under the number of the first; while some are to end, as live as they."""
        if not self.any:
            return self._trials[number]
        runs = Repeats(tuple(self._trials[n] for n in self.of(number)))
        first, one = runs.trials[0], runs.as_one()
        if len(runs.trials) == 1:
            return one
        going = [t for t in runs.trials if not t.state.ended]
        if going:
            live = next((t for t in going if t.state is TrialState.RUNNING), going[0])
            value = one.value if runs.values else None
            one = replace(live, value=value, runs=one.runs, deviation=one.deviation)
        return replace(one, id=first.id, number=first.number)

    def lines(self) -> Iterator[Trial]:
        return (self.line(numbers[0]) for numbers in self._by_key.values())

    def progress(self, number: int) -> tuple[int, int]:
        """How many runs of that trial's config have a value, and how many there are."""
        runs = [self._trials[n] for n in self.of(number)]
        return len(Repeats(tuple(runs)).values), len(runs)
