"""What a person expects of good values, in their words or by what they edited: `lr ~ 1e-3`, `small batch_size`.

A hint is a belief, not a rule: a density over each parameter it names, nowhere zero. Nothing is read as its opposite:
what is not clear is told to be not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from agent.study.belief import Belief, plain, value_at
from agent.study.meaning import Impossible, Unclear, meaning
from agent.study.mentions import Mention, meant, mentions, spellings
from agent.study.phrases import denies, regular, said, statements, strange
from trainers.dimension import is_number
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, Config, NumberParameter, Parameter, Value
from trainers.space import SearchSpace

__all__ = ["Belief", "Hint", "Reading", "beliefs", "checked", "read"]

LONGEST = 200  # characters of what is said
_APART = "say it in a sentence of its own"
_MANY = re.compile(r"\b(?:are|aren't|were|both|don't|do|too)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Hint:
    """Words, or the values that an edit put in; `ended` is how many configs had ended by then."""

    said: str = ""
    params: Config = field(default_factory=dict)
    ended: int = 0


@dataclass(frozen=True)
class Reading:
    """What was understood of a hint, and what was not, each with the reason why; `wrong` refuses it whole."""

    beliefs: tuple[Belief, ...] = ()
    missed: tuple[tuple[str, str], ...] = ()
    wrong: str = ""

    def understood(self, space: SearchSpace) -> tuple[str, ...]:
        return tuple(b.says(space.parameters[b.name]) for b in self.beliefs)

    def not_understood(self) -> tuple[str, ...]:
        return tuple(f"“{words}”" + f" ({why})" * bool(why) for words, why in self.missed)

    def told(self, space: SearchSpace) -> str:
        """`understood: batch_size 10 … 90; not understood: “lrr ~ 1e-3” (did you mean lr?)`."""
        parts = [f"understood: {', '.join(self.understood(space))}"] if self.beliefs else []
        parts += [f"not understood: {', '.join(self.not_understood())}"] if self.missed else []
        return "; ".join(parts)


def beliefs(space: SearchSpace, hint: Hint) -> tuple[Belief, ...]:
    """What a hint says of the parameters that the space has; nothing where it cannot be meant so in this space."""
    edited = (_at(space.parameters[n], v) for n, v in hint.params.items() if n in space.parameters)
    found = read(space, hint.said) if hint.said else Reading()
    return (*(b for b in edited if b is not None), *(() if found.wrong else found.beliefs))


def checked(space: SearchSpace, text: str) -> str:
    """`text` tidied. Raises SpaceError where it says nothing of any parameter, or what cannot be meant."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        what = f"a hint has at most {LONGEST} characters, this has {len(text)}"
        raise SpaceError(what, where="hint", remedy=f"Say only where good values lie: {_example(space)}.")
    found = read(space, text)
    if found.wrong:
        raise SpaceError(found.wrong, where="hint", remedy="Nothing of the hint was kept: say it anew.")
    if not found.beliefs:
        what = f"“{text}” says nothing of a parameter" if text else "there is no hint"
        why = f"; {found.told(space)}" if any(reason for _, reason in found.missed) else ""
        raise SpaceError(what + why, where="hint", remedy=f"Name one and where it should lie: {_example(space)}.")
    return text


@lru_cache(maxsize=256)
def read(space: SearchSpace, text: str) -> Reading:
    """What the words say. All that is said of one parameter holds together, or is refused."""
    found: dict[str, Belief] = {}
    missed: list[tuple[str, str]] = []
    masked, choices = _masked(space, regular(text))
    try:
        for words, belief in _read(space, statements(masked), choices):
            if isinstance(belief, str):
                missed.append((_unmasked(words, choices), belief))
                continue
            both = found[belief.name].within(belief) if belief.name in found else belief
            if both is None:
                of = space.parameters[belief.name]
                one, other = found[belief.name].says(of), belief.says(of)
                return Reading(wrong=f"the hint contradicts itself: {one}, and {other}")
            found[belief.name] = both
    except Impossible as error:
        return Reading(wrong=error.what)
    return Reading(tuple(found.values()), tuple(missed))


