"""A new study starts with a person's own defaults where its file leaves something open."""

from __future__ import annotations

import tomllib
from collections.abc import Collection

from agent.settings.effective import Settings
from agent.settings.of_study import put
from agent.settings.schema import OF_STUDY
from agent.settings.setting import PERSON, Origin, flattened
from agent.study.spec import StudySpec


def stated(text: str) -> set[str]:
    """The settings that a study file gives itself."""
    names = set(flattened(tomllib.loads(text)))
    if any(name == "study.policy" or name.startswith("study.policy.") for name in names):
        names.add("study.policy")
    return names | ({"engine.jobs"} if "study.jobs" in names else set())


def filled(spec: StudySpec, given: Collection[str], settings: Settings) -> StudySpec:
    """`spec` with the person's defaults for what is not among `given`."""
    for setting in OF_STUDY:
        if PERSON in setting.scopes and setting.name not in given and setting.name in settings.written.values:
            value, origin = settings.told(setting)
            if origin is not Origin.DEFAULT:
                spec = put(spec, setting.name, value)
    return spec
