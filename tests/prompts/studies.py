"""Studies of several kinds, as long as wanted, for the digest and the prompts made from it. The same each time."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agent.store import points, studies, turns
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Claim, Diagnosis, Narrative, Source
from agent.study.spec import Budget, StudySpec
from tests.agent.search import growing
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import Config, SearchSpace, config_key

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
    """Inserts rows by itself, all in one transaction."""

    def __init__(self, store: Store, study: Study, kind: Kind, rng: random.Random) -> None:
        self.store, self.study, self.kind, self.rng = store, study, kind, rng
        self.ran: list[tuple[float, Config]] = []
        self.keys: set[str] = set()
        self.proposals = self.rejected = 0

    def write(self, count: int) -> None:
        with self.store.transaction():
            self.names = {name: points.Metrics(self.store).id(name) for name in ("val_loss", "train_loss", "test_loss")}
            number = 0
            while number < count:
                number += self._propose(self._params(number), number)
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

    def _propose(self, params: Config, number: int) -> bool:
        """One proposal, and its trial unless it is turned down; whether there is one."""
        index, self.proposals = self.proposals, self.proposals + 1
        rejected = number > 2 and index % self.kind.rejects == self.kind.rejects - 1
        edit = {**params, "lr": params["lr"] / 2} if number % 7 == 5 and "lr" in params and not rejected else params
        final = self.study.spec.space.canonical(edit) if self.study.spec.space.allows(edit) else params
        state = "rejected" if rejected else "approved" if final == params else "edited"
        source = Source.DEFAULT if number == 0 else Source.LLM if index % 2 else Source.GP
        loss = self.kind.loss(params)
        middle = 0.5 if loss is None else loss + self.rng.gauss(0, 2 * NOISE)
        expected = (middle - 2 * NOISE, middle + 2 * NOISE) if source is Source.LLM else (None, None)
        proposal = self._insert(
            "proposal",
            number=index,
            source=str(source),
            params=json.dumps(params),
            config_key=config_key(params),
            state=state,
            rationale=self.kind.rationale,
            expected_low=expected[0],
            expected_high=expected[1],
            created=START,
        )
        self.rejected += rejected
        reason = ("", "too slow on this machine", "we never use that optimizer")[self.rejected % 3] if rejected else ""
        edited = json.dumps(final) if state == "edited" else None
        row = {
            "proposal_id": proposal,
            "actor": "person",
            "action": state,
            "params": edited,
            "reason": reason,
            "at": START,
        }
        self._insert("decision", study=False, **row)
        if not rejected:
            self._run(number, proposal, final, Source.PERSON if state == "edited" else source)
        return not rejected

    def _run(self, number: int, proposal: int, params: Config, source: Source) -> None:
        loss = self.kind.loss(params)
        value = None if loss is None else round(loss + self.rng.gauss(0, NOISE), 6)
        trial = self._insert(
            "trial",
            number=number,
            proposal_id=proposal,
            source=str(source),
            params=json.dumps(params),
            config_key=config_key(params),
            seed=0,
            state="failed" if value is None else "completed",
            value=value,
            last_step=19,
            attempts=1,
            queued_at=START,
            started_at=START,
            ended_at=START + 30 + number % 5,
            failure=json.dumps(self.kind.failure.to_dict()) if value is None else None,
        )
        row = {"trial_id": trial, "number": 1, "run_dir": f"runs/{number}", "state": "ended"}
        attempt = self._insert("attempt", study=False, **row, launched_at=START, ended_at=START + 30)
        self._report(attempt, value)
        self._diagnose(trial, number, params, value)
        if value is not None:
            self.ran.append((value, params))

    def _report(self, attempt: int, value: float | None) -> None:
        end = 0.4 if value is None else value
        for step in range(20):
            seen = end + 2.0 * math.exp(-step / 4) * (step < 19)
            seen = math.nan if value is None and step > 12 else seen
            for name, shown in (("val_loss", seen), ("train_loss", 0.9 * seen), ("test_loss", 0.123456)):
                points.append(self.store, [(attempt, self.names[name], step, shown, START + step)])

    def _diagnose(self, trial: int, number: int, params: Config, value: float | None) -> None:
        found = Diagnosis(verdict="healthy", healthy=True, confidence=0.9, explanation="It went well.")
        if value is None:
            told = "The loss left the stable region at step 12 and was not finite from step 13 on."
            found = Diagnosis(verdict="diverged", healthy=False, confidence=0.9, explanation=told)
        elif number % 6 == 4:
            told = f"Validation loss rose from step {number % 9 + 3} on while training loss kept falling."
            wish = {**params, "dropout": 0.3} if "dropout" in params else None
            found = Diagnosis(
                verdict="overfitting", healthy=False, confidence=0.8, explanation=told, suggested_params=wish
            )
        body = json.dumps(asdict(found))
        self._insert("diagnosis", study=False, trial_id=trial, verdict=found.verdict, body=body, created=START)
        if number % 10 == 7:
            told = "It learned fast and then had nothing left to learn. Its test_loss stayed at 0.123456 throughout."
            body = json.dumps(asdict(Narrative(text=told, claims=(Claim(text=told),), model="scripted")))
            self._insert("narrative", study=False, trial_id=trial, body=body, created=START)

    def _insert(self, table: str, *, study: bool = True, **row: Any) -> int:
        row = {"study_id": self.study.id, **row} if study else row
        sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        return int(self.store.conn.execute(sql, tuple(row.values())).lastrowid or 0)
