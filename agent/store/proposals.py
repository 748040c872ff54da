"""Proposals and the decisions on them. A decision and the trial it makes are one transaction."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.store import events, seeds
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.study.nouns import Decision, Draft, Evidence, Proposal, ProposalState, Source
from trainers.errors import TunewrightError
from trainers.space import Config, config_key


class AlreadyDecidedError(TunewrightError):
    """Somebody else settled the proposal first."""


def _proposal(row: dict[str, Any]) -> Proposal:
    low, high = row["expected_low"], row["expected_high"]
    return Proposal(
        id=row["id"],
        study_id=row["study_id"],
        number=row["number"],
        source=Source(row["source"]),
        params=json.loads(row["params"]),
        state=ProposalState(row["state"]),
        rationale=row["rationale"],
        evidence=tuple(Evidence(**e) for e in json.loads(row["evidence"])),
        expected=None if low is None else (low, high),
        expected_seconds=row["expected_seconds"],
        confidence=row["confidence"],
        created=row["created"],
        call_id=row["call_id"],
        insight=json.loads(row["insight"]),
        seeds=row["seeds"],
    )


def add(
    store: Store,
    study_id: int,
    drafts: Sequence[Draft],
    *,
    number: int | None = None,
    most_trials: int | None = None,
    expected_seconds: float | None = None,
) -> list[Proposal]:
    """Stores `drafts` as pending proposals numbered from `number`; None numbers them after the last.

    When another front has added one meanwhile, so that `number` is taken, nothing is stored and
    the list is empty: the drafts did not know of it. Drafts that would bring trials and pending
    proposals to more than `most_trials` are left out.
    """
    with store.transaction():
        free = next_number(store, study_id)
        if number is not None and number != free:
            return []
        if most_trials is not None:
            drafts = _that_fit(store, study_id, drafts, most_trials)
        for i, draft in enumerate(drafts):
            proposal_id = _insert(store, study_id, free + i, draft, expected_seconds)
            events.record(store, study_id, EventKind.PROPOSED, proposal_id=proposal_id)
    return list(_proposals(store, "study_id = ? AND number >= ?", (study_id, free)))


def _that_fit(store: Store, study_id: int, drafts: Sequence[Draft], most: int) -> Sequence[Draft]:
    """As many as `most` trials have room for, beside the trials and the proposals that may become some. The last may
    have room for a part of its seeds only."""
    usual = seeds.wanted(store, study_id)[1]
    sql = """SELECT (SELECT count(*) FROM trial WHERE study_id = ?1) + (SELECT coalesce(sum(coalesce(seeds, ?2)), 0)
                     FROM proposal WHERE study_id = ?1 AND state = 'pending')"""
    taken, count = int(store.conn.execute(sql, (study_id, usual)).fetchone()[0]), 0
    for draft in drafts:
        if taken >= most:
            break
        taken, count = taken + (draft.seeds or usual), count + 1
    return drafts[:count]


def _insert(store: Store, study_id: int, number: int, draft: Draft, expected_seconds: float | None) -> int:
    low, high = draft.expected or (None, None)
    row = {
        "study_id": study_id,
        "number": number,
        "source": str(draft.source),
        "params": json.dumps(draft.params),
        "config_key": config_key(draft.params),
        "state": str(ProposalState.PENDING),
        "rationale": draft.rationale,
        "evidence": json.dumps([{k: v for k, v in asdict(e).items() if v is not None} for e in draft.evidence]),
        "expected_low": low,
        "expected_high": high,
        "expected_seconds": expected_seconds,
        "confidence": draft.confidence,
        "created": time.time(),
        "call_id": draft.call_id,
        "insight": json.dumps(dict(draft.insight)),
        "seeds": draft.seeds,
    }
    sql = f"INSERT INTO proposal ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    return int(store.conn.execute(sql, tuple(row.values())).lastrowid or 0)


def _proposals(store: Store, where: str, params: tuple[Any, ...]) -> list[Proposal]:
    return [_proposal(row) for row in store.query(f"SELECT * FROM proposal WHERE {where} ORDER BY number", params)]


def next_number(store: Store, study_id: int) -> int:
    row = store.one("SELECT coalesce(max(number) + 1, 0) AS n FROM proposal WHERE study_id = ?", (study_id,))
    return int(row["n"]) if row else 0


def pending(store: Store, study_id: int) -> list[Proposal]:
    """Oldest first."""
    return _proposals(store, "study_id = ? AND state = 'pending'", (study_id,))


def all_of(store: Store, study_id: int) -> list[Proposal]:
    """In order of number, whatever became of them."""
    return _proposals(store, "study_id = ?", (study_id,))


def get(store: Store, proposal_id: int) -> Proposal:
    found = _proposals(store, "id = ?", (proposal_id,))
    if not found:
        raise TunewrightError(f"there is no proposal with id {proposal_id}", where=str(store.path))
    return found[0]


def taken_keys(store: Store, study_id: int) -> frozenset[str]:
    """Config keys of every earlier proposal and trial; none of them is proposed again."""
    sql = "SELECT config_key FROM proposal WHERE study_id = ?1 UNION SELECT config_key FROM trial WHERE study_id = ?1"
    return frozenset(row["config_key"] for row in store.query(sql, (study_id,)))


def approve(store: Store, proposal: Proposal, *, actor: str, clause: str = "", params: Config | None = None) -> int:
    """Queues the proposal's trials, one a seed, with the edited `params` if given (already validated).

    Returns the number of the first; they are numbered one after another. Decision, trials and journal entry are
    durable when it returns. Raises AlreadyDecidedError when the proposal is no longer pending.
    """
    action = ProposalState.EDITED if params is not None and params != proposal.params else ProposalState.APPROVED
    final = params if action is ProposalState.EDITED and params is not None else proposal.params
    source = Source.PERSON if action is ProposalState.EDITED else proposal.source
    with store.transaction():
        _settle(store, proposal, action, actor, clause, final if action is ProposalState.EDITED else None, "")
        number = store.conn.execute(
            "SELECT coalesce(max(number) + 1, 0) FROM trial WHERE study_id = ?", (proposal.study_id,)
        ).fetchone()[0]
        taken = seeds.chosen(store, proposal.study_id, config_key(final), proposal.seeds)
        for i, seed in enumerate(taken):
            trial_id = _queue(store, proposal, number + i, source, final, seed)
            events.record(
                store,
                proposal.study_id,
                EventKind.DECIDED if i == 0 else EventKind.TRIAL_QUEUED,
                trial_id=trial_id,
                proposal_id=proposal.id,
                **({"action": str(action), "seeds": len(taken)} if i == 0 else {}),
            )
    return int(number)


def _queue(store: Store, proposal: Proposal, number: int, source: Source, params: Config, seed: int) -> int:
    row = {
        "study_id": proposal.study_id,
        "number": number,
        "proposal_id": proposal.id,
        "source": str(source),
        "params": json.dumps(params),
        "config_key": config_key(params),
        "seed": seed,
        "state": "queued",
        "queued_at": time.time(),
        "kept": proposal.seeds is not None,  # run again to see what it is worth: a pruned run would not tell
    }
    sql = f"INSERT INTO trial ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    return int(store.conn.execute(sql, tuple(row.values())).lastrowid or 0)


def reject(
    store: Store, proposal: Proposal, *, actor: str, reason: str = "", action: ProposalState = ProposalState.REJECTED
) -> None:
    """Settles the proposal without a trial. Raises AlreadyDecidedError when it is no longer pending."""
    with store.transaction():
        _settle(store, proposal, action, actor, "", None, reason)
        events.record(store, proposal.study_id, EventKind.DECIDED, proposal_id=proposal.id, action=str(action))


def _settle(
    store: Store, proposal: Proposal, action: ProposalState, actor: str, clause: str, params: Config | None, reason: str
) -> None:
    changed = store.conn.execute(
        "UPDATE proposal SET state = ? WHERE id = ? AND state = 'pending'", (str(action), proposal.id)
    ).rowcount
    if not changed:
        state = get(store, proposal.id).state
        raise AlreadyDecidedError(f"proposal {proposal.number} is already {state}")
    store.conn.execute(
        "INSERT INTO decision (proposal_id, actor, action, clause, params, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (proposal.id, actor, str(action), clause, None if params is None else json.dumps(params), reason, time.time()),
    )


def decision(store: Store, proposal_id: int) -> Decision | None:
    row = store.one("SELECT * FROM decision WHERE proposal_id = ?", (proposal_id,))
    return None if row is None else _decision(row)


def decisions(store: Store, study_id: int, *, actor: str) -> list[Decision]:
    """What `actor` has settled, oldest first."""
    sql = """SELECT decision.* FROM decision JOIN proposal ON proposal.id = proposal_id
             WHERE study_id = ? AND actor = ? ORDER BY decision.id"""
    return [_decision(row) for row in store.query(sql, (study_id, actor))]


def rejected(store: Store, study_id: int, *, actor: str, most: int) -> list[tuple[Config, str, float]]:
    """The latest `most` configs that `actor` rejected, with the reason and when; oldest first."""
    sql = """SELECT proposal.params, decision.reason, decision.at FROM decision
             JOIN proposal ON proposal.id = proposal_id
             WHERE study_id = ? AND actor = ? AND action = 'rejected' ORDER BY decision.id DESC LIMIT ?"""
    rows = store.query(sql, (study_id, actor, most))
    return [(json.loads(row["params"]), row["reason"], row["at"]) for row in reversed(list(rows))]


def edited(store: Store, study_id: int, *, actor: str, most: int) -> list[tuple[Config, Config, float]]:
    """The latest `most` configs that `actor` changed before they ran: as proposed, as run, and when; oldest first."""
    sql = """SELECT proposal.params AS old, decision.params AS new, decision.at FROM decision
             JOIN proposal ON proposal.id = proposal_id
             WHERE study_id = ? AND actor = ? AND action = 'edited' ORDER BY decision.id DESC LIMIT ?"""
    rows = store.query(sql, (study_id, actor, most))
    return [(json.loads(row["old"]), json.loads(row["new"]), row["at"]) for row in reversed(list(rows))]


def _decision(row: dict[str, Any]) -> Decision:
    params = None if row["params"] is None else json.loads(row["params"])
    return Decision(
        proposal_id=row["proposal_id"],
        actor=row["actor"],
        action=ProposalState(row["action"]),
        clause=row["clause"],
        params=params,
        reason=row["reason"],
        at=row["at"],
    )


def from_source(store: Store, study_id: int, source: Source) -> list[Proposal]:
    """Those of one source, in order of number, whatever became of them."""
    return _proposals(store, "study_id = ? AND source = ?", (study_id, str(source)))


def count_from(store: Store, study_id: int, source: Source) -> int:
    """How many proposals of the study came from `source`."""
    row = store.one("SELECT count(*) AS n FROM proposal WHERE study_id = ? AND source = ?", (study_id, str(source)))
    return int(row["n"]) if row else 0
