"""The numbers taken from a curve mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from agent.diagnosis.curves import Curve, climb, jump_to, noise, point_of_no_return, shape, slowdown, smooth, trend

RNG = np.random.default_rng(0)


def test_noise_is_the_standard_deviation_around_a_trend() -> None:
    t = np.linspace(0, 5, 2000)
    assert noise(3 * t + RNG.normal(0, 0.2, 2000)) == pytest.approx(0.2, rel=0.1)
    assert noise(3 * t) < 1e-9


def test_noise_is_not_moved_by_a_few_jumps() -> None:
    values = RNG.normal(0, 0.1, 1000)
    values[::100] += 50
    assert noise(values) == pytest.approx(0.1, rel=0.15)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (np.linspace(5, 1, 300) + RNG.normal(0, 0.5, 300), -1.0, -0.7),
        (RNG.normal(0, 1, 300), -0.5, 0.5),
        (np.zeros(50), 0.0, 0.0),
        (np.arange(9.0), 1.0, 1.0),
    ],
)
def test_trend_runs_from_minus_one_to_one(values: np.ndarray, low: float, high: float) -> None:
    assert low <= trend(values) <= high


def test_still_falling_is_a_quarter_for_a_straight_line_and_nothing_once_converged() -> None:
    assert shape(np.linspace(10, 0, 400)).still_falling == pytest.approx(0.25, abs=0.04)
    assert abs(shape(np.exp(-np.linspace(0, 20, 400))).still_falling) < 0.01


def test_settled_is_where_the_gain_was_made() -> None:
    values = np.concatenate([np.linspace(1, 0, 20), np.zeros(80)])
    assert shape(values).settled == pytest.approx(0.2, abs=0.04)


def test_smoothing_removes_a_spike_and_keeps_the_length() -> None:
    values = np.ones(100)
    values[50] = 99
    assert smooth(values).max() == 1
    assert len(smooth(values)) == 100


def test_point_of_no_return() -> None:
    values = np.array([5, 1, 1, 9, 1, 9, 9, 9.0])
    assert point_of_no_return(values, 3) == 5
    assert point_of_no_return(values[:5], 3) is None
    assert jump_to(values, 5).size == 8


def test_a_score_that_moves_in_steps_has_noise() -> None:
    assert noise(np.array([0.1, 0.1, 0.15, 0.1, 0.1, 0.1, 0.15, 0.15, 0.1, 0.1, 0.1, 0.1])) > 0.005


def test_one_high_value_at_the_end_is_no_rise() -> None:
    falling = np.linspace(2, 1, 20)
    assert shape(np.append(falling, 1.9)).rise < 0.1
    assert shape(np.concatenate([falling, [1.9, 1.9, 1.9]])).rise == pytest.approx(0.9, abs=0.1)


def test_climb_is_measured_between_medians() -> None:
    lucky = np.concatenate([RNG.normal(1, 0.01, 40), [0.7], RNG.normal(1, 0.01, 40)])
    assert abs(climb(lucky, 40).size) < 0.02
    turned = np.concatenate([np.linspace(2, 1, 30), np.linspace(1, 1.5, 60)])
    up = climb(turned, 30)
    assert up.size == pytest.approx(0.4, abs=0.08)
    assert up.size > 20 * up.error
    assert up.trend > 0.9


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], None),
        ([1, NAN, NAN], 1),
        ([NAN, NAN], 0),
        ([1, NAN, 2, 3], None),
        ([NAN, 1, NAN, 1, NAN], None),  # measured every second step
        ([1, NAN, 1, NAN, 1, NAN, NAN, NAN, NAN], 5),  # it was, until it was lost
    ],
)
def test_from_where_a_curve_was_lost(values: list[float], expected: int | None) -> None:
    assert Curve.of("x", range(len(values)), values, range(len(values))).lost_from == expected


def test_slowdown_compares_thirds_and_ignores_bursts() -> None:
    steady = np.arange(30.0)
    assert slowdown(steady) == pytest.approx(1.0, rel=0.2)
    assert slowdown(np.cumsum(np.concatenate([np.full(20, 0.1), np.full(20, 1.0)]))) > 4
    assert slowdown(np.cumsum(np.concatenate([np.full(20, 1e-5), np.full(20, 1.0)]))) == 1.0
    slept = np.full(40, 0.1)
    slept[35] = 600.0
    assert slowdown(np.cumsum(slept)) == 1.0
