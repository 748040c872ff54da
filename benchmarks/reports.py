"""Reports made durable: from the line a trainer writes into its run folder to the point in the store.

Peer: `trial.report` of Optuna on SQLite, with its default journal and with WAL. Latency: from the
moment a trial reports until a reader of the store sees the point, while eight trials report.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from agent.runner.ingest import Follow, Ingest
from agent.store import points, proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import Draft, Source
from agent.study.spec import StudySpec
from benchmarks.harness import Figure, median, medians, seconds
from trainers import rundir
from trainers.contract import Objective
from trainers.space import FloatParameter, SearchSpace


def figures(*, quick: bool) -> list[Figure]:
    n, peer_n, repeats = (20_000, 50, 1) if quick else (200_000, 400, 5)
    ours, default, wal = medians(
        [lambda: n / _ours(n), lambda: peer_n / _optuna(peer_n, "DELETE"), lambda: peer_n / _optuna(peer_n, "WAL")],
        repeats,
    )
    p99 = median(lambda: _latency_p99(1.0 if quick else 5.0), 1 if quick else 3) * 1000
    made = "reports made durable"
    return [
        Figure(
            made,
            ours,
            default,
            "points/s",
            "Optuna trial.report, SQLite default",
            "≥ 50,000/s and ≥ 100×",
            ours >= 50_000 and ours >= 100 * default,
            repeats,
            more_is_better=True,
        ),
        Figure(
            made,
            ours,
            wal,
            "points/s",
            "Optuna trial.report, SQLite WAL",
            "≥ 100×",
            ours >= 100 * wal,
            repeats,
            more_is_better=True,
        ),
        Figure("report → visible in the store, p99", p99, None, "ms", "", "≤ 250 ms", p99 <= 250, 3),
    ]


def running_trials(store: Store, count: int) -> list[Follow]:
    """A study with `count` running trials, as the runner follows them."""
    space = SearchSpace([FloatParameter(name="lr", low=0.0, high=1.0)])
    spec = StudySpec(name="bench", trainer="forest", space=space, objective=Objective("loss"))
    study = studies.create(store, spec, store.folder)
    drafts = [Draft(source=Source.RANDOM, params={"lr": i / count}) for i in range(count)]
    follows = []
    for proposal in proposals.add(store, study.id, drafts):
        trial = trials.get(store, study.id, proposals.approve(store, proposal, actor="person"))
        attempt = trials.claim(store, trial.id, f"runs/bench/{trial.number}")
        assert attempt is not None
        run_dir = store.folder / attempt.run_dir
        run_dir.mkdir(parents=True)
        follows.append(Follow(attempt.id, trial.id, study.id, "loss", run_dir))
    return follows


def _ours(n: int) -> float:
    """Seconds for `n` reports of one metric by eight trials: written by trainers, read, committed."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as store:
        follows = running_trials(store, 8)

        def everything() -> None:
            for follow in follows:
                writer = rundir.ReportWriter(follow.run_dir)
                for step in range(n // 8):
                    writer.write(step, {"loss": 0.5})
                writer.close()
            ingest = Ingest(store)
            while ingest.take(follows):
                pass

        spent = seconds(everything)
        assert store.conn.execute("SELECT count(*) FROM point").fetchone()[0] == n // 8 * 8
        return spent


def _optuna(n: int, mode: str) -> float:
    import optuna
    import sqlalchemy

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        storage = optuna.storages.RDBStorage(f"sqlite:///{folder}/optuna.db")
        with storage.engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"PRAGMA journal_mode = {mode}"))
        trial = optuna.create_study(storage=storage).ask()
        return seconds(lambda: [trial.report(0.5, step) for step in range(n)])


def _latency_p99(duration: float) -> float:
    """Seconds from report to visibility, 99th percentile, eight trials reporting 125 times a second each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        with open_store(path) as store:
            follows = running_trials(store, 8)
            over = threading.Event()
            threads = [
                threading.Thread(target=_report, args=(follows, duration)),
                threading.Thread(target=_take_in, args=(path, follows, over)),
            ]
            for thread in threads:
                thread.start()
            delays, after, until = [], 0, time.time() + duration + 0.5
            while time.time() < until:
                for point in points.since(store, [f.trial_id for f in follows], after):
                    after = point.id
                    delays.append(time.time() - point.at)
                time.sleep(0.1)  # a screen looks ten times a second
            over.set()
            for thread in threads:
                thread.join()
        return float(np.percentile(delays, 99))


def _report(follows: list[Follow], duration: float) -> None:
    writers = [rundir.ReportWriter(follow.run_dir) for follow in follows]
    start, step = time.time(), 0
    while time.time() - start < duration:
        for writer in writers:
            writer.write(step, {"loss": 0.5})
        step += 1
        time.sleep(max(0.0, start + step / 125 - time.time()))


def _take_in(path: Path, follows: list[Follow], over: threading.Event) -> None:
    from agent.runner.process import TICK

    with open_store(path, check=False) as store:
        ingest = Ingest(store)
        while not over.is_set():
            ingest.take(follows)
            time.sleep(TICK)
