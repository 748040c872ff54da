"""Compares trials of a study side by side: values, and the parameters in which they differ."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.commands.arguments import trial_number
from agent.plain.documents import noise_document, trial_document
from agent.plain.output import clean, emit, param, table
from agent.plain.tables import mean_words
from agent.store import studies, trials
from agent.store.connection import open_store
from agent.store.studies import Study
from agent.study.differences import differing, shared
from agent.study.noise import Noise, noise
from agent.study.nouns import Trial
from agent.study.verdicts import verdicts, whole
from trainers.errors import TunewrightError

EXAMPLE = "tunewright compare my-study 3 9 12"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="its name, as 'tunewright list' shows it")
    parser.add_argument(
        "trials", metavar="TRIAL", nargs="+", type=trial_number, help="two trials or more; the first is the measure"
    )


def run(args: argparse.Namespace) -> int:
    if len(set(args.trials)) < 2:
        raise TunewrightError(
            "a comparison needs two different trials", remedy=f"For example: tunewright compare {args.study} 0 1."
        )
    with open_store(args.store, create=False) as store:
        study = studies.get(store, args.study)
        every = trials.all_trials(store, study.id)
        chosen = whole([trials.get(store, study.id, n) for n in dict.fromkeys(args.trials)], every)
        chance = noise(every, study.spec.space, study.spec.objective)
    if args.json:
        emit(comparison(study, chosen, chance))
    else:
        _print(study, chosen, chance)
    return 0


def comparison(study: Study, chosen: Sequence[Trial], chance: Noise) -> dict[str, Any]:
    """Each trial stands for all runs of its config, unless two runs of one are compared. `differences` holds, for each
    parameter that is not the same in all, its values in the trials' order (null where it is not active); `delta` is a
    trial's value minus the first one's."""
    first, judged = chosen[0].value, verdicts(chosen, chance, study.spec.objective)
    return {
        "study": study.name,
        "objective": {"metric": study.spec.objective.metric, "direction": study.spec.objective.direction},
        "trials": [{**trial_document(t), "delta": _delta(t.value, first)} for t in chosen],
        "differences": {name: [t.params.get(name) for t in chosen] for name in differing(chosen)},
        "noise": noise_document(chance),
        "verdicts": [asdict(v) for v in judged],
    }


def _delta(value: float | None, first: float | None) -> float | None:
    """None where either is not a number."""
    return None if value is None or first is None or not math.isfinite(value - first) else value - first


def _print(study: Study, chosen: Sequence[Trial], chance: Noise) -> None:
    metric, first = study.spec.objective.metric, chosen[0].value
    deltas = [_delta(t.value, first) for t in chosen]
    rows = [
        ["state", *(str(t.state) if t.failure is None else f"{t.state}: {t.failure.kind}" for t in chosen)],
        [metric, *(mean_words(t) for t in chosen)],
        [f"Δ from t{chosen[0].number}", *("–" if d is None else f"{d:+.4g}" for d in deltas)],
        ["seconds", *("–" if t.seconds is None else f"{t.seconds:.1f}" for t in chosen)],
        ["steps", *("–" if t.last_step is None else str(t.last_step) for t in chosen)],
        ["source", *(str(t.source) for t in chosen)],
        *([name, *(param(t.params[name]) if name in t.params else "–" for t in chosen)] for name in differing(chosen)),
    ]
    print(table(["", *(f"t{t.number}" for t in chosen)], rows, right=range(1, len(chosen) + 1)))
    if same := shared(chosen):
        print(f"\nthe same in all: {', '.join(f'{n}={param(chosen[0].params[n])}' for n in same)}")
    print()
    for judged in verdicts(chosen, chance, study.spec.objective):
        print(clean(judged.text))
