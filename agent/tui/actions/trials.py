"""The table of trials, and what can be done with one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.study.nouns import Trial, TrialState
from agent.tui import rows
from agent.tui.actions.words import split_number
from agent.tui.requests import ReadTrial, Resume, Stop, Suggest
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

STOPPED = "stopped by person"


def meant(app: TunewrightApp, number: int | None) -> Trial:
    """The trial of that number, or the one selected. Raises TunewrightError when there is none."""
    study = app.study
    known = study.model.trials
    if number is None:
        table = study.side.trials.table
        number = table.cursor if table.has_focus else study.side.selected
        if known and table.has_focus and not app.screen.is_modal and number not in table.numbers:
            raise _hidden(app, bool(table.numbers))
    if number is None:
        raise TunewrightError("the study has no trials yet")
    if number not in known:
        raise TunewrightError(f"there is no trial {number}", remedy=f"The study has trials 0 to {max(known)}.")
    return known[number]


def _hidden(app: TunewrightApp, others: bool) -> TunewrightError:
    """Nothing is done to a trial that the person does not see."""
    what = "the trial under the cursor" if others else "every trial"
    remedy = f"{app.key_name('filter')} and then esc in the trials show all again, as /filter does."
    return TunewrightError(f"the filter '{app.study.side.view.filter}' hides {what}", remedy=remedy)


def one(app: TunewrightApp, args: str) -> Trial:
    number, rest = split_number(args)
    if rest:
        raise TunewrightError(f"'{rest}' is not the number of a trial", remedy="Write for example 17.")
    return meant(app, number)


def why(app: TunewrightApp, args: str) -> None:
    app.study.send(ReadTrial(one(app, args).number))


def filter(app: TunewrightApp, args: str) -> None:
    if not args and app.study.side.trials.has_focus_within:
        app.study.side.trials.ask_filter()
    else:
        app.study.side.trials.set_filter(args.strip())


def runs(app: TunewrightApp, args: str) -> None:
    if not app.study.model.groups.any:
        app.say("no config has been run more than once: /retry 3 runs that of t3 again, /seeds 3 every one three times")
        return
    view = app.study.side.view
    view.runs = not view.runs
    app.study.side.trials.update(app.study.side.selected)


def sort(app: TunewrightApp, args: str) -> None:
    view, names = app.study.side.view, rows.sort_names(app.study.model)
    if args.strip():
        if args.strip() not in names:
            raise TunewrightError(f"no column is called '{args.strip()}'", remedy=nearest(args.strip(), names))
        view.sort = args.strip()
    else:
        view.sort = names[(names.index(view.sort) + 1) % len(names)] if view.sort in names else names[0]
    objective = app.study.model.spec.objective
    view.descending = view.sort == "#" or (view.sort == objective.metric and objective.direction == "maximize")
    app.study.arranged()


def reverse(app: TunewrightApp, args: str) -> None:
    app.study.side.view.descending = not app.study.side.view.descending
    app.study.arranged()


def select(app: TunewrightApp, args: str) -> None:
    if args.strip():
        app.study.side.select(one(app, args).number)
    else:
        app.study.side.select(None)


def pin(app: TunewrightApp, args: str) -> None:
    app.study.side.toggle_curve(one(app, args).number)


def best(app: TunewrightApp, args: str) -> None:
    top = app.study.model.best
    if top is None:
        raise TunewrightError("no trial has completed yet")
    app.study.side.select(top.number)


def suggest(app: TunewrightApp, args: str) -> None:
    app.study.send(Suggest(one(app, args).number))


def stop(app: TunewrightApp, args: str) -> None:
    study = app.study
    if args.split()[:1] == ["all"]:
        going = study.model.live
        reason = args.strip()[3:].strip() or STOPPED
        if not going:
            raise TunewrightError("no trial runs")
        for trial in going:
            study.send(Stop(trial.number, reason))
        return
    number, reason = split_number(args)
    trial = meant(app, number)
    if trial.state.ended:
        raise TunewrightError(f"t{trial.number} has already ended ({trial.state})")
    study.send(Stop(trial.number, reason or STOPPED))


def resume(app: TunewrightApp, args: str) -> None:
    trial = one(app, args)
    if trial.state not in (TrialState.PRUNED, TrialState.STOPPED):
        remedy = "Only a pruned or stopped trial can be taken up again."
        raise TunewrightError(f"t{trial.number} is {trial.state}", remedy=remedy)
    app.study.send(Resume(trial.number))


_PLACE = re.compile(r"t?(?P<trial>\d+)?(?:^|:)?(?:(?P<kind>log|step|[A-Za-z_][\w.]*@):?(?P<at>\d+))?")


def go(app: TunewrightApp, args: str) -> None:
    """Follows `t17`, `log:412`, `step:412`, `val_loss@412`, `t17:log:412`."""
    found = _PLACE.fullmatch(args.strip().strip("[]"))
    if not args.strip() or found is None:
        raise TunewrightError(f"'{args}' is no place", remedy="Write for example t17, log:412 or t17:step:412.")
    trial = meant(app, int(found["trial"]) if found["trial"] else None)
    app.study.side.select(trial.number)
    at = int(found["at"]) if found["at"] else None
    if found["kind"] == "log":
        app.study.show_panel("log")
        if at is not None:
            app.study.side.show_line(trial, at)
    elif at is not None:
        app.study.side.mark_step(trial.number, at)
        app.study.show_panel("curves")
    else:
        app.study.show_panel("trials")
