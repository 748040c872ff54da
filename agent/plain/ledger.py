"""What the calls of models have used, by purpose and model: as JSON and as a table."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from agent import calibration
from agent.llm import budget
from agent.plain.output import clean, table
from agent.store import calls, proposals, studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import CallRecord, Source


def document(store: Store, study: Study | None) -> dict[str, Any]:
    """`{study, calls, tokens, money, unpriced, by, failures, limits, calibration}`; of the whole store without a
    study. Money is in US dollars, times in seconds; what nobody knows is None."""
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
        "calibration": "" if study is None else _calibration(store, study),
    }


def _sums(records: Sequence[CallRecord]) -> dict[str, Any]:
    costs = [r.cost for r in records if r.cost is not None]
    return {
        "calls": len(records),
        "failed": sum(r.state == "failed" for r in records),
        "prompt_tokens": sum(r.prompt_tokens or 0 for r in records),
        "completion_tokens": sum(r.completion_tokens or 0 for r in records),
        "money": sum(costs) if costs or not records else None,
        "unpriced": sum(r.cost is None and r.state in ("ok", "cancelled") for r in records),
        "seconds": _quantiles([r.seconds for r in records if r.seconds is not None and r.state == "ok"]),
        "first_token_seconds": _quantiles(
            [r.first_token_seconds for r in records if r.first_token_seconds is not None]
        ),
    }


def _quantiles(values: Sequence[float]) -> dict[str, float | None]:
    """Median and 95th percentile."""
    if not values:
        return {"median": None, "p95": None}
    return {"median": statistics.median(values), "p95": sorted(values)[math.ceil(0.95 * len(values)) - 1]}


def _limit(standing: budget.Standing) -> dict[str, Any]:
    return {"limit": standing.limit, "spent": standing.spent, "of": standing.most, "share": standing.share}


def _calibration(store: Store, study: Study) -> str:
    made = proposals.from_source(store, study.id, Source.LLM)
    return calibration.summary(made, trials.all_trials(store, study.id), (Source.LLM,))


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
        "median",
        "p95",
    ]
    first = len(head) - 7
    said = [table(head, rows, right=range(first, len(head)))]
    if found["failures"]:
        said.append("Failed: " + ", ".join(f"{n} {kind}" for kind, n in found["failures"].items()) + ".")
    for limit in found["limits"]:
        said.append(f"{limit['limit']}: {limit['spent']:,.4g} of {limit['of']:,.4g} used ({limit['share']:.0%}).")
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
        f"{group['prompt_tokens']:,}",
        f"{group['completion_tokens']:,}",
        _money(group),
        *("–" if seconds[q] is None else f"{seconds[q]:.2f} s" for q in ("median", "p95")),
    ]


def _money(group: dict[str, Any]) -> str:
    """What is not known is said to be unknown, never 0."""
    if group["money"] is None or (not group["money"] and group["unpriced"]):
        return "unknown" if group["unpriced"] else "–"
    more = f" + {group['unpriced']} unknown" if group["unpriced"] else ""
    return f"${group['money']:.4f}{more}"


def call_lines(record: CallRecord, messages: Sequence[dict[str, Any]], reply: str) -> str:
    """One call in full: what was asked, and the raw reply."""
    cost = "unknown" if record.cost is None else f"${record.cost:.4f}"
    head = [
        f"call {record.id}: {record.purpose} ({record.template or 'no template'}) by {record.model}",
        f"{record.state}{f' ({record.error})' if record.error else ''}, {record.prompt_tokens or '?'} tokens in,"
        f" {record.completion_tokens or '?'} out, cost {cost}",
    ]
    said = [f"\n[{m.get('role', '?')}]\n{m.get('content') or ''}" for m in messages]
    return clean("\n".join([*head, *said, f"\n[reply]\n{reply}"]))
