"""Studies of several kinds, as long as wanted, for the digest and the prompts made from it. The same each time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.store import diagnoses, narratives, points, proposals, studies, trials, turns
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Claim, Diagnosis, Draft, Evidence, Narrative, Source, TrialState
from agent.study.spec import Budget, StudySpec
from tests.agent.search import growing
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import Config, SearchSpace

NOISE = 0.01
START = 1_800_000_000.0
LONG = (
    "The learning rate sits on a ridge with the width: every wide model so far wanted a smaller one, and the two best"
    " trials differ in nothing else beyond the noise. "
) * 12


@dataclass(frozen=True)
class Kind:
    """What a study of this kind is like. `loss` gives None where a config fails."""

    space: Callable[[], SearchSpace]
    loss: Callable[[Config], float | None]
    failure: Failure = Failure(kind=FailureKind.EXCEPTION, message="RuntimeError: loss is nan", exit_code=1)
    rationale: str = "Between the two best in lr, all else equal."
    rejects: int = 9  # every so many proposals are turned down


def _wide() -> SearchSpace:
    return SearchSpace.from_dict(
        {
            "parameters": {
                **{f"layer{i}.dropout": {"type": "float", "low": 0.0, "high": 0.5} for i in range(12)},
                **{f"layer{i}.width": {"type": "int", "low": 16, "high": 512, "log": True} for i in range(12)},
                "lr": {"type": "float", "low": 1e-5, "high": 1.0, "log": True},
            }
        }
    )


def _wide_loss(c: Config) -> float:
    return (math.log10(c["lr"]) + 2) ** 2 / 4 + sum(c[f"layer{i}.dropout"] for i in range(12)) / 12


def _failing(c: Config) -> float | None:
    return None if c["lr"] > 0.05 or c["width"] * c["layers"] > 900 else growing.mixed_loss(c)


OOM = Failure(
    kind=FailureKind.CUDA_OUT_OF_MEMORY,
    message="CUDA out of memory. Tried to allocate 2.40 GiB; 1.10 GiB free of 23.69 GiB.",
    exit_code=1,
)
KINDS: Mapping[str, Kind] = {
    "plain": Kind(growing.mixed, growing.mixed_loss),
    "conditional": Kind(growing.conditional, growing.conditional_loss),
    "constrained": Kind(growing.constrained, growing.constrained_loss),
    "failing": Kind(growing.mixed, _failing, failure=OOM),
    "wordy": Kind(growing.mixed, growing.mixed_loss, rationale=LONG, rejects=3),
    "wide": Kind(_wide, _wide_loss),
}


def make(store: Store, kind: str, count: int, *, seed: int = 0, **changes: Any) -> Study:
    """A study named after its kind with `count` ended trials, curves, diagnoses, rejections and edits.

    Written in one transaction: a thousand trials through the functions of a session would wait for the disk
    four thousand times.
    """
    spec = StudySpec(
        name=kind,
        trainer="forest",
        task="svm-wine",
        space=KINDS[kind].space(),
        objective=Objective("val_loss"),
        budget=Budget(trials=2 * count, trial_seconds=120.0),
        agent=AgentSpec(model="scripted", about="A small model of our own data; validation loss is what we report."),
    ).replace(**changes)
    study = studies.create(store, spec, store.folder)
    _Writer(store, study, KINDS[kind], random.Random(seed)).write(count)
    return study


class _Writer:
    def __init__(self, store: Store, study: Study, kind: Kind, rng: random.Random) -> None:
        self.store, self.study, self.kind, self.rng = store, study, kind, rng
        self.ran: list[tuple[float, Config]] = []
        self.keys: set[str] = set()

    def write(self, count: int) -> None:
        number = proposal = 0
        while number < count:
            params = self._params(number)
            rejected = number > 2 and proposal % self.kind.rejects == self.kind.rejects - 1
            self._propose(proposal, params, number, rejected)
            proposal += 1
            number += not rejected
        turns.add(self.store, self.study.id, "person", "Please keep the model small, it has to run on a phone.")
        turns.add(self.store, self.study.id, "agent", "I shall prefer small widths.")

    def _params(self, number: int) -> Config:
        """At random, later often near the best; never the same twice but for every 16th, which repeats the best."""
        space = self.study.spec.space
        if number == 0:
            return space.default()
        best = min(self.ran, key=lambda r: r[0])[1] if self.ran else space.default()
        if number % 16 == 15:
            return best
        for _ in range(200):
            other = space.sample(self.rng)
            mixed = space.snap({**other, **{n: v for n, v in best.items() if self.rng.random() < 0.6}})
            config = mixed if self.rng.random() < 0.6 and space.allows(mixed) else other
            if space.key(config) not in self.keys:
                break
        self.keys.add(space.key(config))
        return config

    def _propose(self, index: int, params: Config, number: int, rejected: bool) -> None:
        loss = self.kind.loss(params)
        source = Source.DEFAULT if number == 0 else Source.LLM if index % 2 else Source.GP
        middle = 0.5 if loss is None else loss + self.rng.gauss(0, 2 * NOISE)
        evidence = (Evidence(kind="trial", text="the best", trial=0),) if number else ()
        expected = (middle - 2 * NOISE, middle + 2 * NOISE) if source is Source.LLM else None
        draft = Draft(source=source, params=params, rationale=self.kind.rationale, evidence=evidence, expected=expected)
        [proposal] = proposals.add(self.store, self.study.id, [draft])
        if rejected:
            reason = ("too slow on this machine", "we never use that optimizer", "")[index // 3 % 3]
            proposals.reject(self.store, proposal, actor="person", reason=reason)
            return
        edited = {**params, "lr": params["lr"] / 2} if number % 7 == 5 and "lr" in params else None
        fits = edited is not None and self.study.spec.space.allows(edited)
        final = self.study.spec.space.canonical(edited) if edited is not None and fits else params
        proposals.approve(self.store, proposal, actor="person", params=final if fits else None)
        self._run(number, final)

    def _run(self, number: int, params: Config) -> None:
        loss = self.kind.loss(params)
        trial = trials.get(self.store, self.study.id, number)
        attempt = trials.claim(self.store, trial.id, f"runs/{self.study.name}/{number}")
        assert attempt is not None
        state = TrialState.FAILED if loss is None else TrialState.COMPLETED
        value = None if loss is None else round(loss + self.rng.gauss(0, NOISE), 6)
        self._report(attempt.id, value)
        failure = self.kind.failure if loss is None else None
        trials.end(self.store, attempt, state, value=value, failure=failure, outcome={}, retry=False, ended_at=START)
        with self.store.transaction(durable=False) as conn:  # as long as a trial of that kind takes, and no clock in it
            sql = "UPDATE trial SET started_at = ?, ended_at = ?, last_step = 19 WHERE id = ?"
            conn.execute(sql, (START, START + 30 + number % 5, trial.id))
            conn.execute(
                "UPDATE attempt SET launched_at = ?, ended_at = ? WHERE id = ?", (START, START + 30, attempt.id)
            )
        if value is not None and state is TrialState.COMPLETED:
            self.ran.append((value, params))
        self._diagnose(trial.id, number, params, value)

    def _report(self, attempt_id: int, value: float | None) -> None:
        end, rows, name = 0.4 if value is None else value, [], points.Metrics(self.store)
        with self.store.transaction(durable=False):
            for step in range(20):
                seen = end + 2.0 * math.exp(-step / 4) * (step < 19)
                seen = math.nan if value is None and step > 12 else seen
                rows.append((attempt_id, name.id("val_loss"), step, seen, START + step))
                rows.append((attempt_id, name.id("train_loss"), step, 0.9 * seen, START + step))
                rows.append((attempt_id, name.id("test_loss"), step, 0.123456, START + step))
            points.append(self.store, rows)

    def _diagnose(self, trial_id: int, number: int, params: Config, value: float | None) -> None:
        trial = trials.by_id(self.store, trial_id)
        if value is None:
            told = "The loss left the stable region at step 12 and was not finite from step 13 on."
            found = Diagnosis(verdict="diverged", healthy=False, confidence=0.9, explanation=told)
        elif number % 6 == 4:
            told = f"Validation loss rose from step {number % 9 + 3} on while training loss kept falling."
            lower = {**params, "dropout": 0.3} if "dropout" in params else None
            found = Diagnosis(
                verdict="overfitting", healthy=False, confidence=0.8, explanation=told, suggested_params=lower
            )
        else:
            found = Diagnosis(verdict="healthy", healthy=True, confidence=0.9, explanation="It went well.")
        diagnoses.put(self.store, trial, found)
        if number % 10 == 7:
            text = "It learned fast and then had nothing left to learn. Its test_loss stayed at 0.123456 throughout."
            narratives.put(self.store, trial, Narrative(text=text, claims=(Claim(text=text),), model="scripted"))
