"""What the agent asks for, in words for a card: the same on every front."""

from __future__ import annotations

from agent.study.durations import format_duration
from agent.study.nouns import Action, ActionKind
from agent.study.space_edit import differences, edited
from agent.study.spec import StudySpec
from trainers.errors import TunewrightError

_BUDGET = {"trials": "trials", "trial_seconds": "time a trial", "total_seconds": "time in all"}
_LIMITS = {"money": "${:.2f}", "tokens": "{:,.0f} tokens", "calls_per_day": "{:.0f} calls in 24 hours"}


def title(action: Action) -> str:
    """What it is, in a few words."""
    match action.kind:
        case ActionKind.EDIT_SPACE:
            return "change the search space"
        case ActionKind.STOP_TRIAL:
            return f"stop t{action.body.get('trial')}"
        case ActionKind.REMEMBER:
            return "remember a lesson"
        case ActionKind.SET_BUDGET:
            return "change the budget"
    return "go on spending"


def details(action: Action, spec: StudySpec) -> list[str]:
    """What would be different afterwards, one line each."""
    body = action.body
    match action.kind:
        case ActionKind.EDIT_SPACE:
            try:
                return differences(spec.space, edited(spec.space, body["changes"])) or ["the space is so already"]
            except TunewrightError as error:
                return [f"no longer fits the space: {error}"]
        case ActionKind.REMEMBER:
            lesson = body.get("lesson", {})
            return [str(lesson.get("text", lesson))]
        case ActionKind.SET_BUDGET:
            return [f"{_BUDGET.get(key, key)}: {_budget(key, value)}" for key, value in body.items()]
        case ActionKind.SPEND:
            return _spend(action)
    return []


def _budget(key: str, value: float | None) -> str:
    if value is None:
        return "without limit"
    return format_duration(value) if key.endswith("_seconds") else f"{value:g}"


def _spend(action: Action) -> list[str]:
    body = action.body
    form = _LIMITS.get(str(body["limit"]), "{:g}").format
    lines = [f"{form(body['spent'])} of {form(body['of'])} used ({body['share']:.0%})"]
    if body.get("raised"):
        lines.append(f"approving raises the limit to {form(body['raised'])}")
    else:
        lines.append(f"approving lets it go on to {form(body['of'])}")
    return lines
