"""The value of an expression, where it is plain to see: literals, simple arithmetic, names of constants."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, Final

_DEEPEST = 40
_LONGEST = 4096  # of a text or list that arithmetic makes


class Unknown:
    """What cannot be known without running the script."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = Unknown()
Lookup = Callable[[ast.expr], ast.expr | None]  # a name or attribute -> the expression it stands for

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.Pow: operator.pow,
}
_CASTS: dict[str, Callable[[Any], Any]] = {"float": float, "int": int, "str": str, "bool": bool, "abs": abs}
_LISTS = ("list", "tuple", "sorted", "set", "frozenset")


def fold(node: ast.expr | None, lookup: Lookup | None = None, depth: int = 0) -> Any:
    """The value of `node`, or UNKNOWN."""
    if node is None or depth > _DEEPEST:
        return UNKNOWN
    match node:
        case ast.Constant(value=value):
            return UNKNOWN if isinstance(value, bytes | complex) or value is Ellipsis else value
        case ast.Name() | ast.Attribute() if lookup is not None:
            return fold(lookup(node), lookup, depth + 1)
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(op, fold(operand, lookup, depth + 1))
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, fold(left, lookup, depth + 1), fold(right, lookup, depth + 1))
        case ast.BoolOp(op=ast.Or(), values=values):
            return next((v for v in (fold(x, lookup, depth + 1) for x in values) if v or v is UNKNOWN), UNKNOWN)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return _all(tuple(fold(e, lookup, depth + 1) for e in elements))
        case ast.Dict(keys=keys, values=values):
            found = _all(tuple(fold(k, lookup, depth + 1) for k in keys))
            return found if found is UNKNOWN else _mapping(found, [fold(v, lookup, depth + 1) for v in values])
        case ast.Call():
            return _call(node, lookup, depth)
    return UNKNOWN


def _all(values: tuple[Any, ...]) -> Any:
    return UNKNOWN if any(v is UNKNOWN for v in values) else values


def _mapping(keys: tuple[Any, ...], values: list[Any]) -> Any:
    try:
        return dict(zip(keys, values, strict=True))
    except TypeError:  # a key that cannot be hashed
        return UNKNOWN


def _unary(op: ast.unaryop, value: Any) -> Any:
    if isinstance(op, ast.Not) and value is not UNKNOWN:
        return not value
    if isinstance(op, ast.USub | ast.UAdd) and isinstance(value, int | float):
        return -value if isinstance(op, ast.USub) else value
    return UNKNOWN


def _binary(op: ast.operator, a: Any, b: Any) -> Any:
    operation = _BINARY.get(type(op))
    if operation is None or a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if isinstance(op, ast.Pow | ast.LShift) and not (isinstance(b, int | float) and abs(b) <= 64):
        return UNKNOWN
    numbers = isinstance(a, int | float) and isinstance(b, int | float)
    if not numbers and not (isinstance(op, ast.Add) and type(a) is type(b) and isinstance(a, str | tuple)):
        return UNKNOWN
    if numbers and max(abs(a), abs(b)) > 1e30:
        return UNKNOWN
    try:
        value = operation(a, b)
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN
    if isinstance(value, complex) or (isinstance(value, str | tuple) and len(value) > _LONGEST):
        return UNKNOWN
    return value


def _call(node: ast.Call, lookup: Lookup | None, depth: int) -> Any:
    inner = [fold(a, lookup, depth + 1) for a in node.args]
    match node.func:
        case ast.Name(id=name) if name in _CASTS and len(inner) == 1:
            return cast(name, inner[0])
        case ast.Name(id="dict") if not node.args:
            return {k.arg: fold(k.value, lookup, depth + 1) for k in node.keywords if k.arg}
        case ast.Name(id=name) if name in _LISTS and len(inner) == 1 and isinstance(inner[0], tuple | dict):
            return tuple(inner[0])
        case ast.Name(id="range") if 1 <= len(inner) <= 3 and all(type(v) is int and abs(v) < 1000 for v in inner):
            return tuple(range(*inner)) if inner[2:] != [0] else UNKNOWN
        case ast.Attribute(value=owner, attr="keys") if not node.args:
            found = fold(owner, lookup, depth + 1)
            return tuple(found) if isinstance(found, dict) else UNKNOWN
        case ast.Attribute(attr="getenv" | "get", value=owner) if is_environment(owner) and node.args:
            return inner[1] if len(inner) > 1 else None
    return UNKNOWN


def cast(kind: str, value: Any) -> Any:
    """`value` as float, int, str or bool, as Python's own function of that name makes it."""
    if not isinstance(value, int | float | str):
        return UNKNOWN
    try:
        made = _CASTS[kind](value)
    except (TypeError, ValueError, OverflowError):
        return UNKNOWN
    return UNKNOWN if isinstance(made, float) and not math.isfinite(made) else made


def is_environment(node: ast.expr) -> bool:
    """Whether `node` is `os`, `os.environ` or `environ`."""
    return (isinstance(node, ast.Name) and node.id in ("os", "environ")) or (
        isinstance(node, ast.Attribute) and node.attr == "environ"
    )
