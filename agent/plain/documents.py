"""The JSON shapes that scripts rely on. Fields may be added, never renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.store.studies import Study
from agent.study.noise import Noise
from agent.study.nouns import Proposal, Trial
from agent.study.repeats import merged
from agent.summary import advice, best, counts

Document = dict[str, Any]


def best_document(study: Study, trials: Sequence[Trial]) -> Document | None:
    """`value` is the mean of the config's `seeds` runs, `deviation` their standard deviation."""
    found = best(trials, study.spec.objective)
    return (
        None if found is None else {"number": found.number, "value": found.value, "params": found.params, **_of(found)}
    )


def _of(one: Trial) -> Document:
    """Of a config's runs that have a value; of a trial taken alone, of itself."""
    return {"seeds": one.runs, "mean": one.value, "deviation": one.deviation}


def trial_documents(trials: Sequence[Trial]) -> list[Document]:
    """Every trial; `seeds`, `mean` and `deviation` are those of all runs of its config that have a value."""
    ones = {one.key: one for one in merged(trials)}
    return [{**trial_document(t), **_of(ones[t.key]), "config": ones[t.key].number} for t in trials]


def run_document(study: Study, trials: Sequence[Trial], *, state: str, reason: str) -> Document:
    """What `run` and `demo` answer."""
    return {
        "study": study.name,
        "state": state,
        "reason": reason,
        "trials": counts(trials),
        "best": best_document(study, trials),
        "advice": advice(trials, study.spec.objective, study.spec.space),
    }


def noise_document(chance: Noise) -> Document:
    return {
        "deviation": chance.deviation,
        "limit": chance.limit,
        "is_bound": chance.is_bound,
        "source": chance.source,
        "freedom": chance.freedom,
    }


def trial_document(trial: Trial) -> Document:
    """`steps` is the last step reported; `seconds` the wall time of the latest attempt; `cpu_seconds` and
    `device_seconds` (seconds times GPUs) are those of all its attempts, the peaks the most that any of them held."""
    return {
        "number": trial.number,
        "state": str(trial.state),
        "source": str(trial.source),
        "params": trial.params,
        "value": trial.value,
        "steps": trial.last_step,
        "seconds": trial.seconds,
        "failure": None if trial.failure is None else trial.failure.to_dict(),
        "last_value": trial.last_value,
        "attempts": trial.attempts,
        "cut_short": trial.cut_short,
        "seed": trial.seed,
        "accumulation": trial.accumulation,
        "cpu_seconds": trial.cpu_seconds,
        "device_seconds": trial.device_seconds,
        "peak_host_bytes": trial.peak_host_bytes,
        "peak_device_bytes": trial.peak_device_bytes,
        **_of(trial),
    }


def proposal_document(proposal: Proposal) -> Document:
    return {
        "number": proposal.number,
        "source": str(proposal.source),
        "params": proposal.params,
        "state": str(proposal.state),
        "rationale": proposal.rationale,
        "expected": proposal.expected,
        "expected_seconds": proposal.expected_seconds,
        "seeds": proposal.seeds,
        "insight": dict(proposal.insight),
    }


def study_document(study: Study, trials: Sequence[Trial]) -> Document:
    """One entry of `list`; also the head of `show`."""
    spec = study.spec
    return {
        "name": study.name,
        "trainer": spec.trainer,
        "task": spec.task,
        "objective": asdict(spec.objective),
        "policy": asdict(spec.policy),
        "budget": asdict(spec.budget),
        "search": spec.search,
        "seed": spec.seed,
        "seeds": spec.seeds,
        "folder": str(study.folder),
        "created": study.created,
        "counts": counts(trials),
        "best": best_document(study, trials),
    }
