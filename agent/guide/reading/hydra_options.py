"""Options of Hydra: the YAML files behind `@hydra.main(config_path, config_name)`, with their groups."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.guide.nouns import Option, Origin, Style
from agent.guide.reading.found import Found, keyword, kind_of, name_of
from agent.guide.reading.project import Module, Project
from agent.guide.reading.source import read_text
from agent.guide.reading.yaml_values import Entry, entries
from trainers.errors import TunewrightError

_MOST_FILES = 40


@dataclass(frozen=True)
class _Group:
    """A config group and the file it takes: `optim=adamw`."""

    name: str
    package: str
    choice: str
    line: int
    path: Path


def read_hydra(project: Project) -> Found:
    found = Found()
    for module, scope in project.reachable():
        for node in project.walk(scope):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and module.dotted(decorator.func).endswith("hydra.main"):
                    _main(project, module, decorator, found)
                    return found
    return found


def _main(project: Project, module: Module, call: ast.Call, found: Found) -> None:
    folder = project.value(module, keyword(call, "config_path") or (call.args[0] if call.args else None))
    name = project.value(module, keyword(call, "config_name") or (call.args[1] if len(call.args) > 1 else None))
    if not isinstance(name, str):
        found.notes.append(f"{module.path.name}:{call.lineno}: the name of the Hydra config is not written out")
        return
    root = module.path.parent / (folder if isinstance(folder, str) else ".")
    path = _file(root, name)
    if path is None:
        found.notes.append(f"{module.path.name}:{call.lineno}: there is no {name}.yaml in {root.name or root}")
        return
    seen: dict[str, Option] = {}
    for option in _compose(root, path, "", found.notes, []):
        seen[option.name] = option  # what comes later in the defaults list goes first
    found.options = list(seen.values())


def _file(root: Path, name: str) -> Path | None:
    try:
        for path in (root / f"{name}.yaml", root / f"{name}.yml", root / name):
            if path.suffix in (".yaml", ".yml") and path.is_file():
                return path
    except (OSError, ValueError):
        pass  # a name that no file can have
    return None


def _compose(root: Path, path: Path, package: str, notes: list[str], seen: list[Path]) -> Iterator[Option]:
    """The options of a file and of the groups in its defaults list."""
    if path in seen or len(seen) > _MOST_FILES:
        return
    seen.append(path)
    try:
        text = read_text(path)
        found = entries(text, str(path))
    except TunewrightError as error:
        notes.append(f"{path.name} could not be read: {error.what}")
        return
    header = re.search(r"^#\s*@package\s+(\S+)", text, re.MULTILINE)
    if header:
        package = {"_global_": "", "_group_": package}.get(header[1], header[1])
    given = (_option(path, entry, package) for entry in found if entry.keys[0] not in ("defaults", "hydra"))
    own = [option for option in given if option is not None]
    groups = list(_groups(path, found, root, package))
    if not any(group.name == "_self_" for group in groups):  # since Hydra 1.1 the file then comes first
        yield from own
    for group in groups:
        if group.name == "_self_":
            yield from own
            continue
        chosen = _file(root / group.name, group.choice) if group.name else _file(root, group.choice)
        choice = _choice(root, group) if group.name else None
        if choice is not None:
            yield choice
            yield from _alternatives(root, group, choice, notes, seen)
        elif chosen is not None:
            yield from _compose(root, chosen, group.package, notes, seen)
        elif group.choice not in ("null", "None", "???"):
            notes.append(f"{path.name}:{group.line}: there is no {group.name}/{group.choice}.yaml")


def _alternatives(root: Path, group: _Group, choice: Option, notes: list[str], seen: list[Path]) -> Iterator[Option]:
    """The settings of all the group's files: which exist depends on the choice; values are those of the chosen one."""
    by_file: dict[str, dict[str, Option]] = {}
    for name in choice.choices:
        path = _file(root / group.name, name)
        if path is not None:
            by_file[name] = {o.name: o for o in _compose(root, path, group.package, notes, seen)}
    done: set[str] = set()
    for file in (group.choice, *(name for name in by_file if name != group.choice)):
        for name, option in by_file.get(file, {}).items():
            holders = tuple(n for n in choice.choices if name in by_file.get(n, {}))
            if name not in done:
                yield option if len(holders) == len(choice.choices) else replace(option, only=(choice.name, holders))
            done.add(name)


def _groups(path: Path, found: list[Entry], root: Path, package: str) -> Iterator[_Group]:
    for entry in found:
        if entry.keys[0] != "defaults":
            continue
        if entry.keys[-1].isdigit():  # a bare name: _self_, or a file of the same folder
            text = str(entry.value)
            yield _Group("_self_" if text == "_self_" else "", package, text, entry.line, path)
            continue
        key = re.sub(r"^(override|optional)\s+", "", entry.keys[-1])
        if key.startswith("hydra/") or entry.keys[-1].startswith("override"):
            continue
        name, _, target = key.partition("@")
        relative = name.lstrip("/")
        above = str(path.parent.relative_to(root)) if path.parent.is_relative_to(root) else "."
        full = relative if name.startswith("/") or above == "." else f"{above}/{relative}"
        own = target if target else full.replace("/", ".")
        yield _Group(full, {"_global_": ""}.get(own, own), str(entry.value), entry.line, path)


def file_options(path: Path, notes: list[str]) -> Iterator[Option]:
    """The options of one YAML file without groups, as OmegaConf's `from_cli` sets them: `optim.lr=0.1`."""
    yield from _compose(path.parent, path, "", notes, [])


def _choice(root: Path, group: _Group) -> Option | None:
    """The group itself, where its folder holds several files."""
    try:
        names = sorted(p.stem for p in (root / group.name).iterdir() if p.suffix in (".yaml", ".yml"))
    except OSError:
        return None
    if len(names) < 2 or group.choice not in names:
        return None
    return Option(
        name=name_of(group.name),
        kind="text",
        default=group.choice,
        words=(f"{group.name}={{}}",),
        origin=Origin(group.path, group.line, Style.HYDRA),
        choices=tuple(names),
        help="a config group: its files have settings of their own",
    )


def _option(path: Path, entry: Entry, package: str) -> Option | None:
    """The option for one value; none for lists, for what is interpolated, and for what is left open."""
    if not isinstance(entry.value, bool | int | float | str) or entry.keys[-1].isdigit() or "_target_" in entry.keys:
        return None
    if isinstance(entry.value, str) and ("${" in entry.value or entry.value == "???"):
        return None
    keys = [*package.split("."), *entry.keys] if package else list(entry.keys)
    dotted = ".".join(keys)
    value: Any = entry.value
    return Option(
        name=name_of(dotted),
        kind=kind_of(value),
        default=value,
        words=(f"{dotted}={{}}",),
        origin=Origin(path, entry.line, Style.HYDRA),
        help=entry.comment,
    )
