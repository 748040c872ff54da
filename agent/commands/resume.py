"""Takes a pruned or stopped trial up again: from its checkpoint where it left one, else from its first step.

Asks the runner, and does not wait for the trial. No rule ends it early a second time.
"""

from __future__ import annotations

import argparse

from agent import settling
from agent.commands.arguments import trial_number
from agent.plain.output import emit
from agent.runner.active import checkpoint_of
from agent.runner.client import RunnerClient
from agent.store import studies, trials
from agent.store.connection import open_store

EXAMPLE = "tunewright resume my-study 12"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("trial", metavar="TRIAL", type=trial_number, help="a number")
    parser.add_argument("--reason", default="a person wants it", help="kept in the journal")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        trial = trials.get(store, study.id, args.trial)
        said = settling.resume(store, study, trial, args.reason, who="person")
        kept = checkpoint_of(store, trial.id) is not None
        RunnerClient(store.path).ensure()
        state = str(trials.by_id(store, trial.id).state)
    if args.json:
        emit({"study": study.name, "trial": trial.number, "state": state, "from_checkpoint": kept})
    else:
        print(said)
    return 0
