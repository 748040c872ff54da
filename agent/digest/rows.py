"""The trials a prompt shows: the best, the worst, the nearest to the best, the extremes, the latest. One row each."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.digest.seen import Seen
from agent.digest.text import digits, number, numbers_of, seconds, value
from agent.study.nouns import Source, Trial, TrialState
from trainers.parameters import NumberParameter, Parameter

MOST = 26  # rows; up to so many trials all are shown
_COLUMNS = 16  # parameters a table has room for
_BEST, _NEAR, _WORST, _EXTREME, _LATEST, _FAILED = 8, 4, 3, 4, 4, 3
_BY = {Source.DEFAULT: "the defaults", Source.LLM: "yours", Source.LLAMBO: "yours", Source.PERSON: "the person's"}


@dataclass(frozen=True)
class Table:
    """`header` and `rows` with cells between bars; `shown` says which trials they are."""

    header: str
    rows: tuple[str, ...]
    shown: str


@dataclass(frozen=True)
class _Runs:
    """Trials of one config, by number."""

    trials: tuple[Trial, ...]
    values: tuple[float, ...]

    @property
    def last(self) -> Trial:
        return self.trials[-1]

    @property
    def value(self) -> float | None:
        return statistics.fmean(self.values) if self.values else None


def table(seen: Seen, important: Sequence[str]) -> Table:
    """`important` parameters go first where a space has more than the table has room for."""
    runs = _runs(seen)
    ranked = sorted((r for r in runs if r.values), key=lambda r: (_loss(seen, r), r.last.number))
    others = [r for r in runs if not r.values]
    notes = _chosen(seen, ranked, others, important) if len(runs) > MOST else {}
    shown = [r for r in (*ranked, *others) if not notes or r.last.number in notes]
    columns = _columns(seen, important)
    wide = digits([v for r in ranked for v in r.values])
    rows = tuple(_row(seen, r, columns, wide, notes.get(r.last.number, ())) for r in shown)
    header = " | ".join(["trial", seen.objective.metric, *columns, "took", "remarks"])
    which = f"{len(shown)} of {len(runs)} configurations, chosen by what they tell" if notes else "all of them"
    return Table(header, rows, f"{which}, best first" + (", those without a value last" if others else ""))


def _runs(seen: Seen) -> list[_Runs]:
    """Ended trials, those of one config together, in order of their first number."""
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in seen.trials:
        if trial.state.ended:
            groups[trial.key].append(trial)
    return [_Runs(tuple(g), tuple(v for t in g if (v := seen.value(t)) is not None)) for g in groups.values()]


def _loss(seen: Seen, runs: _Runs) -> float:
    assert runs.value is not None
    return seen.objective.sign * runs.value


def _columns(seen: Seen, important: Sequence[str]) -> list[str]:
    """Names of the parameters that can vary, in declared order; of too many, the important ones."""
    varying = [p.name for p in seen.space.parameters.values() if p.count() > 1]
    if len(varying) <= _COLUMNS:
        return varying
    first = [*(n for n in important if n in varying), *(n for n in varying if n not in important)][:_COLUMNS]
    return [n for n in varying if n in first]


# -- which ----------------------------------------------------------------------


def _chosen(
    seen: Seen, ranked: Sequence[_Runs], others: Sequence[_Runs], important: Sequence[str]
) -> Mapping[int, tuple[str, ...]]:
    """Why each row is there, by the number of its last trial."""
    notes: dict[int, list[str]] = {}

    def take(runs: Iterable[_Runs], why: str, most: int) -> None:
        new = 0
        for one in runs:
            new += one.last.number not in notes
            if new > most:
                return
            notes.setdefault(one.last.number, []).extend([why] if why else [])

    take(ranked[:_BEST], "", _BEST)
    take(reversed(ranked[-_WORST:]), "among the worst", _WORST)
    latest = sorted((*ranked, *others), key=lambda r: -r.last.number)
    take(latest[:_LATEST], "recent", _LATEST)
    take(sorted(others, key=lambda r: -r.last.number), "", _FAILED)
    if ranked:
        best = ranked[0].last.params
        rest = [r for r in ranked if r.last.number not in notes]
        take(
            sorted(rest, key=lambda r: (seen.space.distance(best, r.last.params), r.last.number)),
            "near the best",
            _NEAR,
        )
        for parameter, lowest, row in _extremes(seen, ranked, important):
            if sum("tried" in why for whys in notes.values() for why in whys) < _EXTREME:
                take([row], f"{'lowest' if lowest else 'highest'} {parameter.name} tried", 1)
    return {number: tuple(whys) for number, whys in notes.items()}


def _extremes(seen: Seen, ranked: Sequence[_Runs], important: Sequence[str]) -> Iterable[tuple[Parameter, bool, _Runs]]:
    """The rows with the lowest and the highest value of each number, the important ones first."""
    for name in important:
        parameter = seen.space.parameters.get(name)
        having = [r for r in ranked if isinstance(r.last.params.get(name), int | float)]
        if not isinstance(parameter, NumberParameter) or len(having) < 2:
            continue
        for lowest in (True, False):
            ends = sorted(having, key=lambda r: (r.last.params[name], r.last.number))
            yield parameter, lowest, ends[0 if lowest else -1]


# -- one row ----------------------------------------------------------------------


def _row(seen: Seen, runs: _Runs, columns: Sequence[str], wide: int, why: tuple[str, ...]) -> str:
    last, best = runs.last, seen.best is not None and seen.best.number in {t.number for t in runs.trials}
    cells = [_numbers(seen, runs) if best else numbers_of([t.number for t in runs.trials], 3), _value(runs, wide, last)]
    cells += [value(last.params[name]) if name in last.params else "–" for name in columns]
    took = [t.seconds for t in runs.trials if t.seconds is not None]
    remarks = [("best so far" if best else ""), *why, _by(last), *_how(seen, last), *_earlier_space(seen, last)]
    cells += [seconds(statistics.median(took)) if took else "–", "; ".join(r for r in remarks if r)]
    return " | ".join(cells).rstrip()


def _numbers(seen: Seen, runs: _Runs) -> str:
    """The best trial's first."""
    assert seen.best is not None
    others = [t.number for t in runs.trials if t.number != seen.best.number]
    return f"t{seen.best.number}" + (f", {numbers_of(others, 2)}" if others else "")


