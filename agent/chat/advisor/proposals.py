"""Answers about proposals: why one was made, what lies near it, what the search's model thinks of it."""

from __future__ import annotations

from dataclasses import replace

from agent.chat.advisor.facts import Facts, changes, cites, config
from agent.chat.advisor.question import Question
from agent.search.appraise import appraiser
from agent.search.from_store import history
from agent.store import proposals
from agent.study.nouns import Proposal, ProposalState, Source, Trial, TrialState
from trainers.errors import TunewrightError

_FAR = 0.35  # SearchSpace.distance beyond which a failed trial says nothing
# Of these the GP's opinion is worth hearing.
_MODELLED = (Source.GP, Source.TPE, Source.LLM, Source.LLAMBO, Source.PERSON)


def proposed(facts: Facts, question: Question) -> str:
    """Why a config was proposed, and what became of it."""
    every = {p.number: p for p in facts.seen.proposals}
    if not every:
        return "Nothing has been proposed yet."
    if question.numbers:
        wanted = question.numbers[0]
        if wanted not in every:
            raise TunewrightError(f"There is no proposal {wanted}", remedy=f"There are proposals 0 to {max(every)}.")
        return _why_proposed(facts, every[wanted])
    waits = [p for p in every.values() if p.state is ProposalState.PENDING]
    return _why_proposed(facts, (waits or list(every.values()))[-1])


def _why_proposed(facts: Facts, proposal: Proposal) -> str:
    lines = [f"Proposal {proposal.number} came from {proposal.source}: {config(proposal.params)}."]
    lines.append(proposal.rationale or "No reason was kept with it.")
    if proposal.evidence:
        known = [e.trial for e in proposal.evidence if e.trial is not None and e.trial in facts.by_number]
        lines.append(f"It rests on {cites(known)}." if known else "")
    if proposal.expected is not None:
        low, high = (facts.value(end) for end in proposal.expected)
        lines.append(f"Expected: {facts.metric} {low} to {high}.")
    lines += [*_neighbours(facts, proposal), _promise(facts, proposal), _settled(facts, proposal)]
    return "\n".join(line for line in lines if line)


def _settled(facts: Facts, proposal: Proposal) -> str:
    trial = next((t for t in facts.seen.trials if t.proposal_id == proposal.id), None)
    decided = proposals.decision(facts.seen.store, proposal.id)
    if decided is None:
        return "It waits for you."
    who = "you" if decided.actor == "person" else f"the policy ({decided.clause})" if decided.clause else "the policy"
    said = f": {decided.reason}" if decided.reason else ""
    if trial is None:
        return f"It was {proposal.state} by {who}{said}."
    became = f"became t{trial.number}, which {facts.how(trial)}. [t{trial.number}]"
    return f"It was {proposal.state} by {who}{said} and {became}"


def _neighbours(facts: Facts, proposal: Proposal) -> list[str]:
    """The nearest trial with a value and the nearest failure, each with what is changed."""
    distance = facts.seen.space.distance
    own = [t for t in facts.seen.trials if t.proposal_id == proposal.id]
    others = [t for t in facts.seen.trials if t not in own]
    lines = []
    for wanted, words in ((TrialState.COMPLETED, "that completed"), (TrialState.FAILED, "that failed")):
        there = [t for t in others if t.state is wanted]
        near = min(there, key=lambda t: distance(t.params, proposal.params), default=None)
        if near is None or (wanted is TrialState.FAILED and distance(near.params, proposal.params) > _FAR):
            continue
        changed = _changed(near, proposal)
        lines.append(f"- The nearest {words}, [t{near.number}], {facts.how(near)}; from there: {changed}.")
    return lines


def _changed(near: Trial, proposal: Proposal) -> str:
    return changes(near, replace(near, params=proposal.params)) or "nothing changes"


def _promise(facts: Facts, proposal: Proposal) -> str:
    """What a GP over the trials of before makes of it, without an opinion where it has none."""
    if proposal.source not in _MODELLED or not facts.seen.space.allows(proposal.params):
        return ""
    known = [t for t in facts.seen.trials if t.ended_at is not None and t.ended_at <= proposal.created]
    fit = appraiser(history(facts.seen.store, facts.seen.study, known, (), proposal.number))
    if fit is None:
        return ""
    found = fit(proposal.params)
    said = f"- A GP over {found.trials} trials expects {facts.value(found.low)} to {facts.value(found.high)}"
    runs = f", gives it {found.runs:.0%} to run to its end" if found.runs < 1 else ""
    return f"{said}{runs}, and finds more to gain in {1 - found.beats:.0%} of configs drawn at random."
