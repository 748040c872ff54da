"""A question to the agent in a line-by-line front: the answer is printed as it grows, paragraph by paragraph."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.plain.desk import Desk
from agent.plain.paint import paragraphs
from agent.standing import Status
from agent.store import turns
from agent.study.nouns import Turn, TurnState
from agent.study.policy import PolicyKind

_AGENT = "agent"
_WORDS = 3  # fewer, without a question mark, are more likely a verb mistyped
_CLOSE = 0.75
_NUMBERED = ("N", "[N]", "N|all", "A", "[A]", "[P]", "PROPOSAL", "name=value")  # how the usage of such a verb begins
_MARKS = ("?", "？")


def ask(desk: Desk, words: Sequence[str]) -> None:
    """`ask QUESTION`; without words, as in the app: every proposal is asked for again."""
    if not words:
        desk.session.set_policy(replace(desk.session.spec.policy, kind=PolicyKind.ASK))
        desk.say(f"policy {desk.session.spec.policy.describe()}")
        return
    study = desk.session.study
    before = max((turn.id for turn in turns.last(desk.store, study.id, 1)), default=0)
    desk.session.thinking.ask(study, " ".join(words))
    answer = _Answer(desk, before)
    if not desk.until(answer.look):
        desk.session.thinking.interrupt()
        desk.say("broken off; what was said stays")


class _Answer:
    """The turn after `before` that the agent writes."""

    def __init__(self, desk: Desk, before: int) -> None:
        self._desk, self._before, self._said, self._note = desk, before, 0, ""

    def look(self, status: Status) -> bool:
        """Prints what is new; whether the answer has ended."""
        turn = self._turn()
        if turn is None:
            return "answer" not in status.thinking
        ended = turn.state is not TurnState.WRITING
        done, _ = paragraphs(turn.text, ended)
        for paragraph in done[self._said :]:
            self._desk.say_prose(paragraph.rstrip("\n"))
        self._said = len(done)
        if turn.note and turn.note != self._note:
            self._desk.say(turn.note)
        self._note = turn.note
        return ended

    def _turn(self) -> Turn | None:
        found = turns.since(self._desk.store, self._desk.session.study.id, self._before + 1)
        return next((t for t in found if t.role == _AGENT), None)


def asks(line: str) -> bool:
    """Whether a line is a question in words, such as `why did 17 fail?`, though it may begin with a verb."""
    return line.rstrip().endswith(_MARKS) and len(line.split()) >= _WORDS


def goes_on_in_words(usage: str, words: Sequence[str]) -> bool:
    """Whether what follows a verb is a sentence, such as `why did you propose 3`: several words, the first one a word
    where the verb takes a number or name=value. Taken for a sentence, it is only asked, never done."""
    if len(words) < _WORDS - 1 or usage.split(" ")[0] not in _NUMBERED:
        return False
    first = words[0].replace("'", "").replace("’", "")
    return first.isalpha() and first != "all"


def is_question(line: str, verbs: Iterable[str]) -> bool:
    """Whether a line that begins with no verb is meant for the agent rather than mistyped."""
    words = line.split()
    if not words or difflib.get_close_matches(words[0].lower(), list(verbs), n=1, cutoff=_CLOSE):
        return False
    return len(words) >= _WORDS and words[0].replace("'", "").isalpha()
