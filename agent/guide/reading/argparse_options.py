"""Options of argparse: every `add_argument` the script can reach, with groups, parents and subcommands."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any

from agent.guide.nouns import Option, Style
from agent.guide.reading.argparse_parsers import Parsers
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
    without_repeats,
)
from agent.guide.reading.project import Module, Project

_SKIPPED_ACTIONS = ("help", "version", "count", "append", "append_const", "extend", "store_const")


@dataclass(frozen=True)
class _Scope:
    project: Project
    module: Module

    def value(self, node: ast.expr | None) -> Any:
        return self.project.value(self.module, node)


def read_argparse(project: Project) -> Found:
    """Raises nothing: what cannot be read is in the notes."""
    found, parsers = Found(), Parsers(project)
    by_subcommand: dict[str, list[Option]] = {}
    set_defaults: dict[str, tuple[Any, ast.AST, Module]] = {}
    for module, node in project.reachable():
        parsers.enter(module, node)
        for call in parsers.calls(node):
            attribute = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if attribute == "add_argument":
                scope = _Scope(project, module)
                option = _option(scope, call, found.notes)
                if option is not None:
                    by_subcommand.setdefault(parsers.subcommand(call), []).append(option)
            elif attribute == "set_defaults":
                for given in call.keywords:
                    if given.arg and (value := project.value(module, given.value)) is not UNKNOWN:
                        set_defaults[given.arg] = (value, given.value, module)
    chosen = parsers.chosen(by_subcommand)
    early = [replace(o, early=bool(chosen)) for o in by_subcommand.get("", [])]
    options = without_repeats([*early, *(by_subcommand.get(chosen, []) if chosen else [])])
    found.options = [_with_default(o, set_defaults) for o in options]
    if chosen:
        found.subcommand = (chosen,)
        others = [name for name in by_subcommand if name not in ("", chosen)]
        if others:
            found.notes.append(f"options of the subcommand '{chosen}' were read, not of {', '.join(sorted(others))}")
    return found


def _with_default(option: Option, given: dict[str, tuple[Any, ast.AST, Module]]) -> Option:
    if option.name not in given:
        return option
    value, node, module = given[option.name]
    return replace(option, default=as_kind(value, option.kind), origin=origin(module, node, Style.ARGPARSE))


def _option(scope: _Scope, call: ast.Call, notes: list[str]) -> Option | None:
    strings = [scope.value(a) for a in call.args]
    where = f"{scope.module.path.name}:{call.lineno}"
    if not strings or not all(isinstance(s, str) and s for s in strings):
        if any(isinstance(a, ast.JoinedStr | ast.Name) for a in call.args):
            notes.append(f"{where}: the names of these options are made when the script runs")
        return None
    if any(k.arg is None for k in call.keywords):
        notes.append(f"{where}: {strings[0]} is described by **keywords, which may say more than was read")
    action = _action(scope, call)
    hidden = keyword(call, "help")
    if action in _SKIPPED_ACTIONS or (isinstance(hidden, ast.Attribute) and hidden.attr == "SUPPRESS"):
        return None
    word = next((s for s in strings if s.startswith("--")), strings[0])
    positional = not word.startswith("-")
    dest = scope.value(keyword(call, "dest"))
    name = name_of(dest if isinstance(dest, str) else word)
    default = scope.value(keyword(call, "default"))
    required = bool(scope.value(keyword(call, "required"))) or (positional and default is UNKNOWN)
    base = Option(
        name=name,
        kind="text",
        default=None,
        words=("{}",) if positional else (word, "{}"),
        origin=origin(scope.module, call, Style.ARGPARSE),
        help=literal_text(hidden),
        required=required and action not in ("store_true", "store_false"),
    )
    if action in ("store_true", "store_false", "BooleanOptionalAction"):
        return _flag(base, action, word, default)
    return _valued(scope, call, base, default, notes)


def _action(scope: _Scope, call: ast.Call) -> str:
    node = keyword(call, "action")
    if isinstance(node, ast.Attribute | ast.Name):
        return scope.module.dotted(node).rpartition(".")[2]
    value = scope.value(node)
    return value if isinstance(value, str) else "store"


def _flag(base: Option, action: str, word: str, default: Any) -> Option:
    value = known(default)
    if action == "BooleanOptionalAction":
        return replace(base, kind="bool", default=value, words=(word,), off=f"--no-{word.lstrip('-')}")
    if action == "store_false":
        return replace(base, kind="bool", default=True if value is None else bool(value), words=("",), off=word)
    return replace(base, kind="bool", default=bool(value), words=(word,))


def _valued(scope: _Scope, call: ast.Call, base: Option, default: Any, notes: list[str]) -> Option:
    kind = _kind(scope, keyword(call, "type"), default)
    choices = choices_of(scope.value(keyword(call, "choices")))
    nargs = scope.value(keyword(call, "nargs"))
    if isinstance(nargs, int) or nargs in ("+", "*", "..."):
        shown = default if isinstance(default, tuple) else None
        return replace(base, kind="text", default=shown, help=f"{base.help} (takes several values)".strip())
    type_node = keyword(call, "type")
    if type_node is None and kind != "text" and not choices:
        where = f"{base.origin.path.name}:{base.origin.line}"
        notes.append(f"{where}: {base.words[0]} has no type=, so a value given arrives as text")
    if isinstance(type_node, ast.Name) and type_node.id == "bool" and base.words[0].startswith("--"):
        word = base.words[0]  # bool("false") is true: only the empty text is false
        base = replace(base, words=(f"{word}=1",), off=f"{word}=")
    choices = tuple(c for c in (as_kind(c, kind) for c in choices) if c is not None) if kind != "text" else choices
    return replace(base, kind=kind, default=as_kind(default, kind), choices=choices)


def _kind(scope: _Scope, node: ast.expr | None, default: Any) -> str:
    """What `type=` makes of a value; for a function of the script's own, by its name, its text or the default."""
    by_default = kind_of(known(default))
    if node is None:
        return by_default
    name = scope.module.dotted(node).rpartition(".")[2].lower()
    if name in ("float", "int", "bool"):
        return name
    if name in ("str", "path", "filetype"):
        return "text"
    if isinstance(node, ast.Lambda) and isinstance(node.body, ast.Call):
        outer = scope.module.dotted(node.body.func)
        if outer in ("float", "int", "bool"):
            return outer
    definition = scope.project.definition(scope.module, node) if isinstance(node, ast.Name | ast.Attribute) else None
    text = f"{name} {ast.unparse(definition[1] if definition is not None else node)[:1000].lower()}"
    if "bool" in text or "'true'" in text or "'yes'" in text:
        return "bool"
    for kind in ("float", "int"):
        if f"{kind}(" in text or kind in name.split("_"):
            return kind
    return by_default
