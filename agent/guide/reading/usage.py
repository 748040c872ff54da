"""Choices that a script does not declare but uses: what it compares an option with, the keys of a dict for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.guide.nouns import Option
from agent.guide.reading.found import choices_of
from agent.guide.reading.project import Module, Project

_Use = tuple[str, tuple[str, ...], str]  # a name in lower case, the texts it may be, and where


def with_choices(project: Project, options: Sequence[Option]) -> list[Option]:
    """The options, those of texts without choices with what they are compared with; their own default among them."""
    if not any(o.kind == "text" and not o.choices and o.default for o in options):
        return list(options)
    uses = [use for module, scope in project.reachable() for use in _uses(project, module, scope)]
    return [_with(option, uses) for option in options]


def _with(option: Option, uses: Sequence[_Use]) -> Option:
    if option.kind != "text" or option.choices or not isinstance(option.default, str):
        return option
    found: dict[str, str] = {}
    for name, texts, where in uses:
        if name == option.name.lower() or option.name.lower().endswith(f"_{name}"):
            for text in texts:
                found.setdefault(text, where)
    if option.default not in found or len(found) < 2:
        return option
    return replace(option, choices=tuple(found), choices_from=next(iter(found.values())))


def _uses(project: Project, module: Module, scope: ast.AST) -> Iterator[_Use]:
    for node in project.walk(scope):
        where = f"{module.path.name}:{getattr(node, 'lineno', 1)}"
        match node:
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[ast.Constant(value=str(text))]):
                yield _name(left), (text,), where
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
                yield _name(left), _texts(project, module, right), where
            case ast.Subscript(value=ast.Name() | ast.Attribute() as holder, slice=key):
                yield _name(key), _texts(project, module, holder), where
            case ast.Match(subject=subject, cases=cases):
                yield _name(subject), tuple(_case_texts(cases)), where
            case _:
                pass


def _texts(project: Project, module: Module, node: ast.expr) -> tuple[str, ...]:
    """The texts of a list, or the keys of a dict, of which only the keys need be known."""
    if isinstance(node, ast.Name) and isinstance(constant := module.constants.get(node.id), ast.Dict):
        keys = [project.value(module, key) for key in constant.keys]
        return tuple(k for k in keys if isinstance(k, str))
    return tuple(c for c in choices_of(project.value(module, node)) if isinstance(c, str))


def _case_texts(cases: Sequence[ast.match_case]) -> Iterator[str]:
    for case in cases:
        patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
        for pattern in patterns:
            match pattern:
                case ast.MatchValue(value=ast.Constant(value=str(text))):
                    yield text
                case _:
                    pass


def _name(node: ast.expr) -> str:
    """The last word of `args.opt`, `OPTIMIZER`, `cfg["opt"]` or `args.opt.lower()`."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="lower" | "upper" | "strip")):
            return _name(inner)
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name.lower()
    return ""
