"""What the advisor's answers are made of: the study as it stands, and its facts as phrases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from agent.diagnosis.render import difference
from agent.digest.seen import Seen, see
from agent.digest.text import digits, number, value
from agent.importance import Effect, effects, importances
from agent.store import points
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.noise import Noise, noise
from agent.study.nouns import Trial, TrialState
from trainers.errors import TunewrightError

_CHANGES = 6


@dataclass(frozen=True)
class Facts:
    """`seen` is the study as it was when the question was asked."""

    seen: Seen

    @classmethod
    def of(cls, store: Store, study: Study) -> Facts:
        return cls(see(store, study))

    @property
    def metric(self) -> str:
        return self.seen.objective.metric

    @cached_property
    def by_number(self) -> dict[int, Trial]:
        return {t.number: t for t in self.seen.trials}

    @cached_property
    def shares(self) -> dict[str, float]:
        """Of the spread of values that each parameter explains, the largest first; empty where it is too early."""
        return importances(self.seen.trials, self.seen.space, self.seen.objective)

    @cached_property
    def effects(self) -> dict[str, Effect]:
        """What can be said of parameters, by name."""
        found = effects(self.seen.trials, self.seen.space, self.seen.objective)
        return {effect.parameter: effect for effect in found}

    @cached_property
    def noise(self) -> Noise:
        return noise(self.seen.trials, self.seen.space, self.seen.objective)

    @cached_property
    def digits(self) -> int:
        """Enough to tell the study's values apart."""
        return digits([t.value for t in self.seen.ranking if t.value is not None])

    def trial(self, number_: int) -> Trial:
        """Raises TunewrightError that says which trials there are."""
        if number_ in self.by_number:
            return self.by_number[number_]
        last = max(self.by_number, default=-1)
        remedy = f"The study has t0 to t{last}." if last > 0 else "The study has only t0." if last == 0 else ""
        raise TunewrightError(f"There is no trial {number_}", remedy=remedy or "The study has no trials yet.")

    def value(self, given: float | None) -> str:
        return "no value" if given is None else number(given, self.digits)

    def mean(self, trial: Trial) -> str:
        """Its value; of several runs of its config `0.31 ± 0.004, the mean of 3 runs`."""
        if trial.runs == 1 or trial.deviation is None:
            return self.value(trial.value)
        return f"{self.value(trial.value)} ± {number(trial.deviation, 2)}, the mean of {trial.runs} runs"

    def rank(self, trial: Trial) -> str:
        """`3rd of 12`; empty for a trial without a value."""
        keys = [t.key for t in self.seen.ranking]
        if self.seen.value(trial) is None or trial.key not in keys:
            return ""
        return f"{ordinal(keys.index(trial.key) + 1)} of {len(keys)}"

    def at(self, trial: Trial) -> str:
        """The citation of the report a trial's value comes from; of the trial where there is none."""
        curve = points.curve(self.seen.store, trial.id, self.metric)
        wanted = trial.value if trial.state.ended else trial.last_value
        step = next((s for s, v in zip(curve.steps, curve.values, strict=True) if v == wanted), None)
        return f"[t{trial.number}]" if step is None else f"[t{trial.number} {self.metric}@{step}]"

    def how(self, trial: Trial) -> str:
        """How it ended or stands: `failed (nonzero exit)`, `completed with val_loss 0.31, 3rd of 12`."""
        if trial.state is TrialState.RUNNING:
            so_far = "" if trial.last_value is None else f", {self.metric} {self.value(trial.last_value)} so far"
            at = "" if trial.last_step is None else f", at step {trial.last_step}"
            return f"is running{at}{so_far}"
        if trial.state is TrialState.QUEUED:
            return "waits for a free place to run"
        if trial.failure is not None:
            return f"failed ({str(trial.failure.kind).replace('_', ' ')})"
        got = "without a value" if trial.value is None else f"with {self.metric} {self.value(trial.value)}"
        rank = self.rank(trial)
        cut = ", cut short by its time limit" if trial.cut_short else ""
        words = {TrialState.COMPLETED: "completed", TrialState.PRUNED: "was pruned", TrialState.STOPPED: "was stopped"}
        return f"{words.get(trial.state, str(trial.state))} {got}{f', {rank}' if rank else ''}{cut}"


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def config(params: dict[str, object]) -> str:
    """`lr = 0.001, layers = 2`."""
    return ", ".join(f"{name} = {value(v)}" for name, v in params.items()) or "no parameters"


def changes(old: Trial, new: Trial) -> str:
    """What differs between two trials' configs, from the first to the second; empty when nothing does."""
    lines = [" ".join(line.split()) for line in difference(old.params, new.params)]
    rest = len(lines) - _CHANGES
    return ", ".join(lines[:_CHANGES]) + (f" and {rest} more" if rest > 0 else "")


def cites(trials: Iterable[int], most: int = 8) -> str:
    """`[t3], [t9] and 2 more`."""
    numbers = list(trials)
    shown = ", ".join(f"[t{n}]" for n in numbers[:most])
    return f"{shown} and {len(numbers) - most} more" if len(numbers) > most else " and ".join(shown.rsplit(", ", 1))
