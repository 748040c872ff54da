"""Runs the best configs again with new seeds, and says what of their values was luck.

The best of many noisy trials owes part of its value to chance. This runs the best --top configs with --seeds more seeds
each, waits for them, and names the one to take, or those between which there is nothing to choose. The runs go beyond
the budget of trials; Ctrl-C stops them. --propose only makes them proposals, which the policy then settles.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from agent.again import SEEDS, TOP, confirm
from agent.commands.arguments import whole
from agent.plain.cards import short
from agent.plain.documents import noise_document, proposal_document
from agent.plain.interrupts import Interrupts
from agent.plain.news import News
from agent.plain.output import clean, emit, say
from agent.plain.progress import Progress
from agent.runner.client import RunnerClient
from agent.store import proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.budget import busy_seconds
from agent.study.confirmation import Confirmed, conclusion, confirmed
from agent.study.noise import noise
from agent.study.nouns import Proposal, Trial, TrialState
from trainers.errors import TunewrightError

EXAMPLE = "tunewright confirm my-study --top 3 --seeds 5"
FAILED, INTERRUPTED = 1, 130
_ROUND = 0.1  # seconds


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    told = {"top": (TOP, "K", "how many of the best"), "seeds": (SEEDS, "N", "new seeds each")}
    for name, (usual, metavar, about) in told.items():
        about = f"{about}; {usual} unless told"
        parser.add_argument(f"--{name}", metavar=metavar, type=whole(1), default=usual, help=about)
    parser.add_argument("--propose", action="store_true", help="make them proposals, and do not wait")


def run(args: argparse.Namespace) -> int:
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        if not args.propose:
            _require_time(store, study)
        made = confirm(store, study, top=args.top, seeds=args.seeds)
        if args.propose:
            return _proposed(study, made, as_json=args.json)
        code = _wait(store, study, [_approved(store, proposal) for proposal in made])
        every = trials.all_trials(store, study.id)
    chance = noise(every, study.spec.space, study.spec.objective)
    again = {p.id for p in made}
    chosen = [c for c in confirmed(every, study.spec.objective) if _ran(c, every, again)]
    said = conclusion(every, chance, study.spec.objective)
    if args.json:
        emit(
            {
                "study": study.name,
                "confirmed": [_document(c) for c in chosen],
                "noise": noise_document(chance),
                "verdict": said or None,
            }
        )
    else:
        for line in [*(c.text for c in chosen), *([said] if said else [])]:
            print(clean(line))
    return code or (0 if chosen else FAILED)


def _require_time(store: Store, study: Study) -> None:
    """Raises TunewrightError where the study's time is spent, so that nothing would start."""
    total = study.spec.budget.total_seconds
    if total is not None and busy_seconds(trials.busy_intervals(store, study.id, time.time())) >= total:
        what = "the study's total time is spent: nothing more of it starts"
        remedy = f"Raise it: tunewright settings --study {study.name} study.budget.total TIME."
        raise TunewrightError(what, remedy=remedy)


def _proposed(study: Study, made: Sequence[Proposal], *, as_json: bool) -> int:
    if as_json:
        emit({"study": study.name, "proposals": [proposal_document(p) for p in made]})
    else:
        for proposal in made:
            print(f"{short(proposal)} ×{proposal.seeds}")
    return 0


def _approved(store: Store, proposal: Proposal) -> int:
    proposals.approve(store, proposal, actor="person", clause="tunewright confirm")
    return proposal.id


def _wait(store: Store, study: Study, made: Sequence[int]) -> int:
    """Until all runs of those proposals have ended; Ctrl-C stops them. Returns the exit code so far."""
    news, runner = News(store, study, confirms=False), RunnerClient(store.path)
    with Interrupts() as interrupts, Progress() as progress:
        while still := _open(store, study, made):
            if interrupts.leaving:
                say(f"The runs go on; 'tunewright show {study.name}' tells what came of them.")
                return 128 + interrupts.leaving
            if interrupts.presses == 1:
                for trial in still:
                    trials.request_stop(store, trial, "interrupted (Ctrl-C)")
                progress.news(["stopping the runs; Ctrl-C again leaves at once"])
                interrupts.presses += 1
            elif interrupts.presses > 2:
                break
            runner.ensure()
            progress.news(news.lines())
            time.sleep(_ROUND)
        progress.news(news.lines())
        return INTERRUPTED if interrupts.presses else 0


def _open(store: Store, study: Study, made: Sequence[int]) -> list[Trial]:
    return [t for t in trials.all_trials(store, study.id) if t.proposal_id in made and not t.state.ended]


def _ran(one: Confirmed, every: Sequence[Trial], made: set[int]) -> bool:
    """Whether this confirmation ran it."""
    done = (t for t in every if t.proposal_id in made and t.state is TrialState.COMPLETED)
    return any(t.key == one.trial.key for t in done)


def _document(one: Confirmed) -> dict[str, object]:
    """`value` is what it was picked by; `mean`, `deviation` and `values` are of its later runs alone."""
    return {
        "number": one.trial.number,
        "params": one.trial.params,
        "value": one.picked,
        "seeds": len(one.fresh),
        "mean": one.mean,
        "deviation": one.deviation,
        "values": list(one.fresh),
    }
