"""The line-by-line front: one loop that ticks the session, tells the news and takes commands."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence

from agent.plain.asking import split
from agent.plain.cards import card
from agent.plain.documents import run_document
from agent.plain.interrupts import Interrupts
from agent.plain.lines import Lines
from agent.plain.news import News
from agent.plain.output import clean, emit, say
from agent.plain.paint import painted, prose
from agent.plain.question import ask, asks, goes_on_in_words, is_question
from agent.plain.verbs import VERBS, Verb
from agent.session import Session
from agent.standing import Status
from agent.store import proposals, studies, trials
from agent.store.connection import Store
from trainers.errors import TunewrightError, nearest

PROMPT = "tunewright> "
_ROUND = 0.1  # seconds


class Repl:
    """One conversation. Implements `Desk`, what the verbs may ask of their front.

    `commands` are verbs more: commands of the command line that make sense here too.
    """

    def __init__(self, store: Store, *, as_json: bool = False, commands: Mapping[str, Verb] | None = None) -> None:
        self.store, self._as_json = store, as_json
        self.verbs: Mapping[str, Verb] = {**VERBS, **(commands or {})}
        self._lines = Lines(prompt=PROMPT, editing=not as_json)
        self._interrupts = Interrupts()
        self._shown: set[int] = set()
        self._advice = self._trouble = ""

    def run(self, name: str | None) -> int:
        """Until `quit`, the end of input or a signal. Returns the exit code."""
        self.open(name or self._newest())
        try:
            with self._interrupts:
                self._converse()
        finally:
            self.session.close()
            self._lines.close()
        if self._as_json:
            done = trials.all_trials(self.store, self.session.study.id)
            emit(run_document(self.session.study, done, state=self.status.state, reason=self.status.reason))
        return 128 + self._interrupts.leaving if self._interrupts.leaving else 0

    def open(self, name: str) -> None:
        """Turns to the study called `name`. Raises TunewrightError when there is none."""
        study = studies.get(self.store, name)
        if hasattr(self, "session"):
            self.session.close()
        self.session: Session = Session(self.store, study, ahead=1)
        self._news = News(self.store, study)
        self.status: Status = self.session.tick()
        self.say(f"study {study.name}, policy {study.spec.policy.describe()}; 'help' lists the verbs")

    def _newest(self) -> str:
        found = studies.all_studies(self.store)
        if not found:
            raise TunewrightError(
                "there are no studies yet", where=str(self.store.path), remedy="Try 'tunewright demo'."
            )
        return found[0].name

    def say(self, text: str) -> None:
        """Prints for the person, above what they are typing."""
        if self._as_json:
            say(text)
        else:
            self._lines.print(painted(clean(text)))

    def say_prose(self, markdown: str) -> None:
        """Prints a paragraph of the agent's, formatted where the terminal can show it."""
        if self._as_json:
            say(markdown)
        else:
            self._lines.print(prose(clean(markdown)))

    @property
    def plain(self) -> bool:
        return "utf" not in (sys.stdout.encoding or "").lower()

    def tick(self) -> Status:
        """One round of the session, with its news told; and once, what keeps it from going on."""
        try:
            self.status = self.session.tick()
            self._tell()
            self._trouble = ""
        except TunewrightError as error:
            if str(error) != self._trouble:
                self.say(str(error))
            self._trouble = str(error)
        return self.status

    def _tell(self) -> None:
        for line in self._news.lines():
            self.say(line)
        if self.status.advice and self.status.advice != self._advice:
            self.say(f"advice: {self.status.advice}")
        self._advice = self.status.advice
        for proposal in proposals.pending(self.store, self.session.study.id) if self.status.pending else ():
            if proposal.id not in self._shown:
                self._shown.add(proposal.id)
                self.say("\n".join(card(proposal, self.session)))

    def until(self, done: Callable[[Status], bool]) -> bool:
        """Ticks until `done`; False when Ctrl-C or a signal ended the wait."""
        while not done(self.tick()):
            if self._interrupted():
                return False
            time.sleep(_ROUND)
        return True

    def _interrupted(self) -> bool:
        """Whether Ctrl-C was pressed since last asked, or we are told to end."""
        pressed, self._interrupts.presses = self._interrupts.presses, 0
        return bool(pressed or self._interrupts.leaving)

    def _converse(self) -> None:
        while not self._interrupts.leaving:
            self.tick()
            if self._interrupted():
                self.say("Ctrl-C: 'quit' leaves and lets trials run on, 'stop all' stops them")
            try:
                line = self._lines.get(_ROUND)
            except EOFError:
                return
            if line is not None and not self.answer(line):
                return

    def answer(self, line: str) -> bool:
        """Does what one line says. False once it says to leave."""
        try:
            words = split(line)
            if not words:
                return True
            name = words[0].lower().removeprefix("/")
            if name in ("quit", "exit", "q"):
                return False
            self._do(name, words[1:], line)
        except TunewrightError as error:
            self.say(str(error))
        return True

    def _do(self, name: str, words: Sequence[str], line: str) -> None:
        verb = self.verbs.get(name)
        in_words = asks(line) or (verb is not None and goes_on_in_words(verb.usage, words))
        if verb is not None and (verb.free or not in_words):
            verb.does(self, words)
        elif in_words or is_question(line, self.verbs):
            ask(self, [line])
        else:
            close = nearest(name[:40], self.verbs)
            remedy = "'help' lists them." if close.startswith("Known") else close
            raise TunewrightError(f"there is no verb '{name[:40]}'", remedy=remedy)
