"""From a wish (a lower learning rate) to a config: inside the space, not yet tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.diagnosis.record import Peer, TrialRecord
from agent.study.nouns import TrialState
from agent.study.roles import Role, having
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, Parameter, Value
from trainers.space import Config


@dataclass(frozen=True)
class Move:
    """Multiply the parameter of a role by `factor`; by `name` only that one. `because` completes
    "lr 0.1 → 0.01: …"."""

    role: Role
    factor: float
    because: str
    name: str | None = None


@dataclass(frozen=True)
class Reset:
    """Give one parameter, by name, the value of the best peer, or else its default."""

    name: str
    because: str


Wish = Move | Reset


def suggest(record: TrialRecord, peers: Sequence[Peer], wishes: Sequence[Wish]) -> tuple[Config, str] | None:
    """The first wish that can be granted: the whole config and the reason. None when none can."""
    space = record.space
    if space is None:
        return None
    tried = {space.key(c) for c in [record.params, *(p.params for p in peers)] if space.allows(c)}
    for wish in wishes:
        for name, value in _options(record, peers, wish):
            config = {**record.params, name: value}
            if space.allows(config) and space.key(config) not in tried:
                return space.canonical(config), f"{name} {show(record.params[name])} → {show(value)}: {wish.because}"
    return None


def show(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _options(record: TrialRecord, peers: Sequence[Peer], wish: Wish) -> Iterator[tuple[str, Value]]:
    assert record.space is not None
    known = record.space.parameters
    if isinstance(wish, Reset):
        if wish.name in known and wish.name in record.params:
            yield from ((wish.name, v) for v in _proven(record, peers, known[wish.name]))
        return
    for name in having(wish.role, record.params):
        if name in known and wish.name in (None, name):
            # The wished step first; then smaller and larger ones, should that config have been tried.
            for power in (1.0, 0.5, 1.5, 2.0, 0.25):
                value = moved(known[name], record.params[name], wish.factor**power)
                if value is not None:
                    yield name, value


def _proven(record: TrialRecord, peers: Sequence[Peer], parameter: Parameter) -> Iterator[Value]:
    done = [p for p in peers if p.state is TrialState.COMPLETED and p.value is not None and parameter.name in p.params]
    done.sort(key=lambda p: record.objective.sign * (p.value or 0.0))
    values = [*(p.params[parameter.name] for p in done), parameter.middle()]
    yield from (v for v in values if v != record.params[parameter.name])


def moved(parameter: Parameter, value: Value, factor: float) -> Value:
    """`value` times `factor`, as near as the parameter allows; None when it cannot move that way."""
    if not _is_number(value):
        return None
    number = float(value)  # type: ignore[arg-type]
    if isinstance(parameter, CategoricalParameter):
        return _next_choice(parameter, number, factor)
    if getattr(parameter, "log", False):
        factor = _wide(parameter, factor)
    target = number * factor if number else (_first_step(parameter) if factor > 1 else number)
    step = getattr(parameter, "step", None) or (1 if parameter.kind == "int" else 0)
    for option in (target, number + (step if factor > 1 else -step)):
        try:
            found = parameter.snap(option)
        except SpaceError:
            continue
        if _is_number(found) and (float(found) - number) * (factor - 1) > 0:  # type: ignore[arg-type]
            return found
    return None


def _wide(parameter: Parameter, factor: float) -> float:
    """At least a seventh of a logarithmic range: over seven decades half as much changes nothing."""
    low, high = float(getattr(parameter, "low", 1.0)), float(getattr(parameter, "high", 1.0))
    share: float = (high / low) ** (1 / 7)
    return max(factor, share) if factor > 1 else min(factor, 1 / share)


def _first_step(parameter: Parameter) -> float:
    """Where to go from 0, which no factor moves: a tenth of the range."""
    low, high = getattr(parameter, "low", 0.0), getattr(parameter, "high", 0.0)
    return float(low + 0.1 * (high - low))


def _next_choice(parameter: CategoricalParameter, number: float, factor: float) -> Value:
    numbers = [c for c in parameter.choices if _is_number(c)]
    onward = [c for c in numbers if (float(c) - number) * (factor - 1) > 0]  # type: ignore[arg-type]
    return min(onward, key=lambda c: abs(float(c) - number * factor), default=None)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
