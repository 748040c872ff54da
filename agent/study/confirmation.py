"""What was run again to see whether it holds: the values that picked a config beside those of new seeds.

The best of many noisy trials owes part of its value to chance, and falls back when it is run again: the winner's curse.
The mean of the runs that came after it was picked does not suffer from that.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.study.figures import number
from agent.study.noise import Noise
from agent.study.nouns import Trial, TrialState
from agent.study.repeats import Repeats, ranked, repeats
from agent.study.verdicts import verdict
from trainers.contract import Objective

_DIGITS = 5


@dataclass(frozen=True)
class Confirmed:
    """A config by the number of its first run with a value. `picked` is the mean of the runs that its first proposal
    made, `fresh` are the values of the later ones, `trial` stands for these alone."""

    trial: Trial
    picked: float
    fresh: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.fresh)

    @property
    def deviation(self) -> float | None:
        return statistics.stdev(self.fresh) if len(self.fresh) > 1 else None

    @property
    def text(self) -> str:
        """`t12: 0.95 when it was picked, 0.943 ± 0.003 over 5 new seeds`."""
        spread = f" ± {number(self.deviation, 2)}" if self.deviation is not None else ""
        over = f"{len(self.fresh)} new seeds" if len(self.fresh) > 1 else "one new seed"
        was, now = number(self.picked, _DIGITS), number(self.mean, _DIGITS)
        return f"t{self.trial.number}: {was} when it was picked, {now}{spread} over {over}"


def confirmed(trials: Sequence[Trial], objective: Objective) -> list[Confirmed]:
    """The configs that have been run again since they were picked, the best by their new runs first."""
    found = [made for group in repeats(trials) if (made := _confirmed(group)) is not None]
    return sorted(found, key=lambda c: (objective.sign * c.mean, c.trial.number))


def _confirmed(group: Repeats) -> Confirmed | None:
    runs = [t for t in group.counted if t.state is TrialState.COMPLETED]
    before = [t.value for t in runs if t.proposal_id == runs[0].proposal_id and t.value is not None]
    after = [t.value for t in runs if t.proposal_id != runs[0].proposal_id and t.value is not None]
    if not after:
        return None
    trial = replace(runs[0], value=statistics.fmean(after), runs=len(after), deviation=None)
    return Confirmed(trial, statistics.fmean(before), tuple(after))


def conclusion(trials: Sequence[Trial], noise: Noise, objective: Objective) -> str:
    """Which of the confirmed configs to take, in a sentence; empty where nothing was confirmed, and where a config that
    was not has come to lead."""
    found = confirmed(trials, objective)
    first = ranked(trials, objective)[:1]
    if not found or first[0].number not in {c.trial.number for c in found}:
        return ""
    top, *others = found
    if not others:
        return f"{top.text}."
    judged = [(c, verdict(top.trial, c.trial, noise, objective)) for c in others]
    alike = [top, *(c for c, said in judged if not said.beyond)]
    if len(alike) == 1:
        nearest = judged[0][1]
        return f"Take t{top.trial.number}. {nearest.text}"
    names = [f"t{c.trial.number}" for c in alike]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    chance = noise.worded(top.trial.runs, alike[-1].trial.runs)
    return f"{listed} differ by less than the noise{f' ({chance})' if chance else ''}: take {_any(len(alike))}."


def _any(count: int) -> str:
    return "either" if count == 2 else "any of them"
