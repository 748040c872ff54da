"""What the readers of each style hand back, and what they share."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.guide.nouns import Option, Origin, Style
from agent.guide.reading.folding import UNKNOWN, cast
from agent.guide.reading.project import Module

_PREFERRED = ("train", "fit", "run", "main", "finetune", "pretrain", "start")


@dataclass
class Found:
    """Options of one style, the subcommand they belong to, and what could not be read."""

    options: list[Option] = field(default_factory=list)
    subcommand: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    covered: list[str] = field(default_factory=list)  # lines (`train.py:36:`) whose notes by other readers are moot


def origin(module: Module, node: ast.AST, style: Style) -> Origin:
    return Origin(module.path, getattr(node, "lineno", 1), style)


def name_of(text: str) -> str:
    """A parameter's name for an option: `--optim.lr` becomes optim_lr."""
    name = re.sub(r"\W+", "_", text.strip("-/ "), flags=re.ASCII).strip("_") or "option"
    return f"_{name}" if name[0].isdigit() else name


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def kind_of(value: Any) -> str:
    """The kind of option whose default this is."""
    if isinstance(value, bool):
        return "bool"
    return {int: "int", float: "float"}.get(type(value), "text")


def known(value: Any) -> Any:
    """None for what is not known, or is no single value."""
    return value if isinstance(value, bool | int | float | str) else None


def as_kind(value: Any, kind: str) -> Any:
    """A default as the option's type makes it: argparse and click turn "0.1" into 0.1."""
    value = known(value)
    if value is None or kind == "text":
        return value
    if kind == "bool":
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "yes", "y", "on")
    made = cast(kind, value)
    return None if made is UNKNOWN else made


def choices_of(value: Any) -> tuple[Any, ...]:
    """Choices out of a folded list, or a dict's keys."""
    if isinstance(value, dict | tuple | list) and all(isinstance(v, str | int | float) for v in value):
        return tuple(dict.fromkeys(value))
    return ()


def preferred(names: Sequence[str]) -> str:
    """The subcommand that trains."""
    for wanted in _PREFERRED:
        for name in names:
            if name.lower().startswith(wanted):
                return name
    return names[0]


def literal_text(node: ast.expr | None) -> str:
    """A help text: the literal parts of it."""
    match node:
        case ast.Constant(value=str(text)):
            return " ".join(text.split())
        case ast.JoinedStr(values=values):
            return " ".join("".join(literal_text(v) or "…" for v in values).split())
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod()):
            return literal_text(left)
    return ""


def without_repeats(options: Iterable[Option]) -> list[Option]:
    """The first of each name, since that is the one the script is told about first."""
    kept: dict[str, Option] = {}
    for option in options:
        kept.setdefault(option.name, option)
    return list(kept.values())
