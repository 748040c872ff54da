"""Which of two trials is better, in one plain sentence: never more than the noise lets one say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.study.figures import number
from agent.study.noise import Noise, valued
from agent.study.nouns import Trial, TrialState
from agent.study.repeats import ranked, repeats
from trainers.contract import Objective


@dataclass(frozen=True)
class Verdict:
    """On two trials by number. `better` is None where neither may be called so; `difference` is the second's value
    minus the first's, `beyond` whether it exceeds the noise: None where either is not known."""

    first: int
    second: int
    better: int | None
    difference: float | None
    beyond: bool | None
    text: str


def verdicts(chosen: Sequence[Trial], noise: Noise, objective: Objective) -> list[Verdict]:
    """The best of `chosen` beside each of the others, in their order; then those without a value."""
    having = valued(chosen)
    if not having:
        return [Verdict(t.number, t.number, None, None, None, f"{_standing(t)}.") for t in chosen]
    best = min(having, key=lambda t: (objective.sign * (t.value or 0.0), t.number))
    others = [t for t in chosen if t.number != best.number]
    ordered = sorted(others, key=lambda t: t not in having)
    return [verdict(best, other, noise, objective) for other in ordered]


def verdict(first: Trial, second: Trial, noise: Noise, objective: Objective) -> Verdict:
    for one, other in ((first, second), (second, first)):
        if not valued([one]):
            text = f"{_standing(one)}: no value yet to hold against t{other.number}'s."
            text = text.replace(" yet", "") if one.state.ended else text
            return Verdict(first.number, second.number, None, None, None, text)
    assert first.value is not None and second.value is not None
    difference = second.value - first.value
    better, worse = (first, second) if objective.better(first.value, second.value) else (second, first)
    gap, limit = number(abs(difference), 2), noise.between(first.runs, second.runs)
    chance = noise.worded(first.runs, second.runs)
    if difference == 0:
        text, beyond, said = f"t{first.number} and t{second.number} came to the same value.", False, None
    elif limit is None:
        text = f"t{better.number} is ahead of t{worse.number} by {gap}; how much of that is chance is not known: "
        text, beyond, said = f"{text}{noise.source}.", None, None
    elif abs(difference) > limit:
        text = f"t{better.number} is better than t{worse.number} by {gap}, beyond the noise ({chance})."
        beyond, said = True, better.number
    else:
        text = f"t{better.number} is ahead of t{worse.number} by {gap}, within the noise ({chance}):"
        text, beyond, said = f"{text} no reason to prefer either.", False, None
    return Verdict(first.number, second.number, said, difference, beyond, text)


def lead(trials: Iterable[Trial], noise: Noise, objective: Objective) -> Verdict | None:
    """The best config beside the next best; None where there are not two."""
    first = ranked(trials, objective)[:2]
    return verdict(first[0], first[1], noise, objective) if len(first) == 2 else None


def leading(trials: Iterable[Trial], noise: Noise, objective: Objective) -> str:
    """What the best config may be called: the best so far, unless that is within the noise of the next."""
    said = lead(trials, noise, objective)
    if said is None or said.beyond is not False or said.difference == 0:
        return "the best so far"
    return f"ahead so far, within the noise of t{said.second}"


def whole(chosen: Sequence[Trial], trials: Sequence[Trial]) -> list[Trial]:
    """`chosen`, each standing for all runs of its config; runs of one config that were chosen together stay single."""
    keys = Counter(t.key for t in chosen)
    groups = {g.trials[0].key: g for g in repeats(trials) if len(g.trials) > 1}
    found = []
    for trial in chosen:
        group = groups.get(trial.key) if keys[trial.key] == 1 and trial.state.ended else None
        one = trial if group is None else group.as_one()
        found.append(replace(one, id=trial.id, number=trial.number) if one.runs > 1 else trial)
    return found


def beside(trial: Trial, other: Trial, noise: Noise) -> str:
    """`within the noise (±0.02, …)`, for a line that has said the difference already; empty where nothing is known."""
    limit = noise.between(trial.runs, other.runs)
    if not valued([trial]) or not valued([other]) or limit is None:
        return ""
    apart = abs((trial.value or 0.0) - (other.value or 0.0))
    return f"{'beyond' if apart > limit else 'within'} the noise ({noise.worded(trial.runs, other.runs)})"


def _standing(trial: Trial) -> str:
    """`t9 failed (non finite objective)`."""
    if trial.failure is not None and trial.state is TrialState.FAILED:
        return f"t{trial.number} failed ({str(trial.failure.kind).replace('_', ' ')})"
    if trial.state in (TrialState.QUEUED, TrialState.RUNNING):
        so_far = "" if trial.last_value is None else f", {number(trial.last_value)} so far"
        return f"t{trial.number} is {trial.state}{so_far}"
    words = {TrialState.COMPLETED: "completed", TrialState.PRUNED: "was pruned", TrialState.STOPPED: "was stopped"}
    return f"t{trial.number} {words.get(trial.state, str(trial.state))} without a value to go by"
