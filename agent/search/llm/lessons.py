"""The lessons that fit a study, as its first proposals are shown them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from agent.lessons import rows
from agent.lessons.library import open_lessons
from agent.lessons.recall import recall
from agent.llm.seat import Seat
from agent.store import events, settings
from agent.study.nouns import Draft
from trainers.errors import TunewrightError


@dataclass(frozen=True)
class Shown:
    """A lesson as a prompt has it; `id` finds it again."""

    id: int
    text: str


def fitting(seat: Seat) -> list[Shown]:
    """The most fitting first. Where the file of lessons cannot be used the journal says why, once, and there are
    none."""
    try:
        return [Shown(lesson.id, lesson.told) for lesson in recall(seat.study)]
    except TunewrightError as error:
        _said(seat, f"going on without lessons: {error}")
        return []


def used(drafts: Iterable[Draft]) -> None:
    """Counts the lessons that the drafts rest on."""
    ids = {number for draft in drafts for number in draft.insight.get("lessons", ())}
    if not ids:
        return
    with suppress(TunewrightError), open_lessons() as library:  # only a count: no reason to lose the proposals
        rows.mark_used(library, ids)


def _said(seat: Seat, text: str) -> None:
    scope = f"agent:{seat.study.name}"
    if settings.take(seat.store, scope, "lessons") != text:
        settings.put(seat.store, scope, "lessons", text)
        with seat.store.transaction(durable=False):
            events.record(seat.store, seat.study.id, events.EventKind.ADVISED, text=text)
