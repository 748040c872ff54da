"""What was run again to see whether it holds: the values that picked a config beside those of new seeds.

The best of many noisy trials owes part of its value to chance, and falls back when it is run again: the winner's curse.
The mean of the runs that came after it was picked does not suffer from that.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.study.figures import number
from agent.study.noise import Noise, noise
from agent.study.nouns import Trial, TrialState
from agent.study.repeats import Repeats, ranked, repeats
from agent.study.spec import StudySpec
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


def conclusion(trials: Sequence[Trial], chance: Noise, objective: Objective) -> str:
    """Which of the confirmed configs to take, in a sentence; empty where nothing was confirmed, and where a config that
    was not has come to lead."""
    found = confirmed(trials, objective)
    first = ranked(trials, objective)[:1]
    if not found or first[0].number not in {c.trial.number for c in found}:
        return ""
    top, *others = found
    if not others:
        return f"{top.text}."
    judged = [(c, verdict(top.trial, c.trial, chance, objective)) for c in others]
    alike = [top, *(c for c, said in judged if not said.beyond)]
    if len(alike) == 1:
        nearest = judged[0][1]
        return f"Take t{top.trial.number}. {nearest.text}"
    names = [f"t{c.trial.number}" for c in alike]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    worded = chance.worded(top.trial.runs, alike[-1].trial.runs)
    return f"{listed} differ by less than the noise{f' ({worded})' if worded else ''}: take {_any(len(alike))}."


def run_again(trials: Iterable[Trial]) -> list[Trial]:
    """The runs of configs that an earlier proposal had run already."""
    first: dict[str, int] = {}
    found = []
    for trial in sorted(trials, key=lambda t: t.number):
        if first.setdefault(trial.key, trial.proposal_id) != trial.proposal_id:
            found.append(trial)
    return found


def told_at_end(trials: Sequence[Trial], last: Trial, spec: StudySpec) -> list[str]:
    """What the end of `last` says of configs that were run again: a line each, and which of them to take. Nothing
    where it was no such run, or others of these were still to end then. As it was known at that time: what has come
    since changes nothing, so that it is told the same whenever the journal is read."""
    if last.ended_at is None:
        return []
    known = [t for t in trials if t.queued_at <= last.ended_at or not _ends_after(t, last)]  # clocks may differ
    runs = run_again(known)
    if all(t.id != last.id for t in runs) or any(_ends_after(t, last) for t in runs):
        return []
    keys, since = set(), last.queued_at
    for trial in sorted(runs, key=lambda t: t.ended_at or 0.0, reverse=True):  # those that were under way together
        if (trial.ended_at or 0.0) >= since:
            keys.add(trial.key)
            since = min(since, trial.queued_at)
    ended = [t for t in known if not _ends_after(t, last)]
    found = [c for c in confirmed(ended, spec.objective) if c.trial.key in keys]
    if not found:
        return []
    said = conclusion(ended, noise(ended, spec.space, spec.objective), spec.objective)
    return list(dict.fromkeys([*(f"{c.text}." for c in found), *([said] if said else [])]))


def _ends_after(one: Trial, other: Trial) -> bool:
    return one.ended_at is None or (one.ended_at, one.id) > (other.ended_at or 0.0, other.id)


def _any(count: int) -> str:
    return "either" if count == 2 else "any of them"
