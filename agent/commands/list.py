"""Lists the studies in the store, newest first; those put away only with --all."""

from __future__ import annotations

import argparse
import time

from agent.away import away
from agent.plain.documents import Document, study_document
from agent.plain.output import emit, number, table
from agent.store import calls, events, proposals, studies, trials, upkeep
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.budget import busy_seconds
from agent.study.nouns import Trial
from agent.summary import best, counts

EXAMPLE = "tunewright list --json"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also the studies that have been put away")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        hidden = upkeep.archived(store)
        chosen = [s for s in studies.all_studies(store) if args.all or s.id not in hidden]
        found = [(s, done, _standing(store, s, done, s.id in hidden)) for s in chosen for done in [_trials(store, s)]]
    if args.json:
        emit({"studies": [{**study_document(study, done), **standing} for study, done, standing in found]})
    elif found:
        rows = [_row(study, done, standing) for study, done, standing in found]
        print(table(["study", "trainer", "trials", "best", "cost", "policy", "changed"], rows))
    else:
        print(
            "No studies in the list; --all shows those put away." if hidden else "No studies yet. Try: tunewright demo"
        )
    return 0


def _trials(store: Store, study: Study) -> list[Trial]:
    return trials.all_trials(store, study.id)


def _standing(store: Store, study: Study, done: list[Trial], archived: bool) -> Document:
    """What the list says beyond the study itself. `since_seen` is what went on since it was last open in the app."""
    gone = away(store, study)
    return {
        "archived": archived,
        "pending": len(proposals.pending(store, study.id)),
        "money": calls.spent(store, study.id).money,
        "busy_seconds": busy_seconds(trials.busy_intervals(store, study.id, time.time())),
        "changed": events.last_at(store, study.id) or study.created,
        "since_seen": None
        if gone is None
        else {
            "since": gone.since,
            "ended": gone.ended,
            "failed": gone.failed,
            "best_before": gone.before,
            "best": gone.now,
        },
    }


def _row(study: Study, done: list[Trial], standing: Document) -> list[str]:
    top = best(done, study.spec.objective)
    states = [f"{n} {state}" for state, n in counts(done).items() if n]
    states += [f"{standing['pending']} to decide"] if standing["pending"] else []
    said = "–" if top is None else f"{study.spec.objective.metric} {number(top.value)} (t{top.number})"
    cost = _span(standing["busy_seconds"]) + (f" ${standing['money']:.2f}" if standing["money"] else "")
    return [
        study.name + (" (put away)" if standing["archived"] else ""),
        f"{study.spec.trainer} {study.spec.task}".strip(),
        ", ".join(states) or "no trials",
        said,
        cost,
        study.spec.policy.describe(),
        f"{_span(max(time.time() - standing['changed'], 0.0))} ago",
    ]


def _span(seconds: float) -> str:
    """`40s`, `12min`, `3.2h`, `5 days`."""
    for limit, unit, word in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.1f}h".replace(".0h", "h") if word == "h" else f"{seconds / unit:.0f}{word}"
    return f"{seconds / 86_400:.0f} days"
