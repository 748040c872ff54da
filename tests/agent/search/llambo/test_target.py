"""The value candidates are asked for: on the right side of the best, taken anew each time, and one that can be."""

from __future__ import annotations

import math

import pytest

from agent.search.llambo.target import spread, target
from agent.search.metric_bounds import bounds
from agent.study.nouns import Draft, Source
from tests.agent.search import growing
from trainers.contract import Objective


def seen(values, metric="loss", direction="minimize"):
    """A history whose trials came to `values`."""
    history = growing.fresh(growing.mixed())
    history = type(history)(**{**vars(history), "objective": Objective(metric, direction)})
    for i, value in enumerate(values):
        history = growing.ran(history, Draft(source=Source.LLAMBO, params={"k": i}), value)
    return history


def test_it_lies_alpha_ranges_beyond_the_best_whichever_way_is_better() -> None:
    assert math.isclose(target(seen([0.3, 0.5, 0.4], "x"), 0.1), 0.28)
    assert math.isclose(target(seen([0.3, 0.5, 0.4], "x", "maximize"), 0.1), 0.52)
    assert math.isclose(target(seen([0.3, 0.5, 0.4], "x"), -0.2), 0.34)  # conservative: within what was seen
    assert target(seen([0.3, 0.5, 0.4], "x"), 0.0) == 0.3


def test_it_follows_the_trials() -> None:
    history = seen([0.9, 0.7], "x")
    before = target(history, 0.1)
    after = target(growing.ran(history, Draft(source=Source.LLAMBO, params={"k": 9}), 0.4), 0.1)
    assert after < 0.4 < before


@pytest.mark.parametrize(
    ("metric", "direction", "values", "end"),
    [
        ("val_loss", "minimize", [0.001, 0.9, 0.5], 0.0),
        ("accuracy", "maximize", [0.999, 0.2, 0.6], 1.0),
        ("error", "minimize", [0.001, 0.9, 0.5], 0.0),
    ],
)
def test_near_a_perfect_score_it_stays_possible(metric, direction, values, end) -> None:
    history = seen(values, metric, direction)
    aim = target(history, 0.5)
    assert min(values[0], end) < aim < max(values[0], end)


def test_a_perfect_score_asks_for_itself() -> None:
    assert target(seen([0.0, 0.5], "val_loss"), 0.2) == 0.0
    assert target(seen([1.0, 0.5], "accuracy", "maximize"), 0.2) == 1.0
    assert target(seen([0.0, 0.0], "val_loss"), 0.2) == 0.0


def test_a_name_promises_nothing_that_the_trials_contradict() -> None:
    assert bounds(seen([-0.5, 0.2], "loss")) == (-math.inf, math.inf)
    assert bounds(seen([55.0, 71.0], "accuracy", "maximize")) == (0.0, math.inf)
    assert target(seen([71.0, 55.0], "accuracy", "maximize"), 0.1) > 71
    assert bounds(seen([1.0], "reward", "maximize")) == (-math.inf, math.inf)


def test_one_trial_that_blew_up_does_not_carry_it_away() -> None:
    assert target(seen([0.3, 0.4, 0.5, 1e9], "x"), 0.1) > 0.2


def test_trials_that_came_to_the_same_still_give_a_range() -> None:
    assert spread(seen([0.5, 0.5], "x")) > 0 and target(seen([0.5, 0.5], "x"), 0.1) < 0.5
    assert spread(seen([0.0, 0.0], "x")) > 0
