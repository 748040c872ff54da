"""Options out of fields and parameters, with the words that a library gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.guide.nouns import Option, Style
from agent.guide.reading.fields import Field
from agent.guide.reading.folding import UNKNOWN
from agent.guide.reading.found import as_kind, choices_of, kind_of, known, name_of, origin


@dataclass(frozen=True)
class Manner:
    """How a library turns fields into words. `flag` says how a bool is given: `pair` (--x/--no-x) or `value`."""

    style: Style
    word: Callable[[Field], str]  # "--optimizer.lr"
    flag: str = "value"
    joined: bool = False  # --lr=1 rather than --lr 1
    enum_names: bool = False  # an Enum is given by its member's name


def dotted(one: Field) -> str:
    return "--" + ".".join(one.path)


def dashed(one: Field) -> str:
    return "--" + ".".join(one.path).replace("_", "-")


def underscored(one: Field) -> str:
    return f"--{one.name}"


def option_of(one: Field, manner: Manner) -> Option:
    """The option that sets this field."""
    annotation = one.annotation
    default = None if one.default is UNKNOWN else one.default
    kind = annotation.kind or kind_of(known(default))
    if annotation.several or isinstance(default, tuple | dict):
        kind, default = "text", None
    choices = annotation.choices
    if manner.enum_names and annotation.names:
        by_value = dict(zip(annotation.choices, annotation.names, strict=True))
        default, choices = by_value.get(default, default), annotation.names
        kind = "text"
    word = manner.word(one)
    words: tuple[str, ...] = (f"{word}={{}}",) if manner.joined else (word, "{}")
    off = ""
    if kind == "bool" and manner.flag == "pair":
        words, off = (word,), _negated(word)
    return Option(
        name=name_of("_".join(one.path)),
        kind=kind,
        default=as_kind(default, kind),
        words=words,
        off=off,
        origin=origin(one.module, one.node, manner.style),
        choices=choices_of(choices),
        help=one.help,
        required=not one.has_default,
        low=one.low,
        high=one.high,
    )


def _negated(word: str) -> str:
    """`--no-bias`, and `--optimizer.no-nesterov` for a nested one."""
    above, dot, last = word.removeprefix("--").rpartition(".")
    return f"--{above}{dot}no-{last}"
