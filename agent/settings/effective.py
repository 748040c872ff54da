"""The value of each setting and where it comes from: flag, environment, study, a person's file, default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.settings import person
from agent.settings.file import Written, problems, read_file, said, settings_file, write
from agent.settings.setting import Origin, Setting
from agent.settings.values import from_toml, read
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.study.spec import StudySpec

_LIGHT = {s.name: s for s in person.SETTINGS}


@dataclass(frozen=True)
class Settings:
    """What holds for this process. `flags` are values by name; what does not fit anywhere is passed over."""

    written: Written
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """What holds, a study's own values aside."""
        return self.told(_setting(name))[0]

    def told(self, setting: Setting) -> tuple[Any, Origin]:
        """The value and where it comes from, a study's own values aside."""
        if setting.name in self.flags:
            return self.flags[setting.name], Origin.FLAG
        if (text := self.environment.get(setting.environment)) is not None:
            try:
                return read(setting, text), Origin.ENVIRONMENT
            except TunewrightError:
                pass  # `complaints` tells
        if setting.name in self.written.values and "person" in setting.scopes:
            try:
                return from_toml(setting, self.written.values[setting.name]), Origin.FILE
            except TunewrightError:
                pass  # `complaints` tells
        return setting.default, Origin.DEFAULT

    def in_study(self, setting: Setting, spec: StudySpec) -> tuple[Any, Origin]:
        """The value in a study, and where it comes from as far as can be told."""
        from agent.settings.of_study import get

        value = get(spec, setting.name)
        told, origin = self.told(setting)
        return value, origin if value == told else Origin.STUDY

    def complaints(self) -> list[str]:
        """One sentence for each thing that could not be used."""
        told = any(name.startswith("TUNEWRIGHT_") for name in self.environment)
        if not (told or self.written.values or self.written.unreadable):
            return []  # and the schema of a study need not be loaded
        from agent.settings import schema

        found = [said(problem) for problem in problems(self.written)]
        for setting in schema.SETTINGS:
            if (text := self.environment.get(setting.environment)) is not None:
                try:
                    read(setting, text)
                except TunewrightError as error:
                    found.append(str(TunewrightError(error.what, where=setting.environment, remedy=error.remedy)))
        return found

    def put(self, setting: Setting, value: Any, *, unset: bool = False) -> Settings:
        """Writes a value to the person's file. What a flag or the environment says still wins, until the next start.

        Raises TunewrightError when the file cannot be written.
        """
        write(self.written.path, setting, value, unset=unset)
        return replace(self, written=read_file(self.written.path))


def load(
    path: Path | None = None, environment: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> Settings:
    """What holds now. Never fails; `complaints` says what could not be used."""
    return Settings(read_file(path or settings_file()), os.environ if environment is None else environment, flags or {})


def _setting(name: str) -> Setting:
    if name in _LIGHT:
        return _LIGHT[name]
    from agent.settings import schema

    return schema.BY_NAME[name]
