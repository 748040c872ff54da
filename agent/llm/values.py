"""Where in a reply each proposed value stands: the characters of every parameter's value in its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

_OPENING = re.compile(r"[{\[]")
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_ATOM = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity")
_DEEPEST = 64
_PROSE = 40  # characters; a longer text is no value of a parameter
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Member:
    """One value in a JSON text, from `start` to `end`; a text without its quotes. `key` is its name or index in
    what stands at `path`."""

    path: Path
    key: str | int
    start: int
    end: int
    is_text: bool = False
    is_leaf: bool = True


def proposed(text: str, names: Collection[str]) -> list[dict[str, Member]]:
    """For each proposal in `text`, in order: the place of each parameter's value.

    Proposals are the objects in the same place of the last JSON document, in any depth of lists, that hold the most
    of `names`: a name that also occurs elsewhere (in evidence, or as a field of the proposal) misleads nobody.
    A document that breaks off counts as far as it goes.
    """
    for members in reversed(list(documents(text))):
        objects: dict[Path, dict[str, Member]] = {}
        for member in members:
            if isinstance(member.key, str) and member.key in names:
                objects.setdefault(member.path, {})[member.key] = member
        if objects:
            shapes: dict[tuple[str, ...], list[dict[str, Member]]] = {}
            for path, found in objects.items():
                shapes.setdefault(tuple("*" if isinstance(p, int) else f".{p}" for p in path), []).append(found)
            best = max(shapes, key=lambda shape: (max(map(len, shapes[shape])), len(shapes[shape]), len(shape)))
            return shapes[best]
    return []


def leaves(text: str) -> list[Member]:
    """Every number, truth value and short text in the last JSON document: what a reply decides, its prose left out."""
    members = next(reversed(list(documents(text))), [])
    return [m for m in members if m.is_leaf and not (m.is_text and _is_prose(text[m.start : m.end]))]


def _is_prose(text: str) -> bool:
    return len(text) > _PROSE or " " in text


def value_of(text: str, member: Member) -> Any:
    """The value itself; None for one that broke off."""
    raw = text[member.start : member.end]
    try:
        return json.loads(f'"{raw}"' if member.is_text else raw, strict=False)
    except ValueError:
        return None


def tokens_at(pieces: Sequence[str], member: Member) -> range:
    """The tokens, by index in `pieces`, that hold any of the value's characters."""
    ends = list(accumulate(map(len, pieces)))
    first = next((i for i, end in enumerate(ends) if end > member.start), len(ends))
    last = next((i for i, end in enumerate(ends) if end >= member.end), len(ends) - 1)
    return range(first, last + 1)


def documents(text: str) -> Iterator[list[Member]]:
    """The members of each outermost JSON value in brackets, those of one that breaks off included."""
    at = 0
    while match := _OPENING.search(text, at):
        scan = _Scan(text)
        end = scan.value(match.start(), (), 0)
        if scan.members:
            yield scan.members
        at = max(scan.reached if end is None else end, match.end())


class _Scan:
    """Walks one value. `reached` is how far it could be read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.members: list[Member] = []
        self.reached = 0

    def value(self, at: int, path: Path, depth: int) -> int | None:
        """The end of the value that begins at `at`; None when it is not whole."""
        self.reached = at
        opening = self._text[at : at + 1]
        if opening in ("{", "["):
            return None if depth > _DEEPEST else self._inside(at, path, depth, closing="}" if opening == "{" else "]")
        match = (_STRING if opening == '"' else _ATOM).match(self._text, at)
        return match.end() if match else None

    def _inside(self, at: int, path: Path, depth: int, *, closing: str) -> int | None:
        at, index = self._skip(at + 1), 0
        if self._text[at : at + 1] == closing:
            return at + 1
        while True:
            key: str | int = index
            if closing == "}":
                match = _STRING.match(self._text, at)
                if match is None:
                    return None
                key, at = _name(match[0]), self._skip(match.end())
                if self._text[at : at + 1] != ":":
                    return None
                at = self._skip(at + 1)
            end = self._member(at, path, key, depth)
            if end is None:
                return None
            at, index = self._skip(end), index + 1
            if self._text[at : at + 1] != ",":
                return at + 1 if self._text[at : at + 1] == closing else None
            at = self._skip(at + 1)

    def _member(self, at: int, path: Path, key: str | int, depth: int) -> int | None:
        end = self.value(at, (*path, key), depth + 1)
        if end is not None:
            quoted = self._text[at] == '"' and end - at > 2
            leaf = self._text[at] not in "{["
            self.members.append(Member(path, key, at + quoted, end - quoted, quoted, leaf))
        return end

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        assert match is not None
        self.reached = match.end()
        return match.end()


def _name(quoted: str) -> str:
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        return quoted[1:-1]