def _read(
    space: SearchSpace, parts: Sequence[tuple[str, str]], choices: dict[str, Value]
) -> Iterator[tuple[str, Belief | str]]:
    """Each statement with what it says, or why it is not understood."""
    last: str | None = None
    denied = False  # by an "avoid" or "not" that what is joined to it may share
    for at, (mark, part) in enumerate(parts):
        named = mentions(space, part)
        joined = mark in (",", "and", "with", "while")
        shared = (joined and denied and not denies(part)) or _denied_later(space, parts, at)
        denied = denies(part) or (joined and denied)
        if shared and named:
            yield part, _APART
        elif named:
            yield from _of_statement(space, part, named, choices)
        elif last is not None and (belief := _try(space.parameters[last], "", part, choices)) is not None:
            yield part, belief
        else:
            near = meant(space, strange(part)) or _with_choice(space, part, choices)
            yield part, f"did you mean {near}?" if near else ""
        last = named[0].name if len(named) == 1 else last if not named else None


def _denied_later(space: SearchSpace, parts: Sequence[tuple[str, str]], at: int) -> bool:
    """Whether a statement joined to this one refuses both: `lr .1 and momentum .9 are too high`."""
    for mark, part in parts[at + 1 :]:
        if mark not in (",", "and"):
            return False
        named = mentions(space, part)
        rest = part[named[-1].end :] if named else part
        if _MANY.search(rest) and denies(rest):
            return True
    return False


def _of_statement(
    space: SearchSpace, part: str, named: Sequence[Mention], choices: dict[str, Value]
) -> Iterator[tuple[str, Belief | str]]:
    if len(named) > 1 and denies(part):
        yield part, _APART
        return
    for i, one in enumerate(named):
        before = part[: one.start] if i == 0 else ""
        rest = part[one.end : named[i + 1].start if i + 1 < len(named) else len(part)]
        words = part[0 if i == 0 else one.start : one.end + len(rest)].strip()
        try:
            yield words, meaning(space.parameters[one.name], said(before, rest), choices)
        except Unclear as error:
            yield words, error.what


def _try(parameter: Parameter, before: str, rest: str, choices: dict[str, Value]) -> Belief | None:
    try:
        return meaning(parameter, said(before, rest), choices)
    except Unclear:
        return None


def _masked(space: SearchSpace, text: str) -> tuple[str, dict[str, Value]]:
    """`text` with one character for each choice that is named, so that nothing else is read into it."""
    every = [c for p in space.parameters.values() if isinstance(p, CategoricalParameter) for c in p.choices]
    names = spellings(space)
    words = {str(c).lower(): c for c in every if not is_number(c) and str(c).strip()}
    found: dict[str, Value] = {}
    for i, word in enumerate(sorted(words.keys() - names.keys(), key=len, reverse=True)[:1000]):
        found[chr(0xE000 + i)] = words[word]
        text = re.sub(rf"(?<![\w.]){re.escape(word)}(?![\w]|\.\w)", chr(0xE000 + i), text, flags=re.IGNORECASE)
    return text, found


def _with_choice(space: SearchSpace, part: str, choices: dict[str, Value]) -> str:
    """`optimizer sgd`, where a choice is named alone."""
    named = next((choices[c] for c in part if isinstance(choices.get(c), str)), None)
    every = [p for p in space.parameters.values() if isinstance(p, CategoricalParameter) and named in p.choices]
    return " or ".join(f"{p.name} {named}" for p in every) if named is not None else ""


def _unmasked(text: str, choices: dict[str, Value]) -> str:
    return "".join(plain(choices[c]) if c in choices else c for c in text)


def _example(space: SearchSpace) -> str:
    names = list(space.parameters) or ["lr"]
    numeric = [p for p in space.parameters.values() if isinstance(p, NumberParameter)]
    if not numeric:
        first = space.parameters.get(names[0])
        return f"{names[0]} ~ {plain(first.choices[0]) if isinstance(first, CategoricalParameter) else 1}"
    middle = value_at(numeric[0], numeric[0].unit(numeric[0].middle()))
    rounded = float(f"{float(middle):.2g}")
    shown = plain(round(rounded) if isinstance(middle, int) else rounded)
    return f"{numeric[0].name} ~ {shown}" + (f"; small {numeric[1].name}" if numeric[1:] else "")


def _at(parameter: Parameter, value: Any) -> Belief | None:
    if isinstance(parameter, CategoricalParameter):
        return Belief(parameter.name, choices=(value,)) if parameter.problem(value) is None else None
    if not is_number(value) or not isinstance(parameter, NumberParameter):
        return None
    place = 0.0 if parameter.log and value <= 0 else min(max(parameter.unit(value), 0.0), 1.0)
    return Belief(parameter.name, place, place)
