"""When an option matters, where the script's choices make it plain; and what must hold between options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from agent.guide.nouns import Option, Tunable
from agent.guide.reading.rules import choice_rule_of, plain, rule_of
from trainers.space import SearchSpace

# The option's name, what is controlled by a choice of such a name, and the choices under which it matters.
_BY_CHOICE = (
    (r"(\w+_)?(momentum|nesterov)", "optimizers", r"(?i)\w*(sgd|rmsprop)\w*"),
    (r"(\w+_)?(beta_?[12]|b[12]|betas|amsgrad)", "optimizers", r"(?i)\w*(adam|lion|lamb|adan)\w*"),
    (r"(\w+_)?(gamma|lr_decay|decay_rate|lr_gamma|step_size)", "schedules", r"(?i)\w*(step|exp|plateau|decay)\w*"),
    (r"degree|coef0", "kinds of method", r"poly\w*|sigmoid"),
)


def conditions(options: Sequence[Option]) -> dict[str, tuple[str, str]]:
    """For each option that only matters under some choices: the condition, and why in words."""
    found: dict[str, tuple[str, str]] = {}
    switches = [o for o in options if o.kind == "text" and len(o.choices) > 1]
    for option in options:
        if option.only is not None:
            found[option.name] = _condition(*option.only)
            continue
        for switch in switches:
            if switch is option:
                continue
            chosen = _by_name(option, switch) or _by_help(option, switch)
            if chosen and len(chosen) < len(switch.choices):
                found[option.name] = _condition(switch.name, chosen)
                break
    return found


def _condition(name: str, chosen: Sequence[Any]) -> tuple[str, str]:
    if len(chosen) == 1:
        return f"{name} == {chosen[0]!r}", f"only with {name} {chosen[0]}"
    return f"{name} in {list(chosen)!r}", f"only with {name} {' or '.join(map(str, chosen))}"


def _by_name(option: Option, switch: Option) -> list[str]:
    rule = choice_rule_of(switch.name)
    for names, controlled_by, choices in _BY_CHOICE:
        if rule is not None and rule.what == controlled_by and re.fullmatch(names, plain(option.name)):
            return [c for c in switch.choices if re.fullmatch(choices, str(c))]
    return []


def _by_help(option: Option, switch: Option) -> list[str]:
    """`shrinkage of each tree (gbm)`, `momentum (sgd only)`: choices in brackets, or before `only`."""
    text = option.help.lower()
    named = re.findall(r"\(([\w ,/+-]+?)(?: only)?\)", text) + re.findall(r"([\w-]+) only\b", text)
    words = {word for part in named for word in re.split(r"[ ,/]+", part)}
    return [c for c in switch.choices if isinstance(c, str) and c.lower() in words]


def constraints_of(tunables: Iterable[Tunable]) -> tuple[str, ...]:
    """What must hold between those in the space: heads divide the width, the shorter length comes first."""
    by_what: dict[str, list[Tunable]] = {}
    for tunable in tunables:
        if tunable.chosen and (rule := rule_of(tunable.option.name)) is not None:
            by_what.setdefault(rule.what, []).append(tunable)
    found = []
    for heads in by_what.get("head counts", []):
        for width in _embedding(by_what.get("widths", [])):
            found.append(f"{width.option.name} % {heads.option.name} == 0")
    for low in by_what.get("final learning rates", []):
        for high in by_what.get("learning rates", [])[:1]:
            found.append(f"{low.option.name} < {high.option.name}")
    return tuple(found)


def _embedding(widths: Sequence[Tunable]) -> list[Tunable]:
    """The width that attention splits: the model's own, not the feed-forward one."""
    inner = [w for w in widths if not re.search(r"ff|mlp|feed|inner|hidden", plain(w.option.name))]
    return (inner or list(widths))[:1]


def chosen_of(tunables: Iterable[Tunable]) -> list[Tunable]:
    """Those in the space, as they are there: a condition on what is not in it is decided by that option's default, so
    that it is either dropped or takes its parameter with it."""
    known = list(tunables)
    names = {t.option.name for t in known if t.chosen}
    defaults = {t.option.name: t.option.default for t in known}
    kept = []
    for tunable in known:
        when = tunable.parameter.when
        if not tunable.chosen:
            continue
        if when is not None and not when.names <= names:
            if not when.names <= defaults.keys() or not when.holds(defaults):
                continue
            tunable = replace(tunable, parameter=replace(tunable.parameter, when=None))
        kept.append(tunable)
    return kept


def space_of(tunables: Iterable[Tunable]) -> SearchSpace:
    """The space of those that are chosen. Raises SpaceError where nothing meets the constraints."""
    kept = chosen_of(tunables)
    return SearchSpace([t.parameter for t in kept], constraints_of(kept))
