"""The job `answer`: a person's question and the agent's answer, as turns of the study's chat."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from agent.chat.advisor import advise
from agent.chat.conversation import before
from agent.chat.loop import Answering
from agent.chat.questions import checked
from agent.chat.writing import Writing
from agent.digest.text import shorten
from agent.llm.errors import UNREACHED, LLMError
from agent.llm.keys import redact
from agent.llm.model import LanguageModel
from agent.llm.seat import Seat
from agent.store import turns
from agent.store.aside import aside
from agent.study.nouns import Turn, TurnState
from trainers.errors import TunewrightError

_LONGEST = 200  # characters of why a model could not be reached


async def answer(seat: Seat, *, question: str, asked: int | None = None) -> dict[str, Any]:
    """Stores the question, unless its front has done so as turn `asked`, then the answer as it grows; `{turn}` is the
    answer's id.

    Raises LLMError when the model fails, CancelledError when it is broken off: the turn then keeps what was said
    and is marked CUT, with a line that says why. A model that cannot be reached is said to be so, and the built-in
    advisor answers. Raises TunewrightError for a question that is none.
    """
    question = checked(question)
    earlier = before(seat, asked)
    if asked is None:
        turns.add(seat.store, seat.study.id, "person", question)
    turn = Writing(seat, "" if seat.model is None else seat.model.name)
    try:
        if seat.model is None:
            turn.step(await aside(seat.store, lambda store: advise(store, seat.study, question)))
            note = ""
        else:
            note = await _by_model(seat, seat.model, question, earlier, turn)
    except BaseException as error:  # whatever ends it, the turn must not stay open
        turn.finish(TurnState.CUT, _why(error))
        raise
    turn.finish(TurnState.WHOLE, note)
    return {"turn": turn.id}


async def _by_model(seat: Seat, model: LanguageModel, question: str, earlier: Sequence[Turn], turn: Writing) -> str:
    """The note of the answer. What a model began to say before it was lost is not gone on with by another."""
    try:
        return await Answering(seat, model, question, earlier, turn).run()
    except LLMError as error:
        if error.kind not in UNREACHED or turn.begun:
            raise
        why = shorten(redact(" ".join(error.what.split())), _LONGEST)
    turn.step(f"{model.name} could not be reached ({why}); the built-in advisor answers.")
    turn.step(await aside(seat.store, lambda store: advise(store, seat.study, question)))
    return ""


def _why(error: BaseException) -> str:
    """One line for the reader."""
    if isinstance(error, asyncio.CancelledError):
        return "interrupted"
    said = str(error) if isinstance(error, TunewrightError) else f"a fault of ours ({type(error).__name__})"
    return redact(" ".join(said.split()))
