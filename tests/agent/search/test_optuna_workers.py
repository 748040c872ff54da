"""One Optuna study, several hands: batches, threads, processes, resuming, what a person queues."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

from agent.search.optuna import GuidedSampler, SearchSampler

SPACE = {"x": FloatDistribution(0, 1), "k": IntDistribution(1, 9), "c": CategoricalDistribution((True, False, None))}

pytestmark = pytest.mark.usefixtures("quiet_optuna")


def value(params: dict[str, Any]) -> float:
    return float((params["x"] - 0.3) ** 2 + abs(params["k"] - 4) / 10 + (params["c"] is None))


def objective(trial: Trial) -> float:
    return value({name: trial._suggest(name, distribution) for name, distribution in SPACE.items()})


def configs(study: optuna.Study) -> list[dict[str, Any]]:
    return [trial.params for trial in study.trials]


def different(found: list[dict[str, Any]]) -> int:
    return len({str(sorted(config.items())) for config in found})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'optuna.db'}"


def opened(url: str, **arguments: Any) -> optuna.Study:
    sampler = GuidedSampler(**arguments)
    return optuna.create_study(study_name="s", storage=url, sampler=sampler, load_if_exists=True)


def test_a_batch_holds_different_configs_and_knows_what_runs() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(objective, n_trials=8)
    batch = [study.ask(SPACE) for _ in range(4)]
    assert different([t.params for t in batch]) == 4
    for trial in batch:
        study.tell(trial, value(trial.params))
    assert len(study.trials) == 12


def test_what_another_worker_has_drawn_but_not_asked_for_yet_is_pending(url: str) -> None:
    first = opened(url, seed=0)
    first.optimize(objective, n_trials=7)
    running = first.ask()
    running.suggest_float("x", 0, 1)  # of three; its config is settled
    second = opened(url, seed=0)
    trial = second.ask()
    sampler: Any = second.sampler
    history = sampler._history(second, trial._get_latest_trial(), sampler._translation(second))
    expected = {name: running._suggest(name, distribution) for name, distribution in SPACE.items()}
    assert history.waiting == ({name: expected[name] for name in sorted(expected)},)


def test_threads_never_run_the_same_config() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0, space=SPACE))
    study.optimize(objective, n_trials=16, n_jobs=4)
    assert different(configs(study)) == 16


def test_processes_share_the_seed_that_the_study_was_given(url: str) -> None:
    opened(url).optimize(objective, n_trials=3)
    code = (
        "import optuna; from tests.agent.search.test_optuna_workers import *;"
        f"study = opened({url!r}); study.optimize(objective, n_trials=3);"
        "print(study.sampler._seed_of(study))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    study = opened(url)
    sampler: Any = study.sampler
    assert int(done.stdout) == sampler._seed_of(study)
    assert different(configs(study)) == 6


def test_a_resumed_study_goes_on_with_what_it_would_have_proposed(url: str) -> None:
    whole = optuna.create_study(sampler=GuidedSampler(seed=5))
    whole.optimize(objective, n_trials=12)
    for trials in (1, 7, 4):
        opened(url, seed=5).optimize(objective, n_trials=trials)
    assert configs(opened(url, seed=5)) == configs(whole)


def test_other_seeds_give_other_studies() -> None:
    studies = [optuna.create_study(sampler=GuidedSampler(seed=seed)) for seed in (1, 2)]
    for study in studies:
        study.optimize(objective, n_trials=5)
    assert configs(studies[0])[1:] != configs(studies[1])[1:]


def test_what_a_person_queued_is_run_and_not_proposed_again() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0, space=SPACE))
    mine = {"x": 0.25, "k": 2, "c": False}
    study.enqueue_trial(mine)
    study.enqueue_trial({"k": 9})
    study.optimize(objective, n_trials=4)
    assert configs(study)[0] == mine and configs(study)[1]["k"] == 9
    assert configs(study)[2]["k"] == 5  # the defaults, which nobody had tried yet
    assert different(configs(study)) == 4


def test_a_parameter_that_is_held_leaves_the_others_to_the_search() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(objective, n_trials=6)
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        study.sampler = optuna.samplers.PartialFixedSampler({"k": 7}, study.sampler)
    study.optimize(objective, n_trials=6)
    assert [c["k"] for c in configs(study)[6:]] == [7] * 6
    assert different(configs(study)) == 12


def test_a_copy_of_a_sampler_goes_on_like_the_original() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(objective, n_trials=6)
    copies = [study.sampler, copy.deepcopy(study.sampler), pickle.loads(pickle.dumps(study.sampler))]
    found = []
    for sampler in copies:
        sampler.reseed_rng()
        again = optuna.create_study(sampler=sampler)
        again.add_trials(study.trials)
        found.append(again.ask(SPACE).params)
    assert found[0] == found[1] == found[2]


def test_optunas_own_log_is_left_alone() -> None:
    said: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    optuna.logging.set_verbosity(optuna.logging.INFO)
    heard = Heard()
    logging.getLogger("optuna").addHandler(heard)
    try:
        study = optuna.create_study(sampler=SearchSampler("tpe", seed=0))
        study.optimize(objective, n_trials=8)
    finally:
        logging.getLogger("optuna").removeHandler(heard)
    assert [line.split()[0] for line in said] == ["A"] + ["Trial"] * 8


def test_importing_it_loads_neither_torch_nor_a_model() -> None:
    code = "import sys, agent.search.optuna; print({'torch', 'litellm', 'scipy', 'transformers'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
