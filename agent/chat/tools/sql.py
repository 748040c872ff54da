"""Asking the store itself, read-only."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from agent.chat.readonly import MOST_ROWS, MOST_SECONDS, query
from agent.chat.tools.base import MOST_CHARACTERS, Args, Tool
from agent.llm.seat import Seat

SCHEMA = (
    "study(id, name, spec JSON), proposal(id, study_id, number, source, params JSON, state, rationale, expected_low, "
    "expected_high), decision(proposal_id, actor, action, reason), trial(id, study_id, number, proposal_id, source, "
    "params JSON, state, value, last_step, started_at, ended_at, failure JSON), attempt(id, trial_id, number), "
    "metric(id, name), point(attempt_id, metric_id, step, value; NULL is nan), diagnosis(trial_id, verdict, body JSON),"
    " event(study_id, at, kind, trial_id, data JSON), call(study_id, purpose, model, prompt_tokens, cost, seconds)"
)


class SqlArgs(Args):
    query: Annotated[str, Field(min_length=1, max_length=10_000, description="one SELECT of SQLite")]


async def run_sql(seat: Seat, args: SqlArgs) -> str:
    """In a thread: other answers go on meanwhile."""
    rows = await asyncio.to_thread(query, seat.store.path, args.query)
    return rows.text(MOST_CHARACTERS)


TOOLS = (
    Tool(
        "sql",
        f"what no other tool tells: one SELECT, {MOST_ROWS} rows and {MOST_SECONDS:g} s at most; studies share the "
        f"tables, so filter by study_id; params->>'$.lr' reads JSON. Tables: {SCHEMA}",
        SqlArgs,
        run_sql,
    ),
)
