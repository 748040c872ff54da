"""A pending proposal as a few lines: what changes against the best, why, what is expected."""

from __future__ import annotations

from agent.diagnosis.render import difference
from agent.plain.output import clean, config_line, number
from agent.price import Price
from agent.study.nouns import Proposal, Trial
from trainers.contract import Objective


def card(proposal: Proposal, top: Trial | None, objective: Objective, price: Price | None = None) -> list[str]:
    """`top` is the best trial so far, None before there is one."""
    lines = [f"proposal {proposal.number} ({proposal.source}): {config_line(proposal.params)}"]
    if top is not None:
        lines += [f"  {change}" for change in difference(top.params, proposal.params)]
        lines[-1] += f"   (against the best, t{top.number})"
    if proposal.rationale:
        lines.append(f"  why     {proposal.rationale}")
    if proposal.expected is not None:
        low, high = proposal.expected
        lines.append(f"  expect  {objective.metric} {number(low, 4)} … {number(high, 4)}")
    time = [] if proposal.expected_seconds is None else [f"about {span(proposal.expected_seconds)}"]
    money = price.words(proposal.expected_seconds) if price is not None else ""
    if cost := [*time, *([money] if money else [])]:
        lines.append(f"  cost    {', '.join(cost)}")
    return [clean(" ".join(line.splitlines())) for line in lines]


def short(proposal: Proposal) -> str:
    return clean(f"proposal {proposal.number} ({proposal.source}) waits: {config_line(proposal.params)}")


def span(seconds: float) -> str:
    """`850 ms`, `12 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes} min {left:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
