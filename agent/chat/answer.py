"""The job `answer`: a person's question and the agent's answer, as turns of the study's chat."""

from __future__ import annotations

import asyncio
from typing import Any

from agent.chat.advisor import advise
from agent.chat.conversation import before
from agent.chat.loop import Answering
from agent.chat.writing import Writing
from agent.llm.keys import redact
from agent.llm.seat import Seat
from agent.store import turns
from agent.study.nouns import TurnState
from trainers.errors import TunewrightError

LONGEST = 20_000  # characters of a question


async def answer(seat: Seat, *, question: str) -> dict[str, Any]:
    """Stores the question, then the answer as it grows; `{turn}` is the answer's id.

    Raises LLMError when the model fails, CancelledError when it is broken off: the turn then keeps what was said
    and is marked CUT, with a line that says why. Raises TunewrightError for a question that is none.
    """
    asked = _checked(question)
    earlier = before(seat)
    turns.add(seat.store, seat.study.id, "person", asked)
    turn = Writing(seat, "" if seat.model is None else seat.model.name)
    try:
        if seat.model is None:
            turn.step(advise(seat.store, seat.study, asked))
            note = ""
        else:
            note = await Answering(seat, seat.model, asked, earlier, turn).run()
    except BaseException as error:  # whatever ends it, the turn must not stay open
        turn.finish(TurnState.CUT, _why(error))
        raise
    turn.finish(TurnState.WHOLE, note)
    return {"turn": turn.id}


def _checked(question: str) -> str:
    """As it may be stored: without keys, in valid UTF-8."""
    asked = redact(question.encode("utf-8", "replace").decode()).strip()
    if not asked:
        raise TunewrightError("there is no question", remedy="Ask for example: why did 17 fail?")
    if len(asked) > LONGEST:
        what = f"the question has {len(asked):,} characters"
        raise TunewrightError(what, remedy=f"Ask in at most {LONGEST:,}; logs are read from the run folders.")
    return asked


def _why(error: BaseException) -> str:
    """One line for the reader."""
    if isinstance(error, asyncio.CancelledError):
        return "interrupted"
    said = str(error) if isinstance(error, TunewrightError) else f"a fault of ours ({type(error).__name__})"
    return redact(" ".join(said.split()))
