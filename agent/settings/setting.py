"""What a setting is: one key of settings.toml, of a study, or of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.study.key import Key


class Origin(StrEnum):
    """Where a value comes from; the first that has one wins."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    STUDY = "study"
    FILE = "your file"
    DEFAULT = "default"


PERSON, STUDY = "person", "study"


@dataclass(frozen=True)
class Setting:
    """`name` is its table and key, as they stand in settings.toml or study.toml: "look.theme".

    `scopes` says whose it is: a person's, a study's, or a study's with a person's own default. `flag` is empty
    where no command takes one.
    """

    name: str
    key: Key
    default: Any
    scopes: tuple[str, ...] = (PERSON,)
    flag: str = ""
    metavar: str = ""

    @property
    def table(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def environment(self) -> str:
        """The variable that sets it: that of its flag, else of its name."""
        if self.name == "study.seed":
            return "TUNEWRIGHT_STUDY_SEED"  # TUNEWRIGHT_SEED is what a trial's script is told
        word = self.flag.strip("-") or self.name.removeprefix("study.")
        return f"TUNEWRIGHT_{word.upper().replace('-', '_').replace('.', '_')}"


def flattened(data: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted name."""
    out: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping):
            out |= {f"{name}.{inner}": v for inner, v in flattened(value).items()}
        else:
            out[name] = value
    return out
