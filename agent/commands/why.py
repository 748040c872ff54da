"""Tells what happened to a trial: the verdict, the evidence, what to change, and why its config was proposed.

--explain has the study's model, or without one the built-in advisor, set it among the other trials; what it says is
held to evidence that exists, and kept. --accept turns the suggested change into the study's next proposal, --again
the same config; the policy then decides.
"""

from __future__ import annotations

import argparse

from agent.again import again
from agent.commands.arguments import trial_number
from agent.diagnosis.of_trial import diagnosis_of
from agent.diagnosis.render import document, text
from agent.plain import origin
from agent.plain.cards import short
from agent.plain.documents import proposal_document
from agent.plain.one_job import run_job
from agent.plain.output import clean, emit, say
from agent.session import Session
from agent.store import narratives, studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import Proposal, Trial
from trainers.errors import TunewrightError

EXAMPLE = "tunewright why my-study 17 --accept"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("trial", metavar="TRIAL", type=trial_number, help="its number, 17 or t17")
    parser.add_argument("--explain", action="store_true", help="have the agent explain it now; waits for the answer")
    parser.add_argument("--accept", action="store_true", help="make the suggestion the next proposal")
    parser.add_argument("--again", action="store_true", help="make the same config the next proposal")


def run(args: argparse.Namespace) -> int:
    if args.accept and args.again:
        raise TunewrightError("--accept and --again ask for different proposals", remedy="Give one of them.")
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        trial = trials.get(store, study.id, args.trial)
        diagnosis = diagnosis_of(store, study, trial)
        if args.explain and (code := _explain(store, study, trial)):
            return code
        narrative = narratives.get(store, trial.id)
        came, source = origin.lines(store, study, trial), origin.document(store, trial)
        accepted = _accept(store, study, trial) if args.accept else None
        accepted = again(store, study, trial.number) if args.again else accepted
    if args.json:
        proposal = None if accepted is None else proposal_document(accepted)
        told = {**document(trial.number, diagnosis, narrative), "origin": source}
        emit({**told, **({"proposal": proposal} if args.accept or args.again else {})})
        return 0
    print(clean(text(trial.number, diagnosis, trial.params, narrative)))
    print("", *came, sep="\n")
    if accepted is not None:
        print(f"\n{short(accepted)}")
    return 0


def _explain(store: Store, study: Study, trial: Trial) -> int:
    """Waits for the explanation; the exit code where it was broken off. Raises LLMError for a model that fails."""
    if study.spec.agent.has_model:
        say(f"asking {study.spec.agent.model} about t{trial.number} …")
    outcome = run_job(store, study, "explain", trial=trial.number)
    error = outcome.done.error
    if error is not None and outcome.code == error.exit_code:
        raise error
    if note := outcome.done.result.get("note"):
        say(note)
    return outcome.code


def _accept(store: Store, study: Study, trial: Trial) -> Proposal:
    """What the explanation suggests, or else the rules."""
    narrative = narratives.get(store, trial.id)
    session = Session(store, study)
    try:
        if narrative is not None and narrative.suggested_params:
            why = f"after t{trial.number}: {narrative.suggested_reason}"
            return session.propose(narrative.suggested_params, why)
        proposal = session.suggest(trial)
    finally:
        session.close()
    if proposal is None:
        raise TunewrightError(f"nothing is suggested after t{trial.number}", remedy="Leave --accept out.")
    return proposal
