"""Asking for changes. Each makes a card that waits for a person: nothing here changes a study."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from agent import summary
from agent.chat.tools.base import Args, Tool, TrialNumber, Why
from agent.llm.keys import redact
from agent.llm.seat import Seat
from agent.store import actions, proposals, trials
from agent.study.nouns import ActionKind, Draft, Source
from agent.study.space_edit import differences, edited
from trainers.errors import SpaceError, TunewrightError, nearest
from trainers.parameters import NumberParameter
from trainers.space import Config, config_key


class ProposeArgs(Args):
    params: Annotated[
        dict[str, bool | int | float | str | None],
        Field(min_length=1, description="what you leave out comes from the best trial"),
    ]
    why: Why


class EditSpaceArgs(Args):
    changes: Annotated[
        dict[str, dict[str, Any]],
        Field(min_length=1, description='such as {"lr": {"high": 0.3}, "opt": {"choices": […]}}'),
    ]
    why: Why


class StopArgs(Args):
    trial: TrialNumber
    why: Why


class RememberArgs(Args):
    lesson: Annotated[str, Field(min_length=10, max_length=600, description="one sentence, with when it holds")]
    why: Why


class BudgetArgs(Args):
    trials: Annotated[int | None, Field(ge=1, le=10**6, description="of the study, earlier ones included")] = None
    trial_seconds: Annotated[float | None, Field(gt=0, description="for each trial")] = None
    total_seconds: Annotated[float | None, Field(gt=0, description="for the whole study")] = None
    why: Why


def propose(seat: Seat, args: ProposeArgs) -> str:
    """A pending proposal of the model's own."""
    known = trials.all_trials(seat.store, seat.study.id)
    config = _config(seat, args.params, summary.best(known, seat.study.spec.objective))
    if config_key(config) in proposals.taken_keys(seat.store, seat.study.id):
        raise TunewrightError("this config was proposed before", remedy="Change a value.")
    draft = Draft(source=Source.LLM, params=config, rationale=redact(args.why))
    limit, seconds = seat.study.spec.budget.trials, summary.expected_seconds(known)
    made = proposals.add(seat.store, seat.study.id, [draft], most_trials=limit, expected_seconds=seconds)
    if not made:
        remedy = "set_budget can ask for more."
        raise TunewrightError(f"the budget of {limit} trials is spoken for", remedy=remedy)
    return f"Proposal {made[0].number} waits for the person to approve it."


def _config(seat: Seat, params: dict[str, Any], best: Any) -> Config:
    """The whole config, on the grid. Raises SpaceError for an unknown name, a value out of range, a constraint."""
    space = seat.study.spec.space
    base = seat.study.spec.first_config() if best is None else best.params
    for name, value in params.items():
        if name not in space.parameters:
            raise SpaceError(f"there is no parameter '{name[:60]}'", remedy=nearest(name, space.parameters))
        parameter = space.parameters[name]
        params = {**params, name: parameter.snap(value)}
        outside = isinstance(parameter, NumberParameter) and not parameter.low <= float(value) <= parameter.high
        if outside and (problem := parameter.problem(value)):  # what lies off the grid is snapped to it
            raise SpaceError(problem, remedy="edit_space can ask for a wider range.")
    config = space.validate(space.snap({**base, **params}))
    idle = [name for name in params if name not in config]
    if idle:
        raise SpaceError(f"'{idle[0]}' does not apply to this config", remedy="Leave it out, or meet its condition.")
    return config


def edit_space(seat: Seat, args: EditSpaceArgs) -> str:
    space = edited(seat.study.spec.space, args.changes)
    told = differences(seat.study.spec.space, space)
    if not told:
        raise TunewrightError("the space is so already", remedy="Change a bound, or leave it.")
    return _asked(seat, ActionKind.EDIT_SPACE, {"changes": args.changes}, args.why, "; ".join(told))


def stop_trial(seat: Seat, args: StopArgs) -> str:
    trial = trials.get(seat.store, seat.study.id, args.trial)
    if trial.state.ended:
        raise TunewrightError(f"t{trial.number} has already ended ({trial.state})")
    return _asked(seat, ActionKind.STOP_TRIAL, {"trial": trial.number}, args.why, f"stopping t{trial.number}")


def remember(seat: Seat, args: RememberArgs) -> str:
    body = {"lesson": {"text": redact(args.lesson)}}
    return _asked(seat, ActionKind.REMEMBER, body, args.why, "remembering it")


def set_budget(seat: Seat, args: BudgetArgs) -> str:
    wanted = args.model_dump(exclude={"why"}, exclude_none=True)
    if not wanted:
        raise TunewrightError("no limit is named", remedy="Give trials, trial_seconds or total_seconds.")
    have = len(trials.all_trials(seat.store, seat.study.id))
    if wanted.get("trials", have) < have:
        raise TunewrightError(f"the study already has {have} trials", remedy="Name at least as many.")
    return _asked(seat, ActionKind.SET_BUDGET, wanted, args.why, "the new budget")


def _asked(seat: Seat, kind: ActionKind, body: dict[str, Any], why: str, what: str) -> str:
    action = actions.ask(seat.store, seat.study.id, kind, body, redact(why))
    return f"A card (number {action.number}) asks the person about {what}. Nothing has changed yet."


TOOLS = (
    Tool("propose", "put a config before the person, as a proposal", ProposeArgs, propose, asks=True),
    Tool("edit_space", "ask the person to change the search space", EditSpaceArgs, edit_space, asks=True),
    Tool("stop_trial", "ask the person to stop a queued or running trial", StopArgs, stop_trial, asks=True),
    Tool("remember", "ask the person to keep a lesson for later studies", RememberArgs, remember, asks=True),
    Tool("set_budget", "ask the person to change the study's budget", BudgetArgs, set_budget, asks=True),
)
