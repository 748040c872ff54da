"""Good next questions, offered while the chat is without one, and when a trial has failed since the last."""

from __future__ import annotations

from collections.abc import Sequence

from agent.study.nouns import Trial, TrialState, Turn
from agent.tui.model import StudyModel
from agent.tui.text import Part

_MOST = 3
_ENOUGH = 6  # completed trials from which something can be said of what matters


def offered(model: StudyModel, turns: Sequence[Turn]) -> list[str]:
    """At most three, the most pressing first; none where nothing is left to offer."""
    asked_at = max((t.at for t in turns if t.role == "person"), default=None)
    failed = _last_failure(model)
    fresh = failed is not None and (asked_at is None or (failed.ended_at or 0.0) > asked_at)
    if asked_at is not None and not fresh:
        return []
    found = [f"why did {failed.number} fail?"] if failed is not None and fresh else []
    done = sum(t.state is TrialState.COMPLETED for t in model.trials.values())
    if done >= _ENOUGH:
        found.append("what matters most?")
    if model.pending:
        found.append(f"why did you propose {model.pending[0].number}?")
    if model.trials:
        found += ["what should I try next?", "how is it going?"]
    return found[:_MOST]


def _last_failure(model: StudyModel) -> Trial | None:
    failed = (t for t in model.trials.values() if t.state is TrialState.FAILED)
    return max(failed, key=lambda t: t.ended_at or 0.0, default=None)


def parts(questions: Sequence[str]) -> list[Part]:
    """One line: `/question  1 why did 9 fail?  2 what matters most?`."""
    shown: list[Part] = [("/question", "muted")]
    for number, question in enumerate(questions, 1):
        words = question.replace(" ", "\u00a0")
        shown += [("  ", ""), (f"{number}\u00a0", "faint"), (words, f"link#question:{number}")]
    return shown
