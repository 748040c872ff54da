"""Reading what earlier studies taught."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from agent.chat.tools.base import Args, Tool, within
from agent.lessons.library import open_lessons
from agent.lessons.recall import recall
from agent.lessons.search import search
from agent.llm.seat import Seat


class LessonsArgs(Args):
    query: Annotated[str, Field(max_length=300, description="words; empty: those that fit this study")] = ""
    limit: Annotated[int, Field(ge=1, le=20)] = 8


async def find_lessons(seat: Seat, args: LessonsArgs) -> str:
    """The most fitting first, each with where it comes from."""
    return await asyncio.to_thread(_told, seat, args)


def _told(seat: Seat, args: LessonsArgs) -> str:
    if args.query.strip():
        with open_lessons() as store:
            found = search(store, args.query, args.limit)
    else:
        found = recall(seat.study, args.limit)
    return within([f"- {lesson.told}" for lesson in found] or ["no lesson fits"])


TOOLS = (Tool("lessons", "what earlier studies and common knowledge teach", LessonsArgs, find_lessons),)
