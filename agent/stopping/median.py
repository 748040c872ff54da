"""The median rule: a trial that is worse than half of those that completed were at this point (Golovin et al., 2017).

As in Vizier it is the trial's best so far that counts; as in Optuna's MedianPruner it is laid beside what the others
had come to at the same point, not beside their running mean.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from agent.stopping.run import Frame, Run, Verdict, going_on
from agent.stopping.words import figure, place, standing, trials
from agent.study.stopping_spec import StoppingSpec
from trainers.contract import Objective


def verdict(run: Run, runs: Sequence[Run], frame: Frame, spec: StoppingSpec, objective: Objective) -> Verdict:
    """Stops a run that has come to less than the median of the completed ones."""
    position = frame.position(run)
    others = [frame.level(other, position) for other in runs if other.completed and other.number != run.number]
    levels = [level for level in others if level is not None]
    if len(levels) < spec.trials:
        return going_on(f"only {trials(len(levels))} that completed came as far")
    bar = statistics.median(levels)
    if not run.now > bar or math.isinf(bar):
        return going_on(f"{place(run, frame, position)} it is not worse than the median of {trials(len(levels))}")
    said = standing(run, frame, position, run.now, objective)
    return Verdict(
        stop=True, reason=f"{said} is worse than the median {figure(bar, objective)} of {trials(len(levels))}"
    )
