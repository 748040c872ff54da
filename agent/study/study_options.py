"""What a study file says to a built-in trainer: [options], looked at by the trainer itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.study.problems import Problems
from agent.study.toml_lines import KeyPath
from trainers.contract import Trainer
from trainers.errors import TunewrightError
from trainers.settling import settled
from trainers.space import SearchSpace


def trainer_options(
    tables: Mapping[str, Any],
    trainer: Trainer | None,
    task: str,
    space: SearchSpace | None,
    folder: Path,
    problems: Problems,
) -> dict[str, Any]:
    """The options as trials get them. `folder` is where the study file stands.

    Data are read only for a file that has no other fault: what the others spoil would be told as faults of the data.
    """
    given = dict(tables.get("options", {}))
    if trainer is None or space is None or problems.errors:
        return given
    try:
        options, odd = settled(trainer, task, given, space, folder)
    except TunewrightError as error:
        _take(error, given, space, problems)
        return given
    for words in odd:
        problems.warn(("options",), words)
    return options


def _take(error: TunewrightError, given: Mapping[str, Any], space: SearchSpace, problems: Problems) -> None:
    """Puts the error where the file speaks of what is wrong: its option, its parameter, or the path of its data."""
    head, _, name = error.where.partition(".")
    if head == "options":
        problems.take(("options", name), error)
    elif error.where in space.parameters:
        problems.take(("space", error.where), error)
    else:
        key: KeyPath = ("options", "path") if "path" in given else ("study", "task")
        problems.error(key, f"{error.where}: {error.what}" if error.where else error.what, error.remedy)
