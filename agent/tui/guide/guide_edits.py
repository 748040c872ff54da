"""What a person changes in the guide, checked as it is typed; and the end of it: a study file and an open study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.guide import guiding, range_words, writing
from agent.guide.plan import Plan
from agent.plain import opening
from agent.store import studies
from agent.study.durations import format_duration, parse_duration
from agent.study.study_file import read_study_file
from agent.tui.guide.guiding import Guiding
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.errands import Room

_NO_LIMIT = ("", "none", "no limit")


def value_of(state: Guiding, what: str) -> str:
    """What the field begins with."""
    plan = state.plan
    if what == "path" or plan is None:
        return ""
    if what.startswith("range "):
        return range_words.shown(_parameter(plan, what).parameter)
    if what == "trials":
        return str(plan.budget.trials or "")
    if what == "trial_time":
        return format_duration(plan.budget.trial_seconds) if plan.budget.trial_seconds else "none"
    return plan.name


def edited(state: Guiding, what: str, text: str) -> Plan | None:
    """The plan as it would be. Raises TunewrightError saying what is wrong with the text."""
    plan = state.plan
    if what == "path":
        if guiding.script_of(str(Path(text.strip()).expanduser()), state.folder) is None:
            raise TunewrightError("write the path of a Python or shell script")
        return None
    assert plan is not None
    if what.startswith("range "):
        return plan.with_parameter(range_words.read(_parameter(plan, what).parameter, text))
    if what == "trials":
        if not (text.strip().isascii() and text.strip().isdigit() and 0 < int(text) < 10**9):
            raise TunewrightError(f"'{text}' is no number of trials", remedy="Write a whole number above 0.")
        return _with_budget(plan, trials=int(text))
    if what == "trial_time":
        limit = None if text.strip().lower() in _NO_LIMIT else parse_duration(text)
        return _with_budget(plan, trial_seconds=limit)
    if not text.strip():
        raise TunewrightError("a study needs a name")
    return plan.replace(name=text.strip())


def take(state: Guiding, what: str, text: str) -> None:
    """Makes the change. Raises TunewrightError as `edited` does."""
    plan = edited(state, what, text)
    if what == "path":
        state.choose(Path(text.strip()).expanduser())
    else:
        state.plan = plan


def chosen_goal(plan: Plan, row: str) -> Plan:
    """With another metric as the objective; on the objective itself, the other way round."""
    if row == "direction":
        goal = plan.objective
        other = "maximize" if goal.direction == "minimize" else "minimize"
        return plan.replace(objective=replace(goal, direction=other, sure=True))
    return plan.with_objective(row.removeprefix("metric "))


def _parameter(plan: Plan, what: str):  # type: ignore[no-untyped-def]
    return next(t for t in plan.tunables if t.parameter.name == what.removeprefix("range "))


def _with_budget(plan: Plan, **changes: object) -> Plan:
    why = {**plan.why, "budget": "as you have set it"}
    return plan.replace(budget=replace(plan.budget, **changes), why=why)  # type: ignore[arg-type]


def write_and_open(app: TunewrightApp, state: Guiding) -> None:
    """Writes the file beside the script, makes the study and opens it; a fault is said and nothing is lost."""
    from agent.tui.actions.guide import open_study

    plan = state.plan
    if plan is None or app.desk is None:
        return
    app.desk.errand(lambda room: make_study(room, plan), lambda made: _opened(app, open_study, *made))


def make_study(room: Room, plan: Plan) -> tuple[str, Path]:
    """The name of the new study, and its file: `study-2.toml` where there is one already."""
    name, number = plan.name, 1
    while studies.find(room.store, name) is not None:
        number += 1
        name = f"{plan.name}-{number}"
    path = writing.write(plan.replace(name=name), writing.free(plan.folder / writing.FILE))
    study, _ = opening.from_file(room.store, path, read_study_file(path))
    return study.name, path


def _opened(app: TunewrightApp, open_study, name: str, path: Path) -> None:  # type: ignore[no-untyped-def]
    open_study(app, name)
    app.guide = None
    app.say(f"{path.name} is written; the first proposal is the script's own config")
