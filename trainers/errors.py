"""Errors a person can act on: what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_ENDS = (".", "?", "!", "…")
_LISTED = 24  # words of a remedy
_CLOSE = 0.65  # of difflib's ratio: "gruided" is as close to "guided" as .92, "bayes" to "cmaes" as .60


class TunewrightError(Exception):
    """Base of every error shown to a person without a traceback.

    `what` is one clause; `where` is a file, key or line; `remedy` is one sentence.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.remedy = what, where, remedy

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return sentences(head, self.remedy)


class SpaceError(TunewrightError):
    """A search space, or a config checked against one, breaks its own rules."""


def sentences(what: str, remedy: str) -> str:
    """One after the other; a question keeps its mark."""
    return f"{what}{'' if what.endswith(_ENDS) else '.'} {remedy}" if remedy else what


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy naming the closest known word, or those there are when none is close: the first of many."""
    options = [str(k) for k in known]
    close = difflib.get_close_matches(word, options, n=1, cutoff=_CLOSE)
    if close:
        return f"Did you mean '{close[0]}'?"
    more = f" and {len(options) - _LISTED} more" if len(options) > _LISTED else ""
    return f"Known: {', '.join(options[:_LISTED])}{more}." if options else ""
