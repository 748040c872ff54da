"""Reading what a trial printed and reported, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from agent.diagnosis import citations
from agent.diagnosis.pointers import read_log
from agent.plain import desk as read
from agent.plain.desk import Desk
from agent.plain.output import number
from agent.store import points
from agent.study.nouns import Trial
from trainers.errors import TunewrightError

_LINES, _AROUND = 20, 4
_LONGEST = 300  # characters of a line
_BLOCKS, _LOW = "▁▂▃▄▅▆▇█", "_.-~=+*#"
_WIDE = 48


def log(desk: Desk, words: Sequence[str]) -> None:
    """`log N`, the end; `log N 412`, around a line; `log N find text`, the lines that hold it."""
    trial = read.trial(desk, words)
    rest = list(words[1:])
    if rest[:1] == ["find"]:
        _say(desk, trial, find=" ".join(rest[1:]))
    else:
        _say(desk, trial, around=read.whole(rest[0]) if rest else None)


def _say(desk: Desk, trial: Trial, *, around: int | None = None, find: str = "") -> None:
    found = read_log(desk.store, trial)
    if not found.lines:
        raise TunewrightError(f"t{trial.number} has written no log", remedy=f"Try: curve {trial.number}.")
    lines = list(found.lines)
    if find:
        lines = [line for line in lines if find.lower() in line.text.lower()]
        desk.say(f"{len(lines)} of {found.total} lines hold '{find}'")
    elif around is not None:
        lines = [line for line in lines if abs(line.number - around) <= _AROUND]
        if not lines:
            raise TunewrightError(f"the log of t{trial.number} has no line {around}", remedy=f"It has {found.total}.")
    for line in lines[-_LINES:]:
        cut = "…" if len(line.text) > _LONGEST else ""
        desk.say(f"{'>' if line.number == around else ' '}{line.number:>6}  {line.text[:_LONGEST]}{cut}")


def curve(desk: Desk, words: Sequence[str]) -> None:
    """`curve N [metric]`: each metric as a line of blocks, with where it began, its best and its last value."""
    trial = read.trial(desk, words)
    found = points.curves(desk.store, trial.id)
    if not found:
        raise TunewrightError(f"t{trial.number} has reported nothing")
    wanted = [read.known("metric", words[1], list(found))] if len(words) > 1 else list(found)
    width = max(map(len, wanted))
    for name in wanted:
        steps, values = found[name].steps, found[name].values
        desk.say(f"{name:<{width}}  {sparkline(values, desk.plain)}  {_ends(steps, values)}")


def _ends(steps: Sequence[int], values: Sequence[float]) -> str:
    finite = [v for v in values if v == v and abs(v) != float("inf")]
    span = f", {number(min(finite), 4)} to {number(max(finite), 4)}" if finite else ""
    return f"{number(values[0], 4)} at {steps[0]}, {number(values[-1], 4)} at {steps[-1]}{span}"


def sparkline(values: Sequence[float], plain: bool) -> str:
    """At most 48 cells; a cell that holds what is not a number shows it. `plain` does without block characters."""
    marks = _LOW if plain else _BLOCKS
    finite = [v for v in values if v == v and abs(v) != float("inf")]
    if not finite:
        return "!" * min(len(values), _WIDE)
    low, high = min(finite), max(finite)
    size = max(len(values) / _WIDE, 1.0)
    cells = [
        values[int(i * size) : max(int((i + 1) * size), int(i * size) + 1)] for i in range(int(len(values) / size))
    ]

    def mark(cell: Sequence[float]) -> str:
        real = [v for v in cell if v == v and abs(v) != float("inf")]
        if len(real) < len(cell):
            return "!"
        share = 0.0 if high == low else (sum(real) / len(real) - low) / (high - low)
        return marks[min(int(share * len(marks)), len(marks) - 1)]

    return "".join(map(mark, cells))


def go(desk: Desk, words: Sequence[str]) -> None:
    """`go t17 log:412`, `go t17 val_loss@300`: what a citation points to."""
    place = " ".join(words).strip("[]")
    found = citations.find(f"[{place}]")
    if not found:
        raise TunewrightError(f"'{place}' is no place", remedy="Write it as it is cited: go t17 log:412.")
    for cited in found:
        trial = read.trial(desk, [f"t{cited.trial}"])
        if cited.line is not None:
            _say(desk, trial, around=cited.line)
        elif cited.step is not None:
            _say_step(desk, trial, cited.metric or desk.session.spec.objective.metric, cited.step)
        else:
            desk.say(f"t{trial.number} {trial.state}: {number(trial.value)}; 'show {trial.number}' says more")


def _say_step(desk: Desk, trial: Trial, metric: str, step: int) -> None:
    found = points.curve(desk.store, trial.id, metric)
    near = sorted(range(len(found.steps)), key=lambda i: abs(found.steps[i] - step))[: _AROUND + 1]
    if not near:
        raise TunewrightError(f"t{trial.number} has not reported '{metric}'")
    for i in sorted(near):
        desk.say(
            f"{'>' if found.steps[i] == step else ' '} step {found.steps[i]:>6}  {metric} {number(found.values[i])}"
        )
