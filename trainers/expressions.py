"""The small language of `when` conditions and constraints: `label_len < seq_len`.

Parsed with `ast` and evaluated by walking it; nothing is ever passed to `eval`.
Allowed: names (dots included), numbers, strings, lists, sets, `and or not`, comparisons,
`in`, arithmetic on numbers (`+ - * / // % **`), and the functions `abs min max log10`.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from trainers.errors import SpaceError

_LONGEST, _DEEPEST = 2_000, 60  # characters, and levels of nesting: beyond is a mistake or an attack

# On numbers only: 'a' * 10**9 and '%9999999d' % 1 would fill the memory.
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    # As floats, so that 9**9**9 overflows at once instead of filling the memory.
    ast.Pow: lambda a, b: float(a) ** float(b),
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_EXAMPLE = "Write for example label_len < seq_len."
_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max, "log10": math.log10}


class Expression:
    """A parsed condition over parameter values.

    Raises SpaceError when `text` is not in the language. Two expressions are equal when
    their texts are.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise SpaceError(f"{text!r} is not an expression", remedy=_EXAMPLE)
        if len(text) > _LONGEST:
            raise SpaceError(f"'{text[:40]}…' is too long: {len(text):,} characters", remedy="Split it in several.")
        self.text = text.strip()
        try:
            self._tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            what = getattr(error, "msg", None) or ("nested too deeply" if isinstance(error, RecursionError) else error)
            raise SpaceError(f"'{self.text}' is not an expression ({what})", remedy=_EXAMPLE) from None
        names: list[str] = []
        _check(self._tree, self.text, names)
        self.names: frozenset[str] = frozenset(names)

    def holds(self, config: Mapping[str, Any]) -> bool:
        """Whether the expression is true for `config`, which must hold every name used.

        Arithmetic that cannot be done (division by zero, text with numbers) is false.
        """
        try:
            return bool(_evaluate(self._tree, config))
        except (ZeroDivisionError, OverflowError, TypeError, ValueError):
            return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def _dotted(node: ast.AST) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _children(node: ast.AST) -> list[ast.expr] | None:
    """The operands of an allowed node; None when the node is not in the language."""
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float | str | None):
            return []
        case ast.BoolOp(values=values):
            return values
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return [left, right]
        case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(o) in _COMPARE for o in ops):
            return [left, *rest]
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return elements
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return args
    return None


def _check(node: ast.AST, text: str, names: list[str], depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise SpaceError(f"'{text}' is nested too deeply", remedy="Split it in several.")
    if (name := _dotted(node)) is not None:
        names.append(name)
        return
    children = _children(node)
    if children is None:
        raise SpaceError(
            f"'{text}' uses {type(node).__name__}, which conditions do not allow",
            remedy=f"Use comparisons, arithmetic, and/or/not, in, {', '.join(_FUNCTIONS)}.",
        )
    for child in children:
        _check(child, text, names, depth + 1)


def _arithmetic(op: ast.operator, a: Any, b: Any) -> Any:
    if not (isinstance(a, int | float) and isinstance(b, int | float)):
        raise TypeError("arithmetic is for numbers")
    return _BINARY[type(op)](a, b)


def _evaluate(node: ast.AST, config: Mapping[str, Any]) -> Any:
    if (name := _dotted(node)) is not None:
        return config[name]
    match node:
        case ast.Constant(value=value):
            return value
        case ast.BoolOp(op=op, values=values):
            wanted = isinstance(op, ast.Or)
            return wanted if any(bool(_evaluate(v, config)) is wanted for v in values) else not wanted
        case ast.UnaryOp(op=op, operand=operand):
            value = _evaluate(operand, config)
            return not value if isinstance(op, ast.Not) else -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, _evaluate(left, config), _evaluate(right, config))
        case ast.Compare(left=left, ops=ops, comparators=rest):
            values = [_evaluate(v, config) for v in (left, *rest)]
            return all(_COMPARE[type(o)](a, b) for o, a, b in zip(ops, values, values[1:], strict=False))
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return [_evaluate(e, config) for e in elements]
        case ast.Call(func=ast.Name(id=function), args=args):
            return _FUNCTIONS[function](*(_evaluate(a, config) for a in args))
    raise AssertionError(f"unchecked node {node!r}")
