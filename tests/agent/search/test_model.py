"""What the classical model says of values: never what the metric cannot take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.search.model import Surrogate
from tests.agent.search import growing
from tests.agent.search.growing import fresh, grow
from trainers.contract import Objective
from trainers.space import Config


@pytest.mark.parametrize(
    ("metric", "direction", "value", "least", "most"),
    [
        ("val_accuracy", "maximize", lambda c: 1 - c / 1e4, 0.0, 1.0),
        ("test_error", "minimize", lambda c: c / 1e4, 0.0, 1.0),
        ("mse", "minimize", lambda c: c / 1e4, 0.0, float("inf")),
        ("reward", "maximize", lambda c: -c / 1e4, -float("inf"), float("inf")),
    ],
)
def test_intervals_end_where_the_metric_does(metric, direction, value, least, most):
    def loss(config: Config) -> float:
        return float(value(growing.mixed_loss(config)))

    history, _ = grow(fresh(growing.mixed(), direction=direction), loss, "random", 12)
    surrogate = Surrogate(replace(history, objective=Objective(metric, direction)))
    rng = history.rng("here")
    intervals = [surrogate.interval(history.space.sample(rng)) for _ in range(60)]
    assert all(least <= low <= high <= most for low, high in intervals)
    crossed = [ends for ends in intervals if ends[0] == least or ends[1] == most]
    assert bool(crossed) == (metric != "reward")  # without the bound, some would have gone past it
