"""What a newcomer to our samplers gets wrong is told at once, and what a trial says of itself is true of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import Trial

from agent.search.optuna import GuidedSampler, LLMSampler, SamplerError, SearchSampler
from agent.search.optuna.telling import trimmed
from agent.study.nouns import Source
from tests.agent.search.test_optuna import mixed
from trainers.errors import TunewrightError


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(verbosity)


def test_a_default_out_of_range_is_refused_before_anything_runs() -> None:
    with pytest.raises(SamplerError, match=r"parameter 'x': 3 is not a value it can take"):
        GuidedSampler(space={"x": FloatDistribution(0, 1)}, defaults={"x": 3})
    study = optuna.create_study(sampler=GuidedSampler(defaults={"lr": 100}))
    with pytest.raises(SamplerError, match=r"parameter 'lr': 100 is not a value it can take"):
        study.optimize(mixed, n_trials=3)
    assert len(study.trials) == 1


@pytest.mark.parametrize("space", [None, {"lr": FloatDistribution(0, 1)}])
def test_a_default_of_no_parameter_is_told_once(space: Any, caplog: pytest.LogCaptureFixture) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.logging.enable_propagation()
    study = optuna.create_study(sampler=GuidedSampler(space=space, defaults={"llr": 0.1}))
    study.optimize(lambda t: t.suggest_float("lr", 0, 1), n_trials=3)
    optuna.logging.disable_propagation()
    [told] = {r.getMessage(): r for r in caplog.records if "llr" in r.getMessage()}
    assert told.endswith("no parameter 'llr'. Did you mean 'lr'?")


def test_a_space_without_distributions_is_refused_naming_the_entry() -> None:
    with pytest.raises(SamplerError, match=r"parameter 'lr': \(0, 1\) is no distribution.*FloatDistribution"):
        GuidedSampler(space={"lr": (0, 1)})  # type: ignore[dict-item]


@pytest.mark.parametrize("arguments", [(), ("",)])
def test_a_model_that_is_not_named_is_asked_for(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SamplerError, match="Name it"):
        LLMSampler(*arguments)


def test_a_search_that_is_like_none_brings_the_names_there_are() -> None:
    with pytest.raises(TunewrightError, match=r"Known: guided, default, random, tpe, gp, cmaes\."):
        SearchSampler("bayes")


def test_each_of_two_first_trials_at_once_says_where_it_is_from() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    for trial in (study.ask(), study.ask()):
        mixed(trial)
    assert [t.user_attrs["tunewright:source"] for t in study.trials] == [Source.DEFAULT, Source.RANDOM]
    assert study.trials[0].params != study.trials[1].params


def test_a_rationale_speaks_of_what_its_trial_has() -> None:
    def objective(trial: Trial) -> float:
        if trial.suggest_categorical("model", ["svm", "mlp"]) == "svm":
            return abs(math.log10(trial.suggest_float("C", 1e-3, 1e3, log=True)) - 1)
        return sum(abs(trial.suggest_int(f"units_{i}", 8, 256) - 40) for i in range(trial.suggest_int("layers", 1, 3)))

    spoken = 0
    for seed in range(3):
        study = optuna.create_study(sampler=GuidedSampler(seed=seed))
        study.optimize(objective, n_trials=14)
        for trial in study.trials[1:]:
            said = trial.user_attrs.get("tunewright:rationale", "")
            for name in {"C", "layers", "units_0", "units_1", "units_2"} - trial.params.keys():
                assert not re.search(rf"\b{name} (?:\S+ → (?!unset)|= |lies)", said)
            spoken += "→" in said
    assert spoken


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Near t3: a 1 → 2, b unset → 8.", "Near t3: a 1 → 2."),
        ("Near t3: b unset → 8.5, a 1 → 2.5.", "Near t3: a 1 → 2.5."),
        ("Near t3: b 4 → 2.8e-05, a 1 → 2.", "Near t3: b 4 → unset, a 1 → 2."),
        ("Near t3: a 1 → 2, b unset → 8 and 1 smaller change.", "Near t3: a 1 → 2 and 1 smaller change."),
        (
            "TPE. b = 9 is higher than in any trial so far. a = 1 was tried only once.",
            "TPE. a = 1 was tried only once.",
        ),
        ("TPE. b lies between those of t1 and t2, the two best.", "TPE."),
    ],
)
def test_what_a_trial_lacks_is_taken_out_of_the_reason(said: str, told: str) -> None:
    assert trimmed(said, ["b"]) == told
