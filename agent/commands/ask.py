"""Asks about a study, and prints the answer as it grows. A model answers, or without one the built-in advisor.

Question and answer join the study's chat. What the agent wants changed waits for you as a card.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from agent.chat.questions import checked
from agent.commands.arguments import whole
from agent.diagnosis.citations import find
from agent.llm.names import parse_model
from agent.plain.cards import short
from agent.plain.one_job import Outcome, run_job
from agent.plain.output import clean, emit, say
from agent.store import actions, calls, proposals, studies, turns
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study import action_words
from agent.study.agent_spec import NO_MODEL
from agent.study.nouns import Action, Proposal, Turn, TurnState

EXAMPLE = 'tunewright ask my-study "why did 17 fail?"'


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("question", metavar="QUESTION", nargs="+", help="in your own words, in any language")
    parser.add_argument("--model", metavar="MODEL", help="who answers this question, instead of the study's own model")
    rewind = "first takes your last N questions back, with all that followed: the agent is not told of them"
    parser.add_argument("--rewind", metavar="N", type=whole(1), help=rewind)


def run(args: argparse.Namespace) -> int:
    question = checked(" ".join(args.question))
    model = "" if args.model is None else parse_model(args.model).text
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        if args.rewind:
            taken = turns.rewind(store, study.id, args.rewind)
            say(f"taken back: {clean(' '.join(taken.text.split()))} and what followed")
        answering = _Answering(store, study, question, aloud=not args.json)
        outcome = run_job(store, study, "answer", model=model, each_round=answering.look, question=question)
        return answering.end(outcome, model or study.spec.agent.model)


class _Answering:
    """The answer as it comes. `aloud` prints it; else the document at the end holds it."""

    def __init__(self, store: Store, study: Study, question: str, *, aloud: bool) -> None:
        self._store, self._study, self._question, self._aloud = store, study, question, aloud
        self._printed = self._note = ""
        self._turn: Turn | None = None
        self._cards_before = {self._key(card) for card in self._cards()}
        self._calls_before = max((c.id for c in calls.all_of(store, study.id, limit=1 << 30)), default=0)

    def look(self, pid: int | None) -> None:
        """Prints what is new in the turn that the agent's process writes."""
        self._turn = None if pid is None else turns.written_by(self._store, self._study.id, pid)
        if self._turn is None or not self._aloud:
            return
        if self._turn.state is TurnState.WRITING and self._turn.note not in ("", self._note):
            self._break()
            say(self._turn.note)
        self._note = self._turn.note
        self._print(clean(self._turn.text))

    def _print(self, text: str) -> None:
        if not text.startswith(self._printed):  # never so far; but what is wrong must not stay the last word
            self._break()
            self._printed = ""
        sys.stdout.write(text[len(self._printed) :])
        sys.stdout.flush()
        self._printed = text

    def _break(self) -> None:
        """Ends a line that was begun, before something else is said on the same terminal."""
        if self._printed and sys.stdout.isatty() and sys.stderr.isatty():
            say("")

    def end(self, outcome: Outcome, model: str) -> int:
        error, turn = outcome.done.error, self._turn
        if turn is None:
            if error is not None and outcome.code == error.exit_code:
                raise error
            return outcome.code
        cards = [card for card in self._cards() if self._key(card) not in self._cards_before]
        if not self._aloud:
            emit(self._document(turn, cards, outcome, turn.model or model or NO_MODEL))
        else:
            if self._printed:
                print(flush=True)
            for card in cards:
                say(self._said(card))
            if error is None and turn.note:
                say(turn.note)
        if error is not None:
            say(f"tunewright: {error}")
        return outcome.code

    def _document(self, turn: Turn, cards: list[Proposal | Action], outcome: Outcome, model: str) -> dict[str, Any]:
        error = outcome.done.error
        return {
            "question": self._question,
            "answer": turn.text,
            "state": str(turn.state),
            "citations": [
                {"text": c.text, "trial": c.trial, "line": c.line, "metric": c.metric, "step": c.step}
                for c in find(turn.text)
            ],
            "cards": [{"kind": self._key(c)[0], "number": c.number, "text": self._said(c)} for c in cards],
            "model": model,
            "cost": self._cost(),
            "note": turn.note,
            "error": None if error is None else {"what": error.what, "where": error.where, "remedy": error.remedy},
        }

    def _cost(self) -> float | None:
        """Dollars; None when the price of a call is not known."""
        made = calls.all_of(self._store, self._study.id, after=self._calls_before)
        costs = [c.cost for c in made if c.purpose == "answer"]
        return None if None in costs else sum((c for c in costs if c is not None), 0.0)

    def _cards(self) -> list[Proposal | Action]:
        study = self._study.id
        return [*proposals.pending(self._store, study), *actions.pending(self._store, study)]

    @staticmethod
    def _key(card: Proposal | Action) -> tuple[str, int]:
        return ("proposal" if isinstance(card, Proposal) else str(card.kind), card.number)

    def _said(self, card: Proposal | Action) -> str:
        if isinstance(card, Proposal):
            return short(card)
        details = "; ".join(action_words.details(card, self._study.spec))
        return clean(f"the agent asks to {action_words.title(card)}" + (f" ({details})" if details else ""))
