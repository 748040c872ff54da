"""Carries out what the agent asked for, once a person has approved it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.llm.budget import confirm
from agent.runner.active import checkpoint_of
from agent.store import actions, pausing, proposals, studies, trials
from agent.store.connection import Store
from agent.store.proposals import AlreadyDecidedError
from agent.store.studies import Study
from agent.study.budget import busy_seconds
from agent.study.memory_bound import bounds_of
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
            _stop(session, action)
        case ActionKind.RESUME_TRIAL:
            session.resume(_trial(session, action), action.reason, who="asha")
        case ActionKind.SET_BUDGET:
            session.set_budget(replace(session.spec.budget, **action.body))
        case ActionKind.REMEMBER:
            from agent.lessons import remember

            remember(action.body["lesson"], session.study)
        case ActionKind.SPEND:
            confirm(session.store, session.study, action)


def _trial(session: Session, action: Action) -> Trial:
    return trials.get(session.store, session.study.id, int(action.body["trial"]))


def _stop(session: Session, action: Action) -> None:
    """Stops the trial; as a pruning where a rule asked for it."""
    trial, body = _trial(session, action), action.body
    if not body.get("prune"):
        session.stop(trial)
    elif not pausing.prune(session.store, trial.id, body["attempt"], action.reason, body.get("estimate")):
        raise TunewrightError(f"t{trial.number} has ended meanwhile, or was asked to end")


def decline(session: Session, action: Action, reason: str) -> None:
    """Settles `action` without doing it. A trial that a rule would have ended is to run to its end then."""
    actions.settle(session.store, action, ProposalState.REJECTED, reason)
    if action.kind is ActionKind.STOP_TRIAL and action.body.get("prune"):
        pausing.keep(session.store, _trial(session, action))


def resume(store: Store, study: Study, trial: Trial, reason: str, *, who: str) -> str:
    """Queues a pruned or stopped trial again. Returns from where it goes on, in words.

    Raises TunewrightError for a trial in another state, and where no time is left for it.
    """
    total = study.spec.budget.total_seconds
    if total is not None and busy_seconds(trials.busy_intervals(store, study.id, time.time())) >= total:
        raise TunewrightError("the study's total time is spent", remedy="Raise it first: budget total=…")
    pausing.resume(store, trial, reason, who=who)
    if checkpoint_of(store, trial.id) is None:
        return f"t{trial.number} left no checkpoint: it starts again from its first step"
    at = "" if trial.last_step is None else f", about step {trial.last_step}"
    return f"t{trial.number} goes on from its checkpoint{at}"


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


def drop_bound(store: Store, study: Study, number: int) -> Study:
    """Lets go of what trial `number`, which ran out of memory, says of larger configs: they may be proposed again.
    Raises TunewrightError when it says nothing."""
    bounds = bounds_of(study.spec, trials.all_trials(store, study.id))
    if number not in {bound.trial for bound in bounds}:
        known = ", ".join(f"t{bound.trial}" for bound in bounds)
        remedy = f"There are bounds learnt from {known}." if known else "The study has learnt no bound."
        raise TunewrightError(f"t{number} bounds nothing", where="space", remedy=remedy)
    spec = study.spec.replace(unbounded=(*study.spec.unbounded, number))
    studies.update(store, study.id, spec, who="person", what=f"space without the bound learnt from t{number}")
    return studies.by_id(store, study.id)


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