def _value(runs: _Runs, wide: int, last: Trial) -> str:
    if runs.value is None:
        return str(last.state)
    text = number(runs.value, wide)
    return f"{text} ± {number(statistics.stdev(runs.values), 2)}" if len(runs.values) > 1 else text


def _by(trial: Trial) -> str:
    return _BY.get(trial.source, "")


def _how(seen: Seen, trial: Trial) -> list[str]:
    """How it ended, and whether what was expected of it came true."""
    told = []
    if trial.failure is not None:
        told.append(str(trial.failure.kind).replace("_", " "))
    verdict = seen.verdict(trial)
    if verdict and (trial.failure is None or verdict != str(trial.failure.kind)):
        told.append(f"diagnosed: {verdict.replace('_', ' ')}")
    if trial.state is TrialState.PRUNED:
        told.append("pruned" if trial.last_step is None else f"pruned at step {trial.last_step}")
    if trial.state is TrialState.STOPPED:
        told.append("stopped by the person" if trial.stop_requested else "stopped")
    if trial.cut_short:
        told.append("cut short by its time limit")
    if (expected := seen.expected(trial)) is not None and trial.value is not None and trial.source is Source.LLM:
        low, high = expected
        inside = "as expected" if low <= trial.value <= high else "not as expected"
        told.append(f"{inside}: {number(low)} to {number(high)}")
    return told


def _earlier_space(seen: Seen, trial: Trial) -> list[str]:
    return [] if seen.space.allows(trial.params) else ["outside the present space"]
