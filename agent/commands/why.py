"""Tells what happened to a trial: the verdict, the evidence, and what to change.

--accept turns the suggested change into the study's next proposal; the policy then decides.
"""

from __future__ import annotations

import argparse

from agent.commands.arguments import trial_number
from agent.diagnosis.of_trial import diagnose_trial
from agent.diagnosis.render import document, text
from agent.plain.cards import short
from agent.plain.documents import proposal_document
from agent.plain.output import clean, emit
from agent.session import Session
from agent.store import diagnoses, studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import Diagnosis, Proposal, Trial
from trainers.errors import TunewrightError

EXAMPLE = "tunewright why my-study 17 --accept"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("trial", metavar="TRIAL", type=trial_number, help="its number, 17 or t17")
    parser.add_argument("--accept", action="store_true", help="make the suggestion the next proposal")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        trial = trials.get(store, study.id, args.trial)
        diagnosis = of(store, study, trial)
        accepted = _accept(store, study, trial) if args.accept else None
    if args.json:
        proposal = None if accepted is None else proposal_document(accepted)
        emit({**document(trial.number, diagnosis), **({"proposal": proposal} if args.accept else {})})
        return 0
    print(clean(text(trial.number, diagnosis, trial.params)))
    if accepted is not None:
        print(f"\n{short(accepted)}")
    return 0


def of(store: Store, study: Study, trial: Trial) -> Diagnosis:
    """The stored diagnosis of an ended trial, or one made now. Raises TunewrightError while it runs."""
    if not trial.state.ended:
        raise TunewrightError(f"t{trial.number} is {trial.state}", remedy="It is diagnosed when it has ended.")
    diagnosis = diagnoses.get(store, trial.id)
    if diagnosis is None:
        diagnosis = diagnose_trial(store, study, trial, trials.all_trials(store, study.id))
        diagnoses.put(store, trial, diagnosis)
    return diagnosis


def _accept(store: Store, study: Study, trial: Trial) -> Proposal:
    session = Session(store, study)
    try:
        proposal = session.suggest(trial)
    finally:
        session.close()
    if proposal is None:
        raise TunewrightError(f"nothing is suggested after t{trial.number}", remedy="Leave --accept out.")
    return proposal
