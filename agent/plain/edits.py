"""A config typed by a person: `lr=3e-4 opt=adam`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainers.errors import SpaceError, nearest
from trainers.space import CategoricalParameter, Config, SearchSpace


def parse_edits(space: SearchSpace, words: Sequence[str]) -> Config:
    """The values in `name=value` words, in their parameters' types.

    Raises SpaceError for a word of another form, an unknown name (with the nearest), or a value
    that is no number. Bounds are left to `SearchSpace.validate`, which names them.
    """
    return dict(_one(space, word) for word in words)


def _one(space: SearchSpace, word: str) -> tuple[str, Any]:
    name, equals, text = word.partition("=")
    if not equals:
        raise SpaceError(f"'{word}' is not of the form name=value", remedy="For example: lr=3e-4.")
    parameter = space.parameters.get(name)
    if parameter is None:
        raise SpaceError(f"there is no parameter '{name}'", remedy=nearest(name, space.parameters))
    if isinstance(parameter, CategoricalParameter):
        return name, parameter.snap(text)
    try:
        return name, float(text)
    except ValueError:
        raise SpaceError(f"{name} = '{text}' is not a number", remedy="For example: 3e-4.") from None


def apply_edits(space: SearchSpace, base: Mapping[str, Any], edits: Mapping[str, Any]) -> Config:
    """`base` with `edits`, completed where an edit makes further parameters active. Not yet validated."""
    merged = {**base, **edits}
    return {**space.snap(merged), **merged}
