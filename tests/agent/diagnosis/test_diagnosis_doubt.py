"""What looks like a fault and is none is left alone, and said; what is one is still found."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from agent.diagnosis.judge import diagnose
from agent.diagnosis.record import Peer
from agent.study.nouns import TrialState
from tests.agent.diagnosis.builders import PARAMS, record
from trainers.contract import Limits, Objective
from trainers.space import SearchSpace

RNG = np.random.default_rng(1)
TIME = np.linspace(0, 1, 40)
FALLING = 0.3 + 2 * np.exp(-TIME / 0.15)
RISING = 1 + 4 * TIME


def made(curves: dict[str, Any], **more: Any) -> Any:
    return record({name: list(map(float, values)) for name, values in curves.items()}, **more)


def space(**parameters: tuple[float, float]) -> SearchSpace:
    found = {name: {"type": "float", "low": low, "high": high} for name, (low, high) in parameters.items()}
    return SearchSpace.from_dict({"parameters": found})


def test_a_training_loss_may_rise_while_the_objective_improves() -> None:
    """A KL weight that is warmed up, a harder curriculum."""
    assert diagnose(made({"train_loss": RISING, "val_loss": FALLING})).healthy
    assert diagnose(made({"train_loss": RISING, "val_loss": RISING})).verdict == "diverged"


@pytest.mark.parametrize("name", ["g_loss", "value_loss", "kl_loss", "train/critic_loss"])
def test_one_term_of_a_loss_may_rise(name: str) -> None:
    curves = {name: RISING, "episode_reward": 50 + RNG.normal(0, 1, 40)}
    assert diagnose(made(curves, objective=Objective("episode_reward", "maximize"))).healthy


def test_nan_where_nothing_was_measured_is_no_fault() -> None:
    sparse = np.full(40, math.nan)
    sparse[4::5] = FALLING[4::5]
    assert diagnose(made({"train_loss": FALLING, "val_loss": sparse})).healthy
    sparse[20:] = math.nan
    assert diagnose(made({"train_loss": FALLING, "val_loss": sparse})).verdict == "non_finite_loss"


def test_the_end_of_a_modest_range_holds_nothing_back() -> None:
    hard = 0.69 - 0.06 * (1 - np.exp(-TIME / 0.2))
    curves = {"train_loss": hard, "val_loss": hard + 0.01}
    modest = {"params": {"dropout": 0.5}, "space": space(dropout=(0.0, 0.5))}
    extreme = {"params": {"dropout": 0.95}, "space": space(dropout=(0.0, 0.95))}
    assert diagnose(made(curves, **modest)).healthy
    assert diagnose(made(curves, **extreme)).verdict == "underfitting"


def test_a_bend_is_no_sign_of_a_low_rate() -> None:
    params = PARAMS | {"lr": 2e-6}
    bent = 3 - 0.5 * (1 - np.exp(-TIME / 0.2))
    straight = 3 - 0.1 * TIME
    assert diagnose(made({"train_loss": bent, "val_loss": bent}, params=params)).healthy
    assert diagnose(made({"train_loss": straight, "val_loss": straight}, params=params)).verdict == "lr_too_low"


def test_averaged_trees_may_know_their_training_data_by_heart() -> None:
    scores = {"train_accuracy": [1.0], "val_accuracy": [0.68]}
    goal = Objective("val_accuracy", "maximize")
    trees = {"params": {"n_estimators": 100.0}, "space": space(n_estimators=(50.0, 500.0))}
    kernel = {"params": {"gamma": 9.0}, "space": space(gamma=(0.0, 10.0))}
    assert diagnose(made(scores, objective=goal, **trees)).healthy
    assert diagnose(made(scores, objective=goal, **kernel)).verdict == "overfitting"


def test_a_handful_of_validation_samples_proves_no_gap() -> None:
    few = 1 - RNG.binomial(12, 0.3, 20) / 12
    many = 1 - RNG.binomial(3000, 0.32, 20) / 3000
    train = np.linspace(0.9, 1.0, 20)
    goal = Objective("val_acc", "maximize")
    assert diagnose(made({"train_acc": train, "val_acc": few}, objective=goal)).healthy
    found = diagnose(made({"train_acc": train, "val_acc": many}, objective=goal))
    assert found.verdict == "overfitting"


def test_epochs_and_batches_count_differently() -> None:
    """Training had ended its descent when validation turned, though its 20th value was still high."""
    train = np.concatenate([np.linspace(2, 0.5, 100), np.full(300, 0.5)])
    valid = np.concatenate([np.linspace(2, 0.7, 20), np.linspace(0.7, 0.95, 20)])
    assert diagnose(made({"train_loss": train, "val_loss": valid})).healthy
    train = np.linspace(2, 0.1, 400)
    assert diagnose(made({"train_loss": train, "val_loss": valid})).verdict == "overfitting"


def test_a_time_limit_may_be_the_plan() -> None:
    fields = {"cut_short": True, "wall_seconds": 60.0, "limits": Limits(seconds=60.0)}
    falling = {"val_loss": 2 - 0.8 * TIME, "train_loss": 2 - 0.8 * TIME}
    assert diagnose(made(falling, **fields)).healthy
    planned = {"params": {"epochs": 500.0}, "space": space(epochs=(1.0, 1000.0))}
    assert diagnose(made(falling, **fields, **planned)).verdict == "too_slow"


def test_a_longer_training_is_not_slow() -> None:
    def peers(steps: int) -> list[Peer]:
        return [
            Peer(number=i, params=PARAMS, state=TrialState.COMPLETED, value=0.1 * i, seconds=10.0, steps=steps)
            for i in range(1, 5)
        ]

    trial = made({"val_loss": FALLING}, value=0.35, wall_seconds=70.0)
    assert diagnose(trial, peers(steps=5)).healthy, "each step took no longer"
    assert diagnose(trial, peers(steps=39)).verdict == "too_slow"


def test_doubt_is_said() -> None:
    still = diagnose(made({"val_loss": np.full(20, 0.311) + RNG.normal(0, 1e-4, 20)}))
    assert still.healthy
    assert "hardly moved" in still.explanation
    ahead = {"train_acc": np.linspace(0.7, 0.95, 20), "val_acc": np.linspace(0.6, 0.72, 20)}
    apart = diagnose(made(ahead, objective=Objective("val_acc", "maximize")))
    assert apart.healthy
    assert "more regularisation may gain something" in apart.explanation


def test_a_score_that_stays_at_zero_is_no_health() -> None:
    slow = {"train_loss": 0.7 - 0.1 * TIME, "val_dice": np.zeros(40)}
    found = diagnose(made(slow, objective=Objective("val_dice", "maximize")))
    assert found.verdict == "flat_from_start"
    learning = slow | {"val_accuracy": np.linspace(0.2, 0.6, 40)}
    assert diagnose(made(learning, objective=Objective("val_dice", "maximize"))).healthy
