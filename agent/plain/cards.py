"""A pending proposal as a few lines: beside the best and the nearest trial, why, what is expected and what is risky."""

from __future__ import annotations

from agent.plain.output import clean, config_line, number, param, table
from agent.price import price
from agent.session import Session
from agent.study import blend_words
from agent.study.nouns import Proposal, Trial
from agent.summary import best
from agent.weighing.known import Known, Wording
from agent.weighing.weigh import Scales, Weighed

_MOST_ROWS = 12  # parameters shown that differ


def card(proposal: Proposal, session: Session) -> list[str]:
    """What the app's card says, line by line."""
    weighed = Scales(WORDING).weigh(proposal, _known(session))
    lines = [f"proposal {proposal.number} ({proposal.source}): {config_line(proposal.params)}"]
    lines += [f"  {line}" for line in _differences(weighed)]
    if proposal.rationale:
        lines.append(f"  why     {proposal.rationale}")
    if proposal.expected is not None:
        low, high = proposal.expected
        mean = " (the mean of its seeds)" if weighed.runs > 1 else ""
        lines.append(f"  expect  {session.spec.objective.metric} {number(low, 4)} … {number(high, 4)}{mean}")
    times = f"{weighed.runs} seeds × " if weighed.runs > 1 else ""
    time = [] if weighed.seconds is None else [f"{times}about {span(weighed.seconds)}"]
    time = time or ([f"{weighed.runs} seeds"] if weighed.runs > 1 else [])
    money = price(session.store, session.spec, proposal).words(weighed.total_seconds)
    if cost := [*time, *([money] if money else [])]:
        lines.append(f"  cost    {', '.join(cost)}")
    lines += [f"  gate    {said}" for said in [blend_words.gate(proposal.insight)] if said]
    lines += [f"  trust   {said}" for said in [blend_words.trust(proposal.insight)] if said]
    lines += [f"  risk    {risk.text}" for risk in weighed.risks]
    return [clean(" ".join(line.split("\n"))) for line in lines]


def _known(session: Session) -> Known:
    """What the session's study has tried."""
    ended = [t for t in session.trials if t.state.ended]
    top = best(session.trials, session.spec.objective)
    gone = session.spent_seconds()
    return Known(spec=session.spec, ended=ended, best=top, spent_seconds=gone, version=len(ended))


def _differences(weighed: Weighed) -> list[str]:
    """A row a parameter that is not as in the best or the nearest trial; `=` where it is as proposed."""
    rows = [row for row in weighed.rows if row.differs][:_MOST_ROWS]
    others = [("best", f"best t{weighed.best.number}")] if weighed.best is not None else []
    if weighed.nearest is not None:
        others.append(("nearest", f"near t{weighed.nearest.number} {word(weighed.nearest)}"))
    if not rows:
        return []

    def beside(value: str, proposed: str) -> str:
        return "=" if value == proposed else value or "–"

    shown = [[row.name, row.value, *(beside(getattr(row, which), row.value) for which, _ in others)] for row in rows]
    return table(["", "", *(head for _, head in others)], shown).splitlines()


def word(trial: Trial) -> str:
    """How a trial ended, in a word or two."""
    return str(trial.state) if trial.failure is None else f"{trial.state}: {trial.failure.kind}"


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


WORDING = Wording(param=param, span=span, word=word)
