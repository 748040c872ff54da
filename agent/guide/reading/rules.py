"""The rule that an option's name, or its help text, leads to."""

from __future__ import annotations

import re

from agent.guide.reading.never import is_never
from agent.guide.reading.rule_table import CHOICES, RULES, Rule

_PREFIX = r"(?:\w+_(?=\w\w))??"  # optim_lr, but not foo_r
_COMPILED = [(re.compile(f"{_PREFIX}(?:{rule.names})"), rule) for rule in RULES]
_COMPILED_CHOICES = [(re.compile(f"{_PREFIX}(?:{rule.names})"), rule) for rule in CHOICES]


def plain(name: str) -> str:
    """`learningRate`, `Learning-Rate` and `optim.learning_rate` as words in lower case with underscores."""
    words = name if name.isupper() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+|_+", "_", words).strip("_").lower()


def rule_of(name: str, help_text: str = "") -> Rule | None:
    """The first rule for a number of this name."""
    for pattern, rule in _COMPILED:
        if pattern.fullmatch(plain(name)) and (not rule.help or re.search(rule.help, help_text)):
            return rule
    return None


def choice_rule_of(name: str) -> Rule | None:
    """The first rule for a choice or flag of this name."""
    return next((rule for pattern, rule in _COMPILED_CHOICES if pattern.fullmatch(plain(name))), None)


def is_hyperparameter(name: str) -> bool:
    """Whether the name alone says that it is a setting of the training."""
    return not is_never(plain(name)) and (rule_of(name) or choice_rule_of(name)) is not None
