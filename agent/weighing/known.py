"""What a config is weighed against, and how the front that shows it writes values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.study.nouns import Trial
from agent.study.spec import StudySpec


@dataclass(frozen=True, kw_only=True)
class Known:
    """A study as it stands. `version` changes with every trial that ends; `spent_seconds` of wall time are gone."""

    spec: StudySpec
    ended: Sequence[Trial]
    best: Trial | None
    spent_seconds: float
    version: object


@dataclass(frozen=True, kw_only=True)
class Wording:
    """`param` writes a value, `span` seconds, `word` how a trial ended."""

    param: Callable[[Any], str]
    span: Callable[[float], str]
    word: Callable[[Trial], str]
