"""A script and the local modules it imports, and of those what the script can reach."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from agent.guide.reading.folding import fold
from agent.guide.reading.source import parse
from trainers.errors import TunewrightError

_MOST_MODULES, _MOST_READ = 16, 1 << 20  # local modules, and bytes of them in all
_MOST_SCOPES = 300  # functions and classes of them
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Module:
    """One file: what its names stand for."""

    path: Path
    tree: ast.Module
    constants: dict[str, ast.expr] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)  # `Option` -> `typer.Option`, `np` -> `numpy`

    def dotted(self, node: ast.expr | None) -> str:
        """`typer.Option` for `Option`, `t.Option`, …; empty for what is no plain name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])


class Project:
    """The script's module and the local ones behind it, loaded when they are asked for."""

    def __init__(self, script: Path) -> None:
        self.script = script
        self.folder = script.parent
        self.notes: list[str] = []
        self._modules: dict[Path, Module | None] = {}
        self._by_name: dict[tuple[str, Path], Module | None] = {}
        self._found: dict[tuple[int, str], tuple[Module, str] | None] = {}
        self._scopes: list[tuple[Module, ast.AST]] | None = None
        self._nodes: dict[int, list[ast.AST]] = {}
        self._read = 0  # bytes of local modules
        self.main = self._load(script, must=True)
        assert self.main is not None

    def _load(self, path: Path, must: bool = False) -> Module | None:
        if path not in self._modules:
            if len(self._modules) >= _MOST_MODULES:
                return None
            self._modules[path] = None
            self._read += path.stat().st_size if not must else 0
            if self._read > _MOST_READ:
                return None
            try:
                module = Module(path, parse(path))
            except TunewrightError as error:
                if must:
                    raise
                self.notes.append(f"{path.name} could not be read: {error.what}")
                return None
            _fill(module)
            self._modules[path] = module
        return self._modules[path]

    def module(self, name: str, importer: Module) -> Module | None:
        """The local file behind `import name` (leading dots: relative); None for a package that is installed."""
        key = (name, importer.path.parent)
        if key not in self._by_name:
            self._by_name[key] = None
            self._by_name[key] = self._local(name, importer)
        return self._by_name[key]

    def _local(self, name: str, importer: Module) -> Module | None:
        bare = name.lstrip(".")
        level = len(name) - len(bare)
        parts = bare.split(".") if bare else []
        base = importer.path.parent
        for _ in range(level - 1):
            base = base.parent
        for folder in [base] if level else [self.folder, base, self.folder.parent]:
            place = folder.joinpath(*parts)
            for path in (place.with_suffix(".py") if parts else place / "__init__.py", place / "__init__.py"):
                try:
                    if path.is_file():
                        return self._load(path)
                except (OSError, ValueError):
                    continue
        return None

    def find(self, module: Module, name: str, depth: int = 0) -> tuple[Module, str] | None:
        """Where a (dotted) name is defined: its module and its name there."""
        key = (id(module), name)
        if key not in self._found:
            self._found[key] = None  # names that stand for each other
            self._found[key] = self._look_up(module, name, depth)
        return self._found[key]

    def _look_up(self, module: Module, name: str, depth: int) -> tuple[Module, str] | None:
        head, _, rest = name.partition(".")
        if not rest and (head in module.definitions or head in module.constants):
            return module, head
        if head not in module.imports or depth > 5:
            return None
        full = f"{module.imports[head]}.{rest}" if rest else module.imports[head]
        owner, dot, last = full.rpartition(".")
        if dot and (other := self.module(owner or ".", module)) is not None:
            return self.find(other, last, depth + 1)
        return None

    def definition(self, module: Module, node: ast.expr) -> tuple[Module, Definition] | None:
        """The function or class that `node` names."""
        found = self.find(module, _plain(node)) if _plain(node) else None
        if found is None or found[1] not in found[0].definitions:
            return None
        return found[0], found[0].definitions[found[1]]

    def value(self, module: Module, node: ast.expr | None) -> Any:
        """The node's value with the constants of this module and the imported ones, or UNKNOWN."""
        return fold(node, lambda name: self._constant(module, name))

    def _constant(self, module: Module, node: ast.expr) -> ast.expr | None:
        if isinstance(node, ast.Attribute) and (owner := self.definition(module, node.value)) is not None:
            return class_value(owner[1], node.attr)  # an Enum's member or a class's constant
        name = _plain(node)
        found = self.find(module, name) if name else None
        return found[0].constants.get(found[1]) if found else None

    def reachable(self) -> list[tuple[Module, ast.AST]]:
        """The script itself, and of its local modules each function and class that it comes to use."""
        if self._scopes is None:
            self._scopes = list(islice(self._reach(), _MOST_SCOPES))
        return self._scopes

    def walk(self, scope: ast.AST) -> list[ast.AST]:
        """Every node of a scope, listed once: each reader looks through them."""
        if id(scope) not in self._nodes:
            self._nodes[id(scope)] = list(ast.walk(scope))
        return self._nodes[id(scope)]

    def _reach(self) -> Iterator[tuple[Module, ast.AST]]:
        assert self.main is not None
        yield self.main, self.main.tree
        seen: set[int] = set()
        waiting: list[tuple[Module, ast.AST]] = [(self.main, self.main.tree)]
        while waiting:
            module, scope = waiting.pop(0)
            for node in self.walk(scope):
                if not isinstance(node, ast.Name | ast.Attribute):
                    continue
                found = self.definition(module, node)
                if found is None or found[0] is self.main or id(found[1]) in seen:
                    continue
                seen.add(id(found[1]))
                waiting.append(found)
                yield found


def _plain(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def class_value(owner: Definition, name: str) -> ast.expr | None:
    """What a class body assigns to `name`."""
    for statement in owner.body if isinstance(owner, ast.ClassDef) else []:
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                return value
    return None


def _fill(module: Module) -> None:
    twice: set[str] = set()
    for statement in module.tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                module.definitions[name] = statement
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                twice |= {name} & module.constants.keys()
                module.constants[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                module.constants[name] = value
            case _:
                pass
    for name in twice:  # which of the values counts cannot be known
        del module.constants[name]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                module.imports.setdefault(name, alias.name if alias.asname else name)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            for alias in node.names:
                dot = "" if origin.endswith(".") or not origin else "."
                module.imports.setdefault(alias.asname or alias.name, f"{origin}{dot}{alias.name}")
