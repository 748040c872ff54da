"""Which parser an `add_argument` speaks to: the main one, or a subcommand's."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from agent.guide.reading.folding import UNKNOWN
from agent.guide.reading.found import preferred
from agent.guide.reading.project import Module, Project

_Key = tuple[int, str]  # of a function (0: the module) and a variable in it


class Parsers:
    """The variables that hold a subcommand's parser, by function."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._subcommands: dict[_Key, str] = {}
        self._functions: dict[int, int] = {}  # a call -> the function it stands in
        self._main_calls: set[int] = set()

    def enter(self, module: Module, scope: ast.AST) -> None:
        """Looks at a scope before its options are read."""
        self._place(scope, id(scope) if isinstance(scope, ast.FunctionDef) else 0)
        for node in self._project.walk(scope):
            match node:
                case ast.Assign(targets=[target], value=ast.Call(func=ast.Attribute(attr=attr)) as call):
                    self._assigned(module, target, attr, call)
                case _:
                    pass
        for node in self._project.walk(scope):
            if isinstance(node, ast.Call):
                self._passed_on(module, node)

    def _place(self, node: ast.AST, function: int) -> None:
        waiting: list[tuple[ast.AST, int]] = [(node, function)]
        while waiting:
            inner, owner = waiting.pop()
            for child in ast.iter_child_nodes(inner):
                here = id(child) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else owner
                if isinstance(child, ast.Call):
                    self._functions[id(child)] = here
                waiting.append((child, here))

    def _assigned(self, module: Module, target: ast.expr, attr: str, call: ast.Call) -> None:
        """`p = sub.add_parser("train")`, and `g = p.add_argument_group()` after it."""
        key = (self._functions.get(id(call), 0), ast.unparse(target))
        owner = self._owner(call)
        if attr == "add_parser" and call.args:
            name = self._project.value(module, call.args[0])
            self._subcommands[key] = name if isinstance(name, str) else "?"
        elif attr in ("add_argument_group", "add_mutually_exclusive_group") and owner in self._subcommands:
            self._subcommands[key] = self._subcommands[owner]

    def _owner(self, call: ast.Call) -> _Key:
        value = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        return self._functions.get(id(call), 0), ast.unparse(value) if not isinstance(value, ast.Call) else ""

    def _passed_on(self, module: Module, call: ast.Call) -> None:
        """`add_train_options(p)`: in that function, its own name for `p` is the same parser."""
        function = self._functions.get(id(call), 0)
        given = [
            (i, self._subcommands.get((function, a.id))) for i, a in enumerate(call.args) if isinstance(a, ast.Name)
        ]
        if not any(name for _, name in given):
            return
        found = self._project.definition(module, call.func)
        if found is None or isinstance(found[1], ast.ClassDef):
            return
        names = [a.arg for a in (*found[1].args.posonlyargs, *found[1].args.args)]
        for i, subcommand in given:
            if subcommand and i < len(names):
                self._subcommands.setdefault((id(found[1]), names[i]), subcommand)

    def calls(self, scope: ast.AST) -> Iterator[ast.Call]:
        """Every call of a method in the scope, in the order of the lines."""
        found = [n for n in self._project.walk(scope) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
        return iter(sorted(found, key=lambda n: (n.lineno, n.col_offset)))

    def subcommand(self, call: ast.Call) -> str:
        """The subcommand whose option this call adds; empty for the main parser."""
        value = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "add_parser":
            name = value.args[0].value if value.args and isinstance(value.args[0], ast.Constant) else UNKNOWN
            return str(name)
        return self._subcommands.get(self._owner(call), "")

    def chosen(self, by_subcommand: Mapping[str, Any]) -> str:
        """The subcommand that trains; empty where there is none."""
        names = list(dict.fromkeys([*(n for n in self._subcommands.values() if n), *(n for n in by_subcommand if n)]))
        names = [name for name in names if name != "?"]
        return preferred(names) if names else ""
