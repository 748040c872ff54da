"""What a written study file says besides its values: where each is from, and what could be there as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Aside:
    """An entry that is written commented out: a person switches it on by removing the `#`."""

    key: str
    value: Any
    note: str = ""


@dataclass(frozen=True)
class StudyNotes:
    """`about` has a sentence by path (`study.objective`, `space.lr`), in place of what the key means in general.

    `asides` are entries by table. `command` is the command in lines, with those that are commented out marked False.
    """

    head: Sequence[str] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asides: Mapping[str, Sequence[Aside]] = field(default_factory=dict)
    command: Sequence[tuple[tuple[str, ...], bool]] = ()


def one_line(text: str) -> str:
    """`text` as a comment can hold it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
