"""Counts the lessons whose portfolios gave a study configs that were proposed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from agent.lessons import rows
from agent.lessons.library import open_lessons
from agent.study.suggested import Suggested
from trainers.errors import TunewrightError
from trainers.space import Config


def count(portfolio: Sequence[Suggested], proposed: Sequence[Config]) -> None:
    uids = {s.lesson for s in portfolio if s.lesson and s.params in proposed}
    if not uids:
        return
    with suppress(TunewrightError), open_lessons() as library:  # only a count: no reason to lose the proposals
        found = (rows.by_uid(library, uid) for uid in uids)
        rows.mark_used(library, [lesson.id for lesson in found if lesson is not None])
