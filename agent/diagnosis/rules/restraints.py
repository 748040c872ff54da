"""Which parameters keep a model from fitting."""

from __future__ import annotations

import re

from agent.diagnosis.rules.base import Case
from agent.diagnosis.suggest import Move, Wish
from agent.study.roles import Role, role

_END = 0.2  # of a range, on its own scale
_BOTTOM = 0.1  # of the range of a capacity without a natural smallest value
_DECAY = re.compile(r"(^|_|\.)(wd|l2)$|decay")
_STACKED = re.compile(r"(layers?|blocks?|depth|leaves|leaf_nodes)$")  # the fewest there can be are often enough
_LEAF = re.compile(r"(^|[._])min_(samples|impurity|weight|child)")
_SURELY = 2.0  # times that, whatever the range
_FREER = {
    Role.CAPACITY: (4.0, "the model is too small for the data"),
    Role.REGULARISER: (0.03, "so much regularisation keeps it from fitting"),
    Role.DROPOUT: (0.3, "so much dropout keeps it from fitting"),
}


def held_back(case: Case) -> list[str]:
    """Parameters so extreme that they keep a model from fitting, the most extreme first.

    The end of a range alone is not extreme: people give ranges in which every value makes sense.
    """
    found: list[tuple[float, str]] = []
    for name, value in case.record.params.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            from_end = _from_end(case, name, value)
            if from_end is not None:
                found.append((from_end, name))
    return [name for _, name in sorted(found)]


def _from_end(case: Case, name: str, value: float) -> float | None:
    """How far the value lies from the end that holds a model back; None when that is too far to matter."""
    place, found = case.place(name), role(name)
    match found:
        case Role.CAPACITY:
            least = 1 if name.endswith("max_depth") else 0 if _STACKED.search(name) else 2
            tiny = value <= least if isinstance(value, int) else place is not None and place <= _BOTTOM
            return (place or 0.0) if tiny else None
        case Role.REGULARISER | Role.DROPOUT:
            strong = _strong(name, value, found)
            if value < strong or (place is not None and place < 1 - _END and value < _SURELY * strong):
                return None
            return 0.0 if place is None else 1 - place
    return None


def _strong(name: str, value: float, found: Role) -> float:
    """From which value on it is strong by itself."""
    if found is Role.DROPOUT:
        return 0.7
    if _LEAF.search(name):
        return 0.3 if value < 1 else 50.0  # a share of the samples, or their number
    return 0.3 if _DECAY.search(name) else 5.0


def freer(held: list[str]) -> tuple[Wish, ...]:
    """Turns back what holds the model, the most extreme first."""
    return tuple(Move(found, *_FREER[found], name=name) for name in held if (found := role(name)) in _FREER)
