"""What the person has made of proposals: rejected and why, edited and how; and what they have said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.digest.seen import Seen
from agent.digest.text import changes, fold, numeric, plural, shorten, value
from agent.store import turns
from agent.study.nouns import Decision, Proposal, ProposalState
from trainers.space import Config

_LATEST = 6  # rejections told one by one, and edits
_SAID, _LOOKED_AT = 3, 12  # of the person's turns in the chat
_REASON, _TURN = 240, 300  # characters


def decisions(seen: Seen) -> list[str]:
    """The latest rejections, those with a reason first in line, and edits; what they have in common ends the list."""
    by_id = {p.id: p for p in seen.proposals}
    settled = [(by_id[d.proposal_id], d) for d in seen.decisions.values() if d.proposal_id in by_id]
    rejected = [(p, d) for p, d in settled if d.action is ProposalState.REJECTED]
    edited = [(p, d) for p, d in settled if d.action is ProposalState.EDITED and d.params is not None]
    reasoned = [pair for pair in rejected if pair[1].reason]
    told = (reasoned or rejected)[-_LATEST:]
    lines = fold(_rejected(seen, p, d) for p, d in reversed(told))
    if (rest := len(rejected) - len(told)) > 0:
        lines.append(f"{plural(rest, 'other proposal')} rejected" + ("" if reasoned else ", without a reason"))
    lines += [_edited(seen, p, d) for p, d in reversed(edited[-_LATEST:])]
    lines += [f'expects, in their words: "{shorten(hint.said, _REASON)}"' for hint in seen.spec.hints[-_LATEST:]]
    return lines + _habits(seen, [(p.params, d.params) for p, d in edited if d.params is not None])


def _rejected(seen: Seen, proposal: Proposal, decision: Decision) -> str:
    reason = f': "{shorten(decision.reason, _REASON)}"' if decision.reason else ", without a reason"
    return f"rejected ({_config(seen, proposal.params)}){reason}"


def _config(seen: Seen, params: Config) -> str:
    """What sets a config apart from the best one, or else from the first."""
    if seen.best is None:
        return "against the defaults: " + changes(seen.space, seen.spec.first_config(), params)
    return f"against t{seen.best.number}: {changes(seen.space, seen.best.params, params)}"


def _edited(seen: Seen, proposal: Proposal, decision: Decision) -> str:
    number = next((t.number for t in seen.trials if t.proposal_id == proposal.id), None)
    ran = f", which ran as t{number}" if number is not None else ""
    reason = f': "{shorten(decision.reason, _REASON)}"' if decision.reason else ""
    return f"edited ({_moves(proposal.params, decision.params or {})}){ran}{reason}"


def _moves(old: Config, new: Config) -> str:
    names = [n for n in dict.fromkeys([*old, *new]) if old.get(n, "unset") != new.get(n, "unset")]
    told = [f"{n} {value(old.get(n, 'unset'))} → {value(new.get(n, 'unset'))}" for n in names[:5]]
    rest = len(names) - len(told)
    return ", ".join(told) + (f" and {plural(rest, 'other')}" if rest else "")


def _habits(seen: Seen, edits: Sequence[tuple[Config, Config]]) -> list[str]:
    """Numbers the person keeps moving the same way."""
    moves: Counter[tuple[str, str]] = Counter()
    for old, new in edits:
        for name in seen.space.parameters:
            before, after = old.get(name), new.get(name)
            if numeric(before) and numeric(after) and before != after:
                moves[name, "up" if after > before else "down"] += 1
    told = [(n, way, count) for (n, way), count in moves.items() if count >= 2]
    told = [m for m in told if moves[m[0], "down" if m[1] == "up" else "up"] == 0]
    return [f"in {len(edits)} edits, {name} was moved {way} {count} times and never back" for name, way, count in told]


def said(seen: Seen) -> list[str]:
    """The person's latest words in the chat, oldest first."""
    found = turns.last(seen.store, seen.study.id, _LOOKED_AT, undone=False)
    latest = [t for t in found if t.role == "person"]
    return fold(shorten(turn.text, _TURN) for turn in latest[-_SAID:])
