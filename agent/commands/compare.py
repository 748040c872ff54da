"""Compares trials of a study side by side: values, and the parameters in which they differ."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from agent.commands.arguments import trial_number
from agent.plain.documents import trial_document
from agent.plain.output import emit, number, param, table
from agent.store import studies, trials
from agent.store.connection import open_store
from agent.store.studies import Study
from agent.study.nouns import Trial
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
        chosen = [trials.get(store, study.id, n) for n in dict.fromkeys(args.trials)]
    if args.json:
        emit(comparison(study, chosen))
    else:
        _print(study, chosen)
    return 0


def comparison(study: Study, chosen: Sequence[Trial]) -> dict[str, Any]:
    """`differences` holds, for each parameter that is not the same in all, its values in the trials'
    order (null where it is not active); `delta` is a trial's value minus the first one's."""
    first = chosen[0].value
    return {
        "study": study.name,
        "objective": {"metric": study.spec.objective.metric, "direction": study.spec.objective.direction},
        "trials": [{**trial_document(t), "delta": _delta(t.value, first)} for t in chosen],
        "differences": {name: [t.params.get(name) for t in chosen] for name in differing(chosen)},
    }


def differing(chosen: Sequence[Trial]) -> list[str]:
    """Names of parameters whose values are not the same in all of `chosen`."""
    names = dict.fromkeys(name for t in chosen for name in t.params)
    return [n for n in names if any(n not in t.params or t.params[n] != chosen[0].params.get(n) for t in chosen)]


def _delta(value: float | None, first: float | None) -> float | None:
    return None if value is None or first is None else value - first


def _print(study: Study, chosen: Sequence[Trial]) -> None:
    metric, first = study.spec.objective.metric, chosen[0].value
    deltas = [_delta(t.value, first) for t in chosen]
    rows = [
        ["state", *(str(t.state) if t.failure is None else f"{t.state}: {t.failure.kind}" for t in chosen)],
        [metric, *(number(t.value) for t in chosen)],
        [f"Δ from t{chosen[0].number}", *("–" if d is None else f"{d:+.4g}" for d in deltas)],
        ["seconds", *("–" if t.seconds is None else f"{t.seconds:.1f}" for t in chosen)],
        ["source", *(str(t.source) for t in chosen)],
        *([name, *(param(t.params[name]) if name in t.params else "–" for t in chosen)] for name in differing(chosen)),
    ]
    print(table(["", *(f"t{t.number}" for t in chosen)], rows, right=range(1, len(chosen) + 1)))
    same = [name for name in chosen[0].params if name not in differing(chosen)]
    if same:
        print(f"\nthe same in all: {', '.join(f'{n}={param(chosen[0].params[n])}' for n in same)}")
