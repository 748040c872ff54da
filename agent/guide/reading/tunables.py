"""What of a script's options is worth tuning, over which ranges, and why."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.guide.nouns import Option, Reading, Style, Tunable
from agent.guide.reading.conditions import conditions
from agent.guide.reading.never import is_never
from agent.guide.reading.rule_table import RULES, Rule
from agent.guide.reading.rules import choice_rule_of, plain, rule_of
from agent.guide.reading.shapes import Spec, guess
from trainers.errors import SpaceError
from trainers.expressions import Expression
from trainers.parameters import Parameter, parameter_from_dict

_MOST_CHOSEN = 8
_LARGEST = 1e12  # of a default: no range around a larger one is worth searching
_MOST_CHOICES = 24  # more are names of files or classes rather than a choice


def tunables(reading: Reading) -> list[Tunable]:
    """Those of the options that can be tuned, the most important first, at most eight of them chosen."""
    ranked = [(rank, t) for option in reading.options for rank, t in _tunable(option)]
    ranked.sort(key=lambda pair: (not pair[1].chosen, -pair[0]))
    chosen = [t.option.name for _, t in ranked if t.chosen][:_MOST_CHOSEN]
    made = [_within_budget(t, t.option.name in chosen) for _, t in ranked]
    when = conditions([t.option for t in made])
    return [_with_condition(t, when) for t in made]


def _within_budget(tunable: Tunable, chosen: bool) -> Tunable:
    if chosen or not tunable.chosen:
        return tunable
    return replace(tunable, chosen=False, why=f"{tunable.why}; not chosen, since {_MOST_CHOSEN} at once are many")


def _with_condition(tunable: Tunable, when: Mapping[str, tuple[str, str]]) -> Tunable:
    if tunable.option.name not in when:
        return tunable
    text, why = when[tunable.option.name]
    parameter = replace(tunable.parameter, when=Expression(text))
    return replace(tunable, parameter=parameter, why=f"{tunable.why}; {why}")


def _tunable(option: Option) -> list[tuple[int, Tunable]]:
    """None or one, with its rank."""
    if not (option.words or option.variable or option.place is not None or option.origin.style is Style.CONSTANTS):
        return []  # nothing sets it from outside
    if option.kind == "bool":
        return _switch(option)
    if option.choices:
        return _choice(option)
    if option.kind not in ("int", "float") or is_never(plain(option.name)):
        return []
    return _number(option)


def _switch(option: Option) -> list[tuple[int, Tunable]]:
    if is_never(plain(option.name)):
        return []
    rule = choice_rule_of(option.name)
    default = bool(option.default)
    parameter = _parameter(option, {"type": "categorical", "choices": [True, False]}, default)
    if parameter is None:
        return []
    why = f"{_seen(option)}; on or off" + ("" if rule else ", which may have little to do with how well it learns")
    return [
        (
            rule.rank if rule else 1,
            Tunable(option=option, parameter=parameter, sure=rule is not None, why=why, chosen=False),
        )
    ]


def _choice(option: Option) -> list[tuple[int, Tunable]]:
    rule = choice_rule_of(option.name)
    if (rule is None and is_never(plain(option.name))) or not 2 <= len(option.choices) <= _MOST_CHOICES:
        return []
    spec: Spec = {"type": "categorical", "choices": list(option.choices)}
    number = rule_of(option.name, option.help) if option.kind != "text" else None
    default = option.default if option.default in option.choices else None
    if option.default is not None and default is None:
        spec["choices"].insert(0, option.default)
        default = option.default
    parameter = _parameter(option, spec, default)
    if parameter is None:
        return []
    known = rule or number
    sure = known is not None and not option.choices_from
    chosen = bool(known and known.chosen and sure)
    tunable = Tunable(option=option, parameter=parameter, sure=sure, why=_why_choices(option, known), chosen=chosen)
    return [(known.rank if known else 2, tunable)]


def _why_choices(option: Option, rule: Rule | None) -> str:
    where = "the script allows these choices"
    if option.choices_from:
        where = f"it is compared with these, or looked up among them, at {option.choices_from}"
    return f"{_seen(option)}; {where}" + (f"; not chosen: {rule.because}" if rule and rule.because else "")


def _number(option: Option) -> list[tuple[int, Tunable]]:
    rule, by_help = rule_of(option.name, option.help), None
    if rule is None:
        rule = by_help = _rule_by_help(option.help)
    default = option.default if isinstance(option.default, int | float) else None
    if default is not None and not abs(default) <= _LARGEST:  # inf, nan, or a mark for "without limit"
        return []
    if rule is None:
        if default is None:
            return []
        parameter = _parameter(option, guess(option.kind, default), default)
        why = f"{_seen(option)}; what it does is not known by its name: a range around the default"
        return (
            []
            if parameter is None
            else [(0, Tunable(option=option, parameter=parameter, sure=False, why=why, chosen=False))]
        )
    parameter = _parameter(option, rule.shape.spec(rule.shape.usual if default is None else default), default)
    if parameter is None:
        return []
    sure = default is not None and by_help is None
    chosen = rule.chosen and (default is not None or option.required)
    return [
        (
            rule.rank,
            Tunable(option=option, parameter=parameter, sure=sure, why=_why(option, rule, by_help), chosen=chosen),
        )
    ]


def _rule_by_help(text: str) -> Rule | None:
    """The rule for what the help text speaks of: `--a`, "the learning rate"."""
    said = text.lower()
    for rule in RULES:
        singular = re.sub(r"(?<=[a-z])s\b", "", rule.what.lower())
        if len(singular) > 5 and re.search(rf"\b{re.escape(singular)}\b", said):
            return rule
    return None


def _why(option: Option, rule: Rule, by_help: Rule | None) -> str:
    known = f"{rule.what} by its help text" if by_help else rule.what
    limits = "" if option.low is None and option.high is None else ", within what the script allows"
    text = f"{_seen(option)}; {known} are searched {rule.shape.says}{limits}"
    if option.required and option.default is None:
        text += "; the script must be given one"
    elif option.default is None:
        text += "; what the script does without it is not known, so it is not chosen"
    return f"{text}; not chosen: {rule.because}" if rule.because else text


def _seen(option: Option) -> str:
    place = f"{option.origin.path.name}:{option.origin.line}"
    return f"no default at {place}" if option.default is None else f"default {_shown(option.default)} at {place}"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


def _parameter(option: Option, spec: Spec, default: Any) -> Parameter | None:
    """The parameter, fitted to the option's own limits and type; None where nothing is left to choose from."""
    spec = _limited(option, dict(spec))
    if option.kind == "int" and spec["type"] == "float":
        low = math.ceil(spec["low"])
        spec = {
            "type": "int",
            "low": low,
            "high": max(math.floor(spec["high"]), low + 1),
            "log": spec.get("log", False),
        }
    if spec.get("log") and spec["low"] <= 0:
        spec["log"] = False
    if default is not None:
        spec["default"] = default
        if "choices" in spec and default not in spec["choices"]:
            spec["choices"] = [default, *spec["choices"]]
        elif "low" in spec:
            spec["low"], spec["high"] = min(spec["low"], default), max(spec["high"], default)
    if spec.get("low") == spec.get("high", object()) or len(spec.get("choices", (1, 2))) < 2:
        return None
    try:
        return parameter_from_dict(option.name, spec)
    except SpaceError:  # a default such as nan or 10**400
        return None


def _limited(option: Option, spec: Spec) -> Spec:
    low, high = option.low, option.high
    if "choices" in spec:
        numbers: Sequence[Any] = spec["choices"]
        if option.kind in ("int", "float"):
            numbers = [c for c in numbers if (low is None or c >= low) and (high is None or c <= high)]
        return spec | {"choices": list(numbers)}
    if low is not None and (low > 0 or spec["low"] < low):
        spec["low"] = max(spec["low"], low)
    if high is not None:
        spec["high"] = min(spec["high"], high)
    if spec["low"] > spec["high"]:  # the script's own limits lie elsewhere
        spec["low"], spec["high"] = low if low is not None else spec["low"], high if high is not None else spec["high"]
    return spec
