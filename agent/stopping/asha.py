"""Asynchronous successive halving (Li et al., 2020): at each rung only the best 1/eta of those that came to it go on.

The rungs lie at 1/eta, 1/eta², … of a trial's length, down to the warm-up. A trial that is not among the best is paused
at once, and taken up again from its checkpoint when later trials have put it among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.stopping.run import Frame, Run, Verdict, going_on
from agent.stopping.words import standing, trials
from agent.study.stopping_spec import StoppingSpec
from trainers.contract import Objective


def rungs(frame: Frame, spec: StoppingSpec) -> list[float]:
    """Positions, ascending."""
    found, at = [], frame.reach / spec.eta
    while at > 0 and at >= spec.warmup * frame.reach * (1 - 1e-9):
        found.append(at)
        at /= spec.eta
    return found[::-1]


def verdict(
    run: Run, runs: Sequence[Run], frame: Frame, spec: StoppingSpec, objective: Objective, seen: float
) -> Verdict:
    """Judges a run at the highest rung that it has come to since position `seen`, by what it had come to there."""
    crossed = [rung for rung in rungs(frame, spec) if seen < rung <= frame.position(run) * (1 + 1e-9)]
    if not crossed:
        return going_on("it is between two rungs")
    rung = crossed[-1]
    ahead, n = rank(run, runs, frame, rung)
    if n < spec.eta:
        return going_on(f"only {trials(n)} came to this rung")
    if ahead < max(n // spec.eta, 1):
        return going_on(f"it is among the best 1/{spec.eta} of {trials(n)} at its rung")
    level = frame.level(run, rung)
    said = standing(run, frame, rung, level if level is not None else run.now, objective)
    return Verdict(stop=True, reason=f"{said} ranks {ahead + 1} of {n}: the best {max(n // spec.eta, 1)} go on")


def rank(run: Run, runs: Sequence[Run], frame: Frame, rung: float) -> tuple[int, int]:
    """How many were better at `rung`, the earlier of equals first, and how many came to it, this run included."""
    mine = frame.level(run, rung)
    assert mine is not None
    others = [(level, o.number) for o in runs if o.number != run.number and (level := frame.level(o, rung)) is not None]
    return sum(other < (mine, run.number) for other in others), len(others) + 1


def promotions(runs: Sequence[Run], spec: StoppingSpec) -> Iterator[tuple[int, str]]:
    """Paused runs that are among the best 1/eta of their rung by now: their numbers, and why."""
    steps = Frame.of(Run(number=-1, steps=(), losses=()), runs)
    for frame in (Frame(by_share=True, reach=1.0), steps):
        paused = [run for run in runs if run.paused and (run.length is not None) == frame.by_share]
        tables = {rung: _ranked(runs, frame, rung) for rung in rungs(frame, spec)} if paused else {}
        for run in paused:
            reached = [rung for rung in tables if rung <= frame.position(run) * (1 + 1e-9)]
            ranked = tables[reached[-1]] if reached else []
            going_on = len(ranked) // spec.eta
            if run.number in ranked[:going_on]:
                place = ranked.index(run.number) + 1
                yield (
                    run.number,
                    f"it is among the best {going_on} of {len(ranked)} at its rung by now (rank {place})",
                )


def _ranked(runs: Sequence[Run], frame: Frame, rung: float) -> list[int]:
    """The numbers of the runs that came to a rung, the best first, the earlier of equals first."""
    levels = [(level, run.number) for run in runs if (level := frame.level(run, rung)) is not None]
    return [number for _, number in sorted(levels)]
