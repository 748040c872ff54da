"""Where the trials themselves say that a space is too narrow or too wide: the built-in advisor's judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.digest.text import literal
from agent.search.history import History
from agent.study import natural_ends
from agent.study.nouns import Trial
from trainers.dimension import is_number
from trainers.parameters import NumberParameter
from trainers.space import Config

_ENOUGH_TO_WIDEN, _ENOUGH_TO_NARROW = 8, 24  # completed trials
_EDGE = 0.02  # of the range: as near is at its end
_BEYOND = 0.3  # of the range, on the parameter's own scale: how far it is widened
_GOOD = 0.25  # the share of trials that count as good
_MARGIN = 0.15  # of the range: left around the good ones
_WORTH = 0.6  # of the range: a narrower space must be that small to be worth it


@dataclass(frozen=True)
class Reshaped:
    """`changes` as agent.study.space_edit takes them, and why; empty where the space should be kept."""

    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reason: str = ""


def reshaped(history: History) -> Reshaped:
    """Widens where the best trial lies at the end of a range, else narrows where all good ones lie together."""
    inside = [t for t in history.ranking if history.space.allows(t.params)]
    if len(inside) < _ENOUGH_TO_WIDEN:
        return Reshaped(reason=f"{len(inside)} trials have a value; {_ENOUGH_TO_WIDEN} are needed to judge a space.")
    return _widened(history, inside[0]) or _narrowed(history, inside) or Reshaped(reason=_KEEP)


_KEEP = "The best trial lies well inside every range, and the good ones do not crowd anywhere."


def _widened(history: History, best: Trial) -> Reshaped | None:
    changes: dict[str, Mapping[str, Any]] = {}
    for name, parameter in _numbers(history, best.params):
        place = parameter.unit(best.params[name])
        side = "low" if place <= _EDGE else "high" if place >= 1 - _EDGE else ""
        if side and not natural_ends.is_natural(parameter, side):
            end = _beyond(parameter, side)
            changes |= {name: {side: end}} if end != getattr(parameter, side) else {}
    if not changes:
        return None
    ends = ", ".join(f"{name} = {literal(best.params[name])}" for name in changes)
    return Reshaped(changes, f"The best trial [t{best.number}] lies at the end of the range: {ends}.")


def _narrowed(history: History, ranked: Sequence[Trial]) -> Reshaped | None:
    if len(ranked) < _ENOUGH_TO_NARROW:
        return None
    good = ranked[: round(_GOOD * len(ranked))]
    changes: dict[str, Mapping[str, Any]] = {}
    for name, parameter in _numbers(history, ranked[0].params):
        places = [parameter.unit(t.params[name]) for t in good if is_number(t.params.get(name))]
        low, high = max(min(places) - _MARGIN, 0.0), min(max(places) + _MARGIN, 1.0)
        if len(places) > len(good) / 2 and high - low <= _WORTH:
            ends = {"low": _at(parameter, low), "high": _at(parameter, high)}
            changes[name] = {side: end for side, end in ends.items() if end != getattr(parameter, side)}
    changes = {name: ends for name, ends in changes.items() if ends}
    if not changes:
        return None
    text = f"The best {len(good)} of {len(ranked)} trials lie close together in {', '.join(changes)}."
    return Reshaped(changes, f"{text} The new ranges leave {_MARGIN:.0%} of the old ones around them.")


def _numbers(history: History, config: Config) -> list[tuple[str, NumberParameter]]:
    """The numeric parameters of `config` that can take more than one value."""
    found = ((name, history.space.parameters[name]) for name in config)
    return [(n, p) for n, p in found if isinstance(p, NumberParameter) and p.count() > 1]


def _beyond(parameter: NumberParameter, side: str) -> float | int:
    """The bound widened, but never past its natural limit: through 0, a count below 1, a share beyond 1."""
    wanted = _raw(parameter, -_BEYOND if side == "low" else 1 + _BEYOND)
    kept = natural_ends.within(parameter, side, wanted)
    spacing, limit = _spacing(parameter), natural_ends.limit(parameter, side)
    if kept != wanted and spacing is None:
        return kept
    end = _gridded(parameter, kept)
    if limit is not None and (end < limit if side == "low" else end > limit):  # the grid has no value in between
        end = _gridded(parameter, end + (spacing or 0) * (1 if side == "low" else -1))
    return end


def _at(parameter: NumberParameter, place: float) -> float | int:
    """The value at `place`, 0 and 1 being the ends of the range, on the parameter's scale and grid, with few digits."""
    return _gridded(parameter, _raw(parameter, place))


def _raw(parameter: NumberParameter, place: float) -> float:
    if not parameter.log:
        return parameter.low + place * (parameter.high - parameter.low)
    return float(f"{math.exp(math.log(parameter.low) + place * math.log(parameter.high / parameter.low)):.2g}")


def _gridded(parameter: NumberParameter, raw: float) -> float | int:
    if (spacing := _spacing(parameter)) is not None:
        raw = parameter.low + round((raw - parameter.low) / spacing) * spacing
    return round(raw) if parameter.kind == "int" else float(f"{raw:.3g}")


def _spacing(parameter: NumberParameter) -> float | None:
    return parameter.step or (1 if parameter.kind == "int" else None)
