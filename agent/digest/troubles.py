"""What went wrong, by kind, with the region of the space it lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.digest.seen import Seen
from agent.digest.text import numbers_of, numeric, shorten, value
from agent.study.nouns import Trial, TrialState
from trainers.parameters import CategoricalParameter
from trainers.space import Config, SearchSpace

_KINDS = 6
_CLEAR = 0.5  # by how much the share of troubled trials inside a region must exceed that of the sound ones
_PURE = 0.8  # of the trials in a region: above, one condition is enough


@dataclass(frozen=True)
class Trouble:
    """`what` kind, which `trials`, `where` they lie (empty when nothing sets them apart), and what one of them
    said: text of the trial's own."""

    what: str
    count: int
    trials: str
    where: str
    message: str


def troubles(seen: Seen) -> list[Trouble]:
    """Failures by kind and unhealthy verdicts of other trials, the most frequent first."""
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in seen.trials:
        if kind := _kind(seen, trial):
            groups[kind].append(trial)
    sound = [t for t in seen.ranking if not _kind(seen, t)]
    ordered = sorted(groups.items(), key=lambda g: (-len(g[1]), g[1][0].number))
    told = [_trouble(seen, kind, found, sound) for kind, found in ordered[:_KINDS]]
    rest = [t.number for _, found in ordered[_KINDS:] for t in found]
    return told + ([Trouble("other kinds", len(rest), numbers_of(rest), "", "")] if rest else [])


def _kind(seen: Seen, trial: Trial) -> str:
    verdict = seen.verdict(trial).replace("_", " ")
    if trial.state is not TrialState.FAILED:
        return verdict if trial.state.ended and trial.state is not TrialState.STOPPED else ""
    kind = str(trial.failure.kind).replace("_", " ") if trial.failure else "failed"
    return f"failed: {kind}" + (f", diagnosed as {verdict}" if verdict and verdict != kind else "")


def _trouble(seen: Seen, kind: str, found: Sequence[Trial], sound: Sequence[Trial]) -> Trouble:
    said = [t.failure.message for t in found if t.failure is not None and t.failure.message]
    where = region(seen.space, [t.params for t in found], [t.params for t in sound])
    return Trouble(
        kind, len(found), numbers_of([t.number for t in found]), where, shorten(said[-1], 200) if said else ""
    )


# -- where ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cut:
    """`name` at most, at least or equal to `end`, and how clearly it separates."""

    name: str
    sign: str  # ≤, ≥ or =
    end: Any
    clear: float

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


def region(space: SearchSpace, bad: Sequence[Config], good: Sequence[Config]) -> str:
    """One condition, or two, that the troubled configs meet and the sound ones do not. Empty where none does."""
    if len(bad) < 2 or not good:
        return ""
    first = _best(space, bad, good)
    if first is None:
        return ""
    cuts = [first]
    hit, spared = ([c for c in configs if first.holds(c)] for configs in (bad, good))
    if len(hit) / (len(hit) + len(spared)) < _PURE and (second := _best(space, hit, spared, but=first.name)):
        cuts.append(second)
        hit, spared = ([c for c in configs if second.holds(c)] for configs in (hit, spared))
    there, all_of_them = len(hit) + len(spared), len(bad) + len(good)
    where = " and ".join(cut.text for cut in cuts)
    elsewhere = f"{len(bad) - len(hit)} of {all_of_them - there} elsewhere"
    return f"{where} ({len(hit)} of the {there} trials there, {elsewhere})"


def _best(space: SearchSpace, bad: Sequence[Config], good: Sequence[Config], but: str = "") -> _Cut | None:
    if not bad or not good:
        return None
    cuts = [cut for name in space.parameters if name != but for cut in _cuts(space, name, bad, good)]
    best = max(cuts, key=lambda cut: cut.clear, default=None)
    return best if best is not None and best.clear >= _CLEAR else None


def _cuts(space: SearchSpace, name: str, bad: Sequence[Config], good: Sequence[Config]) -> Iterable[_Cut]:
    """The clearest condition on one parameter of each sort."""
    if isinstance(parameter := space.parameters[name], CategoricalParameter):
        for choice in parameter.choices:
            cut = _Cut(name, "=", choice, 0.0)
            yield _Cut(name, "=", choice, _share(cut, bad) - _share(cut, good))
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


def _share(cut: _Cut, configs: Sequence[Config]) -> float:
    return sum(map(cut.holds, configs)) / len(configs)
