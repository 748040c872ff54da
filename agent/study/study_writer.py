"""Writes a study as a commented study.toml that reads back as the same study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable, Item, Table

from agent.study.agent_spec import AgentSpec
from agent.study.durations import format_duration
from agent.study.llambo_spec import LlamboSpec
from agent.study.policy import Policy
from agent.study.sizes import format_size
from agent.study.spec import Budget, EngineSpec, StudySpec
from agent.study.stopping_spec import StoppingSpec
from agent.study.study_notes import StudyNotes, one_line
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
    "stopping": "How trials that promise too little are ended early.",
    "llambo": "How the search llambo asks the model, and how often.",
    "options": "The trainer's own settings.",
    "defaults": "The config of the first trial.",
}


def to_toml(spec: StudySpec, folder: Path | None = None, notes: StudyNotes | None = None) -> str:
    """The text of a study file; `folder` is where it will stand (a script's own folder unless told), `notes` what it
    says besides its values.

    Raises TunewrightError for what TOML cannot say: it has no null.
    """
    document = tomlkit.document()
    notes = notes or StudyNotes()
    for line in notes.head or ("A Tunewright study. Run it with: tunewright run study.toml",):
        document.add(tomlkit.comment(one_line(line)))
    tables = {
        "study": dict(_study(spec, folder)),
        "space": _space(spec),
        "metrics": spec.options.get("metrics", {}) if spec.trainer == "script" else {},
        "env": spec.options.get("env", {}) if spec.trainer == "script" else {},
        "engine": _engine(spec.engine),
        "agent": _changed(spec.agent, AgentSpec()),
        "stopping": _changed(spec.stopping, StoppingSpec()),
        "llambo": _changed(spec.llambo, LlamboSpec()),
        "options": dict(spec.options) if spec.trainer != "script" else {},
        "defaults": spec.defaults or {},
    }
    for name, content in tables.items():
        if content or notes.asides.get(name):
            document.add(tomlkit.nl())
            document.add(name, _table(name, content, notes))
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
    if not spec.use_portfolio:
        yield "portfolio", False
    yield "seed", spec.seed
    if spec.seeds != 1:
        yield "seeds", spec.seeds
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


def _table(name: str, content: Mapping[str, Any], notes: StudyNotes) -> Table:
    table = tomlkit.table()
    for head in notes.heads.get(name) or ([_HEADS[name]] if name in _HEADS else []):
        table.add(tomlkit.comment(one_line(head)))
    keys = TABLES[name] or {}
    for key, value in content.items():
        path = f"{name}.{key}"
        item = _command(notes) if path == "study.command" and notes.command else _item(path, value)
        about = one_line(notes.about.get(path) or (keys[key].about if key in keys else ""))
        if about and not isinstance(value, list | dict):
            item.comment(about)
        elif about:
            table.add(tomlkit.comment(about))
        table.append(tomlkit.key([key]), item)
    for aside in notes.asides.get(name, ()):
        if aside.note:
            table.add(tomlkit.comment(one_line(aside.note)))
        entry = tomlkit.document()
        entry.append(tomlkit.key([aside.key]), _item(f"{name}.{aside.key}", aside.value))
        table.add(tomlkit.comment(" ".join(line.strip() for line in tomlkit.dumps(entry).splitlines())))
    return table


def _command(notes: StudyNotes) -> Array:
    """The command, a line for words that belong together; lines that are switched off are comments."""
    array = tomlkit.array()
    for words, on in notes.command:
        if on:
            array.add_line(*words)
        else:
            array.add_line(comment=one_line(", ".join(tomlkit.item(word).as_string() for word in words) + ","))
    array.add_line(indent="")
    return array


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
