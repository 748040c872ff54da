"""Suggestions that were run: whether the change of a diagnosis helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.study.noise import Noise
from agent.study.nouns import Diagnosis, Trial, TrialState
from agent.study.repeats import merged
from trainers.contract import Objective
from trainers.space import Config, config_key


@dataclass(frozen=True)
class Remedy:
    """`before` had the verdict, `after` is the trial of what was suggested. `changed` names the parameters changed."""

    verdict: str
    before: Trial
    after: Trial
    changed: tuple[str, ...]
    helped: bool


def remedies(
    trials: Sequence[Trial], diagnoses: Mapping[int, Diagnosis], objective: Objective, noise: Noise
) -> list[Remedy]:
    """Every suggestion that ran to an end, by the number of the trial it was made after."""
    by_config = {t.key: t for t in merged(trials) if t.state.ended}
    found = []
    for trial in trials:
        diagnosis = diagnoses.get(trial.id)
        if diagnosis is None or diagnosis.healthy or not diagnosis.suggested_params:
            continue
        after = by_config.get(config_key(diagnosis.suggested_params))
        if after is None or after.number <= trial.number or after.state is TrialState.STOPPED:
            continue
        changed = _changed(trial.params, diagnosis.suggested_params)
        helped = _helped(trial, after, diagnoses.get(after.id), objective, noise)
        if changed and helped is not None:
            found.append(Remedy(diagnosis.verdict, trial, after, changed, helped))
    return found


def _changed(old: Config, new: Config) -> tuple[str, ...]:
    return tuple(name for name in new if name not in old or old[name] != new[name])


def _helped(
    before: Trial, after: Trial, diagnosis: Diagnosis | None, objective: Objective, noise: Noise
) -> bool | None:
    """None where it cannot be told: another run of the same config might as well have come out like this."""
    if after.state is TrialState.FAILED:
        return None if after.failure is not None and after.failure.transient else False
    if after.value is None:
        return None
    if before.value is None:
        return diagnosis is None or diagnosis.healthy
    needed = noise.between(before.runs, after.runs) or 0.0
    if abs(after.value - before.value) <= needed:
        return None
    return objective.better(after.value, before.value)
