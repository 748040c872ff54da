"""What is risky about a config, as chips on its card: each says what, and where it can where to look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.digest.region import Region, regions
from agent.study.memory_bound import MemoryBound, bounds_of
from agent.study.nouns import Trial, TrialState
from agent.weighing.known import Known, Wording
from trainers.space import CategoricalParameter, Config

_ENOUGH = 4  # ended trials before "never tried" means something
_CLOSE = 0.15  # SearchSpace.distance
_UNSURE = 0.69  # nats a token: a coin's toss
_NAMED = 3  # parameters named in one chip


@dataclass(frozen=True)
class Risk:
    """`target` is a place to follow, such as `t17`, or empty."""

    text: str
    target: str = ""


class Broken:
    """The parts of the space where trials fail alike, learnt anew when a trial has ended."""

    def __init__(self) -> None:
        self._at: tuple[object, ...] | None = None
        self._found: list[tuple[Region, Trial]] = []
        self._bounds: tuple[MemoryBound, ...] = ()

    def holding(self, params: Config, known: Known) -> Iterator[tuple[Region, Trial]]:
        """Those that `params` lie in, each with the last trial that failed there."""
        self._learn(known)
        yield from ((region, trial) for region, trial in self._found if region.holds(params))

    def beyond(self, params: Config, known: Known) -> MemoryBound | None:
        """The bound of memory that `params` lie beyond."""
        self._learn(known)
        return next((bound for bound in self._bounds if bound.holds(known.spec.space, params)), None)

    def _learn(self, known: Known) -> None:
        key = (known.version, known.spec.name, known.spec.unbounded)
        if key != self._at:
            self._at, self._found, self._bounds = key, list(_broken(known)), bounds_of(known.spec, known.ended)


def _broken(known: Known) -> Iterator[tuple[Region, Trial]]:
    sound = [t.params for t in known.ended if t.state is TrialState.COMPLETED]
    kinds: dict[str, list[Trial]] = defaultdict(list)
    for trial in known.ended:
        if trial.state is TrialState.FAILED and trial.failure is not None and not trial.failure.transient:
            kinds[str(trial.failure.kind)].append(trial)
    for failed in kinds.values():
        for region in regions(known.spec.space, [t.params for t in failed], sound):
            yield region, next(t for t in reversed(failed) if region.holds(t.params))


def of_place(
    params: Config, known: Known, near: Sequence[tuple[float, int, Trial]], broken: Broken, say: Wording
) -> Iterator[Risk]:
    """Risks of where the config lies. `near` are the ended trials with their distances, the nearest first."""
    bound = broken.beyond(params, known)
    if bound is not None:
        yield Risk(bound.said, f"t{bound.trial}")
    for region, trial in broken.holding(params, known):
        yield Risk(f"{region.text}: there trials end as t{trial.number}, {say.word(trial)}", f"t{trial.number}")
    failed = next(((d, t) for d, _, t in near if t.state is TrialState.FAILED), None)
    done = next((d for d, _, t in near if t.state is TrialState.COMPLETED), None)
    told = failed is not None and bound is not None and failed[1].number == bound.trial
    if failed is not None and not told and failed[0] < _CLOSE and (done is None or failed[0] <= done):
        trial = failed[1]
        same = [f"{n} {say.param(v)}" for n, v in params.items() if trial.params.get(n) == v][:_NAMED]
        alike = f", same {', '.join(same)}" if same else ""
        yield Risk(f"like t{trial.number}, which failed: {say.word(trial)}{alike}", f"t{trial.number}")
    if len(known.ended) >= _ENOUGH and (beyond := _beyond(params, known)):
        yield Risk(f"beyond what was tried: {', '.join(beyond)}")


def _beyond(params: Config, known: Known) -> list[str]:
    """Parameters whose value lies outside the range tried, or is a choice never tried."""
    names = []
    for name, value in params.items():
        tried = [t.params[name] for t in known.ended if name in t.params]
        parameter = known.spec.space.parameters.get(name)
        if not tried or parameter is None:
            continue
        if isinstance(parameter, CategoricalParameter):
            if value not in tried:
                names.append(name)
        elif not min(tried) <= value <= max(tried):
            names.append(name)
    return names


def of_cost(expected: float | None, known: Known, say: Wording, runs: int = 1) -> Iterator[Risk]:
    """Risks of what it takes: more than is left of the budget, or than a trial may run."""
    budget = known.spec.budget
    if expected is None:
        return
    if budget.trial_seconds is not None and expected > budget.trial_seconds:
        yield Risk(f"longer than a trial may run ({say.span(budget.trial_seconds)})")
    if budget.total_seconds is not None:
        left = max(budget.total_seconds - known.spent_seconds, 0.0)
        if expected * runs > left:
            yield Risk(f"over the budget: {say.span(left) if left else 'nothing'} is left")


def of_model(entropy: Mapping[str, float]) -> Iterator[Risk]:
    """Values the model itself was unsure of."""
    unsure = sorted(((n, name) for name, n in entropy.items() if n >= _UNSURE), reverse=True)[:_NAMED]
    if unsure:
        named = ", ".join(f"{name} ({nats:.2g} nats)" for nats, name in unsure)
        yield Risk(f"the model was unsure of {named}")
