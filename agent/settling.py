"""Carries out what the agent asked for, once a person has approved it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.llm.budget import confirm
from agent.store import actions, proposals, studies, trials
from agent.store.connection import Store
from agent.store.proposals import AlreadyDecidedError
from agent.store.studies import Study
from agent.study.nouns import Action, ActionKind, Proposal, ProposalState, Trial
from agent.study.space_edit import differences, edited
from trainers.errors import TunewrightError
from trainers.space import Config, SearchSpace

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
            session.edit_space(edited(session.spec.space, action.body["changes"]))
        case ActionKind.STOP_TRIAL:
            session.stop(trials.get(session.store, session.study.id, int(action.body["trial"])))
        case ActionKind.SET_BUDGET:
            session.set_budget(replace(session.spec.budget, **action.body))
        case ActionKind.REMEMBER:
            from agent.lessons import remember

            remember(action.body["lesson"], session.study)
        case ActionKind.SPEND:
            confirm(session.store, session.study, action)


def change_space(store: Store, study: Study, space: SearchSpace) -> tuple[Study, list[Proposal]]:
    """Gives the study another space, as one change in the journal. Returns the study, and the pending proposals that
    no longer fit it, which have expired. Defaults that no longer fit are dropped: the space's own take their place."""
    changes = "; ".join(differences(study.spec.space, space))
    if not changes:
        return study, []
    options = dict(study.spec.options)
    if "params" in options:  # a script's: the names of all parameters, active or not
        options["params"] = list(space.parameters)
    spec = study.spec.replace(space=space, options=options, defaults=_fitting(study.spec.defaults, space))
    studies.update(store, study.id, spec, who="person", what=f"space {changes}")
    expired = [p for p in proposals.pending(store, study.id) if not space.allows(p.params)]
    for proposal in expired:
        reason = "the space was changed"
        proposals.reject(store, proposal, actor="policy", reason=reason, action=ProposalState.EXPIRED)
    return studies.by_id(store, study.id), expired


def _fitting(defaults: Config | None, space: SearchSpace) -> Config | None:
    known = {n: v for n, v in (defaults or {}).items() if n in space.parameters}
    return {n: v for n, v in known.items() if space.parameters[n].problem(v) is None} or None


def close_books(store: Store, pending: Sequence[Proposal], queued: Sequence[Trial]) -> list[Proposal]:
    """The time is spent: what has not started never will. Returns the proposals that still wait: none."""
    for proposal in pending:
        with contextlib.suppress(AlreadyDecidedError):
            proposals.reject(store, proposal, actor="policy", reason="total time spent", action=ProposalState.EXPIRED)
    for trial in queued:
        trials.request_stop(store, trial, "total time spent")
    return []
