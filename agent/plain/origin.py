"""Where a trial's config came from: who proposed it and why, what was expected of it and whether that held."""

from __future__ import annotations

import math
from typing import Any

from agent.plain.output import clean, number
from agent.store import proposals, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study import blend_words
from agent.study.nouns import Proposal, Trial, TrialState
from agent.study.repeats import Repeats


def lines(store: Store, study: Study, trial: Trial) -> list[str]:
    proposal = proposals.get(store, trial.proposal_id)
    said = [f"proposed by {trial.source}" + ("" if proposal.params == trial.params else ", and changed by a person")]
    said += [f"  why     {proposal.rationale}"] if proposal.rationale else []
    if proposal.expected is not None:
        low, high = proposal.expected
        expected = f"{study.spec.objective.metric} {number(low, 4)} … {number(high, 4)}"
        said.append(f"  expect  {expected}: {_outcome(proposal, trial, _value(store, trial))}")
    said += [f"  gate    {words}" for words in [blend_words.gate(proposal.insight)] if words]
    said += [f"  trust   {words}" for words in [blend_words.trust(proposal.insight)] if words]
    return [clean(" ".join(line.splitlines())) for line in said]


def document(store: Store, trial: Trial) -> dict[str, Any]:
    """`held` is None where nothing was expected, the config was changed, or there is no value to hold it against."""
    proposal = proposals.get(store, trial.proposal_id)
    return {
        "source": str(trial.source),
        "rationale": proposal.rationale,
        "expected": proposal.expected,
        "held": _held(proposal, trial, _value(store, trial)),
        "insight": dict(proposal.insight),
    }


def _value(store: Store, trial: Trial) -> float | None:
    """What the proposal came to: the mean of its runs once all have ended. What was cut early was not predicted."""
    runs = Repeats(tuple(t for t in trials.all_trials(store, trial.study_id) if t.proposal_id == trial.proposal_id))
    one = runs.as_one()
    if runs.open or one.state is not TrialState.COMPLETED or one.value is None or not math.isfinite(one.value):
        return None
    return one.value


def _held(proposal: Proposal, trial: Trial, value: float | None) -> bool | None:
    if proposal.expected is None or value is None or proposal.params != trial.params:
        return None
    low, high = proposal.expected
    return low <= value <= high


def _outcome(proposal: Proposal, trial: Trial, value: float | None) -> str:
    held = _held(proposal, trial, value)
    if held is None:
        return "of another config" if proposal.params != trial.params else "no value to hold it against"
    return f"{'it held' if held else 'it did not hold'}, {number(value, 4)}"
