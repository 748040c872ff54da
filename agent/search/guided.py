"""The default search: whichever part knows most about the study as it stands, and an adviser within limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.search import around, gp, known, start, tpe
from agent.search.explain import explained
from agent.search.history import History
from agent.search.trust import share, standing, wants_advice
from agent.search.trust.gate import Verdict, admit
from agent.study.nouns import Draft, Source

_GATE_FROM = 4  # completed trials from which on a model judges advice, be it a rough one
_KNOWN = 3  # of the portfolio must have completed before the model may go on without even points


def draw(history: History) -> Draft | None:
    """One config from the part whose turn it is; its source and rationale say which, and why.

    `history.advice` is heard where it is the adviser's turn (`wants_advice`) and one of its configs passes the gate.
    """
    heard = history.advice and wants_advice(history)
    draft = _advised(history) if heard else _told_elsewhere(history) or _classical(history)
    return None if draft is None else replace(draft, insight={"part": str(draft.source), **draft.insight})


def starting(history: History) -> bool:
    """Whether there is too little to model yet. What did well elsewhere stands in for points spread evenly."""
    told = sum(t.source is Source.PORTFOLIO for t in history.completed)
    return start.starting(history) if told < _KNOWN else len(history.completed) < 2


def _told_elsewhere(history: History) -> Draft | None:
    """What the portfolio says, then the choices of which it says nothing."""
    return known.draw(history) or around.draw(history)


def _classical(history: History) -> Draft | None:
    if starting(history):
        return start.draw(history)
    if history.conditional:
        return tpe.modelled(history, "TPE, because the space has conditions.")
    return gp.of_look(history, gp.look(history, known.remaining(history)))


def _advised(history: History) -> Draft | None:
    """The best of the advice, if it passes; else what would have been proposed without it, saying so."""
    if len(history.completed) < _GATE_FROM:
        verdict = admit(history, None, None)
        return _told(history, verdict) or _declining(history, _told_elsewhere(history) or _classical(history), verdict)
    look = gp.look(history, known.remaining(history))
    rival = gp.chosen(history, look)
    verdict = admit(history, look, rival)
    if verdict.taken is not None:
        return _told(history, verdict, look)
    by_gp = not starting(history) and not history.conditional
    classical = _told_elsewhere(history) or (gp.of_look(history, look) if by_gp else _classical(history))
    return _declining(history, classical, verdict)


def _told(history: History, verdict: Verdict, look: gp.Look | None = None) -> Draft | None:
    """The advice that passed, with the gate's reason; the model's interval where the adviser gave none."""
    draft = verdict.taken
    if draft is None:
        return None
    if verdict.promise is None:
        said = "Passed the gate: new, and likely to run; there is no model yet to hold it against."
    else:
        said = f"Passed the gate: promises {verdict.promise:.2g} of what the classical proposal does."
    rationale = f"{draft.rationale} {said}".strip()
    if draft.expected is None and look is not None:
        model = explained(history, draft.params, draft.source, "", look.surrogate)
        draft = replace(draft, expected=model.expected, confidence=draft.confidence or model.confidence)
    return replace(
        draft, rationale=rationale, insight={**draft.insight, **_insight(history, str(draft.source), verdict)}
    )


def _declining(history: History, draft: Draft | None, verdict: Verdict) -> Draft | None:
    """`draft`, saying what became of the advice."""
    if draft is None:
        return None
    many = len(verdict.declined)
    why = verdict.declined[0][1] if verdict.declined else "there was none"
    said = f"The adviser's {'config' if many == 1 else f'{many} configs'} did not pass: {why}."
    insight = {**draft.insight, **_insight(history, str(draft.source), verdict)}
    return replace(draft, rationale=f"{draft.rationale} {said}", insight=insight)


def _insight(history: History, part: str, verdict: Verdict) -> Mapping[str, Any]:
    earned = standing(history)
    trust = {"mean": round(earned.mean, 3), "share": round(share(history), 3), "lost": earned.lost}
    return {"part": part, "gate": verdict.as_insight(), "trust": trust}
