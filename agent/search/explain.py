"""Why this config: a few plain sentences and the trials they rest on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from agent.search.history import History
from agent.study.nouns import Draft, Evidence, Source, Trial
from trainers.dimension import is_number
from trainers.parameters import CategoricalParameter
from trainers.space import Config

if TYPE_CHECKING:
    from agent.search.model import Surrogate

EXPECT_FROM = 5  # completed trials below which no value is predicted
_NEAR = 0.15  # SearchSpace.distance within which a config refines another rather than explores
_SAME = 0.02  # of a parameter's range: closer counts as unchanged
_LISTED = 3  # changes named in one sentence
_LOOKED_AT = 150  # best trials, latest trials and latest failures among which neighbours are sought


def explained(history: History, config: Config, source: Source, head: str, surrogate: Surrogate | None = None) -> Draft:
    """A draft of `config` whose rationale opens with `head` and goes on with what sets the config apart.

    `surrogate` gives the expected value, once EXPECT_FROM trials have completed.
    """
    best = history.ranking[0] if history.ranking else None
    near = _nearest(history, config, (*history.ranking[:_LOOKED_AT], *history.completed[-_LOOKED_AT:]))
    failed = _nearest(history, config, history.failed[-_LOOKED_AT:])
    reasons = [
        _placed(history, config, best, near),
        _warned(history, config, near, failed),
        _novel(history, config),
        _between(history, config),
    ]
    told = surrogate if len(history.completed) >= EXPECT_FROM else None
    return Draft(
        source=source,
        params=config,
        rationale=" ".join([head, *[reason for reason in reasons if reason][:2]]),
        evidence=tuple(_evidence(history, best, near, failed)),
        expected=told.interval(config) if told else None,
        confidence=told.confidence(config) if told else None,
    )


def _nearest(history: History, config: Config, trials: tuple[Trial, ...]) -> Trial | None:
    return min(trials, key=lambda t: history.space.distance(config, t.params), default=None)


def _placed(history: History, config: Config, best: Trial | None, near: Trial | None) -> str:
    """Where the config lies, seen from the best trial, or from the nearest when the best is far."""
    if best is None or near is None:
        return ""
    distance = history.space.distance
    anchor = best if distance(config, best.params) <= max(_NEAR, 1.2 * distance(config, near.params)) else near
    verb = "Refines" if distance(config, anchor.params) <= _NEAR else "Explores away from"
    rank = "the best" if anchor.number == best.number else "the nearest"
    return f"{verb} t{anchor.number}, {rank} ({_value(anchor)}): {_changes(history, anchor.params, config)}."


def _changes(history: History, old: Config, new: Config) -> str:
    """The largest changes from `old` to `new`, as `lr 0.001 → 0.0006`."""
    apart = [(_apart(history, name, old, new), name) for name in history.space.parameters]
    moved = sorted((pair for pair in apart if pair[0] >= _SAME), key=lambda pair: -pair[0])
    if not moved:
        return "every parameter almost the same"
    told = [f"{name} {_show(old, name)} → {_show(new, name)}" for _, name in moved[:_LISTED]]
    rest = len(moved) - len(told)
    return ", ".join(told) + (f" and {rest} smaller change{'s' * (rest > 1)}" if rest else "")


def _apart(history: History, name: str, old: Config, new: Config) -> float:
    """How far the configs lie apart in one parameter, 0 to 1."""
    ends = [{name: config[name]} if name in config else {} for config in (old, new)]
    return history.space.distance(*ends) * math.sqrt(len(history.space))


def _between(history: History, config: Config) -> str:
    """The number, if any, that lies inside the interval between the two best trials."""
    if len(history.ranking) < 2:
        return ""
    first, second = history.ranking[:2]
    for name, value in config.items():
        ends = [t.params[name] for t in (first, second) if is_number(t.params.get(name))]
        if len(ends) < 2 or not is_number(value) or not min(ends) < value < max(ends):
            continue
        gaps = _apart(history, name, first.params, config), _apart(history, name, second.params, config)
        if min(gaps) > _SAME and not isinstance(history.space.parameters[name], CategoricalParameter):
            return f"{name} lies between those of t{first.number} and t{second.number}, the two best."
    return ""


def _warned(history: History, config: Config, near: Trial | None, failed: Trial | None) -> str:
    distance = history.space.distance
    if failed is None or near is None or distance(config, failed.params) >= distance(config, near.params):
        return ""
    changes = _changes(history, failed.params, config)
    return f"The closest trial of all, t{failed.number}, failed; against that one: {changes}."


def _novel(history: History, config: Config) -> str:
    """A choice hardly tried yet, or a number outside everything tried."""
    for name, parameter in history.space.parameters.items():
        if name not in config:
            continue
        tried = [t.params[name] for t in history.trials if name in t.params]
        if isinstance(parameter, CategoricalParameter):
            rare = tried.count(config[name]) if len(tried) >= 2 * len(parameter.choices) else 2
            said = ("has not been tried yet", "was tried only once", "")[min(rare, 2)]
        else:
            said = _outside(history, name, config, [v for v in tried if type(v) in (int, float)])
        if said:
            return f"{name} = {_show(config, name)} {said}."
    return ""


def _outside(history: History, name: str, config: Config, tried: list[float]) -> str:
    if len(tried) < EXPECT_FROM or min(tried) <= config[name] <= max(tried):
        return ""
    higher = config[name] > max(tried)
    if _apart(history, name, {name: max(tried) if higher else min(tried)}, config) <= _SAME:
        return ""
    return f"is {'higher' if higher else 'lower'} than in any trial so far"


def _evidence(history: History, best: Trial | None, near: Trial | None, failed: Trial | None) -> list[Evidence]:
    """The trials the rationale rests on: the best, the nearest, and the nearest failure."""
    said = {}
    if best is not None:
        said[best.number] = f"the best: {history.objective.metric} {_value(best)}"
    if near is not None:
        said.setdefault(near.number, f"the nearest: {history.objective.metric} {_value(near)}")
    if failed is not None:
        said[failed.number] = "the nearest that failed" + (f": {failed.failure.kind}" if failed.failure else "")
    return [Evidence(kind="trial", text=f"t{number}, {text}", trial=number) for number, text in said.items()]


def _value(trial: Trial) -> str:
    return f"{trial.value:.4g}"


def _show(config: Config, name: str) -> str:
    value: Any = config.get(name, "unset")
    return f"{value:.3g}" if isinstance(value, float) else str(value)
