"""What a person who is elsewhere would want to be called for, found by looking at the study now and then."""

from __future__ import annotations

from typing import NamedTuple

from agent.study.nouns import TrialState
from agent.tui.ink.looks import look
from agent.tui.model import StudyModel

ASK, FAILURE, BUDGET, FINISHED = "ask", "failure", "budget", "finished"
_LEVELS = (0.8, 1.0)


class Call(NamedTuple):
    """`kind` names the setting that switches it: notify.on_ask and so on."""

    kind: str
    text: str


class Calls:
    """Of one study. What was there when it was opened is no news."""

    def __init__(self, model: StudyModel) -> None:
        self._name = model.spec.name
        self._live = {t.number for t in model.live}
        self._newest = max(model.trials, default=-1)
        self._asked: set[tuple[str, int]] = set()  # what the person has been called for
        self._level: float | None = None
        self._state = ""

    def look(self, model: StudyModel, *, away: bool) -> list[Call]:
        """What is new. A proposal calls once, when it waits while the person is away."""
        return [*self._asks(model, away=away), *self._failures(model), *self._budget(model), *self._end(model)]

    def _asks(self, model: StudyModel, *, away: bool) -> list[Call]:
        waiting = {("proposal", p.id) for p in model.pending} | {("action", a.id) for a in model.actions}
        self._asked &= waiting
        if not away or waiting <= self._asked:
            return []
        self._asked = waiting
        return [Call(ASK, f"{self._name}: {len(waiting)} {'waits' if len(waiting) == 1 else 'wait'} for you")]

    def _failures(self, model: StudyModel) -> list[Call]:
        live = {t.number for t in model.live}
        newest = max(model.trials, default=-1)
        ended = (self._live | set(range(self._newest + 1, newest + 1))) - live
        self._live, self._newest = live, newest
        known = [model.trials[n] for n in sorted(ended) if n in model.trials]
        failed = [t for t in known if t.state is TrialState.FAILED]
        if len(failed) > 1:
            return [Call(FAILURE, f"{self._name}: {', '.join(f't{t.number}' for t in failed[:8])} failed")]
        return [Call(FAILURE, f"{self._name}: t{t.number} {look(t).word}") for t in failed]

    def _budget(self, model: StudyModel) -> list[Call]:
        what, share = spent(model)
        level = max((level for level in _LEVELS if share >= level), default=0.0)
        before, self._level = self._level, level
        if before is None or level <= before:
            return []
        return [Call(BUDGET, f"{self._name}: {'all' if level == 1 else '80 %'} of the {what} spent")]

    def _end(self, model: StudyModel) -> list[Call]:
        before, self._state = self._state, model.standing.state
        if self._state != "finished" or before in ("", "idle", "finished"):
            return []
        best = model.best
        return [Call(FINISHED, f"{self._name} is finished" + (f"; best t{best.number}" if best is not None else ""))]


def spent(model: StudyModel) -> tuple[str, float]:
    """The budget of which the largest share is spent, and that share."""
    budget, agent, standing = model.spec.budget, model.spec.agent, model.standing
    money = standing.spent.money if standing.spent is not None else 0.0
    shares = [
        ("trials are", len(model.trials), budget.trials),
        ("time is", standing.spent_seconds, budget.total_seconds),
        ("GPU time is", standing.gpu_seconds, None if budget.gpu_hours is None else budget.gpu_hours * 3600),
        ("money is", money, agent.money),
    ]
    known = [(what, done / limit) for what, done, limit in shares if limit]
    return max(known, key=lambda pair: pair[1], default=("budget is", 0.0))


def title(model: StudyModel) -> str:
    """`● 2 run · 1 asks – study`, for the terminal's title."""
    running, waiting = len(model.running), len(model.pending) + len(model.actions)
    parts = [f"{running} run"] * bool(running) + [f"{waiting} {'asks' if waiting == 1 else 'ask'}"] * bool(waiting)
    return f"● {' · '.join(parts)} – {model.spec.name}" if parts else f"tunewright – {model.spec.name}"
