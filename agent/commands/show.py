"""Shows a study: what it optimises, what it may spend, and its trials."""

from __future__ import annotations

import argparse

from agent.plain import documents
from agent.plain.output import emit
from agent.plain.tables import study_lines, trials_table
from agent.search.trust.tally import document, tallies
from agent.store import points, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.noise import noise
from agent.study.verdicts import lead
from trainers.contract import SAMPLES_PER_SECOND

EXAMPLE = "tunewright show my-study --json | jq '.trials[] | {number, state, value}'"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        done = trials.all_trials(store, study.id)
        waiting = proposals.pending(store, study.id)
        reasons = {p.id: p.rationale for p in proposals.all_of(store, study.id)}
        mates = trials.together(store, study.id)
        speeds = points.newest(store, study.id, SAMPLES_PER_SECOND)
    objective = study.spec.objective
    chance = noise(done, study.spec.space, objective)
    ahead = lead(done, chance, objective)
    every = documents.trial_documents(done)
    if args.json:
        head = documents.study_document(study, done)
        shown = {
            "study": head.pop("name"),
            **head,
            "space": study.spec.space.to_dict(),
            "trials": [
                {
                    **d,
                    "rationale": reasons.get(t.proposal_id, ""),
                    SAMPLES_PER_SECOND: speeds.get(t.id),
                    "together_with": mates.get(t.number, []),
                }
                for t, d in zip(done, every, strict=True)
            ],
            "noise": documents.noise_document(chance),
            "lead": None if ahead is None else ahead.text,
            "sources": [document(tally) for tally in tallies(study.spec, done)],
            "proposals": [documents.proposal_document(p) for p in waiting],
        }
        emit(shown)
        return 0
    for line in study_lines(study, done, waiting):
        print(line)
    if done:
        print()
        print(trials_table(study, done, mates))
    return 0
