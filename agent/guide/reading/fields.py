"""The fields of a dataclass or pydantic model, and the parameters of a function: what command lines are made of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agent.guide.reading.annotations import Annotation, read_annotation
from agent.guide.reading.folding import UNKNOWN
from agent.guide.reading.found import keyword, literal_text
from agent.guide.reading.project import Definition, Module, Project

_DEEPEST = 4


@dataclass
class Field:
    """One field or parameter. `call` is the Field(…), Option(…) or field(…) that stands in place of its default."""

    name: str
    module: Module
    node: ast.AST
    annotation: Annotation
    default: Any = UNKNOWN  # UNKNOWN also where it is computed
    has_default: bool = False
    call: ast.Call | None = None
    help: str = ""
    low: float | None = None
    high: float | None = None
    path: tuple[str, ...] = ()  # with the fields that hold it, of nested classes
    extra: dict[str, Any] = field(default_factory=dict)


def class_fields(project: Project, module: Module, owner: ast.ClassDef, depth: int = 0) -> list[Field]:
    """The fields of a class and of those it is derived from, in order; a later one of a name replaces the earlier."""
    found: dict[str, Field] = {}
    if depth > _DEEPEST:
        return []
    for base in owner.bases:
        definition = project.definition(module, base)
        if definition is not None and isinstance(definition[1], ast.ClassDef) and definition[1] is not owner:
            found |= {f.name: f for f in class_fields(project, definition[0], definition[1], depth + 1)}
    docs = dict(_docs(owner))
    for statement in owner.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                if name.startswith("_") or name == "model_config" or module.dotted(annotation).endswith("ClassVar"):
                    continue
                made = _field(project, module, statement, name, annotation, value)
                made.help = made.help or docs.get(name, "")
                found[name] = made
            case _:
                pass
    return list(found.values())


def _docs(owner: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Texts that stand below a field, as some libraries read them."""
    for above, below in zip(owner.body, owner.body[1:], strict=False):
        match above, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())
            case _:
                pass


def parameters(project: Project, module: Module, function: Definition, *, skip_self: bool = False) -> list[Field]:
    """The parameters of a function, or of a class's `__init__`."""
    if isinstance(function, ast.ClassDef):
        init = next((s for s in function.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
        return (
            class_fields(project, module, function)
            if init is None
            else parameters(project, module, init, skip_self=True)
        )
    arguments = function.args
    names = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(names) - len(arguments.defaults))
    pairs = [*zip(names, [*defaults, *arguments.defaults], strict=True)]
    pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    found = [_field(project, module, arg, arg.arg, arg.annotation, default) for arg, default in pairs]
    return found[1:] if skip_self else found


def _field(
    project: Project, module: Module, node: ast.AST, name: str, annotation: ast.expr | None, value: ast.expr | None
) -> Field:
    made = Field(name, module, node, read_annotation(project, module, annotation), path=(name,))
    made.has_default = value is not None
    call = value if isinstance(value, ast.Call) and _is_field(module, value) else None
    made.call = call
    if call is None:
        made.default = project.value(module, value)
    else:
        _from_call(project, made, call)
    for meta in made.annotation.meta:
        if isinstance(meta, ast.Constant) and isinstance(meta.value, str):
            made.help = made.help or meta.value
        elif isinstance(meta, ast.Call):
            _limits(project, made, meta)
            made.help = made.help or _help(meta)
            if made.call is None:
                made.call = meta
    return made


def _is_field(module: Module, call: ast.Call) -> bool:
    last = module.dotted(call.func).rpartition(".")[2]
    return last.lower() in ("field", "option", "argument", "arg", "hparam", "choice", "flag", "subgroups")


def _from_call(project: Project, made: Field, call: ast.Call) -> None:
    """`Field(8, ge=1)`, `field(default=8)`, `typer.Option(0.0, min=0)`; a bare `...` is no default."""
    first = call.args[0] if call.args else keyword(call, "default")
    factory = keyword(call, "default_factory")
    if isinstance(factory, ast.Lambda):
        first = factory.body
    made.has_default = (first is not None and not (isinstance(first, ast.Constant) and first.value is Ellipsis)) or (
        factory is not None
    )
    made.default = project.value(made.module, first)
    made.help = _help(call)
    _limits(project, made, call)


def _help(call: ast.Call) -> str:
    for name in ("help", "description", "doc"):
        if text := literal_text(keyword(call, name)):
            return text
    metadata = keyword(call, "metadata")
    if isinstance(metadata, ast.Dict):
        for key, value in zip(metadata.keys, metadata.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "help":
                return literal_text(value)
    return ""


def _limits(project: Project, made: Field, call: ast.Call) -> None:
    for name, attribute in (
        ("ge", "low"),
        ("gt", "low"),
        ("min", "low"),
        ("le", "high"),
        ("lt", "high"),
        ("max", "high"),
    ):
        value = project.value(made.module, keyword(call, name))
        if isinstance(value, int | float) and not isinstance(value, bool):
            setattr(made, attribute, value)


def flattened(project: Project, fields: list[Field], depth: int = 0) -> list[Field]:
    """With the fields of nested classes in place of those that hold them, each with its whole path."""
    found: list[Field] = []
    for one in fields:
        inner = one.annotation.inner
        nested = class_fields(project, *inner) if inner is not None and depth < _DEEPEST else []
        if not nested:
            found.append(one)
            continue
        overridden = _given(one)
        for below in flattened(project, nested, depth + 1):
            below.path = (one.name, *below.path)
            if len(below.path) == depth + 2 and below.name in overridden:
                below.default, below.has_default = project.value(one.module, overridden[below.name]), True
            found.append(below)
    return found


def _given(one: Field) -> dict[str, ast.expr]:
    """The keywords of the instance that is the default: `optimizer: Optimizer = Optimizer(lr=0.1)`."""
    value = one.node.value if isinstance(one.node, ast.AnnAssign) else None
    if isinstance(value, ast.Call) and _is_field(one.module, value):
        factory = keyword(value, "default_factory")
        value = factory.body if isinstance(factory, ast.Lambda) else None
    return {k.arg: k.value for k in value.keywords if k.arg} if isinstance(value, ast.Call) else {}
