"""Options of typer: the parameters of the function that is the command."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from agent.guide.nouns import Option, Style
from agent.guide.reading.field_options import Manner, dashed, option_of
from agent.guide.reading.fields import Field, parameters
from agent.guide.reading.found import Found, keyword, preferred
from agent.guide.reading.project import Module, Project

_MANNER = Manner(Style.TYPER, dashed, flag="pair")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def read_typer(project: Project) -> Found:
    found = Found()
    commands: dict[str, tuple[Module, Function]] = {}
    callbacks: list[tuple[Module, Function]] = []
    for module, scope in project.reachable():
        if not any(full.split(".")[0] == "typer" for full in module.imports.values()):
            continue
        apps = _apps(project, module, scope)
        for node in project.walk(scope):
            if isinstance(node, Function):
                _decorated(project, module, node, apps, commands, callbacks)
            elif isinstance(node, ast.Call) and module.dotted(node.func) == "typer.run" and node.args:
                definition = project.definition(module, node.args[0])
                if definition is not None and isinstance(definition[1], Function):
                    commands.setdefault(definition[1].name, (definition[0], definition[1]))
    if not commands:
        return found
    name = preferred(list(commands))
    if len(commands) > 1 or callbacks:
        found.subcommand = (name,)
        for module, function in callbacks:
            found.options += [replace(o, early=True) for o in _options(project, module, function)]
    if len(commands) > 1:
        others = ", ".join(other for other in commands if other != name)
        found.notes.append(f"options of the subcommand '{name}' were read, not of {others}")
    found.options += _options(project, *commands[name])
    return found


def _apps(project: Project, module: Module, scope: ast.AST) -> set[str]:
    """Variables that hold a typer.Typer()."""
    names: set[str] = set()
    for node in project.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=made)):
                if module.dotted(made) == "typer.Typer":
                    names.add(name)
            case _:
                pass
    return names


def _decorated(
    project: Project,
    module: Module,
    function: Function,
    apps: set[str],
    commands: dict[str, tuple[Module, Function]],
    callbacks: list[tuple[Module, Function]],
) -> None:
    for decorator in function.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not (isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id in apps):
            continue
        if call.attr == "callback":
            callbacks.append((module, function))
        elif call.attr == "command":
            given = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
            if given is None and isinstance(decorator, ast.Call):
                given = keyword(decorator, "name")
            name = project.value(module, given)
            plain = re.sub(r"_(command|cmd)$", "", function.name).replace("_", "-")
            commands[name if isinstance(name, str) else plain] = (module, function)


def _options(project: Project, module: Module, function: Function) -> list[Option]:
    found = []
    for one in parameters(project, module, function):
        if one.annotation.kind == "" and one.annotation.inner is None and not one.has_default:
            continue  # ctx: typer.Context
        found.append(_option(project, one))
    return found


def _option(project: Project, one: Field) -> Option:
    option = option_of(one, _MANNER)
    call = one.call
    is_argument = (call is None and not one.has_default) or (
        call is not None and one.module.dotted(call.func).endswith("Argument")
    )
    if is_argument:
        return replace(option, words=("{}",), off="", required=not one.has_default)
    if option.kind == "text" and option.choices and not option.default:
        option = replace(option, default=None)
    given = [project.value(one.module, a) for a in call.args] if call is not None else []
    words = [w for w in given if isinstance(w, str) and w.startswith("-")]
    if not words:
        return option
    word, _, off = next((w for w in words if w.startswith("--")), words[0]).partition("/")
    if option.kind == "bool":
        return replace(option, words=(word,), off=off)
    return replace(option, words=(word, "{}"))
