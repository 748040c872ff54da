"""Asking a person on a plain terminal about one proposal at a time."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from agent.plain.agent_verbs import action_card
from agent.plain.cards import card
from agent.plain.edits import apply_edits, parse_edits
from agent.plain.lines import Lines
from agent.session import Session
from agent.study.nouns import Action, Proposal
from trainers.errors import TunewrightError

QUESTION = "run it? y(es), n(o) [reason], e(dit) name=value …, q(uit): "
ACTION_QUESTION = "do it? y(es), n(o) [reason], q(uit): "


class Asker:
    """Shows what waits and takes one line as the answer: what the agent asks for, and the oldest pending proposal.
    `say` prints for the person."""

    def __init__(self, session: Session, lines: Lines, say: Callable[[str], None]) -> None:
        self._session, self._lines, self._say = session, lines, say
        self._shown: object = None
        self._question = QUESTION

    def ask(self, proposal: Proposal, timeout: float) -> bool:
        """Waits up to `timeout` seconds for a line. False once the person wants to leave."""
        return self._answered(
            ("proposal", proposal.id),
            lambda: card(proposal, self._session),
            QUESTION,
            lambda line: self._take(proposal, line),
            timeout,
        )

    def is_asking(self, proposal: Proposal) -> bool:
        """Whether it was shown last: what is typed now is the answer to that."""
        return self._shown == ("proposal", proposal.id)

    def ask_action(self, action: Action, timeout: float) -> bool:
        """The same for what the agent asks for."""
        return self._answered(
            ("action", action.id),
            lambda: [action_card(action, self._session.spec, verbs=False)],
            ACTION_QUESTION,
            lambda line: self._take_action(action, line),
            timeout,
        )

    def _answered(
        self,
        what: object,
        lines: Callable[[], Sequence[str]],
        question: str,
        take: Callable[[str], bool],
        timeout: float,
    ) -> bool:
        if self._shown != what:
            self._shown, self._question = what, question
            self._say("\n".join([*lines(), question]))
        try:
            line = self._lines.get(timeout)
        except EOFError:
            return False
        if line is None:
            return True
        try:
            return take(line.strip())
        except TunewrightError as error:
            self._say(f"{error}\n{question}")
            return True

    def remind(self) -> None:
        """Asks again, after other lines have come between."""
        self._say(self._question)

    def _take(self, proposal: Proposal, line: str) -> bool:
        word, _, rest = line.partition(" ")
        match word.lower():
            case "y" | "yes":
                self._session.approve(proposal)
            case "n" | "no":
                if heard := self._session.reject(proposal, rest.strip()):
                    self._say(heard)
            case "e" | "edit":
                decide_edited(self._session, proposal, split(rest))
            case "q" | "quit":
                return False
            case _:
                self._say(QUESTION)
        return True

    def _take_action(self, action: Action, line: str) -> bool:
        word, _, rest = line.partition(" ")
        match word.lower():
            case "y" | "yes":
                self._session.settle(action, approve=True)
            case "n" | "no":
                self._session.settle(action, approve=False, reason=rest.strip())
            case "q" | "quit":
                return False
            case _:
                self._say(ACTION_QUESTION)
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
