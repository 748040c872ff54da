"""All settings by name. What the first frame needs is in `person` alone, which imports nothing of a study."""

from __future__ import annotations

from collections.abc import Mapping

from agent.settings import of_study, person
from agent.settings.setting import PERSON, STUDY, Setting
from trainers.errors import TunewrightError, nearest

SETTINGS: tuple[Setting, ...] = (*person.SETTINGS, *of_study.SETTINGS)
BY_NAME: Mapping[str, Setting] = {s.name: s for s in SETTINGS}
OF_PERSON: tuple[Setting, ...] = tuple(s for s in SETTINGS if PERSON in s.scopes)
OF_STUDY: tuple[Setting, ...] = tuple(s for s in SETTINGS if STUDY in s.scopes)


def find(name: str) -> Setting:
    """By its name or the end of it: `look.theme`, `theme`. Raises TunewrightError naming the nearest, or all meant."""
    if name in BY_NAME:
        return BY_NAME[name]
    meant = [s for s in SETTINGS if s.name.endswith(f".{name}")]
    if len(meant) == 1:
        return meant[0]
    if meant:
        listed = " or ".join(s.name for s in meant)
        raise TunewrightError(f"'{name}' could be several settings", remedy=f"Write {listed}.")
    close = nearest(name, [*BY_NAME, *(s.short for s in SETTINGS)])
    remedy = "'tunewright settings' lists them." if close.startswith("Known") else close
    raise TunewrightError(f"there is no setting '{name}'", remedy=remedy)
