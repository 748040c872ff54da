"""A search space in words."""

from __future__ import annotations

import ast

from agent.digest.seen import Seen
from agent.digest.text import literal
from agent.study.memory_bound import bounds_of
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import SearchSpace

_WORDS: dict[type[ast.cmpop], str] = {
    ast.Lt: "below",
    ast.LtE: "at most",
    ast.Gt: "above",
    ast.GtE: "at least",
    ast.Eq: "equal to",
    ast.NotEq: "different from",
}
_MOST_CHOICES = 24
_MOST_BOUNDS = 6


def parameters(space: SearchSpace) -> list[str]:
    """One line a parameter, in declared order: kind, range, scale, step, default, condition."""
    return [_parameter(p) for p in space.parameters.values()]


def _parameter(parameter: Parameter) -> str:
    facts = [_range(parameter)]
    if parameter.default is not None:
        facts.append(f"default {literal(parameter.default)}")
    if parameter.when is not None:
        facts.append(f"exists only when {parameter.when.text}")
    return f"{parameter.name}: {'; '.join(facts)}"


def _range(parameter: Parameter) -> str:
    if isinstance(parameter, CategoricalParameter):
        listed = [literal(c) for c in parameter.choices[:_MOST_CHOICES]]
        rest = len(parameter.choices) - len(listed)
        return f"one of {', '.join(listed)}" + (f" and {rest} more choices" if rest else "")
    assert isinstance(parameter, NumberParameter)
    kind = "whole number" if parameter.kind == "int" else "number"
    text = f"{kind} from {literal(parameter.low)} to {literal(parameter.high)}"
    if parameter.step is not None:
        text += f" in steps of {literal(parameter.step)}"
    return text + (", log scale" if parameter.log else "")


def constraints(space: SearchSpace) -> list[str]:
    """Each constraint as it is written, and in words where it is one comparison."""
    return [_constraint(c.text) for c in space.constraints]


def learnt(seen: Seen) -> list[str]:
    """What trials that ran out of memory rule out: such a config is refused."""
    bounds = bounds_of(seen.spec, seen.trials)[:_MOST_BOUNDS]
    return [f"not {bound.said} (learnt; such a config is refused)" for bound in bounds]


def _constraint(text: str) -> str:
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and (word := _WORDS.get(type(node.ops[0]))):
        return f"{text} ({ast.unparse(node.left)} must be {word} {ast.unparse(node.comparators[0])})"
    return text


def placeholders(space: SearchSpace, most: int = 12) -> str:
    """The form of `params` in a reply: `{"lr": <number>, "opt": <one of its choices>}`."""
    shown = list(space.parameters.values())[:most]
    inner = ", ".join(f"{literal(p.name)}: <{_placeholder(p)}>" for p in shown)
    return "{" + inner + (", …" if len(space) > most else "") + "}"


def _placeholder(parameter: Parameter) -> str:
    if isinstance(parameter, CategoricalParameter):
        return "one of its choices"
    return "whole number" if parameter.kind == "int" else "number"
