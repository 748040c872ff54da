"""Options of pydantic-settings: from the command line where the class asks for it, else from the environment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from agent.guide.nouns import Option, Style
from agent.guide.reading.field_options import Manner, dashed, dotted, option_of
from agent.guide.reading.fields import Field, class_fields, flattened
from agent.guide.reading.found import Found, keyword
from agent.guide.reading.project import Definition, Module, Project, class_value


def read_pydantic(project: Project) -> Found:
    found = Found()
    for module, owner in _settings(project):
        config = _config(project, module, owner)
        fields = flattened(project, class_fields(project, module, owner))
        if config.get("cli_parse_args") or _is_run(project, owner):
            manner = Manner(
                Style.PYDANTIC,
                dashed if config.get("cli_kebab_case") else dotted,
                flag="pair" if config.get("cli_implicit_flags") is True else "value",
            )
            found.options += [_named(one, option_of(one, manner), config) for one in fields]
        else:
            found.options += [_variable(one, config) for one in fields]
    return found


def _settings(project: Project) -> Iterator[tuple[Module, ast.ClassDef]]:
    """The classes derived from BaseSettings, near or far, that the script makes an instance of."""
    seen: set[int] = set()
    for module, scope in project.reachable():
        for node in project.walk(scope):
            if isinstance(node, ast.Name | ast.Attribute):
                found = project.definition(module, node)
                if found is not None and id(found[1]) not in seen and _is_settings(project, *found):
                    seen.add(id(found[1]))
                    if isinstance(found[1], ast.ClassDef):
                        yield found[0], found[1]


def _is_settings(project: Project, module: Module, owner: Definition, depth: int = 0) -> bool:
    if not isinstance(owner, ast.ClassDef) or depth > 4:
        return False
    for base in owner.bases:
        if module.dotted(base) in ("pydantic_settings.BaseSettings", "pydantic.BaseSettings"):
            return True
        above = project.definition(module, base)
        if above is not None and above[1] is not owner and _is_settings(project, *above, depth + 1):
            return True
    return False


def _config(project: Project, module: Module, owner: ast.ClassDef) -> dict[str, Any]:
    """`model_config = SettingsConfigDict(…)` or a dict, and keywords of the class line."""
    given = list(owner.keywords)
    value = class_value(owner, "model_config")
    if isinstance(value, ast.Call):
        given += value.keywords
    found = {k.arg: project.value(module, k.value) for k in given if k.arg}
    whole = project.value(module, value)
    return {**found, **(whole if isinstance(whole, dict) else {})}


def _is_run(project: Project, owner: ast.ClassDef) -> bool:
    """`CliApp.run(Settings)` or `Settings(_cli_parse_args=True)`."""
    for module, scope in project.reachable():
        for node in project.walk(scope):
            if not isinstance(node, ast.Call):
                continue
            runs = module.dotted(node.func).endswith("CliApp.run") and node.args
            target = node.args[0] if runs else node.func if keyword(node, "_cli_parse_args") is not None else None
            if isinstance(target, ast.Name) and target.id == owner.name:
                return True
    return False


def _named(one: Field, option: Option, config: dict[str, Any]) -> Option:
    """With the class's prefix and the field's alias."""
    prefix = config.get("cli_prefix")
    word = option.words[0]
    alias = keyword(one.call, "alias") or keyword(one.call, "validation_alias") if one.call is not None else None
    if isinstance(alias, ast.Constant) and isinstance(alias.value, str):
        word = "--" + ".".join([*one.path[:-1], alias.value])
    if isinstance(prefix, str) and prefix:
        word = f"--{prefix.rstrip('.')}.{word.removeprefix('--')}" if prefix.endswith(".") else f"--{prefix}{word[2:]}"
    return replace(option, words=(word, *option.words[1:]))


def _variable(one: Field, config: dict[str, Any]) -> Option:
    """The environment variable that pydantic-settings reads: prefix and name, in any case."""
    prefix = config.get("env_prefix")
    delimiter = config.get("env_nested_delimiter")
    option = replace(option_of(one, Manner(Style.ENVIRONMENT, dotted)), words=(), off="")
    if len(one.path) > 1 and not isinstance(delimiter, str):
        return option  # only as JSON
    name = (prefix if isinstance(prefix, str) else "") + (delimiter or "_").join(one.path)
    return replace(option, variable=name.upper())
