"""What a study's trials amount to: the best, how much is known, and what the built-in advisor says."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from agent.study import repeats
from agent.study.natural_ends import is_natural
from agent.study.nouns import Trial, TrialState
from trainers.contract import Objective
from trainers.parameters import NumberParameter
from trainers.space import SearchSpace

_ENOUGH = 8  # completed trials before the advisor judges the space
_STALLED = 12  # completed trials without a new best before it says so
_SAME_FAILURE = 3


def best(trials: Sequence[Trial], objective: Objective) -> Trial | None:
    """The config with the best mean over its runs, as one trial; see agent.study.repeats."""
    return repeats.best(trials, objective)


def completed(trials: Sequence[Trial]) -> list[Trial]:
    return [t for t in trials if t.state is TrialState.COMPLETED and t.value is not None]


def expected_seconds(trials: Sequence[Trial]) -> float | None:
    """The median wall time of completed trials; None before there is one."""
    seconds = [t.seconds for t in completed(trials) if t.seconds is not None]
    return statistics.median(seconds) if seconds else None


def counts(trials: Sequence[Trial]) -> dict[str, int]:
    """Trials by state, every state named."""
    found = Counter(str(t.state) for t in trials)
    return {str(state): found[str(state)] for state in TrialState}


def advice(trials: Sequence[Trial], objective: Objective, space: SearchSpace) -> str:
    """The one thing most worth saying about the study now; empty when there is nothing.

    In order: trials that fail alike, a space that does not matter, a best value at the edge of its
    range, a search that has stalled.
    """
    configs = completed(repeats.merged(trials))
    return (
        _failing_alike([t for t in trials if t.state.ended and not t.spared])
        or _nothing_matters(completed(trials), objective)
        or _at_the_edge(configs, best(trials, objective), space)
        or _stalled(configs, best(trials, objective), objective)
    )


def _failing_alike(ended: Sequence[Trial]) -> str:
    ended = ended[-_SAME_FAILURE:]
    kinds = {t.failure.kind if t.failure else None for t in ended}
    if len(ended) < _SAME_FAILURE or len(kinds) > 1 or None in kinds:
        return ""
    numbers = ", ".join(f"t{t.number}" for t in ended)
    failure = ended[-1].failure
    assert failure is not None
    return f"{numbers} all failed alike: {failure.kind} ({failure.message}). Mend this before trying more configs."


def _nothing_matters(done: Sequence[Trial], objective: Objective) -> str:
    """Every config scores the same: the right thing to do is to stop."""
    values = [t.value for t in done if t.value is not None]
    if len(values) < _ENOUGH or max(values) - min(values) > 1e-6 * max(abs(max(values)), abs(min(values)), 1e-12):
        return ""
    return (
        f"All {len(values)} completed trials score {values[0]:.4g}: nothing in this space matters to"
        f" {objective.metric}. Stop here, take the cheapest config, or tune something else."
    )


def _at_the_edge(done: Sequence[Trial], top: Trial | None, space: SearchSpace) -> str:
    if top is None or len(done) < _ENOUGH:
        return ""
    for name, value in top.params.items():
        parameter = space.parameters.get(name)
        if not isinstance(parameter, NumberParameter) or parameter.count() == 1 or parameter.problem(value):
            continue
        place = parameter.unit(value)
        side = "lower" if place < 0.01 else "upper" if place > 0.99 else ""
        if side and not is_natural(parameter, "low" if side == "lower" else "high"):
            return (
                f"The best trial, t{top.number}, has {name} = {value:g}, the {side} end of its range. Try widening it."
            )
    return ""


def _stalled(done: Sequence[Trial], top: Trial | None, objective: Objective) -> str:
    if top is None:
        return ""
    since = sum(t.number > top.number for t in done)
    if since < _STALLED:
        return ""
    what = "configs" if any(t.runs > 1 for t in done) else "trials"
    return f"{since} {what} since t{top.number} without a better {objective.metric}. Stopping would lose little."
