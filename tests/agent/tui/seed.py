"""A store with a study in full swing, the same to the last figure each time it is made."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

from agent.store import diagnoses, points, proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import Diagnosis, Draft, Evidence, Proposal, Source, Trial, TrialState
from agent.study.policy import Policy
from agent.study.spec import Budget, StudySpec
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import CategoricalParameter, Config, FloatParameter, SearchSpace

NOW = 1_763_000_000.0  # the tests' time of day
STUDY = "etth1-24"
DIVERGED = 9

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1e-1, log=True, default=1e-3),
        FloatParameter(name="wd", low=0.0, high=0.3, default=0.1),
        CategoricalParameter(name="batch_size", choices=(64, 128, 256), default=64),
        CategoricalParameter(name="optimizer", choices=("adam", "sgd"), default="adam"),
    ]
)
SOURCES = (Source.DEFAULT, Source.PORTFOLIO, Source.RANDOM, Source.TPE, Source.GP)


def spec(policy: Policy | None = None) -> StudySpec:
    return StudySpec(
        name=STUDY,
        trainer="informer",
        task="ETTh1",
        space=SPACE,
        objective=Objective("val_loss"),
        budget=Budget(trials=40, total_seconds=8 * 3600),
        policy=policy or Policy(),
        seed=7,
    )


def make(path: Path, *, ended: int = 12, running: int = 2, pending: int = 1) -> Path:
    """Makes the store; `ended` trials (t9 diverged), `running` ones with a log, `pending` proposals."""
    with open_store(path) as store:
        study = studies.create(store, spec(), path.parent)
        rng = random.Random(3)
        for number in range(ended + running):
            trial = _trial(store, study.id, number, _config(number, rng))
            attempt = trials.claim(store, trial.id, f"runs/{STUDY}/{number}")
            assert attempt is not None
            live = number >= ended
            _report(store, attempt.id, number, 1200 if live else 2000)
            _log(path.parent / attempt.run_dir, number)
            if not live:
                _end(store, trial, attempt)
        for extra in range(pending):
            add_proposal(store, study.id, 6e-4 * (1 + extra))
        _set_times(store)
    return path


def _config(number: int, rng: random.Random) -> Config:
    config = SPACE.default() if number == 0 else SPACE.canonical(SPACE.sample(rng))
    return {**config, "lr": 3e-2} if number == DIVERGED else config


def _trial(store: Store, study_id: int, number: int, config: Config) -> Trial:
    draft = Draft(
        source=SOURCES[min(number, len(SOURCES) - 1)], params=config, rationale="expected improvement is highest here"
    )
    proposal = proposals.add(store, study_id, [draft])[0]
    policy = number % 3 == 0
    proposals.approve(
        store, proposal, actor="policy" if policy else "person", clause="watch: everything runs" if policy else ""
    )
    return trials.get(store, study_id, number)


def loss(number: int, step: int, rng: random.Random) -> float:
    floor = 0.31 + 0.013 * ((number * 7) % 11)
    if number == DIVERGED and step >= 410:
        return math.nan
    rise = 1e-5 * max(step - 200, 0) ** 2 if number == DIVERGED else 0.0
    return floor + 2.0 * math.exp(-step / (150 + 37 * (number % 5))) + 0.01 * rng.random() + rise


def _report(store: Store, attempt_id: int, number: int, until: int) -> None:
    rng = random.Random(number)
    with store.transaction(durable=False):
        metric = points.Metrics(store).id("val_loss")
        accuracy = points.Metrics(store).id("val_mae")
        rows = []
        for step in range(0, until + 1, 10):
            value = loss(number, step, rng)
            at = NOW - 100_000 + step * 0.5
            rows.append((attempt_id, metric, step, None if math.isnan(value) else value, at))
            rows.append((attempt_id, accuracy, step, None if math.isnan(value) else value / 2, at))
        points.append(store, rows)
        last = loss(number, until, rng)
        store.conn.execute(
            "UPDATE trial SET last_step = ?, last_value = ? WHERE id = (SELECT trial_id FROM attempt WHERE id = ?)",
            (until, None if math.isnan(last) else last, attempt_id),
        )


def _log(folder: Path, number: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(number)
    lines = [
        f"\x1b[32mepoch {i // 40}\x1b[0m step {i * 10} val_loss={loss(number, i * 10, rng):.4f} [bold]{i}%[/bold]"
        for i in range(120)
    ]
    (folder / "log.txt").write_text("\n".join(lines) + "\n")


def _end(store: Store, trial: Trial, attempt: trials.Attempt) -> None:
    rng = random.Random(trial.number)
    failure = None
    state, value = (
        TrialState.COMPLETED,
        min(loss(trial.number, s, rng) for s in range(1500, 2000, 10)) if trial.number != DIVERGED else None,
    )
    if trial.number == DIVERGED:
        state = TrialState.FAILED
        failure = Failure(
            kind=FailureKind.NON_FINITE, message="val_loss was nan from step 410 on", stderr_tail="loss is nan\n"
        )
    outcome = {
        "format": 1,
        "state": str(state),
        "wall_seconds": 660.0,
        "cpu_seconds": 640.0,
        "peak_host_bytes": 2 << 30,
    }
    trials.end(
        store,
        attempt,
        state,
        value=value,
        failure=failure,
        outcome=outcome,
        retry=False,
        ended_at=NOW - 50_000 + trial.number,
    )
    diagnoses.put(store, trials.by_id(store, trial.id), _diagnosis(trial.number))


def _diagnosis(number: int) -> Diagnosis:
    if number != DIVERGED:
        return Diagnosis(
            verdict="healthy",
            healthy=True,
            confidence=0.9,
            explanation="val_loss fell steadily and levelled off.",
            evidence=(Evidence(kind="metric", text="val_loss levelled off", metric="val_loss", step=1500),),
        )
    return Diagnosis(
        verdict="diverged",
        healthy=False,
        confidence=0.95,
        explanation="The loss left the stable region at step 200 and was nan from step 410 on; the learning rate is too high.",
        evidence=(
            Evidence(kind="metric", text="val_loss is nan from here on", metric="val_loss", step=410),
            Evidence(kind="log", text="val_loss=nan", line=42),
            Evidence(kind="trial", text="t0 with lr 1e-3 stayed finite", trial=0),
        ),
        suggested_params={**SPACE.default(), "lr": 3e-3},
        suggested_reason="a tenth of the learning rate",
    )


def add_proposal(
    store: Store,
    study_id: int,
    lr: float,
    rationale: str = "lr below 1e-3 has the highest expected improvement; 3 of 3 above 1e-2 did worse.",
) -> Proposal:
    draft = Draft(
        source=Source.GP,
        params={**SPACE.default(), "lr": lr, "wd": 0.05},
        rationale=rationale,
        expected=(0.305, 0.318),
        confidence=0.35,
    )
    return proposals.add(store, study_id, [draft], expected_seconds=660.0)[0]


def _set_times(store: Store) -> None:
    """Times that do not depend on when the store was made."""
    with store.transaction() as conn:
        conn.execute("UPDATE event SET at = ? + id", (NOW - 40_000,))
        conn.execute("UPDATE decision SET at = ? + proposal_id * 600", (NOW - 40_000,))
        conn.execute(
            "UPDATE trial SET queued_at = ? + number, started_at = ? + number * 660", (NOW - 20_000, NOW - 9500)
        )
        conn.execute("UPDATE trial SET ended_at = started_at + 660 WHERE ended_at IS NOT NULL")
        conn.execute("UPDATE trial SET started_at = ? WHERE ended_at IS NULL", (NOW - 260,))
        conn.execute("UPDATE attempt SET launched_at = (SELECT started_at FROM trial WHERE trial.id = trial_id)")
        conn.execute("UPDATE proposal SET created = ? + number", (NOW - 20_000,))


def remembered(path: Path, key: str) -> object:
    """What the app has kept under `key` for the study."""
    with open_store(path, check=False) as store:
        row = store.one("SELECT value FROM setting WHERE scope = ? AND key = ?", (f"tui:{STUDY}", key))
    return None if row is None else json.loads(row["value"])
