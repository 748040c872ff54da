"""What each parameter seems to do: where the good trials lie in it, choice by choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.digest.seen import Seen
from agent.digest.text import digits, median, number, numeric, quantile, value
from agent.study.nouns import Trial
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter

ENOUGH = 6  # trials with a value below which nothing is said
_GOOD, _MOST_GOOD = 0.25, 30  # the share of trials that count as good; at least three, and at most so many
_MOST = 10  # parameters told of
_CHOICES = 8  # choices of one parameter told of
_NARROW = 0.75  # of the tried range: good trials spread wider than that point nowhere


def effects(seen: Seen, shares: Mapping[str, float]) -> list[str]:
    """A line a parameter, the important ones first. `shares` of the spread they explain, by name; may be empty."""
    if len(seen.ranking) < ENOUGH:
        return []
    good = seen.ranking[: max(3, min(round(_GOOD * len(seen.ranking)), _MOST_GOOD))]
    wide = digits([t.value for t in seen.ranking if t.value is not None])
    varying = [p for p in seen.space.parameters.values() if p.count() > 1]
    varying.sort(key=lambda p: -shares.get(p.name, 0.0))
    lines = [_effect(seen, p, good, shares.get(p.name), wide) for p in varying[:_MOST]]
    rest = [p.name for p in varying[_MOST:]]
    told = [line for line in lines if line]
    return told + ([f"less than these: {', '.join(rest)}"] if rest and shares else [])


def _effect(seen: Seen, parameter: Parameter, good: Sequence[Trial], share: float | None, wide: int) -> str:
    head = parameter.name + (f" ({100 * share:.0f}% of the spread)" if share is not None else "")
    if isinstance(parameter, CategoricalParameter):
        said = _choices(seen, parameter, wide)
    else:
        assert isinstance(parameter, NumberParameter)
        said = _range(seen, parameter, good)
    return f"{head}: {said}" if said else ""


def _choices(seen: Seen, parameter: CategoricalParameter, wide: int) -> str:
    """The median value under each choice, best first."""
    found = []
    for choice in parameter.choices:
        having = [t for t in seen.ranking if t.params.get(parameter.name, parameter) == choice]
        values = [t.value for t in having if t.value is not None]
        if values:
            found.append((seen.objective.sign * median(values), choice, len(values)))
    found.sort(key=lambda f: f[0])
    sign = seen.objective.sign
    told = [f"{value(choice)} {number(sign * middle, wide)} ({count})" for middle, choice, count in found[:_CHOICES]]
    untried = [value(c) for c in parameter.choices if all(c is not f[1] for f in found)]
    text = f"median by choice (trials): {', '.join(told)}" if told else ""
    return text + (f"; without a value yet: {', '.join(untried[:_CHOICES])}" if untried else "")


def _range(seen: Seen, parameter: NumberParameter, good: Sequence[Trial]) -> str:
    """Where the good ones lie within what was tried."""
    tried = _values(seen.ranking, parameter)
    best = _values(good, parameter)
    if len(tried) < ENOUGH or len(best) < 2:
        return ""
    most = [quantile(best, 0.1), quantile(best, 0.9)] if len(best) > 9 else [min(best), max(best)]
    span = _span(parameter, tried)
    if not span:
        return f"tried at {value(min(tried))} only"
    if _span(parameter, most) > _NARROW * span:
        return f"no clear direction, tried {_between(tried)}"
    which = f"eight in ten of the best {len(good)}" if len(best) > 9 else f"the best {len(good)}"
    return f"{which} lie {_between(most)}, all {_between(tried)}"


def _between(values: Sequence[float]) -> str:
    low, high = value(min(values)), value(max(values))
    return f"at {low}" if low == high else f"between {low} and {high}"


def _values(trials: Sequence[Trial], parameter: NumberParameter) -> list[float]:
    return [t.params[parameter.name] for t in trials if numeric(t.params.get(parameter.name))]


def _span(parameter: NumberParameter, values: Sequence[float]) -> float:
    return abs(parameter.unit(max(values)) - parameter.unit(min(values)))
