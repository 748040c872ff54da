"""Writes a study as a commented study.toml that reads back as the same study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable, Item, Table

from agent.study.agent_spec import AgentSpec
from agent.study.durations import format_duration
from agent.study.policy import Policy
from agent.study.sizes import format_size
from agent.study.spec import Budget, EngineSpec, StudySpec
from agent.study.study_schema import TABLES
from trainers import catalog
from trainers.contract import Objective
from trainers.errors import TunewrightError

_WIDTH = 90  # a longer list is written over several lines
_HEADS = {
    "space": "The parameters: float, int or categorical, with low, high, log, step, choices, default, when.",
    "metrics": "Where the script's metrics are read: regex, csv or tensorboard. JSON lines need no entry.",
    "env": "Environment variables for the script, besides those it inherits.",
    "engine": "Where and how wide trials run.",
    "agent": "The model that proposes and explains, and what it may spend.",
    "options": "The trainer's own settings.",
    "defaults": "The config of the first trial.",
}


def to_toml(spec: StudySpec, folder: Path | None = None) -> str:
    """The text of a study file; `folder` is where it will stand (a script's own folder unless told).

    Raises TunewrightError for what TOML cannot say: it has no null.
    """
    document = tomlkit.document()
    document.add(tomlkit.comment("A Tunewright study. Run it with: tunewright run study.toml"))
    tables = {
        "study": dict(_study(spec, folder)),
        "space": _space(spec),
        "metrics": spec.options.get("metrics", {}) if spec.trainer == "script" else {},
        "env": spec.options.get("env", {}) if spec.trainer == "script" else {},
        "engine": _engine(spec.engine),
        "agent": _changed(spec.agent, AgentSpec()),
        "options": dict(spec.options) if spec.trainer != "script" else {},
        "defaults": spec.defaults or {},
    }
    for name, content in tables.items():
        if content:
            document.add(tomlkit.nl())
            document.add(name, _table(name, content))
    return tomlkit.dumps(document)


def _study(spec: StudySpec, folder: Path | None) -> Iterator[tuple[str, Any]]:
    yield "name", spec.name
    if spec.trainer == "script":
        yield "command", list(spec.options["command"])
        if folder is not None and str(folder.resolve()) != spec.options["cwd"]:
            yield "cwd", spec.options["cwd"]
    else:
        yield "trainer", spec.trainer
        if spec.task:
            yield "task", spec.task
    yield "objective", _changed(spec.objective, Objective(""), always=("metric", "direction"))
    if budget := _changed(spec.budget, Budget(), trial_seconds="trial_time", total_seconds="total"):
        yield "budget", budget
    policy = _changed(spec.policy, Policy(), always=("kind",))
    if "failures" in policy:
        policy["failures"] = policy["failures"] or 0
    yield "policy", policy if len(policy) > 1 else policy["kind"]
    yield "search", spec.search
    yield "seed", spec.seed
    if spec.engine.jobs is not None:
        yield "jobs", spec.engine.jobs
    if spec.space.constraints:
        yield "constraints", [constraint.text for constraint in spec.space.constraints]


def _space(spec: StudySpec) -> dict[str, Any]:
    """Every parameter of a script; of a trainer those that differ from its own."""
    parameters = spec.space.to_dict()["parameters"]
    if spec.trainer == "script":
        return dict(parameters)
    own = catalog.load(spec.trainer).space(spec.task).to_dict()["parameters"]
    return {name: made for name, made in parameters.items() if made != own.get(name)}


def _engine(engine: EngineSpec) -> dict[str, Any]:
    changed = _changed(engine, EngineSpec(), memory_bytes="memory", grace_seconds="grace")
    return {name: value for name, value in changed.items() if name != "jobs"}


def _changed(thing: Any, usual: Any, always: tuple[str, ...] = (), **renamed: str) -> dict[str, Any]:
    """The fields of a dataclass that are not as usual, in the file's names and units."""
    found = {}
    for field, value in vars(thing).items():
        if field in always or value != getattr(usual, field):
            if field.endswith("_seconds"):
                value = format_duration(value)
            elif field.endswith("_bytes"):
                value = format_size(value)
            found[renamed.get(field, field)] = value
    return found


def _table(name: str, content: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    if name in _HEADS:
        table.add(tomlkit.comment(_HEADS[name]))
    keys = TABLES[name] or {}
    for key, value in content.items():
        item = _item(f"{name}.{key}", value)
        if key in keys and not isinstance(value, list | dict):
            item.comment(keys[key].about)
        elif key in keys:
            table.add(tomlkit.comment(keys[key].about))
        table.append(tomlkit.key([key]), item)
    return table


def _item(path: str, value: Any) -> Item:
    if value is None or (isinstance(value, list | tuple) and None in value):
        raise TunewrightError("TOML has no word for nothing (null)", where=path, remedy='Use a text such as "none".')
    if isinstance(value, Mapping):
        inline: InlineTable = tomlkit.inline_table()
        for key, inner in value.items():
            inline.append(tomlkit.key([key]), _item(f"{path}.{key}", inner))
        return inline
    if isinstance(value, str) and path.startswith("metrics.") and "\\" in value and not set(value) & set("'\n"):
        return tomlkit.string(value, literal=True)  # a regex reads better with its backslashes single
    if isinstance(value, list | tuple):
        array: Array = tomlkit.item(list(value))
        return array.multiline(len(array.as_string()) > _WIDTH)
    item: Item = tomlkit.item(value)
    return item
