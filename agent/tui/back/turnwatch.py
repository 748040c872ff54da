"""Follows the chat of a study: turns that are new, and those that still grow."""

from __future__ import annotations

from agent.store import turns
from agent.store.connection import Store
from agent.study.nouns import Turn, TurnState
from agent.tui.back.journal import TURNS_KEPT


class TurnWatch:
    """Reads from the oldest turn that was still being written."""

    def __init__(self, store: Store, study_id: int) -> None:
        self._store, self._study_id = store, study_id
        self._from = 0
        self._known: dict[int, Turn] = {}  # those that may still change

    def opened(self) -> tuple[Turn, ...]:
        """The last turns; those whose writer is gone are marked first."""
        turns.cut_orphans(self._store, self._study_id)
        found = turns.last(self._store, self._study_id, TURNS_KEPT)
        self._advance(found)
        return tuple(found)

    def news(self) -> tuple[Turn, ...]:
        """Turns that are new or have changed since the last call, oldest first."""
        found = turns.since(self._store, self._study_id, self._from)
        fresh = tuple(t for t in found if self._known.get(t.id) != t)
        self._advance(found)
        return fresh

    def _advance(self, found: list[Turn]) -> None:
        growing = [t for t in found if t.state is TurnState.WRITING]
        last = max((t.id + 1 for t in found), default=self._from)
        self._from = min((t.id for t in growing), default=last)
        self._known = {t.id: t for t in found if t.id >= self._from}
