"""Candidates: configs that the model expects to reach the target, and those with which a search begins."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.llm.entropy import value_entropies
from agent.llm.seat import Seat
from agent.search import catalog
from agent.search.history import History
from agent.search.llambo import reading
from agent.search.llambo.asking import Answer, Question, Turn
from agent.search.llambo.examples import DIGITS
from agent.search.llambo.questions import Questions
from agent.search.llambo.target import target
from agent.search.llm.check import Checker
from agent.search.llm.evidence import Facts
from agent.search.llm.reply import Proposed
from agent.store import calls
from agent.study.nouns import Draft, Source
from trainers.space import Config

CLASSICAL = "guided"  # makes up for what the model does not give
_ROUNDS = 2  # how often candidates are asked for; a second time only where the first brought too few
_FEWEST = 3  # candidates below which the classical search makes up for those that are missing
_NO_REASON = "no reason was given"  # of no concern here: nobody asked for one


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A config that may be proposed, what was put right about it, and the call it came from; None where the model
    did not give it."""

    params: Config
    notes: tuple[str, ...] = ()
    call_id: int | None = None
    entropy: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sampled:
    """`dropped` says what was wrong with configs that are not among the candidates."""

    candidates: Sequence[Candidate]
    dropped: Sequence[str]
    target: float | None = None


class Sampling:
    """Asks for configs and checks them, each against the history and against those before it."""

    def __init__(self, seat: Seat, history: History, turn: Turn) -> None:
        self._seat, self._history, self._turn = seat, history, turn
        self._spec = seat.study.spec.llambo
        self._checker = Checker(history, Facts(seat.store, history.trials))
        self._questions = Questions(seat, history)
        self._fewest = min(_FEWEST, self._spec.candidates)
        self._dropped: list[str] = []

    async def start(self, k: int) -> Sampled:
        """Configs to begin with, before anything is known: one call, two where the first brought none."""
        found: list[Candidate] = []
        for sample in range(_ROUNDS):
            if found or (sample and not self._turn.left):
                break
            found += await self._ask([self._questions.start(k, sample)])
        return Sampled(found[:k], self._dropped)

    async def candidates(self) -> Sampled:
        """At most as many as the study wants, at a target taken anew from the trials there are. A second round is made
        where the first brought too few, as long as the calls last; one is kept for the surrogate."""
        aim = target(self._history, self._spec.alpha)
        found: list[Candidate] = []
        for round_ in range(_ROUNDS):
            missing = self._spec.candidates - len(found)
            if len(found) >= max(self._fewest, self._spec.candidates // 2) or (round_ and self._turn.left < 2):
                break
            templates = min(self._spec.templates, missing, max(self._turn.left - 1, 1))
            k, first = math.ceil(missing / templates), round_ * self._spec.templates
            found += await self._ask([self._questions.candidates(k, aim, first + i) for i in range(templates)])
        found = found[: self._spec.candidates]
        return Sampled([*found, *await self._made_up(found)], self._dropped, aim)

    async def _ask(self, questions: Sequence[Question]) -> list[Candidate]:
        """What is of use in all the answers. Raises LLMError when not one came."""
        answers, faults = await self._turn.all(questions)
        self._dropped += [f"a call failed: {fault}" for fault in faults]
        return [found for answer in answers if answer is not None for found in self._read(answer)]

    def _read(self, answer: Answer) -> list[Candidate]:
        given = reading.configs(answer.text, list(self._history.space.parameters))
        if not given:
            self._dropped.append("a reply held no configuration")
        entropies = self._entropies(answer, len(given))
        found = []
        for params, entropy in zip(given, entropies, strict=True):
            checked = self._checker.check(Proposed(params=_short(params)), call_id=answer.call_id, entropy=entropy)
            if checked.draft is None:
                self._dropped.append(checked.problem)
                continue
            notes = tuple(note for note in checked.notes if note != _NO_REASON)
            kept = {name: nats for name, nats in entropy.items() if name in checked.draft.params}
            found.append(
                Candidate(params=checked.draft.params, notes=notes, call_id=answer.call_id or None, entropy=kept)
            )
        return found

    def _entropies(self, answer: Answer, count: int) -> list[dict[str, float]]:
        """Nats a token of each value of each config; kept with the call, so that a turn begun again has them too."""
        if not self._seat.study.spec.agent.entropy:
            return [{}] * count
        found = list(answer.notes.get("entropies", ()))
        if answer.tokens:
            found = value_entropies(answer.tokens, list(self._history.space.parameters))
            found = [{name: round(nats, 4) for name, nats in one.items()} for one in found]
            calls.note(self._seat.store, answer.call_id, entropies=found)
        return found if len(found) == count else [{}] * count

    async def _made_up(self, found: Sequence[Candidate]) -> list[Candidate]:
        """Where the model gave some, but too few to choose from: what the classical search would add."""
        if not found or len(found) >= self._fewest:
            return []
        history = self._history
        for candidate in found:
            history = history.after(Draft(source=Source.LLAMBO, params=candidate.params))
        missing = self._fewest - len(found)
        drafts = await asyncio.to_thread(catalog.proposer(CLASSICAL).propose, history, missing)
        return [Candidate(params=draft.params, notes=(f"made up by {CLASSICAL}",)) for draft in drafts]


def _short(params: Mapping[str, Any]) -> dict[str, Any]:
    """With numbers of no more digits than the prompts have: what is proposed is what later prompts show."""
    return {n: float(f"{v:.{DIGITS}g}") if isinstance(v, float) and math.isfinite(v) else v for n, v in params.items()}
