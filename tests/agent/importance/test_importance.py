"""Which parameters matter: found where they do, silent where only noise speaks."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.importance import ENOUGH, effects, importances
from agent.study.nouns import Source, Trial, TrialState
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import Config, SearchSpace

ROOT = Path(__file__).resolve().parents[3]
SPACE = SearchSpace.from_dict(
    {
        "parameters": {
            "lr": {"type": "float", "low": 1e-5, "high": 1e-1, "log": True},
            "wd": {"type": "float", "low": 0.0, "high": 0.3},
            "batch_size": {"type": "categorical", "choices": [32, 64, 128]},
            "layers": {"type": "int", "low": 1, "high": 6},
            "opt": {"type": "categorical", "choices": ["adam", "sgd"]},
            "momentum": {"type": "float", "low": 0.0, "high": 0.99, "when": "opt == 'sgd'"},
            "fixed": {"type": "int", "low": 3, "high": 3},
        }
    }
)
LOSS, ACCURACY = Objective("val_loss"), Objective("accuracy", "maximize")
Function = Callable[[Config, random.Random], float]


def ended(number: int, params: Config, value: float | None, state: TrialState = TrialState.COMPLETED) -> Trial:
    failure = Failure(kind=FailureKind.NON_FINITE) if state is TrialState.FAILED else None
    return Trial(
        id=number + 1, study_id=1, number=number, proposal_id=number + 1, source=Source.RANDOM, params=params, seed=0,
        state=state, value=value, failure=failure,
    )  # fmt: skip


def tried(function: Function, count: int, seed: int = 0, space: SearchSpace = SPACE) -> list[Trial]:
    rng = random.Random(seed)
    configs = [space.sample(rng) for _ in range(count)]
    return [ended(n, config, function(config, rng)) for n, config in enumerate(configs)]


def learning_rate(config: Config, rng: random.Random) -> float:
    """Best at 1e-3; nothing else matters."""
    return (math.log10(config["lr"]) + 3) ** 2 + rng.gauss(0, 0.2)


def noise(_: Config, rng: random.Random) -> float:
    return rng.gauss(0, 1)


# -- shares ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [20, 100, 1_000])
def test_what_matters_has_the_largest_share_and_shares_are_together_1(count):
    shares = importances(tried(learning_rate, count), SPACE, LOSS)
    assert next(iter(shares)) == "lr"
    assert shares["lr"] > 0.5
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert sum(shares.values()) == pytest.approx(1)
    assert set(shares) == set(SPACE.parameters)
    assert shares["fixed"] == 0


def test_a_choice_can_matter_most():
    trials = tried(lambda c, rng: (c["batch_size"] == 64) + rng.gauss(0, 0.1), 40)
    assert importances(trials, SPACE, LOSS)["batch_size"] > 0.6


def test_a_conditional_parameter_counts_where_it_applies():
    def momentum(config: Config, rng: random.Random) -> float:
        return abs(config["momentum"] - 0.5) * 10 if "momentum" in config else rng.uniform(2, 3)

    assert next(iter(importances(tried(momentum, 60), SPACE, LOSS))) == "momentum"


def test_one_exploded_loss_does_not_take_all_of_the_spread():
    trials = tried(learning_rate, 40)
    worst = max(range(40), key=lambda i: trials[i].params["wd"])
    trials[worst] = ended(worst, trials[worst].params, 1e12)
    assert next(iter(importances(trials, SPACE, LOSS))) == "lr"


def test_too_few_trials_give_nothing():
    trials = tried(learning_rate, ENOUGH)
    assert importances(trials, SPACE, LOSS)
    assert importances(trials[:-1], SPACE, LOSS) == {}
    assert effects(trials[:-1], SPACE, LOSS) == []


def test_failures_and_whatever_has_no_value_are_left_out():
    trials = tried(learning_rate, 30)
    failed = [ended(30 + i, t.params, None, TrialState.FAILED) for i, t in enumerate(trials)]
    odd = [ended(60, trials[0].params, math.nan), ended(61, trials[0].params, None, TrialState.RUNNING)]
    assert importances([*trials, *failed, *odd], SPACE, LOSS) == importances(trials, SPACE, LOSS)
    assert importances(failed, SPACE, LOSS) == {}


def test_values_that_are_all_the_same_have_no_cause():
    assert importances(tried(lambda *_: 0.9667, 30), SPACE, LOSS) == {}
    assert effects(tried(lambda *_: 0.9667, 30), SPACE, LOSS) == []


def test_trials_from_before_an_edit_of_the_space_are_left_out():
    narrow = SearchSpace.from_dict({"parameters": {"lr": {"type": "float", "low": 1e-3, "high": 1e-1, "log": True}}})
    trials = [ended(n, {"lr": 10 ** (-5 + 4 * n / 39)}, float(n)) for n in range(40)]
    shares = importances(trials, narrow, LOSS)
    assert shares == {"lr": 1.0}
    [effect] = effects(trials, narrow, LOSS)
    assert all(trials[n].params["lr"] >= 1e-3 for n in effect.trials)


def test_a_space_in_which_nothing_varies():
    space = SearchSpace.from_dict({"parameters": {"n": {"type": "int", "low": 3, "high": 3}}})
    trials = [ended(n, {"n": 3}, float(n % 5)) for n in range(20)]
    assert importances(trials, space, LOSS) == {}
    assert effects(trials, space, LOSS) == []


def test_the_same_trials_give_the_same_answer():
    trials = tried(learning_rate, 50)
    assert importances(trials, SPACE, LOSS) == importances(list(reversed(trials)), SPACE, LOSS)
    assert effects(trials, SPACE, LOSS) == effects(trials, SPACE, LOSS)


# -- effects -----------------------------------------------------------------------------


def test_the_good_values_of_a_number_are_found():
    trials = tried(learning_rate, 60)
    found = effects(trials, SPACE, LOSS)
    lr = found[0]
    assert (lr.parameter, lr.matters) == ("lr", True)
    assert 1e-4 < lr.low < 1e-3 < lr.high < 1e-2
    assert lr.text.startswith("lr: the best values lie between ")
    assert "median val_loss" in lr.text
    assert lr.inside < lr.outside
    assert all(lr.low <= trials[n].params["lr"] <= lr.high for n in lr.trials)
    assert min(trials, key=lambda t: t.value).number == lr.trials[0]
    assert [e.parameter for e in found if e.matters] == ["lr"]


def test_the_direction_of_the_objective_is_heeded():
    up = [ended(t.number, t.params, -t.value) for t in tried(learning_rate, 60)]
    found = effects(up, SPACE, ACCURACY)[0]
    assert (found.parameter, found.inside > found.outside) == ("lr", True)
    assert found.low < 1e-3 < found.high


def test_good_values_at_an_end_are_called_so():
    trials = tried(lambda c, rng: c["wd"] * 10 + rng.gauss(0, 0.2), 40)
    found = effects(trials, SPACE, LOSS)[0]
    assert found.text.startswith("wd: the best values lie up to 0.")
    trials = tried(lambda c, rng: -c["layers"] + rng.gauss(0, 0.2), 40)
    found = effects(trials, SPACE, LOSS)[0]
    assert found.text.startswith("layers: the best values lie at 6 ")
    assert (found.low, found.high) == (6, 6)


def test_the_best_and_the_worst_choice():
    best = effects(tried(lambda c, rng: (c["batch_size"] != 64) + rng.gauss(0, 0.1), 40), SPACE, LOSS)[0]
    assert (best.choice, best.worst) == (64, False)
    assert best.text.startswith("batch_size: 64 did best (median val_loss ")
    worst = effects(tried(lambda c, rng: (c["batch_size"] == 64) + rng.gauss(0, 0.1), 60), SPACE, LOSS)[0]
    assert (worst.choice, worst.worst) == (64, True)
    assert worst.inside > worst.outside


def test_what_was_varied_widely_without_effect_is_said_to_be_flat():
    flat = {e.parameter: e for e in effects(tried(learning_rate, 60), SPACE, LOSS) if not e.matters}
    assert "wd" in flat
    assert flat["wd"].text.startswith("wd made no measurable difference between ")


def test_a_second_parameter_is_seen_behind_a_stronger_one():
    def both(config: Config, rng: random.Random) -> float:
        return learning_rate(config, rng) + 0.6 * abs(config["layers"] - 3)

    found = [e.parameter for e in effects(tried(both, 100), SPACE, LOSS) if e.matters]
    assert found[:2] == ["lr", "layers"]


def test_from_noise_nothing_is_claimed():
    """At a level of .03 a study, 40 studies of noise may hold some claims; more than 4 would be chance once in 500."""
    claims = [effects(tried(noise, count, seed), SPACE, LOSS) for seed in range(20) for count in (12, 40)]
    assert sum(bool(found) for found in claims) <= 4


def test_an_optimiser_that_closes_in_does_not_make_a_bystander_matter():
    """TPE moves every parameter as it converges; only lr does anything."""
    import optuna

    claimed = []
    for seed in range(10, 18):
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True))
        rng = random.Random(seed)

        def objective(trial: optuna.Trial, rng: random.Random = rng) -> float:
            lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
            trial.suggest_float("wd", 0.0, 0.3)
            trial.suggest_int("layers", 1, 6)
            return learning_rate({"lr": lr}, rng)

        study.optimize(objective, n_trials=60)
        space = SearchSpace(SPACE.parameters[name] for name in ("lr", "wd", "layers"))
        trials = [ended(t.number, t.params, t.value) for t in study.trials]
        claimed += [e.parameter for e in effects(trials, space, LOSS) if e.matters]
    assert claimed.count("lr") == 8
    assert len(claimed) <= 9


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys, agent.importance; print(*(m for m in ('numpy', 'optuna', 'sklearn', 'scipy') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
