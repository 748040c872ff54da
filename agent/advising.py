"""The agent's model as adviser of `guided`: asked in its turns, never waited for longer than a person would."""

from __future__ import annotations

import time
from dataclasses import dataclass

from agent.llm.errors import LLMErrorKind
from agent.mind.client import Done
from agent.search import wire
from agent.search.history import History
from agent.search.trust import standing, wants_advice
from agent.search.trust.words import changed
from agent.store import events
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Draft
from agent.thinking import Thinking

PATIENCE = 20.0  # seconds after which the classical proposal goes out alone
_LONGEST = 300  # characters of a reason in the journal; the ledger has the whole reply


@dataclass(frozen=True)
class Heard:
    """What a turn of the model came to: its drafts, or why there are none."""

    drafts: tuple[Draft, ...] = ()
    why: str = ""


class Advising:
    """At most one call under way. One that comes too late is kept for the model's next turn: it is paid for."""

    def __init__(self, store: Store, thinking: Thinking) -> None:
        self._store, self._thinking = store, thinking
        self._job: int | None = None
        self._since = 0.0
        self._waiting = False  # whether a proposal waits for the job
        self._late: tuple[Draft, ...] = ()
        self._said: set[tuple[str, str]] = set()  # what the journal has of its failures since it last answered
        self._lost: bool | None = None  # as this front has seen it last

    @property
    def waiting(self) -> bool:
        """Whether a proposal waits for what the model says."""
        return self._waiting

    def begin(self, study: Study, past: History) -> bool:
        """Asks the model, where the proposal of `past` is its to make. False where it is not, and nothing waits."""
        if not study.spec.agent.has_model or past.number == 0 or not past.trials:
            return False
        self._tell_standing(study, past)
        if not wants_advice(past):
            return False
        if self._job is None and not self._late:
            n = study.spec.agent.proposals
            self._job = self._thinking.submit("propose", study, number=past.number, n=n, advises=True)
            self._since = time.monotonic()
        self._waiting = True
        return True

    def take(self, study: Study, urgent: bool) -> Heard | None:
        """What the model said for the proposal that waits; None while there is still time: where the proposal is not
        `urgent`, others being ready, as long as it takes."""
        done = self._collect()
        if done is None and not self._late:
            if not urgent or time.monotonic() - self._since < PATIENCE:
                return None
            self._waiting = False
            return Heard(why=f"{study.spec.agent.model} has not answered for {PATIENCE:.0f} s")
        self._waiting = False
        if done is not None and done.error is not None:
            return Heard(why=self._failed(study, done))
        drafts, self._late = self._late, ()
        return Heard(drafts, "" if drafts else "it had nothing to propose")

    def look(self) -> None:
        """Takes in an answer that nobody waits for any more."""
        if not self._waiting:
            self._collect()

    def _collect(self) -> Done | None:
        """How the call ended, once; its drafts are kept."""
        done = None if self._job is None else self._thinking.collect(self._job)
        if done is not None:
            self._job = None
            if done.error is None:
                self._said.clear()
                self._late = tuple(wire.draft_from_dict(draft) for draft in done.result["drafts"])
        return done

    def _failed(self, study: Study, done: Done) -> str:
        """The reason in a few words; the journal has more of it, once for each reason until the model answers."""
        assert done.error is not None
        if done.error.kind is LLMErrorKind.CANCELLED:
            return "its call was broken off"
        model, why = study.spec.agent.model, str(done.error)
        if done.error.same not in self._said:
            self._said.add(done.error.same)
            reason = why if len(why) <= _LONGEST else f"{why[:_LONGEST].rsplit(' ', 1)[0]} …"
            self._thinking.note(study, f"{model} could not propose ({reason}); guided goes on without it.")
        return f"{model} could not propose ({done.error.kind})"

    def _tell_standing(self, study: Study, past: History) -> None:
        """The journal says when the model loses its turns or gets them back: once, whichever front sees it first."""
        now = standing(past)
        if now.lost == self._lost:
            return
        with self._store.transaction(durable=False):
            if now.lost != bool(events.latest(self._store, study.id, events.EventKind.ADVISED, "lost", False)):
                text = changed(study.spec.agent.model, now)
                events.record(self._store, study.id, events.EventKind.ADVISED, text=text, lost=now.lost)
        self._lost = now.lost
