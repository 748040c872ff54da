"""Parameters: what is drawn fits, what fits stays, what does not is named."""

from __future__ import annotations

import json
import math
import random
from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, FloatParameter, IntParameter, parameter_from_dict, tidy

numbers = st.floats(-1e9, 1e9, allow_nan=False, allow_subnormal=False)
spans = st.just(0.0) | st.floats(1e-9, 1e9)


@st.composite
def floats(draw):
    low = draw(numbers)
    high = low + draw(spans)
    kind = draw(st.sampled_from(["linear", "log", "step"]))
    if kind == "log":
        low, high = abs(low) + 1e-9, abs(low) + 1e-9 + abs(high)
    step = None
    if kind == "step":
        step = draw(st.floats(1e-3, 10))
        assume(step <= high - low and max(abs(low), abs(high)) / step < 1e9)
    assume(high == low or high - low > 1e-6 * max(abs(low), abs(high)))  # else 12 digits tell no two values apart
    return FloatParameter(name="p", low=low, high=high, log=kind == "log", step=step)


@st.composite
def ints(draw):
    low = draw(st.integers(-(10**12), 10**12))
    high = low + draw(st.integers(0, 10**6))
    log = low > 0 and draw(st.booleans())
    step = None if log else draw(st.none() | st.integers(1, 1000))
    return IntParameter(name="p", low=low, high=high, log=log, step=step)


values = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text(max_size=3)


@st.composite
def categoricals(draw):
    choices = draw(st.lists(values, min_size=1, max_size=6))
    try:
        return CategoricalParameter(name="p", choices=tuple(choices))
    except SpaceError:
        assume(False)


parameters = floats() | ints() | categoricals()
seeds = st.integers(0, 2**32)


@given(parameters, seeds)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_what_is_drawn_fits_and_is_already_canonical(parameter, seed):
    value = parameter.sample(random.Random(seed))
    assert parameter.problem(value) is None
    assert parameter.snap(value) == value
    assert -1e-5 <= parameter.unit(value) <= 1 + 1e-5  # 12 digits may lie just outside


@given(floats() | ints(), st.floats(allow_nan=False) | st.integers())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_number_snaps_to_one_that_fits_and_snapping_again_changes_nothing(parameter, number):
    snapped = parameter.snap(number)
    assert parameter.problem(snapped) is None
    assert parameter.snap(snapped) == snapped
    assert type(snapped) is (int if isinstance(parameter, IntParameter) else float)


@given(parameters)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_middle_and_defaults_fit(parameter):
    assert parameter.problem(parameter.middle()) is None


@given(parameters)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_to_dict_survives_json(parameter):
    again = parameter_from_dict("p", json.loads(json.dumps(parameter.to_dict())))
    assert again == parameter


@given(parameters)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_grid_lists_each_value_once_and_as_many_as_counted(parameter):
    grid = parameter.grid()
    assert (grid is None) == (parameter.count() > 100_000)
    if grid is not None:
        assert len({(type(v), v) for v in grid}) == len(grid) == parameter.count()
        assert all(parameter.problem(v) is None and parameter.snap(v) == v for v in grid[:200])


@given(floats(), seeds)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_the_last_bits_of_a_float_are_noise(parameter, seed):
    assume(parameter.high > parameter.low)
    value = parameter.sample(random.Random(seed))
    noisy = math.nextafter(value, math.inf)
    assert parameter.problem(noisy) is None
    assert parameter.snap(noisy) == value


def test_a_huge_grid_is_never_listed():
    parameter = IntParameter(name="seed", low=0, high=2**31)
    assert parameter.count() == 2**31 + 1
    assert parameter.grid() is None


@pytest.mark.parametrize(
    "parameter",
    [
        FloatParameter(name="p", low=0, high=1, step=0.25),
        FloatParameter(name="p", low=0, high=1.1, step=0.25),
        IntParameter(name="p", low=0, high=4),
        IntParameter(name="p", low=0, high=11, step=4),
        CategoricalParameter(name="p", choices=("a", "b", "c")),
    ],
)
def test_each_value_of_a_grid_is_as_likely_as_the_others_the_ends_too(parameter):
    rng = random.Random(0)
    drawn = Counter(parameter.sample(rng) for _ in range(6000))
    assert drawn.keys() == set(parameter.grid())
    expected = 6000 / parameter.count()
    assert all(abs(n - expected) < 5 * math.sqrt(expected) for n in drawn.values())


def test_log_draws_are_even_over_the_decades():
    rng = random.Random(0)
    parameter = FloatParameter(name="lr", low=1e-5, high=1e-1, log=True)
    decades = Counter(math.floor(math.log10(parameter.sample(rng))) for _ in range(4000))
    assert all(abs(decades[d] - 1000) < 160 for d in (-5, -4, -3, -2))


def test_a_step_through_zero_gives_zero_itself():
    parameter = FloatParameter(name="shift", low=-0.3, high=0.3, step=0.1)
    assert parameter.grid() == (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)


