"""Where in the space something happens: one condition, two together, or one of two."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.digest.text import numeric, value
from trainers.parameters import CategoricalParameter
from trainers.space import Config, SearchSpace

_CLEAR = 0.35  # by how much the share of troubled configs that meet a condition must exceed that of the sound ones
_PURE = 0.8  # of the configs that meet it: above, one condition is enough
_CHANCE = 0.05  # how often some condition may separate them as well by luck
_REGIONS = 2


@dataclass(frozen=True)
class _Cut:
    """`name` at most, at least or equal to `end`, and how clearly it separates."""

    name: str
    sign: str  # ≤, ≥ or =
    end: Any
    clear: float = 0.0

    def holds(self, config: Config) -> bool:
        given = config.get(self.name)
        if self.name not in config:
            return False
        if self.sign == "=":
            return type(given) is type(self.end) and bool(given == self.end)
        return numeric(given) and (given <= self.end if self.sign == "≤" else given >= self.end)

    @property
    def text(self) -> str:
        return f"{self.name} {self.sign} {value(self.end)}"


@dataclass(frozen=True)
class Region:
    """One part of the space, by conditions that must all hold."""

    cuts: tuple[_Cut, ...]

    def holds(self, config: Config) -> bool:
        return all(cut.holds(config) for cut in self.cuts)

    @property
    def text(self) -> str:
        """`lr ≥ 0.01 and optimizer = sgd`."""
        return " and ".join(cut.text for cut in self.cuts)


def regions(space: SearchSpace, bad: Sequence[Config], good: Sequence[Config]) -> list[Region]:
    """Where troubled configs lie and sound ones do not; none where no condition tells them apart more clearly than
    luck would."""
    found: list[Region] = []
    left = list(bad)
    while len(found) < _REGIONS and (cuts := _rule(space, left, good)):
        found.append(Region(cuts))
        left = [c for c in left if not _meets(c, cuts)]
    return found


def region(space: SearchSpace, bad: Sequence[Config], good: Sequence[Config]) -> str:
    """The `regions` in words, with how many configs of each sort lie in them and elsewhere; empty without any."""
    found = regions(space, bad, good)
    if not found:
        return ""
    told = [_told(one.cuts, bad, good) for one in found]
    left = [c for c in bad if not any(one.holds(c) for one in found)]
    spared = [c for c in good if not any(one.holds(c) for one in found)]
    return f"{' or '.join(told)}; {len(left)} of {len(left) + len(spared)} elsewhere"


def _told(cuts: Sequence[_Cut], bad: Sequence[Config], good: Sequence[Config]) -> str:
    hit, spared = len(_inside(bad, cuts)), len(_inside(good, cuts))
    return f"{' and '.join(cut.text for cut in cuts)} ({hit} of the {hit + spared} trials there)"


def _rule(space: SearchSpace, bad: Sequence[Config], good: Sequence[Config]) -> tuple[_Cut, ...]:
    """The conditions of one region; none where no region is clear."""
    first = _clearest(space, bad, good)
    if first is None:
        return ()
    hit, spared = _inside(bad, (first,)), _inside(good, (first,))
    if len(hit) < _PURE * (len(hit) + len(spared)):
        second = _clearest(space, hit, spared, but=first.name)
        if second is not None and _telling(space, bad, good, (first, second)):
            return (first, second)
    return (first,) if _telling(space, bad, good, (first,)) else ()


def _telling(space: SearchSpace, bad: Sequence[Config], good: Sequence[Config], cuts: Sequence[_Cut]) -> bool:
    """Whether enough lies inside, most of it troubled, and not by luck."""
    hit, there = len(_inside(bad, cuts)), len(_inside(bad, cuts)) + len(_inside(good, cuts))
    if hit < max(2, _CLEAR * len(bad)) or 2 * hit < there:
        return False
    return 2 * len(space) * _chance(hit, there, len(bad), len(bad) + len(good)) <= _CHANCE


def _chance(hit: int, there: int, bad: int, all_of_them: int) -> float:
    """How likely `hit` or more of `bad` are among `there` drawn from all."""
    ways = (math.comb(bad, k) * math.comb(all_of_them - bad, there - k) for k in range(hit, min(bad, there) + 1))
    return sum(ways) / math.comb(all_of_them, there)


def _clearest(space: SearchSpace, bad: Sequence[Config], good: Sequence[Config], but: str = "") -> _Cut | None:
    if not bad or not good:
        return None
    cuts = [cut for name in space.parameters if name != but for cut in _cuts(space, name, bad, good)]
    best = max(cuts, key=lambda cut: cut.clear, default=None)
    return best if best is not None and best.clear >= _CLEAR else None


def _cuts(space: SearchSpace, name: str, bad: Sequence[Config], good: Sequence[Config]) -> Iterable[_Cut]:
    """The clearest condition on one parameter of each sort."""
    if isinstance(parameter := space.parameters[name], CategoricalParameter):
        for choice in parameter.choices:
            cut = (_Cut(name, "=", choice),)
            clear = len(_inside(bad, cut)) / len(bad) - len(_inside(good, cut)) / len(good)
            yield _Cut(name, "=", choice, clear)
        return
    pairs = [(c[name], True) for c in bad if numeric(c.get(name))]
    pairs += [(c[name], False) for c in good if numeric(c.get(name))]
    for sign in ("≤", "≥"):
        ordered = sorted(pairs, key=lambda p: p[0], reverse=sign == "≥")
        inside, top = [0, 0], _Cut(name, sign, 0, -1.0)
        for i, (end, is_bad) in enumerate(ordered):
            inside[not is_bad] += 1
            if i + 1 < len(ordered) and ordered[i + 1][0] == end:
                continue  # a value belongs to one side whole
            clear = inside[0] / len(bad) - inside[1] / len(good)
            if clear > top.clear:
                top = _Cut(name, sign, end, clear)
        if pairs:
            yield top


def _inside(configs: Sequence[Config], cuts: Sequence[_Cut]) -> list[Config]:
    return [c for c in configs if _meets(c, cuts)]


def _meets(config: Config, cuts: Sequence[_Cut]) -> bool:
    return all(cut.holds(config) for cut in cuts)
