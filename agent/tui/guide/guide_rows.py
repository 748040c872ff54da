"""What the guide's page shows at each step: words above, rows to choose from, words below, keys."""

from __future__ import annotations

from agent.tui.guide import guide_text
from agent.tui.guide.guiding import Guiding
from agent.tui.messages import ModelsFound
from agent.tui.text import Part, neutral

Key = tuple[str, str, str]  # the key as it is shown, its command, its word
_OFFERED = 4  # models named
_KEYS: dict[str, tuple[Key, ...]] = {
    "script": (("enter", "", "choose"), ("d", "demo", "demo")),
    "try": (("enter", "onward", "try"), ("s", "skip", "skip"), ("b", "stepback", "back")),
    "space": (
        ("enter", "onward", "goal"),
        ("space", "choose", "in/out"),
        ("e", "amend", "edit range"),
        ("m", "consult", "ask the model"),
        ("b", "stepback", "back"),
    ),
    "goal": (
        ("enter", "onward", "write and open"),
        ("space", "choose", "choose, turn round"),
        ("e", "amend", "edit"),
        ("b", "stepback", "back"),
    ),
}


def keys(state: Guiding) -> tuple[Key, ...]:
    if state.trying:
        return (("s", "skip", "stop with what was seen"),)
    if state.step == "try" and state.tried is not None and not state.tried.problem:
        return (("enter", "onward", "go on"), ("b", "stepback", "back"))
    return _KEYS[state.step]


def head(state: Guiding, width: int, *, first: bool) -> list[Part]:
    """Above the rows; nothing in the step of the try, which has a page of its own."""
    match state.step:
        case "script":
            return guide_text.opening(state, first=first)
        case "try":
            return []
        case "space":
            titles = guide_text.parameter_titles(width)
            said: list[Part] = [(f"{neutral(state.said)}\n", "ask")] if state.said else []
            head: list[Part] = [("What is tuned, over which ranges", "title"), ("   ? is a guess: check it\n", "muted")]
            return [*head, *said, ("\n", ""), *titles]
    return [("What is optimised, and what it may cost", "title")]


def rows(state: Guiding, width: int) -> list[tuple[str, list[Part]]]:
    """What each row is, and how it looks."""
    if state.step == "script":
        found = [(str(c.path), [(neutral(c.reason), "text")]) for c in state.found or ()]
        other: list[Part] = [("another file …", "muted")]
        demo: list[Part] = [("a demo on a built-in task", "primary"), ("   no key, no network", "muted")]
        return [*found, ("other", other), ("demo", demo)]
    if state.plan is None:
        return []
    if state.step == "space":
        return [(t.parameter.name, guide_text.parameter(t, width)) for t in state.plan.tunables]
    return guide_text.goal_rows(state.plan) if state.step == "goal" else []


def foot(state: Guiding, at: int | None, row: str, offers: ModelsFound | None, width: int) -> list[Part]:
    """About the row under the cursor."""
    if state.step == "script" and offers is not None:
        parts: list[Part] = [("Models at hand, for --model; without one the built-in advisor speaks\n", "muted")]
        for model, what in offers.offers[:_OFFERED]:
            parts += [(f"  {neutral(model)}  ", "primary"), (f"{neutral(what)}\n", "faint")]
        return parts
    if state.plan is None or at is None or state.step not in ("space", "goal"):
        return []
    about = guide_text.why(state.plan, at, width)
    lines = about if state.step == "space" else guide_text.about_goal(state.plan, row, width)
    return [part for line in lines for part in (*line, ("\n", ""))]
