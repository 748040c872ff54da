"""What studies teach beyond themselves: written when one ends, found again for the next, edited and shared.

They lie in one file a user, `lessons.sqlite` (agent.lessons.library), whichever folder a study is in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.lessons.lesson import Lesson
    from agent.store.studies import Study


def remember(lesson: Mapping[str, Any], study: Study | None = None) -> Lesson:
    """Keeps a lesson that a person approved or wrote: `text`, and whatever else a Lesson has. What it held under is
    taken from `study`, and what it speaks of from the parameters its text names.

    Raises StoreError where the file of lessons cannot be used, TunewrightError for a lesson that is none.
    """
    from agent.lessons.keep import keep

    return keep(lesson, study)
