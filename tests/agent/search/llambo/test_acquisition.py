"""What a prediction promises, against the integrals it stands for."""

from __future__ import annotations

import math
import random

import pytest

from agent.search.llambo.acquisition import confidence_bound, expected_improvement, news, predictions
from tests.agent.search import growing


@pytest.mark.parametrize(("mean", "deviation", "best"), [(0.4, 0.1, 0.3), (0.2, 0.05, 0.3), (0.3, 0.2, 0.3)])
def test_expected_improvement_is_the_mean_of_what_is_gained(mean: float, deviation: float, best: float) -> None:
    rng = random.Random(0)
    draws = [max(best - rng.gauss(mean, deviation), 0.0) for _ in range(200_000)]
    assert math.isclose(expected_improvement(mean, deviation, best), sum(draws) / len(draws), rel_tol=0.03)


def test_without_doubt_it_is_the_gain_itself() -> None:
    assert expected_improvement(0.2, 0.0, 0.3) == pytest.approx(0.1)
    assert expected_improvement(0.4, 0.0, 0.3) == 0.0


def test_kappa_decides_between_safe_and_bold() -> None:
    safe, bold = (0.30, 0.01), (0.35, 0.10)
    assert confidence_bound(*safe, kappa=0.0) > confidence_bound(*bold, kappa=0.0)
    assert confidence_bound(*safe, kappa=2.0) < confidence_bound(*bold, kappa=2.0)


def test_predictions_are_mean_and_deviation_of_what_was_answered() -> None:
    several, one, none = predictions([[0.1, 0.2, 0.3], [0.5], []])
    assert several is not None and (several.mean, several.answers) == (pytest.approx(0.2), 3)
    assert several.deviation == pytest.approx(0.1)
    assert one is not None and one.deviation == pytest.approx(0.1)  # as the others have it
    assert none is None  # and not the others' mean


def test_answers_that_agree_are_not_taken_for_certain() -> None:
    [found] = predictions([[0.2, 0.2, 0.2]])
    assert found is not None and found.deviation == pytest.approx(0.01)


def test_what_is_under_way_already_will_tell_the_same() -> None:
    space, rng = growing.mixed(), random.Random(0)
    config, other = space.sample(rng), space.sample(rng)
    assert news(space, config, [config]) == 0.0
    assert news(space, config, []) == 1.0
    assert 0.5 < news(space, config, [other]) <= 1.0
