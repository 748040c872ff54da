"""Options of absl: `flags.DEFINE_float("lr", 1e-3, "learning rate")`."""

from __future__ import annotations

import ast
from typing import Any

from agent.guide.nouns import Option, Style
from agent.guide.reading.found import Found, as_kind, choices_of, keyword, literal_text, name_of, origin
from agent.guide.reading.project import Module, Project

_KINDS = {"float": "float", "integer": "int", "string": "text", "bool": "bool", "boolean": "bool", "enum": "text"}


def read_absl(project: Project) -> Found:
    found = Found()
    for module, scope in project.reachable():
        for node in project.walk(scope):
            if isinstance(node, ast.Call) and (option := _option(project, module, node)) is not None:
                found.options.append(option)
    found.options.sort(key=lambda o: (o.origin.path != project.script, o.origin.line))
    return found


def _option(project: Project, module: Module, call: ast.Call) -> Option | None:
    called = module.dotted(call.func)
    kind = _KINDS.get(called.rpartition("DEFINE_")[2], "")
    if not called.startswith(("absl.flags.DEFINE_", "flags.DEFINE_")) or not kind:
        return None
    values = [project.value(module, a) for a in call.args]
    if len(values) < 2 or not isinstance(values[0], str):
        return None
    name = values[0]
    is_enum = called.endswith("_enum")
    text = call.args[3 if is_enum else 2] if len(call.args) > (3 if is_enum else 2) else keyword(call, "help")
    flag = kind == "bool"
    return Option(
        name=name_of(name),
        kind=kind,
        default=as_kind(values[1], kind),
        words=(f"--{name}",) if flag else (f"--{name}={{}}",),
        off=f"--no{name}" if flag else "",
        origin=origin(module, call, Style.ARGPARSE),
        choices=choices_of(values[2]) if is_enum and len(values) > 2 else (),
        help=literal_text(text),
        low=_number(project.value(module, keyword(call, "lower_bound"))),
        high=_number(project.value(module, keyword(call, "upper_bound"))),
    )


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None
