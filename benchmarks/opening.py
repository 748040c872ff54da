"""Opening a study of 10,000 trials with 100 reports each: what a screen needs first, and then every curve.

Peer: `optuna.load_study(…).trials` on Optuna's SQLite storage with the same content. Each side is
measured in a process of its own: seconds and peak memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness import Figure

_OURS = """
import json, resource, sys, time
start = time.perf_counter()
from pathlib import Path
from agent.store import points, studies, trials
from agent.store.connection import open_store
store = open_store(Path(sys.argv[1]), create=False)
study = studies.get(store, "bench")
found = trials.all_trials(store, study.id)
first = time.perf_counter() - start
steps = sum(len(points.curve(store, t.id, "loss").steps) for t in found)
"""
_PEER = """
import json, resource, sys, time
start = time.perf_counter()
import optuna
found = optuna.load_study(study_name="bench", storage="sqlite:///" + sys.argv[1]).trials
first = time.perf_counter() - start
steps = sum(len(t.intermediate_values) for t in found)
"""
_TELL = """
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([first, time.perf_counter() - start, peak, len(found), steps]))
"""


def figures(*, quick: bool) -> list[Figure]:
    count, steps, repeats = (500, 20, 1) if quick else (10_000, 100, 3)
    with tempfile.TemporaryDirectory() as folder:
        ours_path, peer_path = Path(folder) / "store.sqlite", Path(folder) / "optuna.db"
        fill_ours(ours_path, count, steps)
        _fill_peer(peer_path, count, steps)
        ours = [_measure(_OURS, ours_path, count, steps) for _ in range(repeats)]
        peer = [_measure(_PEER, peer_path, count, steps) for _ in range(1 if quick else repeats)]
    middle = lambda runs, i: sorted(run[i] for run in runs)[len(runs) // 2]  # noqa: E731
    what, peer_name = f"open {count:,} trials × {steps} reports", "Optuna RDB"
    first, everything, memory = (middle(ours, i) for i in range(3))
    return [
        Figure(what, first, middle(peer, 0), "s", peer_name, "≤ 2 s", first <= 2, repeats),
        Figure(
            f"{what}, every curve read",
            everything,
            middle(peer, 1),
            "s",
            peer_name,
            "–",
            everything < middle(peer, 1),
            repeats,
        ),
        Figure(f"{what}, peak memory", memory, middle(peer, 2), "MB", peer_name, "≤ 300 MB", memory <= 300, repeats),
    ]


def _measure(code: str, path: Path, count: int, steps: int) -> list[float]:
    answer = subprocess.run([sys.executable, "-c", code + _TELL, str(path)], capture_output=True, text=True, check=True)
    first, everything, peak, trials, points = json.loads(answer.stdout.splitlines()[-1])
    assert (trials, points) == (count, count * steps), (trials, points)
    return [first, everything, peak]


def fill_ours(path: Path, count: int, steps: int) -> None:
    from agent.store import points, proposals, studies, trials
    from agent.store.connection import open_store
    from agent.study.nouns import Draft, Source, TrialState
    from agent.study.spec import StudySpec
    from trainers.contract import Objective
    from trainers.space import FloatParameter, SearchSpace

    with open_store(path) as store:
        store.conn.execute("PRAGMA synchronous = OFF")
        space = SearchSpace([FloatParameter(name=f"p{i}", low=0.0, high=1.0) for i in range(8)])
        study = studies.create(
            store, StudySpec(name="bench", trainer="forest", space=space, objective=Objective("loss")), store.folder
        )
        drafts = [
            Draft(source=Source.RANDOM, params={f"p{j}": (i + j) / (count + 8) for j in range(8)}) for i in range(count)
        ]
        metrics = points.Metrics(store)
        for proposal in proposals.add(store, study.id, drafts):
            number = proposals.approve(store, proposal, actor="policy")
            attempt = trials.claim(store, trials.get(store, study.id, number).id, f"runs/bench/{number}")
            assert attempt is not None
            with store.transaction(durable=False):
                loss = metrics.id("loss")
                points.append(store, ((attempt.id, loss, step, 1 / (step + 1), 1.7e9 + step) for step in range(steps)))
            outcome = {"cut_short": False}
            trials.end(
                store,
                attempt,
                TrialState.COMPLETED,
                value=1 / steps,
                failure=None,
                outcome=outcome,
                retry=False,
                ended_at=1.8e9,
            )


def _fill_peer(path: Path, count: int, steps: int) -> None:
    """The same content through Optuna's own schema, inserted in bulk: its API would take hours."""
    import datetime

    import optuna
    import sqlalchemy
    from optuna.storages._rdb import models

    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    optuna.create_study(study_name="bench", storage=storage)
    unit = optuna.distributions.distribution_to_json(optuna.distributions.FloatDistribution(0.0, 1.0))
    then = datetime.datetime(2026, 1, 1)
    trial = {"study_id": 1, "state": "COMPLETE", "datetime_start": then, "datetime_complete": then}
    reports = [
        {"step": s, "intermediate_value": 1 / (s + 1), "intermediate_value_type": "FINITE"} for s in range(steps)
    ]
    with storage.engine.begin() as connection:

        def insert(model: Any, rows: list[dict[str, Any]]) -> None:
            connection.execute(sqlalchemy.insert(model), rows)

        insert(models.TrialModel, [{"trial_id": i + 1, "number": i, **trial} for i in range(count)])
        value = {"objective": 0, "value": 1 / steps, "value_type": "FINITE"}
        insert(models.TrialValueModel, [{"trial_id": i + 1, **value} for i in range(count)])
        for i in range(count):
            params = [{"param_name": f"p{j}", "param_value": (i + j) / (count + 8)} for j in range(8)]
            insert(models.TrialParamModel, [{"trial_id": i + 1, "distribution_json": unit, **p} for p in params])
            insert(models.TrialIntermediateValueModel, [{"trial_id": i + 1, **report} for report in reports])
