"""What a type annotation says about a value: its kind, its choices, whether there are several."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from agent.guide.reading.folding import UNKNOWN
from agent.guide.reading.project import Definition, Module, Project

_KINDS = {
    "int": "int", "float": "float", "bool": "bool", "str": "text", "Path": "text", "bytes": "text",
    "PositiveInt": "int", "NonNegativeInt": "int", "PositiveFloat": "float", "NonNegativeFloat": "float",
    "StrictInt": "int", "StrictFloat": "float", "StrictBool": "bool", "StrictStr": "text",
}  # fmt: skip
_SEVERAL = ("list", "tuple", "set", "dict", "sequence", "iterable", "frozenset", "mapping")
_ENUMS = ("Enum", "StrEnum", "IntEnum")


@dataclass
class Annotation:
    """`kind` is empty where the annotation does not tell; `inner` is a class of the script's own."""

    kind: str = ""
    choices: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()  # of an Enum's members, which some libraries take in place of the values
    several: bool = False
    meta: list[ast.expr] = field(default_factory=list)  # what stands in Annotated[] behind the type
    inner: tuple[Module, ast.ClassDef] | None = None


def read_annotation(project: Project, module: Module, node: ast.expr | None, depth: int = 0) -> Annotation:
    if node is None or depth > 8:
        return Annotation()
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # written as text
        try:
            return read_annotation(project, module, ast.parse(node.value, mode="eval").body, depth + 1)
        except (SyntaxError, ValueError):
            return Annotation()
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _first_of(project, module, [node.left, node.right], depth)
    if isinstance(node, ast.Subscript):
        return _subscript(project, module, node, depth)
    name = module.dotted(node).rpartition(".")[2]
    if name in _KINDS:
        return Annotation(_KINDS[name])
    if name.lower() in _SEVERAL:
        return Annotation("text", several=True)
    found = project.definition(module, node) if isinstance(node, ast.Name | ast.Attribute) else None
    if found is not None and isinstance(found[1], ast.ClassDef):
        return _class(project, found[0], found[1])
    alias = module.constants.get(node.id) if isinstance(node, ast.Name) else None
    return read_annotation(project, module, alias, depth + 1) if alias is not None else Annotation()


def _subscript(project: Project, module: Module, node: ast.Subscript, depth: int) -> Annotation:
    name = module.dotted(node.value).rpartition(".")[2]
    parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Annotated":
        found = read_annotation(project, module, parts[0], depth + 1)
        found.meta = [*found.meta, *parts[1:]]
        return found
    if name in ("Optional", "Union"):
        return _first_of(project, module, parts, depth)
    if name in ("Final", "ClassVar", "InitVar"):
        return read_annotation(project, module, parts[0], depth + 1)
    if name == "Literal":
        values = [v for v in (project.value(module, p) for p in parts) if v is not UNKNOWN and v is not None]
        kinds = {"int": "int", "float": "float", "bool": "bool"}
        kind = kinds.get(type(values[0]).__name__, "text") if values else ""
        return Annotation(kind, tuple(v for v in values if isinstance(v, str | int | float)))
    return Annotation("text", several=name.lower() in _SEVERAL) if name else Annotation()


def _first_of(project: Project, module: Module, parts: list[ast.expr], depth: int) -> Annotation:
    """Of a union, what is not None."""
    kept = [p for p in parts if not (isinstance(p, ast.Constant) and p.value is None)]
    found = [read_annotation(project, module, p, depth + 1) for p in kept]
    kinds = {f.kind for f in found}
    if kinds == {"int", "float"}:
        return Annotation("float")
    return found[0] if found else Annotation()


def _class(project: Project, module: Module, owner: ast.ClassDef) -> Annotation:
    bases = {module.dotted(base).rpartition(".")[2] for base in owner.bases}
    if not bases & set(_ENUMS):
        return Annotation(inner=(module, owner))
    members = enum_members(project, module, owner)
    kind = "int" if members and all(type(v) is int for v in members.values()) else "text"
    return Annotation(kind, tuple(members.values()), tuple(members))


def enum_members(project: Project, module: Module, owner: Definition) -> dict[str, Any]:
    """The values of an Enum by member; `auto()` is the lower-case name, as in StrEnum."""
    members: dict[str, Any] = {}
    for statement in owner.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith("_"):
                found = project.value(module, value)
                members[name] = found if isinstance(found, str | int | float) else name.lower()
            case _:
                pass
    return members
