"""In which parameters trials differ."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agent.study.nouns import Trial
from trainers.dimension import is_number


def differing(chosen: Sequence[Trial]) -> list[str]:
    """Names of parameters whose values are not the same in all of `chosen`, in the order they come in."""
    return [name for name in _names(chosen) if len({_held(trial, name) for trial in chosen}) > 1]


def shared(chosen: Sequence[Trial]) -> list[str]:
    """Names of parameters with one value in all of `chosen`."""
    return [name for name in _names(chosen) if len({_held(trial, name) for trial in chosen}) == 1]


def _names(chosen: Sequence[Trial]) -> list[str]:
    return list(dict.fromkeys(name for trial in chosen for name in trial.params))


def _held(trial: Trial, name: str) -> str:
    """The value as text: 1 and 1.0 are the same, 1 and true are not, and absent is neither."""
    if name not in trial.params:
        return ""
    value = trial.params[name]
    return f"{float(value)!r}" if is_number(value) else json.dumps(value)