def test_minus_zero_is_zero():
    assert math.copysign(1, FloatParameter(name="p", low=-1, high=1).snap(-0.0)) == 1
    assert math.copysign(1, tidy(-1e-320 * 0)) == 1


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"type": "float", "low": 1, "high": 0}, "low = 1 is greater than high = 0"),
        ({"type": "float", "low": 0, "high": 1, "log": True}, "log = true needs low above 0"),
        ({"type": "float", "low": 0.1, "high": 1, "log": True, "step": 0.1}, "exclude each other"),
        ({"type": "float", "low": 0, "high": 1, "step": 0}, "step = 0 must be above 0"),
        ({"type": "float", "low": 0, "high": 1, "step": math.inf}, "step = inf must be above 0"),
        ({"type": "float", "low": 0, "high": 1, "step": 1e-12}, "too fine"),
        ({"type": "float", "low": 0, "high": math.inf}, "must be finite"),
        ({"type": "float", "low": math.nan, "high": 1}, "must be finite"),
        ({"type": "float", "low": 0, "high": 10**400}, "must be finite"),
        ({"type": "float", "low": -1.5e308, "high": 1.5e308}, "wider than a float can hold"),
        ({"type": "float", "low": "0", "high": 1}, "must be finite numbers"),
        ({"type": "float", "low": True, "high": 1}, "must be finite numbers"),
        ({"type": "float", "low": 0, "high": 1, "default": 2}, "its default does not fit"),
        ({"type": "float", "low": 0, "high": 1, "log": 1}, "neither true nor false"),
        ({"type": "int", "low": 0, "high": math.inf}, "must be a whole number"),
        ({"type": "int", "low": 0, "high": math.nan}, "must be a whole number"),
        ({"type": "int", "low": 0, "high": 10**400}, "must be a whole number"),
        ({"type": "int", "low": 0, "high": 10**17}, "beyond 2"),
        ({"type": "int", "low": 0.5, "high": 3}, "must be a whole number"),
        ({"type": "int", "low": 0, "high": 3, "default": 1.5}, "not a whole number"),
        ({"type": "int", "low": 0, "high": 9, "step": 2, "default": 3}, "not on its grid"),
        ({"type": "categorical", "choices": []}, "choices is empty"),
        ({"type": "categorical", "choices": "abc"}, "is not a list"),
        ({"type": "categorical", "choices": [1, 1.0]}, "repeat a value"),
        ({"type": "categorical", "choices": [[1], [2]]}, "neither text"),
        ({"type": "categorical", "choices": [math.nan, 1]}, "neither text"),
        ({"type": "categorical", "choices": ["a"], "default": "b"}, "its default does not fit"),
        ({"type": "flaot", "low": 0, "high": 1}, "Did you mean 'float'"),
        ({"type": ["float"]}, "is unknown"),
        ({"low": 0, "high": 1}, "type is missing"),
        ({"type": "float", "low": 0, "hihg": 1}, "Did you mean 'high'"),
        ({"type": "float", "low": 0}, "'high' is missing"),
        ({"type": "categorical"}, "'choices' is missing"),
        (3, "expected a table"),
    ],
)
def test_a_bad_parameter_is_refused_with_its_place_and_reason(spec, said):
    with pytest.raises(SpaceError) as caught:
        parameter_from_dict("lr", spec)
    assert caught.value.where == "space.lr"
    assert said in str(caught.value)


def test_a_bad_condition_names_its_place():
    with pytest.raises(SpaceError) as caught:
        parameter_from_dict("lr", {"type": "float", "low": 0, "high": 1, "when": "open('x')"})
    assert caught.value.where == "space.lr.when"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2.5, "above its upper bound 1"),
        (-1, "below its lower bound 0"),
        (math.nan, "not finite"),
        (math.inf, "not finite"),
        (10**400, "not finite"),
        ("0.5", "not a number"),
        (True, "not a number"),
        (None, "not a number"),
        ([0.5], "not a number"),
    ],
)
def test_a_bad_value_is_named_with_the_bound_it_breaks(value, said):
    problem = FloatParameter(name="wd", low=0, high=1).problem(value)
    assert problem is not None
    assert problem.startswith("wd = ") and said in problem


def test_whole_numbers_are_told_apart_however_large():
    parameter = IntParameter(name="p", low=2**40, high=2**40 + 100, step=2)
    assert parameter.problem(2**40 - 1) is not None
    assert parameter.problem(2**40 + 1) is not None
    assert parameter.problem(2**40 + 2) is None
    assert parameter.snap(2**40 + 3.9) == 2**40 + 4


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [("64", 64), (64.0, 64), (100, 128), ("true", True), ("TRUE", True), ("none", None)],
)
def test_choices_are_found_however_they_are_written(given_value, expected):
    choices = (64, 128) if isinstance(expected, int) and not isinstance(expected, bool) else (True, None)
    assert CategoricalParameter(name="p", choices=choices).snap(given_value) is expected


def test_true_and_one_are_different_choices():
    parameter = CategoricalParameter(name="p", choices=(1, True, "1"))
    assert [parameter.snap(c) for c in (1, True, "1")] == [1, True, "1"]
    assert parameter.snap(1.0) is not True
    assert len({parameter.unit(c) for c in parameter.choices}) == 3


@pytest.mark.parametrize("value", ["relu", None, [], math.nan])
def test_what_has_no_nearest_is_refused(value):
    for parameter in (FloatParameter(name="p", low=0, high=1), CategoricalParameter(name="p", choices=("a", 1))):
        with pytest.raises(SpaceError):
            parameter.snap(value)
