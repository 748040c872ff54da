"""The verdict on one running trial: what holds for every rule, then the rule."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agent.stopping import asha, curve, median
from agent.stopping.run import Frame, Run, Verdict, going_on
from agent.stopping.words import trials
from agent.study.stopping_spec import StoppingSpec
from trainers.contract import Objective

NEAR_END = 0.9  # of a trial's length: what is left saves little


def judge(run: Run, runs: Sequence[Run], spec: StoppingSpec, objective: Objective, *, seen: float = 0.0) -> Verdict:
    """Whether to stop `run`. `runs` are all of the study, it among them or not; `seen` is the position up to which it
    was judged before, for rules that judge once at a point."""
    if not spec.on:
        return going_on("no rule")
    if run.exempt:
        return going_on("it is to run to its end")
    done = [other for other in runs if other.completed and other.number != run.number and math.isfinite(other.now)]
    if len(done) < spec.trials:
        return going_on(f"only {trials(len(done))} completed; {spec.trials} have to")
    if math.isinf(run.now):
        return going_on("it has reported nothing to judge by")
    if run.now <= min(other.now for other in done):
        return going_on("it is the best so far")
    frame = Frame.of(run, runs)
    position = frame.position(run)
    if position < spec.warmup * frame.reach:
        return going_on("it is warming up")
    if position > NEAR_END * frame.reach:
        return going_on("it is nearly done")
    match spec.rule:
        case "median":
            return median.verdict(run, runs, frame, spec, objective)
        case "asha":
            return asha.verdict(run, runs, frame, spec, objective, seen)
        case "curve":
            return curve.verdict(run, done, frame, spec, objective)
    return going_on("no rule")


def promotions(runs: Sequence[Run], spec: StoppingSpec) -> list[tuple[int, str]]:
    """Paused trials to take up again now: number and reason. Only asha does so."""
    return list(asha.promotions(runs, spec)) if spec.rule == "asha" else []
