"""Where an answer and the truth differ, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Piece = tuple[str, bool]  # text, and whether the other has something else there
_SHORT = 40  # characters: compared one by one
_MOST_WORDS = 400  # beyond that only what both begin and end with is told apart: the whole table must be drawn at once
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def parted(answer: str, truth: str) -> tuple[list[Piece], list[Piece]]:
    """Both in pieces. Short texts of one length place by place, longer ones word by word."""
    if answer == truth:
        return _pieces([(answer, False)]), _pieces([(truth, False)])
    if len(answer) == len(truth) <= _SHORT:
        pairs = list(zip(answer, truth, strict=True))
        return _pieces((a, a != t) for a, t in pairs), _pieces((t, a != t) for a, t in pairs)
    said, true = _WORDS.findall(answer), _WORDS.findall(truth)
    if max(len(answer), len(truth)) <= _SHORT or max(len(said), len(true)) > _MOST_WORDS:
        return _ends(answer, truth)
    return _by_words(said, true)


def _by_words(said: Sequence[str], true: Sequence[str]) -> tuple[list[Piece], list[Piece]]:
    left: list[Piece] = []
    right: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, said, true, autojunk=False).get_opcodes():
        left.append(("".join(said[a:b]), what != "equal"))
        right.append(("".join(true[c:d]), what != "equal"))
    return _pieces(left), _pieces(right)


def _ends(answer: str, truth: str) -> tuple[list[Piece], list[Piece]]:
    """What both begin with, what lies between, and what both end with."""
    least = min(len(answer), len(truth))
    head = next((at for at in range(least) if answer[at] != truth[at]), least)
    tail = next((at for at in range(least - head) if answer[-1 - at] != truth[-1 - at]), least - head)

    def of(text: str) -> list[Piece]:
        end = len(text) - tail
        return _pieces([(text[:head], False), (text[head:end], True), (text[end:], False)])

    return of(answer), of(truth)


def _pieces(found: Iterator[Piece] | Sequence[Piece]) -> list[Piece]:
    """Neighbours alike made one, empty ones left out."""
    made: list[Piece] = []
    for text, differs in found:
        if text and made and made[-1][1] == differs:
            made[-1] = (made[-1][0] + text, differs)
        elif text:
            made.append((text, differs))
    return made
