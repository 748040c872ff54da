"""Spaces become Optuna distributions and come back the same; configs become trials that Optuna accepts."""

from __future__ import annotations

import random
import subprocess
import sys
import warnings

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from trainers.distributions import from_distributions, optuna_trial, to_distributions
from trainers.errors import SpaceError
from trainers.expressions import Expression
from trainers.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1e-1, log=True),
        FloatParameter(name="wd", low=0.0, high=0.3),
        FloatParameter(name="dropout", low=0.1, high=0.7, step=0.05),
        IntParameter(name="width", low=16, high=512, log=True),
        IntParameter(name="layers", low=2, high=10, step=2),
        CategoricalParameter(name="optimizer", choices=("adam", "sgd", None, 3, True)),
    ]
)


def test_every_kind_has_its_distribution():
    assert to_distributions(SPACE) == {
        "lr": FloatDistribution(1e-5, 1e-1, log=True),
        "wd": FloatDistribution(0.0, 0.3),
        "dropout": FloatDistribution(0.1, 0.7, step=0.05),
        "width": IntDistribution(16, 512, log=True),
        "layers": IntDistribution(2, 10, step=2),
        "optimizer": CategoricalDistribution(("adam", "sgd", None, 3, True)),
    }


def test_there_and_back_is_the_same_space():
    assert from_distributions(to_distributions(SPACE)) == SPACE


def test_a_high_that_no_step_reaches_becomes_the_last_value():
    space = SearchSpace(
        [FloatParameter(name="x", low=0.0, high=1.0, step=0.3), IntParameter(name="k", low=1, high=8, step=3)]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = to_distributions(space)
    assert found == {"x": FloatDistribution(0.0, 0.9, step=0.3), "k": IntDistribution(1, 7, step=3)}


@pytest.mark.parametrize(
    "parameter",
    [
        *SPACE.parameters.values(),
        FloatParameter(name="thirds", low=1 / 3, high=2 / 3),
        FloatParameter(name="tenths", low=0.1, high=1e4, step=0.1),
        FloatParameter(name="fine", low=-1.0, high=1.0, step=1e-6),
        FloatParameter(name="sevenths", low=0.0, high=0.1, step=0.1 / 7.5),
        FloatParameter(name="huge", low=1e-300, high=1e300, log=True),
        FloatParameter(name="one", low=0.1, high=0.1),
        IntParameter(name="large", low=-(2**40), high=2**40),
    ],
    ids=lambda parameter: parameter.name,
)
def test_optuna_accepts_every_value_and_gives_it_back(parameter):
    space, rng = SearchSpace([parameter]), random.Random(0)
    bounds = [parameter.low, parameter.high] if hasattr(parameter, "low") else []
    ends = [{parameter.name: parameter.snap(bound)} for bound in bounds]
    for config in (*ends, *(space.sample(rng) for _ in range(200))):
        params, distributions = optuna_trial(space, config)
        trial = optuna.trial.create_trial(params=params, distributions=distributions, value=0.0)
        assert space.canonical(trial.params) == config


def test_a_step_that_is_no_decimal_becomes_a_continuous_range_with_the_same_ends():
    space = SearchSpace([FloatParameter(name="x", low=0.0, high=1.0, step=1 / 3)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert to_distributions(space) == {"x": FloatDistribution(0.0, 1.0)}


def test_what_optuna_suggests_fits_the_space():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(100):
        assert SPACE.allows(SPACE.snap(study.ask(to_distributions(SPACE)).params))


def test_a_config_brings_the_distributions_of_its_active_parameters_only():
    space = SearchSpace(
        [
            CategoricalParameter(name="optimizer", choices=("adam", "sgd")),
            FloatParameter(name="momentum", low=0.0, high=0.9, when=Expression("optimizer == 'sgd'")),
        ]
    )
    assert list(to_distributions(space)) == ["optimizer", "momentum"]
    assert list(optuna_trial(space, {"optimizer": "adam"})[1]) == ["optimizer"]
    params, distributions = optuna_trial(space, {"optimizer": "sgd", "momentum": 0.5})
    assert params == {"optimizer": "sgd", "momentum": 0.5}
    assert list(distributions) == ["optimizer", "momentum"]


def test_a_config_that_does_not_fit_is_refused_by_name():
    with pytest.raises(SpaceError, match="layers = 3"):
        optuna_trial(SPACE, {**SPACE.default(), "layers": 3})


def test_a_distribution_of_another_kind_is_refused_by_name():
    with pytest.raises(SpaceError, match=r"space\.x: str is not a distribution"):
        from_distributions({"x": "uniform"})


def test_optuna_is_imported_only_when_it_is_needed():
    code = "import sys, trainers.distributions; sys.exit('optuna' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
