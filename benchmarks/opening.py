"""Opening a study of 10,000 trials with 100 reports and a diagnosis each.

The app: from starting its process to the newest trial on the screen, in a terminal of 180×50, and the most memory
it took. Besides, in a process of its own, every trial and every curve of the store. Peer of both, in a process of
its own: `optuna.load_study(…).trials` on Optuna's SQLite storage with the same trials. In turns, files in the cache.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil

from benchmarks.harness import Figure
from benchmarks.terminal import Terminal

if TYPE_CHECKING:
    from agent.store.connection import Store

_OURS = """
import json, sys
from pathlib import Path
from agent.store import points, studies, trials
from agent.store.connection import open_store
store = open_store(Path(sys.argv[1]), create=False)
found = trials.all_trials(store, studies.get(store, "bench").id)
steps = sum(len(points.curve(store, t.id, "loss").steps) for t in found)
"""
_PEER = """
import json, sys
import optuna
found = optuna.load_study(study_name="bench", storage="sqlite:///" + sys.argv[1]).trials
steps = sum(len(t.intermediate_values) for t in found)
"""
_TELL = """
print(json.dumps([len(found), steps]), flush=True)
sys.stdin.read()
"""


class Cost(NamedTuple):
    seconds: float
    memory: float  # MB, at its peak


def figures(*, quick: bool) -> list[Figure]:
    count, steps, repeats = (500, 20, 1) if quick else (10_000, 100, 3)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ours_path, peer_path = Path(folder) / "store.sqlite", Path(folder) / "optuna.db"
        fill_ours(ours_path, count, steps)
        _fill_peer(peer_path, count, steps)
        _app(ours_path, count)  # compiles what is not compiled yet
        rounds = [
            (_app(ours_path, count), _read(_OURS, ours_path, count, steps), _read(_PEER, peer_path, count, steps))
            for _ in range(repeats)
        ]
    app, read, peer = (Cost(*map(statistics.median, zip(*costs, strict=True))) for costs in zip(*rounds, strict=True))
    name, peer_name = f"open {count:,} trials × {steps} reports", "Optuna RDB"
    everything = f"{name}: every trial and curve read"
    met, met_memory = app.seconds <= 2, app.memory <= 300
    return [
        Figure(f"{name} in the app", app.seconds, peer.seconds, "s", peer_name, "≤ 2 s", met, repeats),
        Figure(f"{name} in the app: memory", app.memory, peer.memory, "MB", peer_name, "≤ 300 MB", met_memory, repeats),
        Figure(everything, read.seconds, peer.seconds, "s", peer_name, "–", read.seconds < peer.seconds, repeats),
    ]


def _app(path: Path, count: int) -> Cost:
    """The real app, started on the store: it goes straight into the only study there is."""
    terminal = Terminal([sys.executable, "-m", "agent", "--store", str(path)], 180, 50, {"PYTHONPATH": os.getcwd()})
    try:
        newest = f"t{count - 1}".encode()
        seconds = terminal.until(lambda output: newest in output)
        until = time.perf_counter() + 1.0
        while time.perf_counter() < until:  # its first round, and what else it does unasked
            terminal.read(0.1)
        return Cost(seconds, _peak_memory(terminal.pid))
    finally:
        terminal.close()


def _read(code: str, path: Path, count: int, steps: int) -> Cost:
    command, start = [sys.executable, "-c", code + _TELL, str(path)], time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None and process.stdout is not None
        answer = json.loads(process.stdout.readline())
        cost = Cost(time.perf_counter() - start, _peak_memory(process.pid))
        process.stdin.close()
    assert answer == [count, count * steps], answer
    return cost


def _peak_memory(pid: int) -> float:
    """MB. The process's own account would count what its parent had before the fork; without /proc, what it has now."""
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except FileNotFoundError:
        found = None
    return int(found[1]) / 1024 if found else psutil.Process(pid).memory_info().rss / 2**20


