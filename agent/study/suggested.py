"""A config that did well elsewhere, put in terms of a study's own space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from trainers.space import Config


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """`params` fit the space; `origin` says in words where and how well it did."""

    params: Config
    origin: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Suggested:
        return cls(**data)
