"""The job `propose`: what the agent's model would run next, checked.

One call brings `proposals` configs. Those that fit are kept; when none does, the model is told what was wrong and
asked once more; when that fails too, LLMError says so and the session gives the turn to the classical search.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.digest import Digest, digest
from agent.llm.asking import Judged, ask, whole_items
from agent.llm.call import Call, Completion
from agent.llm.entropy import value_entropies
from agent.llm.errors import LLMError
from agent.llm.model import LanguageModel
from agent.llm.seat import Seat
from agent.search import catalog, wire
from agent.search.finite import exhausted
from agent.search.from_store import history
from agent.search.history import History
from agent.search.llm.brief import brief
from agent.search.llm.check import Checker
from agent.search.llm.evidence import Facts
from agent.search.llm.lessons import Shown, fitting, used
from agent.search.llm.reply import Proposals, shape
from agent.search.proposer import first
from agent.store import proposals, trials
from agent.store.aside import aside
from agent.study.nouns import Draft, Source
from agent.study.spec import StudySpec
from prompts.render import Rendered

CLASSICAL = "guided"  # goes on where `llm-first` ends
_TOKENS_A_CONFIG, _TOKENS_A_VALUE, _LEAST, _MOST = 400, 16, 2_048, 16_384


async def propose(seat: Seat, *, number: int, n: int, calls: int = 1, advises: bool = False) -> dict[str, Any]:
    """Up to `n` drafts for the proposals from `number` on: `{drafts, note}`, drafts as agent.search.wire has them.

    The study's first config comes first, alone and without a call. With `calls` above 1 the model is asked so many
    times at once, each for its own part; where it `advises` the classical search, its share is not counted here. No
    drafts mean that there is nothing left to propose. Raises LLMError when the model gives none that is of use.
    """
    past = _history(seat, number)
    if (draft := first(past)) is not None:
        return _answer([draft], "the first config, before any call")
    if exhausted(past):
        return _answer([], "every config of the space has been proposed")
    left = None if advises else _models_turns(seat, seat.study.spec)
    if left == 0:
        drafts = await asyncio.to_thread(catalog.proposer(CLASSICAL).propose, past, n)
        return _answer(drafts, f"the model's first configs are out; {CLASSICAL} goes on")
    wanted = n if left is None else min(n, left)
    seat.need_model()  # before the digest, which takes a while
    lessons = list({lesson.text: lesson for lesson in fitting(seat)}.values())  # numbered as the prompt has them
    texts = [lesson.text for lesson in lessons]
    told = await aside(seat.store, lambda store: digest(store, seat.study, texts))
    return await _Asking(seat, past, told, lessons, wanted, max(calls, 1)).drafts()


def _history(seat: Seat, number: int) -> History:
    every = trials.all_trials(seat.store, seat.study.id)
    return history(seat.store, seat.study, every, proposals.pending(seat.store, seat.study.id), number)


def _models_turns(seat: Seat, spec: StudySpec) -> int | None:
    """How many configs `llm-first` still asks the model for; None where it is asked for all of them."""
    if spec.search != "llm-first":
        return None
    return max(spec.agent.proposals - proposals.count_from(seat.store, seat.study.id, Source.LLM), 0)


def _answer(drafts: Sequence[Draft], note: str) -> dict[str, Any]:
    return {"drafts": [wire.draft_to_dict(draft) for draft in drafts], "note": note}


@dataclass
class _Tally:
    """What came of one call."""

    kept: list[Draft]
    notes: list[str]


class _Asking:
    """One or several calls at once, whose configs are checked against each other as they come."""

    def __init__(
        self, seat: Seat, past: History, told: Digest, lessons: Sequence[Shown], wanted: int, calls: int
    ) -> None:
        self._spec = seat.study.spec
        self._model: LanguageModel = seat.need_model()
        self._wanted, self._calls = wanted, calls
        self._k = min(self._spec.agent.proposals, wanted)
        self._digest = told
        shown = lessons[: len(told.lessons)]
        self._checker = Checker(past, Facts(seat.store, past.trials), [lesson.id for lesson in shown])
        self._shape = shape(self._spec.space, self._k, bool(shown))

    async def drafts(self) -> dict[str, Any]:
        parts = range(self._calls) if self._calls > 1 else [None]
        came = await asyncio.gather(*(self._call(part) for part in parts), return_exceptions=True)
        tallies = [one for one in came if isinstance(one, _Tally)]
        faults = [one for one in came if isinstance(one, BaseException)]
        if odd := [fault for fault in faults if not isinstance(fault, LLMError)]:
            raise odd[0]
        if not tallies:
            raise faults[0]
        notes = [note for tally in tallies for note in tally.notes] + [f"a call failed: {fault}" for fault in faults]
        drafts = [draft for tally in tallies for draft in tally.kept][: self._wanted]
        used(drafts)
        return _answer(drafts, "; ".join(notes))

    async def _call(self, part: int | None) -> _Tally:
        agent = self._spec.agent
        asked = brief(self._spec, self._digest, self._k, part)
        return await ask(
            self._model,
            self._as_call(asked),
            self._shape,
            self._judge,
            folder=agent.prompts,
            language=agent.language,
            salvage=_salvage,
        )

    def _as_call(self, asked: Rendered) -> Call:
        agent = self._spec.agent
        tokens = self._k * (_TOKENS_A_CONFIG + _TOKENS_A_VALUE * len(self._spec.space))
        return Call(
            purpose=asked.template.partition("@")[0],
            messages=asked.messages,
            template=asked.template,
            max_tokens=min(max(tokens, _LEAST), _MOST) + (agent.thinking or 0),
            temperature=agent.temperature,
            thinking=agent.thinking,
            entropy=agent.entropy,
            attention=agent.attention,
        )

    def _judge(self, reply: Proposals, completion: Completion | None) -> Judged[_Tally]:
        """Keeps what is of use. Without any, the problems are what the model is told."""
        call_id = completion.call_id if completion is not None else None
        entropies = self._entropies(reply, completion)
        kept: list[Draft] = []
        notes: list[str] = []
        for i, (proposed, entropy) in enumerate(zip(reply.proposals, entropies, strict=True), 1):
            if len(kept) == self._k:
                break  # it gave more than it was asked for
            checked = self._checker.check(proposed, call_id=call_id, entropy=entropy)
            kept += [checked.draft] if checked.draft is not None else []
            notes += [f"proposal {i}: {text}" for text in (checked.problem, *checked.notes) if text]
        if kept:
            cut = "" if completion is not None else f"the reply broke off; {len(kept)} of its configs were whole"
            return Judged(_Tally(kept, [cut, *notes] if cut else notes))
        return Judged(None, notes or ["the list of proposals is empty"])

    def _entropies(self, reply: Proposals, completion: Completion | None) -> list[dict[str, float]]:
        """Nats a token of each proposed value, by proposal; empty where the model's probabilities are not known."""
        names = self._spec.space.parameters
        found = value_entropies(completion.tokens, list(names)) if completion and self._spec.agent.entropy else []
        with_params = [p for p in reply.proposals if isinstance(p.params, dict) and names.keys() & p.params.keys()]
        by_place = dict(zip(map(id, with_params), found, strict=False)) if len(found) == len(with_params) else {}
        return [by_place.get(id(proposed), {}) for proposed in reply.proposals]


def _salvage(text: str) -> Proposals | None:
    """The configs that are whole in a reply which is not."""
    items = whole_items(text, "proposals")
    return Proposals.model_validate({"proposals": items}) if items else None
