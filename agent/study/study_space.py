"""The search space of a study file: [space], constraints and [defaults]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.study.problems import Problems
from agent.study.toml_lines import KeyPath
from trainers.contract import Trainer
from trainers.errors import SpaceError, TunewrightError, nearest
from trainers.expressions import Expression
from trainers.parameters import Parameter, parameter_from_dict
from trainers.space import Config, SearchSpace


def read_space(
    tables: Mapping[str, Any], study: Mapping[str, Any], trainer: Trainer | None, task: str, problems: Problems
) -> SearchSpace | None:
    """The trainer's space with what the file says in its place; a script's is the file's alone.
    None when there is none to be had, which `problems` then tells."""
    before = len(problems.errors)
    own = _own_space(trainer, task)
    parameters = {} if own is None else dict(own.parameters)
    for name, spec in tables.get("space", {}).items():
        if own is not None and name not in own.parameters:
            problems.error(
                ("space", name), f"{trainer and trainer.name} has no such parameter", nearest(name, own.parameters)
            )
        elif (parameter := _parameter(name, spec, problems)) is not None:
            parameters[name] = parameter
    constraints = [
        *([c.text for c in own.constraints] if own is not None else []),
        *_constraints(tables, study, problems),
    ]
    if trainer is None or (own is None and trainer.tasks()):  # an unknown trainer or task, which is told already
        return None
    if not parameters and len(problems.errors) == before:
        problems.error(("space",), "there is no parameter to tune", "Write [space] with at least one.")
    if len(problems.errors) > before:
        return None
    try:
        return SearchSpace(parameters.values(), dict.fromkeys(constraints))
    except SpaceError as error:
        problems.take(_place(error.where, error.what, tables, study), error)
        return None


def _own_space(trainer: Trainer | None, task: str) -> SearchSpace | None:
    if trainer is None or task not in trainer.tasks():
        return None
    return trainer.space(task)


def _parameter(name: str, spec: Any, problems: Problems) -> Parameter | None:
    if name == "constraints" and isinstance(spec, list):
        problems.error(("space", name), "constraints is no parameter", "Move it into [study].")
        return None
    if isinstance(spec, Mapping) and spec and all(isinstance(value, Mapping) for value in spec.values()):
        inner = next(iter(spec))
        problems.error(("space", name, inner), "a name with a dot must be quoted", f'Write "{name}.{inner}" = {{ … }}.')
        return None
    try:
        return parameter_from_dict(name, spec)
    except SpaceError as error:
        key: KeyPath = ("space", name)
        if isinstance(spec, Mapping):
            key = (*key, *(["when"] if error.where.endswith(".when") else _named_key(error.what, spec)))
        problems.take(key, error)
        return None


def _named_key(what: str, spec: Mapping[str, Any]) -> list[str]:
    """The first key of the parameter that the message names."""
    return [word for word in re.findall(r"\w+", what) if word in spec][:1]


def _constraints(tables: Mapping[str, Any], study: Mapping[str, Any], problems: Problems) -> list[str]:
    if "constraints" in tables and "constraints" in study:
        problems.error(("constraints",), "constraints are given twice", "Keep those in [study].")
    key: KeyPath = ("study", "constraints") if "constraints" in study else ("constraints",)
    listed = list(study.get("constraints", tables.get("constraints", [])))
    for i, text in enumerate(listed):
        try:
            Expression(text)
        except SpaceError as error:
            problems.take((*key, i), error)
    return listed


def _place(where: str, what: str, tables: Mapping[str, Any], study: Mapping[str, Any]) -> KeyPath:
    """The key in the file for a SpaceError's own `where`: space.lr.when, or constraints."""
    if where.startswith("constraints"):
        key: KeyPath = ("study", "constraints") if "constraints" in study else ("constraints",)
        listed = study.get("constraints", tables.get("constraints", []))
        quoted = [i for i, text in enumerate(listed) if f"'{text.strip()}'" in what]
        return (*key, quoted[0]) if quoted else key
    name = where.removeprefix("space.").removesuffix(".when")
    if name not in tables.get("space", {}):
        return ("space",)
    return ("space", name, "when") if where.endswith(".when") else ("space", name)


def read_defaults(
    given: Mapping[str, Any] | None, space: SearchSpace | None, trainer: Trainer | None, task: str, problems: Problems
) -> Config | None:
    """The first trial's config: that of the file, or the trainer's own; None takes the space's."""
    if space is None or trainer is None:
        return None
    if given is None:
        return None if trainer.name == "script" else _within(trainer.defaults(task), space)
    for name, value in given.items():
        if name not in space.parameters:
            problems.error(("defaults", name), f"'{name}' is no parameter", nearest(name, space.parameters))
        elif problem := space.parameters[name].problem(value):
            problems.error(("defaults", name), problem, "Correct it, or the range in [space].")
    if problems.errors:
        return None
    try:
        space.validate(space.snap(given))
    except TunewrightError as error:
        problems.take(("defaults",), error)
    return dict(given) or None


def _within(defaults: Config, space: SearchSpace) -> Config:
    """The defaults, the file's own before the trainer's, without those that a narrower range of the file excludes."""
    own = {name: p.default for name, p in space.parameters.items() if p.default is not None}
    return {
        name: value
        for name, value in {**defaults, **own}.items()
        if name in space.parameters and space.parameters[name].problem(value) is None
    }
