"""Numbers, configs and sentences as short as a prompt can have them without losing what they say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from agent.study.figures import number as number
from trainers.dimension import is_number
from trainers.space import Config, SearchSpace

_SPACES = re.compile(r"\s+")
_SAME = 0.02  # of a parameter's range: closer counts as unchanged


def numeric(given: Any) -> TypeGuard[float]:
    """Whether a parameter's value is a number, which True is not."""
    return is_number(given)


def digits(values: Iterable[float]) -> int:
    """Significant digits that tell the middle half of `values` apart: 4, or more where they lie close together."""
    finite = sorted(v for v in values if math.isfinite(v))
    if len(finite) < 2:
        return 4
    spread = finite[-1 - len(finite) // 4] - finite[len(finite) // 4]
    size = max(abs(finite[0]), abs(finite[-1]))
    if not 0 < spread < math.inf:
        return 4
    return min(max(math.ceil(math.log10(size) - math.log10(spread)) + 2, 4), 10)


def seconds(value: float) -> str:
    """`41 s`, `12 min`, `3.5 h`."""
    if value < 100:
        return f"{number(value, 2)} s"
    return f"{value / 60:.0f} min" if value < 100 * 60 else f"{number(value / 3600, 2)} h"


def value(given: Any) -> str:
    """A parameter's value in a table: without quotes, never with a bar or a line end."""
    if is_number(given):
        return number(given)
    plain = given if isinstance(given, str) else json.dumps(given)
    return shorten(plain.replace("|", "/"), 40)


def literal(given: Any) -> str:
    """A parameter's value as JSON has it."""
    return number(given, 12) if is_number(given) else json.dumps(given, ensure_ascii=False)


def shorten(text: str, limit: int) -> str:
    """One line of at most `limit` characters, cut at a word and marked where something is left out."""
    line = _SPACES.sub(" ", text).strip()
    if len(line) <= limit:
        return line
    head = line[: limit - 2]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head) + " …"


def fold(lines: Iterable[str]) -> list[str]:
    """The lines in their order, those that come again once, with how often."""
    counted: dict[str, int] = {}
    for line in lines:
        counted[line] = counted.get(line, 0) + 1
    return [f"{line} ({count} times)" if count > 1 else line for line, count in counted.items()]


def numbers_of(trials: Sequence[int], most: int = 4) -> str:
    """`t3, t7, t12 and 9 more`."""
    ordered = sorted(trials)
    rest = len(ordered) - most
    told = ordered if rest <= 1 else ordered[:most]
    text = ", ".join(f"t{n}" for n in told)
    return f"{text} and {rest} more" if rest > 1 else text


def plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def changes(space: SearchSpace, old: Config, new: Config, most: int = 4) -> str:
    """The largest changes from `old` to `new`, as `lr 0.001 → 0.0006`."""
    apart = [(_apart(space, name, old, new), name) for name in space.parameters]
    moved = sorted((pair for pair in apart if pair[0] >= _SAME), key=lambda pair: -pair[0])
    told = [f"{name} {_at(old, name)} → {_at(new, name)}" for _, name in moved[:most]]
    rest = len(moved) - len(told)
    return (", ".join(told) or "hardly any change") + (f" and {plural(rest, 'smaller change')}" if rest else "")


def _apart(space: SearchSpace, name: str, old: Config, new: Config) -> float:
    ends = [{name: config[name]} if name in config else {} for config in (old, new)]
    return space.distance(*ends) * math.sqrt(len(space))


def _at(config: Config, name: str) -> str:
    return value(config[name]) if name in config else "unset"
