"""Which curves are drawn, and in which colour: the same trial keeps its colour for good."""

from __future__ import annotations

from itertools import islice

from agent.study.nouns import Trial
from agent.tui.ink.palettes import CURVES_DARK
from agent.tui.model import StudyModel
from agent.tui.view import ViewState

MOST = 8
_RUNNING = 5
_TOGETHER = 4  # curves of running and recently ended trials, the best and the selected apart
_LOOKED_AT = 20


def shown_trials(model: StudyModel, view: ViewState, selected: int | None) -> list[Trial]:
    """From back to front: the last that ended, pinned ones, those that run, the best, the selected."""
    best = model.best
    running = [t.number for t in model.running[-_RUNNING:]]
    recent = [n for n in islice(reversed(model.trials), _LOOKED_AT) if n not in running and model.trials[n].last_step]
    numbers = [*reversed(recent[: max(_TOGETHER - len(running), 0)]), *view.pinned, *running]
    numbers += [best.number] if best is not None else []
    numbers += [selected] if selected is not None else []
    front = [n for n in reversed(numbers) if n in model.trials and (n not in view.hidden or n == selected)]
    return [model.trials[n] for n in reversed(list(dict.fromkeys(front))[:MOST])]


def give_colours(view: ViewState, shown: list[Trial]) -> None:
    """A colour for every trial that has none: one that no other trial on the screen has, where there is one."""
    for trial in shown:
        if str(trial.number) in view.colours:
            continue
        taken = {view.colours.get(str(t.number)) for t in shown}
        order = [(trial.number + i) % len(CURVES_DARK) for i in range(len(CURVES_DARK))]
        view.colours[str(trial.number)] = next((c for c in order if c not in taken), order[0])
