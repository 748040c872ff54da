"""What earlier studies taught that fits this one, for a prompt."""

from __future__ import annotations

from agent.lessons.recall import recall
from agent.store.studies import Study
from trainers.errors import TunewrightError


def taught(study: Study) -> list[str]:
    """The most fitting first. None where the file of lessons cannot be used: `tunewright lessons` says why, and a
    question is answered without them."""
    try:
        return [lesson.told for lesson in recall(study)]
    except TunewrightError:
        return []