def loss(trial: int, step: int) -> float:
    return (1 + trial * 7919 % 101 / 100) / (step + 1)


def fill_ours(path: Path, count: int, steps: int) -> None:
    """A study of `count` completed trials through the store's own functions; only nobody waits for the disk."""
    from agent.store import proposals, studies
    from agent.store.connection import open_store
    from agent.study.nouns import Draft, Source
    from agent.study.spec import StudySpec
    from trainers.contract import Objective
    from trainers.space import FloatParameter, SearchSpace

    with open_store(path) as store:
        store.conn.execute("PRAGMA synchronous = OFF")
        space = SearchSpace([FloatParameter(name=f"p{i}", low=0.0, high=1.0) for i in range(8)])
        spec = StudySpec(name="bench", trainer="forest", space=space, objective=Objective("loss"))
        study = studies.create(store, spec, store.folder)
        drafts = [Draft(source=Source.RANDOM, params=_params(i, count)) for i in range(count)]
        for proposal in proposals.add(store, study.id, drafts):
            complete(store, study.id, proposals.approve(store, proposal, actor="policy"), steps)


def _params(trial: int, count: int) -> dict[str, float]:
    return {f"p{j}": (trial + j) / (count + 8) for j in range(8)}


def complete(store: Store, study_id: int, number: int, steps: int) -> None:
    from agent.store import diagnoses, points, trials
    from agent.study.nouns import Diagnosis, Evidence, TrialState

    trial = trials.get(store, study_id, number)
    attempt = trials.claim(store, trial.id, f"runs/bench/{number}")
    assert attempt is not None
    with store.transaction(durable=False):
        metric = points.Metrics(store).id("loss")
        points.append(store, ((attempt.id, metric, step, loss(number, step), 1.7e9 + step) for step in range(steps)))
    value, now, outcome = loss(number, steps - 1), time.time(), {"cut_short": False}
    trials.end(
        store, attempt, TrialState.COMPLETED, value=value, failure=None, outcome=outcome, retry=False, ended_at=now
    )
    text = f"loss fell to {value:.3g} and was still falling"
    evidence = (Evidence(kind="metric", text=text, metric="loss", step=steps - 1),)
    diagnoses.put(
        store, trial, Diagnosis(verdict="healthy", healthy=True, confidence=0.9, explanation=text, evidence=evidence)
    )


def _fill_peer(path: Path, count: int, steps: int) -> None:
    """The same trials through Optuna's own schema, inserted in bulk: its API would take hours."""
    import datetime

    import optuna
    import sqlalchemy
    from optuna.storages._rdb import models

    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    optuna.create_study(study_name="bench", storage=storage)
    unit = optuna.distributions.distribution_to_json(optuna.distributions.FloatDistribution(0.0, 1.0))
    then = datetime.datetime(2026, 1, 1)
    trial = {"study_id": 1, "state": "COMPLETE", "datetime_start": then, "datetime_complete": then}
    with storage.engine.begin() as connection:

        def insert(model: Any, rows: list[dict[str, Any]]) -> None:
            connection.execute(sqlalchemy.insert(model), rows)

        insert(models.TrialModel, [{"trial_id": i + 1, "number": i, **trial} for i in range(count)])
        finite = {"objective": 0, "value_type": "FINITE"}
        values = [{"trial_id": i + 1, "value": loss(i, steps - 1), **finite} for i in range(count)]
        insert(models.TrialValueModel, values)
        for i in range(count):
            row = {"trial_id": i + 1, "distribution_json": unit}
            params = [{**row, "param_name": name, "param_value": v} for name, v in _params(i, count).items()]
            insert(models.TrialParamModel, params)
            told = {"trial_id": i + 1, "intermediate_value_type": "FINITE"}
            reports = [{**told, "step": s, "intermediate_value": loss(i, s)} for s in range(steps)]
            insert(models.TrialIntermediateValueModel, reports)
