"""Lists the studies in the store, newest first."""

from __future__ import annotations

import argparse

from agent.plain.documents import study_document
from agent.plain.output import emit, number, table
from agent.store import studies, trials
from agent.store.connection import open_store
from agent.summary import best, counts

EXAMPLE = "tunewright list --json"


def configure(parser: argparse.ArgumentParser) -> None:
    """`list` has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        found = [(study, trials.all_trials(store, study.id)) for study in studies.all_studies(store)]
    if args.json:
        emit({"studies": [study_document(study, done) for study, done in found]})
        return 0
    rows = []
    for study, done in found:
        top = best(done, study.spec.objective)
        states = ", ".join(f"{n} {state}" for state, n in counts(done).items() if n)
        said = "–" if top is None else f"{study.spec.objective.metric} {number(top.value)} (t{top.number})"
        rows.append([study.name, f"{study.spec.trainer} {study.spec.task}".strip(), states or "no trials", said])
    if rows:
        print(table(["study", "trainer", "trials", "best"], rows))
    else:
        print("No studies yet. Try: tunewright demo")
    return 0
