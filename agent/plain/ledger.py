"""What the calls of models have used, by purpose and model: as JSON and as a table."""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent import calibration
from agent.llm import budget
from agent.plain.output import clean, table
from agent.redaction import redact
from agent.search.trust import tally
from agent.store import calls, proposals, studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import CallRecord


def document(store: Store, study: Study | None) -> dict[str, Any]:
    """`{study, calls, tokens, money, unpriced, by, failures, limits, sources, calibration}`; of the whole store
    without a study. Money is in US dollars, times in seconds; what nobody knows is None."""
    records = calls.all_of(store, None if study is None else study.id, limit=1_000_000)
    names = {s.id: s.name for s in studies.all_studies(store)}
    groups: dict[tuple[str, str, str], list[CallRecord]] = defaultdict(list)
    for record in records:
        groups[names.get(record.study_id or -1, ""), record.purpose, record.model].append(record)
    return {
        "study": None if study is None else study.name,
        **_sums(records),
        "by": [
            {"study": name, "purpose": purpose, "model": model, **_sums(group)}
            for (name, purpose, model), group in sorted(groups.items())
        ],
        "failures": dict(Counter(r.error or r.state for r in records if r.state in ("failed", "cancelled"))),
        "limits": [] if study is None else [_limit(s) for s in budget.standings(store, study)],
        "sources": [] if study is None else _sources(store, study),
        "calibration": "" if study is None else _calibration(store, study),
    }


def _sums(records: Sequence[CallRecord]) -> dict[str, Any]:
    costs = [r.cost for r in records if r.cost is not None]
    return {
        "calls": len(records),
        "failed": sum(r.state == "failed" for r in records),
        "prompt_tokens": _known([r.prompt_tokens for r in records]),
        "completion_tokens": _known([r.completion_tokens for r in records]),
        "uncounted": sum(r.prompt_tokens is None and r.state in ("ok", "cancelled") for r in records),
        "money": sum(costs) if costs or not records else None,
        "unpriced": sum(r.cost is None and r.state in ("ok", "cancelled") for r in records),
        "seconds": _quantiles([r.seconds for r in records if r.seconds is not None and r.state == "ok"]),
        "first_token_seconds": _quantiles(
            [r.first_token_seconds for r in records if r.first_token_seconds is not None]
        ),
    }


def _known(counts: Sequence[int | None]) -> int | None:
    """The sum of those that are known; None where there were some and none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known or not counts else None


def _quantiles(values: Sequence[float]) -> dict[str, float | None]:
    """Median and 95th percentile."""
    if not values:
        return {"median": None, "p95": None}
    return {"median": statistics.median(values), "p95": sorted(values)[math.ceil(0.95 * len(values)) - 1]}


def _limit(standing: budget.Standing) -> dict[str, Any]:
    return {"limit": standing.limit, "spent": standing.spent, "of": standing.most, "share": standing.share}


def _sources(store: Store, study: Study) -> list[dict[str, Any]]:
    """What came of whose proposals; the money that the model's cost is beside it."""
    return [
        {**tally.document(found), "text": tally.words(found)}
        for found in tally.tallies(study.spec, trials.all_trials(store, study.id))
    ]


def _calibration(store: Store, study: Study) -> str:
    made = [p for who in calibration.MODELS for p in proposals.from_source(store, study.id, who)]
    return calibration.summary(made, trials.all_trials(store, study.id), calibration.MODELS)


def lines(store: Store, study: Study | None) -> str:
    """The same for a person."""
    found = document(store, study)
    if not found["calls"]:
        return "No model has been called yet."
    rows = [
        _row(group, study is None) for group in (*found["by"], {**found, "study": "", "purpose": "all", "model": ""})
    ]
    head = ["study"] * (study is None) + [
        "purpose",
        "model",
        "calls",
        "failed",
        "tokens in",
        "out",
        "money",
        "first token",
        "median",
        "p95",
    ]
    first = len(head) - 8
    said = [table(head, rows, right=range(first, len(head)))]
    if found["failures"]:
        said.append("Failed: " + ", ".join(f"{n} {kind}" for kind, n in found["failures"].items()) + ".")
    if found["uncounted"]:
        said.append(f"Tokens of {found['uncounted']} calls are unknown: the provider did not say.")
    for limit in found["limits"]:
        said.append(f"{limit['limit']}: {limit['spent']:,.4g} of {limit['of']:,.4g} used ({limit['share']:.0%}).")
    if found["sources"]:
        said.append(f"Proposals by source: {', '.join(one['text'] for one in found['sources'])}.")
    if found["calibration"]:
        said.append(f"Predictions of the model: {found['calibration']}.")
    return "\n".join(said)


def _row(group: dict[str, Any], with_study: bool) -> list[str]:
    seconds = group["seconds"]
    return [
        *([clean(group["study"])] if with_study else []),
        group["purpose"],
        clean(group["model"]),
        str(group["calls"]),
        str(group["failed"]),
        *(_count(group[side]) for side in ("prompt_tokens", "completion_tokens")),
        _money(group),
        _seconds(group["first_token_seconds"]["median"]),
        *(_seconds(seconds[q]) for q in ("median", "p95")),
    ]


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def _money(group: dict[str, Any]) -> str:
    """What is not known is said to be unknown, never 0."""
    if group["money"] is None or (not group["money"] and group["unpriced"]):
        return "unknown" if group["unpriced"] else "–"
    more = f" + {group['unpriced']} unknown" if group["unpriced"] else ""
    return f"${group['money']:.4f}{more}"


def _asked(tokens: int | None) -> str:
    return "?" if tokens is None else str(tokens)


def calls_document(store: Store, study: Study | None) -> list[dict[str, Any]]:
    """Every call, oldest first, with its study's name; `at` in Unix seconds."""
    names = {s.id: s.name for s in studies.all_studies(store)}
    records = calls.all_of(store, None if study is None else study.id, limit=1_000_000)
    return [{**asdict(record), "study": names.get(record.study_id or -1, "")} for record in records]


def calls_table(records: Sequence[dict[str, Any]]) -> str:
    """One line a call; `tunewright ledger --call N` shows it in full."""
    rows = [
        [
            str(r["id"]),
            time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(r["at"])),
            r["study"],
            r["purpose"],
            r["model"],
            f"{r['state']}: {r['error']}" if r["error"] else r["state"],
            *("?" if r[side] is None else f"{r[side]:,}" for side in ("prompt_tokens", "completion_tokens")),
            "unknown" if r["cost"] is None else f"${r['cost']:.4f}",
            _seconds(r["first_token_seconds"]),
            _seconds(r["seconds"]),
        ]
        for r in records
    ]
    head = ["#", "at", "study", "purpose", "model", "state", "tokens in", "out", "cost", "first token", "took"]
    return table(head, rows, right=(0, *range(6, len(head))))


def call_lines(record: CallRecord, messages: Sequence[dict[str, Any]], reply: str) -> str:
    """One call in full: what was asked, and the raw reply."""
    cost = "unknown" if record.cost is None else f"${record.cost:.4f}"
    head = [
        f"call {record.id}: {record.purpose} ({record.template or 'no template'}) by {record.model}",
        f"{record.state}{f' ({record.error})' if record.error else ''}, {_asked(record.prompt_tokens)} tokens in,"
        f" {_asked(record.completion_tokens)} out, cost {cost}, first token {_seconds(record.first_token_seconds)},"
        f" took {_seconds(record.seconds)}",
    ]
    said = [f"\n[{m.get('role', '?')}]\n{m.get('content') or ''}" for m in messages]
    return clean(redact("\n".join([*head, *said, f"\n[reply]\n{reply}"])))
