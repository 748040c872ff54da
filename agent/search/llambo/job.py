"""The job `llambo`: one proposal, or those that a search begins with.

A pure function of the store and of what the model answers: a turn that was broken off begins again, and finds in the
ledger what it has paid for. LLMError says that the model was of no use; the session then gives the turn to the
classical search.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.seat import Seat
from agent.search import catalog, start, uniform, wire
from agent.search.finite import exhausted
from agent.search.from_store import history
from agent.search.history import History
from agent.search.llambo import choice
from agent.search.llambo.asking import Turn
from agent.search.llambo.sampling import CLASSICAL, Sampled, Sampling
from agent.search.llambo.surrogate import Surrogate
from agent.search.proposer import first, heard
from agent.store import proposals, trials
from agent.study.nouns import Draft

_ENOUGH = 2  # trials with a value, from which a model can read anything


async def propose(seat: Seat, *, number: int, n: int, calls: int = 1) -> dict[str, Any]:
    """Drafts for the proposals from `number` on, `{drafts, note}` as agent.search.wire has them: one a turn, since each
    is to know of the one before; of those that begin a search up to `n`, from one call. `calls` is of no concern here.

    Raises LLMError where the model gives nothing of use.
    """
    past = _history(seat, number)
    if (draft := first(past)) is not None:
        return _answer([draft], "the first config, before any call")
    if exhausted(past):
        return _answer([], "every config of the space has been proposed")
    beginning = seat.study.spec.llambo.initial + 1 - past.number
    if beginning > 0:
        return await _start(seat, past, min(beginning, max(n, 1)))
    if len(past.completed) < _ENOUGH:
        drafts = await asyncio.to_thread(catalog.proposer(CLASSICAL).propose, past, 1)
        return _answer(drafts, f"fewer than {_ENOUGH} trials have a value; {CLASSICAL} goes on")
    return await _next(seat, past)


def _history(seat: Seat, number: int) -> History:
    every = trials.all_trials(seat.store, seat.study.id)
    return history(seat.store, seat.study, every, proposals.pending(seat.store, seat.study.id), number)


def _answer(drafts: Sequence[Draft], note: str) -> dict[str, Any]:
    return {"drafts": [wire.draft_to_dict(draft) for draft in drafts], "note": note}


async def _start(seat: Seat, past: History, k: int) -> dict[str, Any]:
    """The configs that a search begins with: the model's, made up to `k` by a Sobol sequence; or that alone."""
    how = seat.study.spec.llambo.start
    sampled = Sampled((), ())
    if how == "model":
        sampled = await Sampling(seat, past, Turn(seat, past.number)).start(k)
        if not sampled.candidates:
            what = f"its replies held no usable configs: {'; '.join(sampled.dropped[:3])}"
            raise LLMError(LLMErrorKind.REPLY, what, where=seat.need_model().name)
    drafts = [choice.begun(seat, past, candidate) for candidate in sampled.candidates]
    for draft in drafts:
        past = past.after(draft)
    while len(drafts) < k and (draft_ := (uniform if how == "random" else start).draw(past)) is not None:
        drafts.append(draft_)
        past = past.after(draft_)
    return _answer([heard(past, draft) for draft in drafts], "; ".join(sampled.dropped))


async def _next(seat: Seat, past: History) -> dict[str, Any]:
    """Candidates at the target, what the model predicts of them, the one that promises most."""
    turn = Turn(seat, past.number)
    sampled = await Sampling(seat, past, turn).candidates()
    if not sampled.candidates:
        what = f"its replies held no usable candidates: {'; '.join(sampled.dropped[:3])}"
        raise LLMError(LLMErrorKind.REPLY, what, where=seat.need_model().name)
    judged = await Surrogate(seat, past, turn).judge([candidate.params for candidate in sampled.candidates])
    draft = choice.chosen(seat, past, sampled, judged)
    return _answer([heard(past, draft)], "; ".join([*sampled.dropped, *judged.notes]))
