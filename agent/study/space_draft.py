"""A search space while it is being edited: parameters as they stand written, right or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trainers.dimension import is_finite
from trainers.errors import SpaceError, sentences
from trainers.parameters import KINDS, Parameter, parameter_from_dict
from trainers.space import SearchSpace

CONSTRAINTS = "constraints"  # where a fault of them is said to be
KEYS = ("type", "low", "high", "log", "step", "choices", "default", "when")
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_NEW: Mapping[str, Any] = {"type": "float", "low": 0.0, "high": 1.0}


class Fault(NamedTuple):
    """What is wrong, and at which parameter (or CONSTRAINTS) and key."""

    name: str
    key: str
    text: str


@dataclass(frozen=True)
class SpaceDraft:
    """Every change makes another draft, so that undoing is going back to the one before."""

    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()

    @classmethod
    def of(cls, space: SearchSpace) -> SpaceDraft:
        return cls.from_dict(space.to_dict())

    @classmethod
    def from_dict(cls, described: Mapping[str, Any]) -> SpaceDraft:
        return cls(described["parameters"], tuple(described["constraints"]))

    def to_dict(self) -> dict[str, Any]:
        """As `SearchSpace.to_dict`, whether or not it is one."""
        return {"parameters": {n: dict(p) for n, p in self.parameters.items()}, "constraints": list(self.constraints)}

    # -- changes -----------------------------------------------------------------

    def put(self, name: str, key: str, value: Any) -> SpaceDraft:
        """With one key of a parameter replaced; None drops it. A new type keeps what it can of the range."""
        if key == "type":
            return self._with(name, _converted(self.parameters[name], str(value)))
        made = {**self.parameters[name], key: value}
        ordered = {k: made[k] for k in (*KEYS, *made) if k in made}
        return self._with(name, {k: v for k, v in ordered.items() if v is not None})

    def rename(self, name: str, new: str) -> SpaceDraft:
        """To the search it is another parameter. A name that is taken changes nothing."""
        if new in self.parameters:
            return self
        return SpaceDraft({new if n == name else n: p for n, p in self.parameters.items()}, self.constraints)

    def add(self, name: str, described: Mapping[str, Any] = _NEW, after: str = "") -> SpaceDraft:
        """With another parameter, at the end or behind `after`."""
        names = list(self.parameters)
        names.insert(names.index(after) + 1 if after in names else len(names), name)
        return SpaceDraft({n: self.parameters.get(n, described) for n in names}, self.constraints)

    def duplicate(self, name: str) -> SpaceDraft:
        return self.add(self.free_name(name), self.parameters[name], after=name)

    def remove(self, name: str) -> SpaceDraft:
        return SpaceDraft({n: p for n, p in self.parameters.items() if n != name}, self.constraints)

    def constrained(self, constraints: tuple[str, ...]) -> SpaceDraft:
        return SpaceDraft(self.parameters, tuple(dict.fromkeys(constraints)))

    def free_name(self, like: str) -> str:
        stem = like.rstrip("0123456789").rstrip("_") or "parameter"
        names = (f"{stem}_{n}" for n in range(2, len(self.parameters) + 3))
        return like if like not in self.parameters else next(n for n in names if n not in self.parameters)

    def _with(self, name: str, described: Mapping[str, Any]) -> SpaceDraft:
        return SpaceDraft({**self.parameters, name: described}, self.constraints)

    # -- what it is ----------------------------------------------------------------

    def space(self) -> SearchSpace:
        """Raises SpaceError for the first thing that is wrong."""
        return SearchSpace.from_dict(self.to_dict())

    def faults(self) -> list[Fault]:
        """Everything that keeps it from being a space; of what parameters mean to each other the first."""
        if not self.parameters:
            return [Fault("", "", "there is no parameter to tune")]
        found = list(self._own_faults())
        if not found:
            try:
                self.space()
            except SpaceError as error:
                found = list(self._placed(error))
        return found

    def _own_faults(self) -> Iterator[Fault]:
        for name, described in self.parameters.items():
            if not _NAME.fullmatch(name):
                yield Fault(name, "name", f"'{name}' is no name: letters, digits, _ and dots, a letter first")
            try:
                parameter_from_dict(name, described)
            except SpaceError as error:
                yield Fault(name, _named(error, described), said(error))

    def _placed(self, error: SpaceError) -> Iterator[Fault]:
        """At the condition or the constraint it speaks of; at every condition of a circle."""
        name = error.where.removeprefix("space.").removesuffix(".when")
        if error.where.startswith(CONSTRAINTS):
            yield Fault(CONSTRAINTS, CONSTRAINTS, said(error))
        elif name in self.parameters:
            yield Fault(name, "when", said(error))
        else:
            words = set(re.findall(r"[\w.]+", error.what))
            circle = [n for n, p in self.parameters.items() if n in words and "when" in p]
            yield from (Fault(n, "when", said(error)) for n in circle or [""])

    def parameter(self, name: str) -> Parameter | None:
        """None while it is none."""
        try:
            return parameter_from_dict(name, self.parameters[name])
        except SpaceError:
            return None


def said(error: SpaceError) -> str:
    """Without the place, beside which it stands."""
    return sentences(error.what, error.remedy)


def _named(error: SpaceError, described: Mapping[str, Any]) -> str:
    """The key that the message speaks of first."""
    if error.where.endswith(".when"):
        return "when"
    words = re.findall(r"\w+", error.what)
    return next((w for w in words if w in KEYS and (w in described or w in ("low", "high", "choices"))), "type")


def _converted(described: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The same parameter as one of another kind, as near as it can be."""
    if kind == described.get("type") or kind not in KINDS:
        return {**described, "type": kind}
    kept = {k: described[k] for k in ("when",) if k in described}
    default = described.get("default")
    if kind == "categorical":
        ends = [described.get("low", 0), default, described.get("high", 1)]
        return {"type": kind, "choices": list(dict.fromkeys(e for e in ends if e is not None)), **kept}
    numbers = [c for c in described.get("choices", ()) if is_finite(c)]
    low = described.get("low", min(numbers, default=0))
    high = described.get("high", max(numbers, default=1))
    made: dict[str, Any] = {"type": kind, "low": low, "high": high}
    made |= {k: described[k] for k in ("log", "step") if k in described}
    if is_finite(default):
        made["default"] = default
    if kind == "int":
        made |= {k: round(made[k]) for k in ("low", "high", "default") if is_finite(made.get(k))}
        if is_finite(made.get("step")):
            made["step"] = max(round(made["step"]), 1)
        if made.get("log") and is_finite(made["low"]):
            made["low"] = max(made["low"], 1)
    return {**made, **kept}
