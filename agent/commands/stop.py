"""Stops a trial, or all that are queued or running: gently first, hard after the grace period.

Waits until they have ended; --no-wait only asks.
"""

from __future__ import annotations

import argparse
import time

from agent.commands.arguments import trial_number
from agent.plain.output import emit, say
from agent.runner.client import RunnerClient
from agent.store import studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import Trial
from trainers.errors import TunewrightError

EXAMPLE = "tunewright stop my-study all"
_BEYOND_GRACE = 15.0  # seconds the runner has on top, to start, to kill and to take in the end


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument("trial", metavar="TRIAL|all", type=trial_or_all, help="a number, or 'all'")
    parser.add_argument("--reason", default="stopped by person", help="kept with the trial")
    parser.add_argument("--no-wait", action="store_true", help="ask, and do not wait for the end")


def trial_or_all(text: str) -> int | None:
    """An argparse type: a trial's number, None for all."""
    return None if text == "all" else trial_number(text)


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        chosen = _chosen(store, study.id, args.trial)
        for trial in chosen:
            trials.request_stop(store, trial, args.reason)
        patience = 0.0 if args.no_wait else study.spec.engine.grace_seconds + _BEYOND_GRACE
        after = _wait(store, chosen, patience)
    still = [t for t in after if not t.state.ended]
    if args.json:
        emit({"study": study.name, "trials": [{"number": t.number, "state": str(t.state)} for t in after]})
    else:
        for trial in after:
            print(f"t{trial.number} {trial.state}" + (", asked to stop" if not trial.state.ended else ""))
        if not after:
            say("Nothing is queued or running.")
    return 1 if still and not args.no_wait else 0


def _chosen(store: Store, study_id: int, number: int | None) -> list[Trial]:
    if number is None:
        return [t for t in trials.all_trials(store, study_id) if not t.state.ended]
    trial = trials.get(store, study_id, number)
    if trial.state.ended:
        raise TunewrightError(f"t{number} has already ended ({trial.state})")
    return [trial]


def _wait(store: Store, chosen: list[Trial], patience: float) -> list[Trial]:
    """The trials as they are once all have ended, or after `patience` seconds. Keeps a runner alive meanwhile."""
    runner, until = RunnerClient(store.path), time.monotonic() + patience
    while True:
        after = [trials.by_id(store, t.id) for t in chosen]
        if all(t.state.ended for t in after):
            return after
        runner.ensure()
        if time.monotonic() >= until:
            return after
        time.sleep(0.1)
