"""How verdicts speak: at which step, what the trial has come to, beside what."""

from __future__ import annotations

from agent.stopping.run import Frame, Run
from trainers.contract import Objective


def figure(loss: float, objective: Objective) -> str:
    """A loss as the person knows it: with the metric's own sign."""
    return f"{objective.sign * loss:.4g}"


def place(run: Run, frame: Frame, position: float) -> str:
    """`at step 300 (30%)`: where on its own way a run was at `position`."""
    if not frame.by_share:
        return f"at step {position:.0f}"
    step = round(position * (run.length or 0))
    return f"at step {step} ({position:.0%} of its {run.length})"


def standing(run: Run, frame: Frame, position: float, loss: float, objective: Objective) -> str:
    """`at step 300 (30% of its 1000) its val_loss 0.41`."""
    best = "" if objective.at == "last" else "best "
    return f"{place(run, frame, position)} its {best}{objective.metric} {figure(loss, objective)}"


def trials(n: int) -> str:
    return f"{n} trial{'' if n == 1 else 's'}"
