"""Carries out what the agent asked for, once a person has approved it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.llm.budget import confirm
from agent.store import actions, proposals, trials
from agent.study.nouns import Action, ActionKind, ProposalState
from agent.study.space_edit import differences, edited
from trainers.errors import TunewrightError
from trainers.space import SearchSpace

if TYPE_CHECKING:
    from agent.session import Session


def approve(session: Session, action: Action) -> None:
    """Settles `action` and does what it asks for. Raises TunewrightError, with the action pending again, when that
    cannot be done; AlreadyDecidedError when somebody else settled it."""
    actions.settle(session.store, action, ProposalState.APPROVED)  # first, so that only one front does it
    try:
        _carry_out(session, action)
    except TunewrightError:
        actions.reopen(session.store, action)
        raise


def _carry_out(session: Session, action: Action) -> None:
    match action.kind:
        case ActionKind.EDIT_SPACE:
            edit_space(session, edited(session.spec.space, action.body["changes"]))
        case ActionKind.STOP_TRIAL:
            session.stop(trials.get(session.store, session.study.id, int(action.body["trial"])))
        case ActionKind.SET_BUDGET:
            session.set_budget(replace(session.spec.budget, **action.body))
        case ActionKind.REMEMBER:
            from agent.lessons import remember

            remember(action.body["lesson"], session.study)
        case ActionKind.SPEND:
            confirm(session.store, session.study, action)


def edit_space(session: Session, space: SearchSpace) -> None:
    """Gives the study another space; pending proposals that do not fit it expire."""
    changes = "; ".join(differences(session.spec.space, space))
    if not changes:
        return
    session.replace_spec(session.spec.replace(space=space), f"space {changes}")
    for proposal in proposals.pending(session.store, session.study.id):
        if not space.allows(proposal.params):
            reason = "the space was changed"
            proposals.reject(session.store, proposal, actor="policy", reason=reason, action=ProposalState.EXPIRED)
