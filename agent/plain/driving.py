"""A headless run from its first round to its answer and exit code."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from agent.plain.asking import Asker
from agent.plain.documents import run_document
from agent.plain.headless import Headless, Outcome
from agent.plain.interrupts import Interrupts
from agent.plain.lines import Lines
from agent.plain.output import clean, emit, param, say
from agent.plain.progress import Progress
from agent.plain.tables import mean_words
from agent.plain.terminal import app_possible
from agent.session import Session
from agent.store import trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.noise import noise
from agent.study.nouns import Trial
from agent.study.policy import PolicyKind
from agent.study.spec import StudySpec
from agent.study.verdicts import lead
from agent.summary import advice, best, counts
from trainers.errors import TunewrightError

FAILED, INTERRUPTED = 1, 130


def drive(store: Store, study: Study, *, as_json: bool) -> int:
    """Runs the study, which `check` found able to begin and end, and answers on stdout. Returns the exit code."""
    policy, person = study.spec.policy, person_here()
    session = Session(store, study, ahead=1 if person else 0)
    lines = Lines() if person and policy.kind != PolicyKind.WATCH else None
    try:
        with Interrupts() as interrupts, Progress() as progress:
            asker = None if lines is None else Asker(session, lines, say)
            outcome = Headless(session, progress, asker).run(interrupts)
    except KeyboardInterrupt:  # pressed again and again while the store did not answer
        outcome = Outcome("interrupted", "trials may run on")
    finally:
        session.close()
        if lines is not None:
            lines.close()
    return answer(store, session.study, outcome, as_json=as_json)


def person_here() -> bool:
    """Whether stdin is a terminal and we are in its foreground, so that reading it does not suspend us."""
    try:
        return os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def check(spec: StudySpec) -> None:
    """Raises TunewrightError for a study that could not begin without the app, or not end.

    Ask before anything is stored, so that a refused request changes nothing.
    """
    if spec.policy.kind == PolicyKind.ASK and not person_here():
        raise TunewrightError(
            "policy 'ask' needs a person at a terminal, and stdin is none",
            where=f"study '{spec.name}'",
            remedy="Give --policy auto to run everything within the budget.",
        )
    if spec.policy.kind != PolicyKind.ASK and spec.budget.trials is None and spec.budget.total_seconds is None:
        raise TunewrightError(
            f"policy '{spec.policy.kind}' without a budget would never end",
            where=f"study '{spec.name}'",
            remedy="Give --trials or --total.",
        )


def answer(store: Store, study: Study, outcome: Outcome, *, as_json: bool) -> int:
    """Prints the result, tells how to go on, and returns the exit code."""
    done = trials.all_trials(store, study.id)
    with contextlib.suppress(OSError):  # after SIGHUP there is nobody left to tell
        if as_json:
            emit(run_document(study, done, state=outcome.state, reason=outcome.reason))
        else:
            for line in result_lines(store, study):
                print(clean(line))
        say(f"{study.name}: {outcome.state}, {outcome.reason}.")
        if outcome.state == "left":
            say(f"Trials that run go on. Come back with: {again('run', store.path, study.name)}")
    if outcome.state == "interrupted":
        return INTERRUPTED
    if outcome.signal:
        return 128 + outcome.signal
    return 0 if best(done, study.spec.objective) is not None or outcome.state == "left" else FAILED


def result_lines(store: Store, study: Study) -> list[str]:
    """The trials in numbers, the best config, and the command that exports it."""
    done, objective = trials.all_trials(store, study.id), study.spec.objective
    states = ", ".join(f"{n} {state}" for state, n in counts(done).items() if n)
    top = best(done, objective)
    if top is None:
        return [f"{study.name}: {states or 'no trials'}; none completed"]
    width = max(map(len, top.params), default=0)
    return [
        f"{study.name}: {states}",
        f"best: {objective.metric} {mean_words(top)} in t{top.number} ({top.source})",
        *(f"  {name:<{width}}  {param(value)}" for name, value in top.params.items()),
        *_lead(done, study),
        *([f"advice: {said}"] if (said := advice(done, objective, study.spec.space)) else []),
        f"export it: {again('export', store.path, study.name)} --format toml",
    ]


def _lead(done: Sequence[Trial], study: Study) -> list[str]:
    """Whether the best is beyond the noise of the next best, and what settles it where that is not so."""
    said = lead(done, noise(done, study.spec.space, study.spec.objective), study.spec.objective)
    if said is None:
        return []
    return [f"lead: {said.text}" + ("" if said.beyond else f" 'tunewright confirm {study.name}' runs the best again.")]


def again(command: str, store: Path, study: str) -> str:
    """The words that bring a person back to this study, from the folder they are in."""
    flag = "" if store == Path("store.sqlite").absolute() else f" --store {store}"
    return f"tunewright {command} {study}{flag}"


def headless_wanted(flag: bool, as_json: bool) -> bool:
    """Whether to do without the app: asked for, or for want of a terminal that can show it."""
    return flag or as_json or not app_possible()
