"""Which parameter is the learning rate: roles by name, scikit-learn's names included."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What turning a parameter up does. A parameter has one role or none."""

    LEARNING_RATE = "learning rate"
    BATCH = "batch size"
    REGULARISER = "regularisation"  # more of it fits less
    DROPOUT = "dropout"
    LENGTH = "training length"
    CAPACITY = "capacity"  # more of it fits more
    CLIP = "gradient clipping"
    MOMENTUM = "momentum"
    SEQUENCE = "input length"
    WORKERS = "workers"


# In order: the first pattern that matches the whole name, or its last dotted part, decides.
_PATTERNS: tuple[tuple[Role, str], ...] = (
    (Role.CLIP, r"(max_?)?grad(ient)?_?(norm|clip\w*)|clip\w*|max_norm"),
    (Role.DROPOUT, r"\w*drop(_?out)?(_?(p|rate|prob))?|p_?drop\w*"),
    (Role.BATCH, r"(\w+_)?batch(_?size)?|bs|per_device_\w*batch\w*"),
    (Role.WORKERS, r"(num_|n_)?(workers|jobs)"),
    (Role.SEQUENCE, r"(seq|label|context|block|input|pred|max|sequence)_?(len(gth)?|size)|n_?ctx|context|window\w*"),
    (
        Role.LENGTH,
        r"(?!warm|eval|log|sav|decay|accum|gradient|val|patience)(\w+_)?"
        r"(epochs?|passes|steps|iter(s|ations?)?|updates|rounds?|estimators|trees)|iters_?\w*",
    ),
    (Role.LEARNING_RATE, r"(\w+_)?(lr|learning_?rate(_init)?)(_(max|min|init|base|peak|0))?|eta0?|step_?size|rate"),
    (Role.MOMENTUM, r"momentum|beta_?1|nesterov"),
    (
        Role.REGULARISER,
        r"wd|(\w+_)?(weight_?)?decay|(\w+_)?penalty|l1|l2|(\w+_)?(l1|l2)|reg(ulari[sz]\w*)?(_\w+)?|lambda_?\w*|alpha|ccp_alpha"
        r"|min_impurity_decrease|min_samples_\w+|min_weight_fraction_leaf|min_child_\w+|label_?smoothing|reg_\w+",
    ),
    (
        Role.CAPACITY,
        r"C|gamma|hidden(_\w+)?|(\w+_)?(units?|width|hidden|dim|channels|filters|layers|depth|blocks|neurons|embed\w*)"
        r"|d_(model|ff|hidden)|ffn|ff|r|rank|(e|d|n|num)_(layers|hidden|embd|units)|max_depth|max_leaves"
        r"|max_leaf_nodes|num_leaves|max_features|degree|hidden_layer_sizes|embedding|layers|width",
    ),
)
_COMPILED = tuple((role, re.compile(rf"(?:{pattern})\Z")) for role, pattern in _PATTERNS)


def role(name: str) -> Role | None:
    """The role of a parameter by its name; None when the name says nothing."""
    last = name.rsplit(".", 1)[-1].replace("-", "_")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", last)
    plain = words if words == "C" else words.lower()
    return next((role for role, pattern in _COMPILED if pattern.match(plain)), None)


def having(wanted: Role, names: Iterable[str]) -> list[str]:
    """The names with this role, in order."""
    return [name for name in names if role(name) is wanted]
