"""What the agent asks for, in words for a card: the same on every front."""

from __future__ import annotations

from agent.study.durations import format_duration
from agent.study.nouns import Action, ActionKind
from agent.study.space_edit import differences, edited
from agent.study.spec import StudySpec
from trainers.errors import TunewrightError

_BUDGET = {
    "trials": "trials",
    "trial_seconds": "time a trial",
    "total_seconds": "time in all",
    "gpu_hours": "GPU hours",
}


def asker(action: Action) -> str:
    """Who asks: a stopping rule, or the agent."""
    by_rule = action.kind is ActionKind.RESUME_TRIAL or action.body.get("prune")
    return "the stopping rule" if by_rule else "the agent"


def title(action: Action) -> str:
    """What it is, in a few words."""
    match action.kind:
        case ActionKind.EDIT_SPACE:
            return "change the search space"
        case ActionKind.STOP_TRIAL:
            return f"{'prune' if action.body.get('prune') else 'stop'} t{action.body.get('trial')}"
        case ActionKind.RESUME_TRIAL:
            return f"take t{action.body.get('trial')} up again"
        case ActionKind.REMEMBER:
            return "remember a lesson"
        case ActionKind.SET_BUDGET:
            return "change the budget"
    return "go on spending"


def details(action: Action, spec: StudySpec) -> list[str]:
    """What would be different afterwards, one line each; none where the action's own reason says it all."""
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
    return []


def _budget(key: str, value: float | None) -> str:
    if value is None:
        return "without limit"
    return format_duration(value) if key.endswith("_seconds") else f"{value:g}"
