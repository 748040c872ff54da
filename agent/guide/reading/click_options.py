"""Options of click: the decorators of the command that trains."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Any

from agent.guide.nouns import Option, Style
from agent.guide.reading.folding import UNKNOWN
from agent.guide.reading.found import (
    Found,
    as_kind,
    choices_of,
    keyword,
    kind_of,
    known,
    literal_text,
    name_of,
    origin,
    preferred,
)
from agent.guide.reading.project import Module, Project

_TYPES = {"int": "int", "INT": "int", "float": "float", "FLOAT": "float", "bool": "bool", "BOOL": "bool",
          "IntRange": "int", "FloatRange": "float"}  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class _Command:
    module: Module
    function: Function
    name: str
    grouped: bool


def read_click(project: Project) -> Found:
    found = Found()
    commands, groups = _commands(project)
    if not commands:
        return found
    chosen = next(c for c in commands if c.name == preferred([c.name for c in commands]))
    options = _options(project, chosen, found.notes)
    if chosen.grouped:
        found.subcommand = (chosen.name,)
        others = [c.name for c in commands if c is not chosen]
        if others:
            found.notes.append(f"options of the subcommand '{chosen.name}' were read, not of {', '.join(others)}")
        for group in groups:
            found.options += [replace(o, early=True) for o in _options(project, group, found.notes)]
    found.options += options
    return found


def _commands(project: Project) -> tuple[list[_Command], list[_Command]]:
    commands: list[_Command] = []
    groups: list[_Command] = []
    for module, scope in project.reachable():
        for node in project.walk(scope):
            if not isinstance(node, Function):
                continue
            for decorator in node.decorator_list:
                call = decorator.func if isinstance(decorator, ast.Call) else decorator
                dotted = module.dotted(call)
                last = dotted.rpartition(".")[2]
                name = _name(project, module, decorator, node.name)
                if dotted in ("click.group", "rich_click.group"):
                    groups.append(_Command(module, node, name, False))
                elif last == "command" and _is_click(project, module, dotted, node):
                    commands.append(_Command(module, node, name, not dotted.startswith(("click.", "rich_click."))))
    return commands, groups


def _is_click(project: Project, module: Module, dotted: str, function: Function) -> bool:
    """`@click.command`, or `@cli.command` where the function has click's decorators or `cli` is a click group."""
    if dotted.startswith(("click.", "rich_click.")):
        return True
    owner = dotted.rpartition(".")[0]
    group = module.definitions.get(owner)
    decorators = [*function.decorator_list, *(group.decorator_list if group is not None else [])]
    return any(
        module.dotted(d.func if isinstance(d, ast.Call) else d).startswith(("click.", "rich_click."))
        for d in decorators
    )


def _name(project: Project, module: Module, decorator: ast.expr, function: str) -> str:
    """The explicit name, or the function's: without `_command`, and with dashes."""
    if isinstance(decorator, ast.Call):
        given = project.value(module, decorator.args[0] if decorator.args else keyword(decorator, "name"))
        if isinstance(given, str):
            return given
    return re.sub(r"_(command|cmd|group|grp)$", "", function).replace("_", "-").lower()


def _options(project: Project, command: _Command, notes: list[str]) -> list[Option]:
    found: list[Option] = []
    for decorator in command.function.decorator_list:
        for module, call in _option_calls(project, command.module, decorator):
            option = _option(project, module, call)
            if option is not None:
                found.append(option)
    return found


def _option_calls(project: Project, module: Module, decorator: ast.expr) -> list[tuple[Module, ast.Call]]:
    """The decorator itself, or the options inside a decorator of the script's own."""
    if isinstance(decorator, ast.Call) and _is_option(module, decorator):
        return [(module, decorator)]
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    definition = project.definition(module, name)
    if definition is None:
        return []
    owner, scope = definition
    inside = [n for n in project.walk(scope) if isinstance(n, ast.Call) and _is_option(owner, n)]
    lists = [owner.constants[n.id] for n in project.walk(scope) if isinstance(n, ast.Name) and n.id in owner.constants]
    inside += [n for one in lists for n in ast.walk(one) if isinstance(n, ast.Call) and _is_option(owner, n)]
    return [(owner, call) for call in sorted(inside, key=lambda n: n.lineno)]


def _is_option(module: Module, call: ast.Call) -> bool:
    return module.dotted(call.func) in ("click.option", "click.argument", "rich_click.option", "rich_click.argument")


def _option(project: Project, module: Module, call: ast.Call) -> Option | None:
    strings = [s for s in (project.value(module, a) for a in call.args) if isinstance(s, str)]
    words = [s for s in strings if s.startswith("-")]
    positional = module.dotted(call.func).endswith("argument")
    if not strings or (not words and not positional):
        return None
    given = next((s for s in strings if s.isidentifier()), "")
    word = next((w for w in words if w.startswith("--")), words[0] if words else strings[0])
    word, _, off = (part.strip() for part in word.partition("/"))
    default = project.value(module, keyword(call, "default"))
    if isinstance(keyword(call, "default"), ast.Constant) and default is None:
        default = UNKNOWN
    base = Option(
        name=name_of(given or word).lower(),
        kind="text",
        default=None,
        words=("{}",) if positional else (word, "{}"),
        origin=origin(module, call, Style.CLICK),
        help=literal_text(keyword(call, "help")),
        required=bool(project.value(module, keyword(call, "required"))) or (positional and default is UNKNOWN),
    )
    is_flag = project.value(module, keyword(call, "is_flag"))
    if off or is_flag is True:
        return _flag(base, word, off, default)
    if project.value(module, keyword(call, "count")) is True:
        return None
    return _valued(project, module, call, base, default)


def _flag(base: Option, word: str, off: str, default: Any) -> Option:
    value = bool(known(default))
    if not off and value:  # --x alone, on by default: nothing turns it off
        return replace(base, kind="bool", default=True, words=())
    return replace(base, kind="bool", default=value, words=(word,), off=off)


def _valued(project: Project, module: Module, call: ast.Call, base: Option, default: Any) -> Option:
    type_node = keyword(call, "type")
    kind, choices, low, high = _type(project, module, type_node, known(default))
    several = project.value(module, keyword(call, "multiple")) is True or keyword(call, "nargs") is not None
    if several:
        return replace(base, help=f"{base.help} (takes several values)".strip())
    return replace(base, kind=kind, default=as_kind(default, kind), choices=choices, low=low, high=high)


def _type(
    project: Project, module: Module, node: ast.expr | None, default: Any
) -> tuple[str, tuple[Any, ...], float | None, float | None]:
    if node is None:
        return kind_of(default), (), None, None
    call = node if isinstance(node, ast.Call) else None
    name = module.dotted(call.func if call else node).rpartition(".")[2]
    if call is None or name not in ("IntRange", "FloatRange", "Choice"):
        return _TYPES.get(name, "text"), (), None, None
    first = project.value(module, call.args[0] if call.args else keyword(call, "choices"))
    if name == "Choice":
        return "text", choices_of(first), None, None
    second = project.value(module, call.args[1] if len(call.args) > 1 else keyword(call, "max"))
    low = first if call.args else project.value(module, keyword(call, "min"))
    numbers = [float(v) if isinstance(v, int | float) and not isinstance(v, bool) else None for v in (low, second)]
    return _TYPES[name], (), numbers[0], numbers[1]
