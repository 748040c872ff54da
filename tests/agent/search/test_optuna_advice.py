"""What an Optuna study is given from outside: configs that did well elsewhere, and a model's advice."""

from __future__ import annotations

import logging
import random
from typing import Any

import optuna
import pytest
from optuna.trial import Trial

from agent.lessons.library import where
from agent.search.optuna import GuidedSampler
from agent.study.nouns import Source
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from tests.agent.search.llm.advising import Advisor
from trainers.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="learning_rate", low=1e-5, high=1.0, log=True),
        FloatParameter(name="weight_decay", low=1e-6, high=0.1, log=True),
        IntParameter(name="n_layers", low=1, high=4),
        CategoricalParameter(name="batch_size", choices=(32, 64, 128)),
    ]
)

pytestmark = pytest.mark.usefixtures("quiet_optuna")


def objective(trial: Trial) -> float:
    rate = trial.suggest_float("learning_rate", 1e-5, 1.0, log=True)
    decay = trial.suggest_float("weight_decay", 1e-6, 0.1, log=True)
    layers = trial.suggest_int("n_layers", 1, 4)
    return abs(rate - 0.001) + decay + layers + trial.suggest_categorical("batch_size", [32, 64, 128]) / 1000


def sources(study: optuna.Study) -> list[Any]:
    return [trial.user_attrs.get("tunewright:source") for trial in study.trials]


def test_what_did_well_elsewhere_is_tried_after_the_default() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(objective, n_trials=3)
    assert sources(study) == [Source.DEFAULT, Source.PORTFOLIO, Source.PORTFOLIO]
    assert not where().exists()  # a sampler in somebody's script makes no files


def test_it_is_kept_with_the_study() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(objective, n_trials=2)
    (key,) = (name for name in study._storage.get_study_system_attrs(0) if name.startswith("tunewright:portfolio"))
    mine = {"learning_rate": 0.5, "weight_decay": 0.05, "n_layers": 1, "batch_size": 128}
    study._storage.set_study_system_attr(0, key, [{"params": mine, "origin": "as it was settled"}])
    study.sampler = GuidedSampler(seed=0)
    study.optimize(objective, n_trials=1)
    assert study.trials[-1].params == mine


def test_it_can_be_left_out() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0, portfolio=False))
    study.optimize(objective, n_trials=3)
    assert sources(study) == [Source.DEFAULT, Source.RANDOM, Source.RANDOM]


def test_a_model_advises_guided_in_its_share_of_the_turns() -> None:
    with Endpoint(Advisor(SPACE, rng=random.Random(1))) as endpoint:
        sampler = GuidedSampler(seed=0, model=endpoint.url, about="a toy", portfolio=False)
        study = optuna.create_study(sampler=sampler)
        study.optimize(objective, n_trials=14)
        sampler.close()
        assert 1 <= sources(study).count(Source.LLM) <= 6
        assert "a toy" in endpoint.requests[0].prompt
    assert {Source.DEFAULT, Source.GP} < set(sources(study))


def test_a_model_that_is_of_no_use_costs_no_trial() -> None:
    said: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    heard = Heard()
    logging.getLogger("optuna.tunewright").addHandler(heard)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with Endpoint([steps.say("I would rather not.")]) as endpoint:
        sampler = GuidedSampler(seed=0, model=endpoint.url, portfolio=False)
        study = optuna.create_study(sampler=sampler)
        study.optimize(objective, n_trials=8)
        sampler.close()
    logging.getLogger("optuna.tunewright").removeHandler(heard)
    assert Source.LLM not in sources(study) and len(study.trials) == 8
    assert said and "is proposed without http" in said[0]
