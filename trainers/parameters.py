"""The kinds of parameter: float, int and categorical, as in Optuna, with a condition."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from trainers.dimension import Config, Parameter, Value, is_finite, is_number, tidy
from trainers.errors import SpaceError, nearest
from trainers.expressions import Expression
from trainers.ranges import FloatParameter, IntParameter, NumberParameter

__all__ = [
    "CategoricalParameter",
    "Config",
    "FloatParameter",
    "IntParameter",
    "NumberParameter",
    "Parameter",
    "Value",
    "parameter_from_dict",
    "tidy",
]


@dataclass(frozen=True, kw_only=True)
class CategoricalParameter(Parameter):
    """One of a few named choices, without an order."""

    choices: tuple[Value, ...]
    kind: ClassVar[str] = "categorical"
    keys: ClassVar[tuple[str, ...]] = ("choices",)

    def __post_init__(self) -> None:
        if not self.choices:
            self._refuse("choices is empty", "List at least one value.")
        for choice in self.choices:
            if not isinstance(choice, str | bool | None) and not is_finite(choice):
                self._refuse(f"choice {choice!r} is neither text, finite number, boolean nor null")
        if len({_identity(c) for c in self.choices}) < len(self.choices):
            self._refuse(f"choices {list(self.choices)} repeat a value")
        self._check_default()

    def _find(self, value: Any) -> int | None:
        return next((i for i, c in enumerate(self.choices) if _identity(c) == _identity(value)), None)

    def problem(self, value: Any) -> str | None:
        if self._find(value) is None:
            return f"{self.name} = {value!r} is not one of {list(self.choices)}"
        return None

    def snap(self, value: Any) -> Value:
        index = self._find(value)
        if index is None:  # models and people write "64" or 64.0 for 64, "True" for true
            index = next((i for i, c in enumerate(self.choices) if str(c).lower() == str(value).lower()), None)
        if index is None and is_finite(value) and all(is_number(c) for c in self.choices):
            index = min(range(len(self.choices)), key=lambda i: abs(float(self.choices[i] or 0) - float(value)))
        if index is None:
            raise SpaceError(f"{self.name} = {value!r} is not one of {list(self.choices)}", where=f"space.{self.name}")
        return self.choices[index]

    def sample(self, rng: random.Random) -> Value:
        return self.choices[rng.randrange(len(self.choices))]

    def unit(self, value: Any) -> float:
        index = self._find(value) or 0
        return index / max(len(self.choices) - 1, 1)

    def middle(self) -> Value:
        return self.default if self.default is not None else self.choices[0]

    def count(self) -> float:
        return len(self.choices)

    def grid(self) -> tuple[Value, ...] | None:
        return self.choices


KINDS: dict[str, type[Parameter]] = {c.kind: c for c in (FloatParameter, IntParameter, CategoricalParameter)}


def _identity(value: Any) -> tuple[str, Any]:
    """True and 1 are different choices; 1 and 1.0 are the same."""
    return ("number", float(value)) if is_finite(value) else (type(value).__name__, value)


def parameter_from_dict(name: str, spec: Mapping[str, Any]) -> Parameter:
    """Reads `{type, low, high, log, step, choices, default, when}`.

    Raises SpaceError naming `space.<name>` and the nearest valid key.
    """
    where = f"space.{name}"
    if not isinstance(spec, Mapping):
        raise SpaceError(
            f"expected a table, got {spec!r}", where=where, remedy='Write { type = "float", low = 0, high = 1 }.'
        )
    kind = spec.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        what = "type is missing" if kind is None else f"type = {kind!r} is unknown"
        raise SpaceError(what, where=where, remedy=nearest(str(kind), KINDS))
    cls = KINDS[kind]
    known = (*cls.keys, "default", "when")
    fields = {key: value for key, value in spec.items() if key != "type"}
    for key in fields:
        if key not in known:
            raise SpaceError(f"unknown key '{key}' for a {kind}", where=where, remedy=nearest(key, known))
    for key in ("low", "high") if cls is not CategoricalParameter else ("choices",):
        if key not in fields:
            raise SpaceError(f"'{key}' is missing", where=where, remedy=f"A {kind} needs {', '.join(cls.keys[:2])}.")
    if "choices" in fields:
        if not isinstance(fields["choices"], list | tuple):
            raise SpaceError(f"choices = {fields['choices']!r} is not a list", where=where)
        fields["choices"] = tuple(fields["choices"])
    if not isinstance(fields.get("log", False), bool):
        raise SpaceError(f"log = {fields['log']!r} is neither true nor false", where=where)
    if "when" in fields:
        try:
            fields["when"] = Expression(fields["when"])
        except SpaceError as error:
            raise SpaceError(error.what, where=f"{where}.when", remedy=error.remedy) from None
    return cls(name=name, **fields)
