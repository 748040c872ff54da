"""Settings as lines of a page or of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.settings import schema, values
from agent.settings.effective import Settings
from agent.settings.setting import Origin, Setting

if TYPE_CHECKING:
    from agent.study.spec import StudySpec


@dataclass(frozen=True)
class Row:
    """One setting as it stands now: the person's, or that of a study."""

    setting: Setting
    value: Any
    origin: Origin
    of_study: bool = False

    @property
    def said(self) -> str:
        return values.shown(self.setting, self.value)

    @property
    def default(self) -> str:
        return values.shown(self.setting, self.setting.default)

    def to_dict(self) -> dict[str, Any]:
        setting = self.setting
        return {
            "name": setting.name,
            "value": self.value,
            "origin": str(self.origin),
            "default": setting.default,
            "of": "study" if self.of_study else "person",
            "about": setting.key.about,
            "choices": list(values.choices(setting)),
            "environment": setting.environment,
            "flag": setting.flag,
        }


def of_person(settings: Settings) -> list[Row]:
    return [Row(s, *settings.told(s)) for s in schema.OF_PERSON]


def of_study(settings: Settings, spec: StudySpec) -> list[Row]:
    return [Row(s, *settings.in_study(s, spec), of_study=True) for s in schema.OF_STUDY]
