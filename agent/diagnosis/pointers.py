"""What can be pointed at in a study: trials, lines of their logs, steps of their curves."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from agent.diagnosis.log import Log
from agent.digest.shape import safe_name
from agent.store import points, trials
from agent.store.connection import Store
from agent.study.nouns import Trial
from trainers import rundir


def log_path(store: Store, trial: Trial) -> Path | None:
    """log.txt of the trial's latest attempt, which may not be there; None before it has started."""
    made = trials.attempts(store, trial.id)
    return store.folder / made[-1]["run_dir"] / rundir.LOG if made else None


def read_log(store: Store, trial: Trial) -> Log:
    """The log of the trial's latest attempt, within bounds; empty when there is none."""
    path = log_path(store, trial)
    try:
        return Log() if path is None else Log.of_path(path)
    except OSError:  # a folder tidied away, or not ours to read: no line of it can be cited
        return Log()


class Pointers:
    """What can be cited in one study. Remembers what it has looked up: make a new one for each question."""

    def __init__(self, store: Store, study_id: int) -> None:
        self._store, self._study_id = store, study_id
        self._logs: dict[int, Log] = {}
        self._steps: dict[tuple[int, str, int], str | None] = {}

    @cached_property
    def trials(self) -> dict[int, Trial]:
        """By number."""
        return {t.number: t for t in trials.all_trials(self._store, self._study_id)}

    def has_trial(self, number: int) -> bool:
        return number in self.trials

    def has_line(self, number: int, line: int) -> bool:
        """Whether the trial's log has this 1-based line."""
        return 1 <= line <= self._log(number).total

    def line(self, number: int, line: int) -> str:
        """Its text; empty where the middle of a long log is not read."""
        return next((found.text.strip() for found in self._log(number).lines if found.number == line), "")

    def _log(self, number: int) -> Log:
        if number not in self.trials:
            return Log()
        if number not in self._logs:
            self._logs[number] = read_log(self._store, self.trials[number])
        return self._logs[number]

    def metric_at(self, number: int, metric: str, step: int) -> str | None:
        """The name of the metric that the trial reported at exactly this step, if it did; `metric` may be the name
        as prompts write it."""
        key = (number, metric, step)
        if number not in self.trials or abs(step) >= 2**63:
            return None
        if key not in self._steps:
            self._steps[key] = self._look_up(self.trials[number].id, metric, step)
        return self._steps[key]

    def _look_up(self, trial_id: int, metric: str, step: int) -> str | None:
        known = points.metrics(self._store, trial_id)
        names = [metric] if metric in known else [name for name in known if safe_name(name) == metric]
        return next((n for n in names if points.value_at(self._store, trial_id, n, step) is not None), None)

    def value(self, number: int, metric: str, step: int) -> float:
        """What the trial reported there; nan where it reported nothing."""
        found = points.value_at(self._store, self.trials[number].id, metric, step)
        return points.NAN if found is None else found
