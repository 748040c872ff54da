"""A config that did well elsewhere, put in terms of a study's own space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from trainers.space import Config


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """`params` fit the space; `origin` says in words where and how well it did. `unheard` are the parameters of which
    nothing is known: they are as in the study's first config. `lesson` is the uid of the portfolio's."""

    params: Config
    origin: str
    unheard: tuple[str, ...] = ()
    lesson: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "unheard": list(self.unheard)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Suggested:
        return cls(**{**data, "unheard": tuple(data.get("unheard", ()))})
