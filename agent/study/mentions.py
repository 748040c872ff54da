"""Which parameters of a space a text names: by their names, or the common name of one parameter alone."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.study.aliases import common, known_as
from trainers.space import SearchSpace

_NO_NAME = frozenset({"drop", "r", "k", "c", "act", "cost"})  # common names that are words, or too short to be meant


@dataclass(frozen=True)
class Mention:
    name: str
    start: int
    end: int


def mentions(space: SearchSpace, text: str) -> list[Mention]:
    """In order; of names within each other the longest."""
    names = spellings(space)
    if not names:
        return []
    each = "|".join(_spelled(s) for s in sorted(names, key=len, reverse=True))
    found = re.finditer(rf"(?<![\w.])(?:{each})(?:e?s)?(?![\w]|\.\w)", text, re.IGNORECASE)
    return [Mention(_named(names, m[0]), m.start(), m.end()) for m in found]


def spellings(space: SearchSpace) -> dict[str, str]:
    """What each parameter may be called: its name; and a common name where it is the only one that has it."""
    found = {name.lower(): name for name in space.parameters}
    shared = Counter(common(name) for name in space.parameters)
    for name in space.parameters:
        if shared[common(name)] == 1:
            for alias in known_as(name):
                if alias not in _NO_NAME:
                    found.setdefault(alias, name)
    return found


def meant(space: SearchSpace, words: Sequence[str]) -> str:
    """The parameters that one of the words may have meant: `a`, `a or b`; nothing where none is near."""
    for word in words:
        several = [n for n in space.parameters if word in known_as(n)]
        if several:
            return " or ".join(several)
    names = spellings(space)
    for word in words:
        if len(word) > 1 and (close := difflib.get_close_matches(word, names, n=1, cutoff=0.7)):
            return names[close[0]]
    return ""


def _spelled(name: str) -> str:
    return r"[\s_-]?".join(map(re.escape, re.split(r"[\s_-]", name)))


def _named(names: dict[str, str], text: str) -> str:
    for spelling, name in sorted(names.items(), key=lambda pair: -len(pair[0])):
        if re.fullmatch(rf"{_spelled(spelling)}(?:e?s)?", text, re.IGNORECASE):
            return name
    raise AssertionError(text)  # it was found by one of them
