"""What a verb works with: the front it is said to, and how its words are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from agent.session import Session
from agent.standing import Status
from agent.store import proposals, trials
from agent.store.connection import Store
from agent.study.nouns import Proposal, Trial
from trainers.errors import TunewrightError, nearest

_DIGITS = 9  # the longest number anybody means


class Desk(Protocol):
    """What a verb may ask of its front."""

    store: Store
    session: Session
    status: Status
    verbs: Mapping[str, Any]  # agent.plain.verbs.Verb

    @property
    def plain(self) -> bool:
        """Whether the terminal has no block characters."""

    def say(self, text: str) -> None:
        """Prints for the person."""

    def say_prose(self, markdown: str) -> None:
        """Prints a paragraph the agent wrote."""

    def open(self, name: str) -> None:
        """Turns to another study."""

    def until(self, done: Callable[[Status], bool]) -> bool:
        """Goes on with the session until `done`; False when the person broke the wait off."""


def all_trials(desk: Desk) -> list[Trial]:
    return trials.all_trials(desk.store, desk.session.study.id)


def pending(desk: Desk) -> list[Proposal]:
    return proposals.pending(desk.store, desk.session.study.id)


def trial(desk: Desk, words: Sequence[str]) -> Trial:
    """The trial the first word names, as 3 or t3."""
    return trials.get(
        desk.store, desk.session.study.id, whole(first(words, "which trial?").removeprefix("t"), lowest=0)
    )


def proposal(desk: Desk, words: Sequence[str]) -> tuple[Proposal, Sequence[str]]:
    """The proposal that is meant, and the words after its number.

    Without a number the oldest; should none be there yet, the next one is waited for.
    """
    if words and is_whole(words[0]):
        wanted, words = int(words[0]), words[1:]
        found = next((p for p in pending(desk) if p.number == wanted), None)
        what = f"proposal {wanted} does not wait"
    else:
        desk.until(lambda now: now.pending > 0 or now.state == "finished")
        found = next(iter(pending(desk)), None)
        what = "no proposal waits"
    if found is None:
        raise TunewrightError(what, remedy=f"Now: {desk.status.reason}.")
    return found, words


def first(words: Sequence[str], question: str) -> str:
    if not words:
        raise TunewrightError(question, remedy="'help' shows what each verb takes.")
    return words[0]


def settings(words: Sequence[str], readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """`name=value` words, each value read by its reader."""
    found = {}
    for word in words:
        name, _, value = word.partition("=")
        found[name] = readers[known("setting", name, list(readers))](value)
    return found


def known(what: str, word: str, options: Sequence[str]) -> str:
    if word not in options:
        raise TunewrightError(f"there is no {what} '{word}'", remedy=nearest(word, options))
    return word


def is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def whole(text: str, lowest: int = 1) -> int:
    if not is_whole(text) or int(text) < lowest:
        raise TunewrightError(f"'{text}' is not a whole number from {lowest}")
    return int(text)


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TunewrightError(f"'{text}' is not a number") from None
