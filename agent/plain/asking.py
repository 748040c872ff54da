"""Asking a person on a plain terminal about one proposal at a time."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from agent.plain.cards import card
from agent.plain.edits import apply_edits, parse_edits
from agent.plain.lines import Lines
from agent.session import Session
from agent.study.nouns import Proposal
from trainers.errors import TunewrightError

QUESTION = "run it? y(es), n(o) [reason], e(dit) name=value …, q(uit): "


class Asker:
    """Shows the oldest pending proposal and takes one line as the answer. `say` prints for the person."""

    def __init__(self, session: Session, lines: Lines, say: Callable[[str], None]) -> None:
        self._session, self._lines, self._say = session, lines, say
        self._shown: int | None = None

    def ask(self, proposal: Proposal, timeout: float) -> bool:
        """Waits up to `timeout` seconds for a line. False once the person wants to leave."""
        if self._shown != proposal.id:
            self._say("\n".join([*card(proposal, self._session), QUESTION]))
            self._shown = proposal.id
        try:
            line = self._lines.get(timeout)
        except EOFError:
            return False
        if line is None:
            return True
        try:
            return self._take(proposal, line.strip())
        except TunewrightError as error:
            self._say(f"{error}\n{QUESTION}")
            return True

    def remind(self) -> None:
        """Asks again, after other lines have come between."""
        self._say(QUESTION)

    def _take(self, proposal: Proposal, line: str) -> bool:
        word, _, rest = line.partition(" ")
        match word.lower():
            case "y" | "yes":
                self._session.approve(proposal)
            case "n" | "no":
                self._session.reject(proposal, rest.strip())
            case "e" | "edit":
                decide_edited(self._session, proposal, split(rest))
            case "q" | "quit":
                return False
            case _:
                self._say(QUESTION)
        return True


def decide_edited(session: Session, proposal: Proposal, words: Sequence[str]) -> int:
    """Approves `proposal` with `name=value` edits. Returns the trial's number."""
    if not words:
        raise TunewrightError("nothing to edit", remedy="For example: e lr=3e-4.")
    space = session.spec.space
    return session.approve(proposal, apply_edits(space, proposal.params, parse_edits(space, words)))


def split(text: str) -> list[str]:
    """Words as a shell splits them; where its quotes do not close (a reason that says don't), at the spaces."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
