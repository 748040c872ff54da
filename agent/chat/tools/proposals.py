"""Reading proposals: those that wait, and how the others were settled."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agent.chat.tools.base import Args, Tool, clipped, within
from agent.diagnosis.suggest import show
from agent.llm.seat import Seat
from agent.store import actions, proposals, trials
from agent.study.nouns import Proposal, ProposalState


class ProposalsArgs(Args):
    limit: Annotated[int, Field(ge=1, le=30)] = 10
    number: Annotated[int | None, Field(ge=0, description="only this one, in full")] = None


def list_proposals(seat: Seat, args: ProposalsArgs) -> str:
    """Newest first; those that wait before all others."""
    every = proposals.all_of(seat.store, seat.study.id)
    made = {t.proposal_id: t.number for t in trials.all_trials(seat.store, seat.study.id)}
    if args.number is not None:
        found = [p for p in every if p.number == args.number]
        if not found:
            return f"There is no proposal {args.number}; there are {len(every)}, numbered from 0."
        return within([_line(seat, found[0], made, 1_500)])
    newest = sorted(every, key=lambda p: (p.state is not ProposalState.PENDING, -p.number))[: args.limit]
    lines = [_line(seat, p, made, 240) for p in newest] or ["no proposals yet"]
    asked = [
        f"action {a.number} waits: {a.kind}: {clipped(a.reason, 200)}"
        for a in actions.pending(seat.store, seat.study.id)
    ]
    return within([f"{len(every)} proposals, {len(newest)} shown", *lines, *asked])


def _line(seat: Seat, proposal: Proposal, made: dict[int, int], most: int) -> str:
    params = ", ".join(f"{name} = {show(value)}" for name, value in proposal.params.items())
    parts = [f"proposal {proposal.number} by {proposal.source}, {proposal.state}: {params}"]
    if proposal.id in made:
        parts.append(f"it ran as t{made[proposal.id]}")
    decided = proposals.decision(seat.store, proposal.id)
    if decided is not None:
        said = clipped(decided.clause or decided.reason, 200)
        parts.append(f"settled by {decided.actor}" + (f" ({said})" if said else ""))
    if proposal.expected is not None:
        parts.append(f"expected {proposal.expected[0]:.5g} … {proposal.expected[1]:.5g}")
    if proposal.rationale:
        parts.append(f"why: {clipped(proposal.rationale, most)}")
    return "; ".join(parts)


TOOLS = (Tool("proposals", "proposals that wait or were settled, with reasons", ProposalsArgs, list_proposals),)
