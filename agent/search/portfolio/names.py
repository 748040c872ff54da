"""Which parameter of a portfolio is which of a study's: by name, by common name, by what is meant where networks are
tuned, and by the layer it is numbered for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.study.aliases import common

# What a name means among neural networks; elsewhere `alpha` is a quantile or the strength of a lasso.
_IN_NETWORKS = {"alpha": "weight_decay"}
_NUMBERED = re.compile(r"(.+?)(?:_l(?:ayer)?_?|_|)(\d)\Z")  # dropout_2, dropout2, n_units_l0
_NUMBERS_OF_THEIR_OWN = ("beta1", "beta2", "l1", "l2", "lr0")  # the digit is no layer's
_LOGARITHM = re.compile(r"(log10|log2|loge|log|ln)_(.+)|(.+)_(log10|log2|loge|log|ln)\Z", re.I)
_BASES = {"log": 10.0, "log10": 10.0, "log2": 2.0, "ln": math.e, "loge": math.e}


@dataclass(frozen=True)
class Pair:
    """`mine` of the study is `theirs` of the portfolio; `base` where mine is the logarithm of theirs."""

    mine: str
    theirs: str
    base: float | None = None


@dataclass(frozen=True)
class _Meant:
    """What a name stands for: its common name, the layer it is numbered for, the base if it is a logarithm."""

    common: str
    layer: int | None
    base: float | None


def pairs(mine: Iterable[str], theirs: Iterable[str], *, networks: bool) -> list[Pair]:
    """Each of `mine` with the one of `theirs` that means the same, in the order of `mine`.

    A numbered one (`dropout_2`) goes with the same number, else with the one without, else with the first.
    One of theirs may serve several of mine.
    """
    offered = [(name, _meant(name, networks)) for name in theirs]
    return list(_paired(mine, offered, networks))


def _paired(mine: Iterable[str], offered: list[tuple[str, _Meant]], networks: bool) -> Iterator[Pair]:
    for name in mine:
        exact = next((their for their, _ in offered if their == name), None)
        if exact is not None:
            yield Pair(name, exact)
            continue
        meant = _meant(name, networks)
        same = [(their, other) for their, other in offered if other.common == meant.common and other.base is None]
        if same:
            their, _ = min(same, key=lambda found: _far(meant.layer, found[1].layer))
            yield Pair(name, their, meant.base)


def _far(layer: int | None, other: int | None) -> tuple[int, int]:
    if layer == other:
        return (0, 0)
    return (1, 0) if other is None else (2, other)


def _meant(name: str, networks: bool) -> _Meant:
    plain, base = _without_logarithm(name)
    layer = None
    found = _NUMBERED.match(plain)
    if found and plain.lower() not in _NUMBERS_OF_THEIR_OWN and common(plain) == plain.lower():
        plain, layer = found[1], int(found[2])
    meant = common(plain)
    return _Meant(_IN_NETWORKS.get(meant, meant) if networks else meant, layer, base)


def _without_logarithm(name: str) -> tuple[str, float | None]:
    """`log10_lr` is lr, base 10."""
    found = _LOGARITHM.match(name)
    if not found:
        return name, None
    return found[2] or found[3], _BASES[(found[1] or found[4]).lower()]
