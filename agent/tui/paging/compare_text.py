"""Trials side by side as coloured lines: what they came to, what differs, which is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.study.differences import differing, shared
from agent.study.noise import Noise, valued
from agent.study.nouns import Trial, TrialState
from agent.study.verdicts import verdicts
from agent.tui.ink.looks import look, source
from agent.tui.text import DASH, Part, fit, neutral, number, param, plural, seconds, signed, steps, wrap
from trainers.contract import Objective

Line = list[Part]
ALIKE = "≈"  # beside a difference that lies within the noise
_WIDEST, _NAMES = 16, 22


@dataclass(frozen=True)
class Compared:
    """What is shown: the trials in their order, the study's best, the noise, and the colour of each curve."""

    trials: Sequence[Trial]
    best: Trial | None
    noise: Noise
    objective: Objective
    colours: Mapping[str, int]
    now: float


def lines(of: Compared, width: int, *, all_shared: bool) -> list[Line]:
    """The verdicts, wrapped for `width`; the table; what is the same in all."""
    return [*_verdicts(of, width), [], *_table(of, width), [], *_shared(of, width, all_shared=all_shared)]


def _verdicts(of: Compared, width: int) -> list[Line]:
    out: list[Line] = []
    for judged in verdicts(of.trials, of.noise, of.objective):
        mark, role = ("≠", "good") if judged.beyond else (ALIKE, "muted") if judged.beyond is False else ("·", "muted")
        said = wrap([(judged.text, "text" if judged.beyond is not None else "muted")], max(width - 2, 20))
        out += [[(f"{mark} " if i == 0 else "  ", role), *line] for i, line in enumerate(said)]
    return out


def _table(of: Compared, width: int) -> list[Line]:
    names = differing(of.trials)
    first = min(max([8, *(len(n) + 1 for n in names)]), _NAMES)
    column = max(min((width - first) // len(of.trials), _WIDEST), 6)
    rows: list[tuple[str, Callable[[Trial], Part]]] = [
        ("", lambda t: _heading(t, of)),
        ("state", _state),
        (of.objective.metric, _value),
        (f"Δ t{of.trials[0].number}", lambda t: _delta(t, of.trials[0], of)),
    ]
    best = of.best
    if any(t.runs > 1 for t in of.trials):
        rows.insert(3, ("± seeds", _spread))
    if best is not None and not _same(of.trials[0], best):
        rows.append((f"Δ t{best.number}★", lambda t: _delta(t, best, of)))
    rows += [
        ("time", lambda t: (_time(t, of.now) or DASH, "muted")),
        ("step", lambda t: (steps(t.last_step) or DASH, "muted")),
        ("by", lambda t: (source(t.source), "muted")),
    ]
    if any(t.failure is not None for t in of.trials):
        rows.append(("failure", _failure))
    rows += [(name, _param(name, of.trials[0])) for name in names]
    return [_row(name, [cell(t) for t in of.trials], first, column) for name, cell in rows]


def _row(name: str, cells: Sequence[Part], first: int, column: int) -> Line:
    shown: Line = [(fit(name, first - 1) + " ", "muted")]
    for text, role in cells:
        shown += [(fit(text, column - 1, right=True), role), (" ", "")]
    return shown


def _heading(trial: Trial, of: Compared) -> Part:
    star = "★" if of.best is not None and _same(trial, of.best) else ""
    colour = of.colours.get(str(trial.number))
    return f"{star}t{trial.number}", f"curve:{colour}+bold" if colour is not None else "strong"


def _state(trial: Trial) -> Part:
    seen = look(trial)
    return f"{seen.glyph} {seen.word}", seen.role


def _value(trial: Trial) -> Part:
    """The value; of a running trial the latest, and said to be."""
    if trial.state.ended:
        return number(trial.value), "strong"
    return (f"{number(trial.last_value)}…" if trial.last_value is not None else DASH), "run"


def _same(trial: Trial, other: Trial) -> bool:
    """Whether they are one and the same, or all runs of one config."""
    return trial.number == other.number or (max(trial.runs, other.runs) > 1 and trial.key == other.key)


def _spread(trial: Trial) -> Part:
    """`.004 ×3`: the deviation, and of how many runs the value is the mean."""
    spread = "" if trial.deviation is None else f"{number(trial.deviation, 2)} "
    return (f"{spread}×{trial.runs}" if trial.runs > 1 else DASH), "muted"


def _delta(trial: Trial, to: Trial, of: Compared) -> Part:
    if _same(trial, to) or len(valued([trial, to])) < 2:
        return DASH, "muted"
    assert trial.value is not None and to.value is not None
    apart = trial.value - to.value
    limit = of.noise.between(trial.runs, to.runs)
    if limit is None:
        return signed(apart), "text"
    if abs(apart) <= limit:
        return f"{signed(apart)} {ALIKE}", "muted"
    return signed(apart), "good" if of.objective.better(trial.value, to.value) else "bad"


def _time(trial: Trial, now: float) -> str:
    if trial.state is TrialState.RUNNING and trial.started_at is not None:
        return f"{seconds(max(now - trial.started_at, 0.0))}…"
    return seconds(trial.seconds)


def _failure(trial: Trial) -> Part:
    if trial.failure is None:
        return "", ""
    return str(trial.failure.kind).replace("_", " "), "bad"


def _param(name: str, first: Trial) -> Callable[[Trial], Part]:
    def cell(trial: Trial) -> Part:
        if name not in trial.params:
            return DASH, "faint"
        alike = trial is not first and name in first.params and trial.params[name] == first.params[name]
        return param(trial.params[name]), "muted" if alike else "text"

    return cell


def _shared(of: Compared, width: int, *, all_shared: bool) -> list[Line]:
    names = shared(of.trials)
    if not names:
        return [[("no parameter is the same in all", "muted")]]
    if not all_shared:
        return [[(f"{plural(len(names), 'parameter')} the same in all", "muted")]]
    told = [(f"{name} {neutral(param(of.trials[0].params[name]))}  ", "muted") for name in names]
    return wrap([("the same in all: ", "muted"), *told], max(width, 20))
