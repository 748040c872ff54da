"""Search spaces: every config drawn is valid, every invalid one is named, equal configs have equal keys."""

from __future__ import annotations

import json
import math
import random
import time
from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trainers.errors import SpaceError
from trainers.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace, config_key

SPACE = SearchSpace.from_dict(
    {
        "parameters": {
            "lr": {"type": "float", "low": 1e-5, "high": 0.1, "log": True, "default": 1e-3},
            "opt": {"type": "categorical", "choices": ["sgd", "adam", None]},
            "momentum": {"type": "float", "low": 0.0, "high": 0.99, "when": "opt == 'sgd'"},
            "nesterov": {"type": "categorical", "choices": [True, False], "when": "momentum > 0.3"},
            "seq_len": {"type": "int", "low": 24, "high": 720, "step": 24},
            "label_len": {"type": "int", "low": 24, "high": 720, "step": 24},
        },
        "constraints": ["label_len < seq_len"],
    }
)
GOOD = {"lr": 1e-3, "opt": "sgd", "momentum": 0.9, "nesterov": True, "seq_len": 96, "label_len": 48}

names = st.sampled_from(["a", "b", "c", "d", "block.a"])


@st.composite
def spaces(draw):
    """Some parameters, some of them under a condition on one before, some tied by a constraint."""
    parameters = []
    for name in draw(st.lists(names, min_size=1, max_size=5, unique=True)):
        earlier = draw(st.sampled_from(parameters)) if parameters and draw(st.booleans()) else None
        when = None
        if earlier is not None:
            on = "choices" in earlier[1]
            when = f"{earlier[0]} == 'x'" if on else f"{earlier[0]} > {earlier[1]['low'] + 1}"
        spec = draw(
            st.sampled_from(
                [
                    {"type": "float", "low": -1.0, "high": 2.5},
                    {"type": "float", "low": 1e-4, "high": 10.0, "log": True},
                    {"type": "float", "low": -0.3, "high": 2.0, "step": 0.1},
                    {"type": "int", "low": 0, "high": 7},
                    {"type": "int", "low": 1, "high": 512, "log": True},
                    {"type": "categorical", "choices": ["x", "y", True, 1.5, None]},
                ]
            )
        )
        parameters.append((name, spec | ({"when": when} if when else {})))
    numeric = [name for name, spec in parameters if "low" in spec]
    constraints = []
    if len(numeric) > 1 and draw(st.booleans()):
        constraints = [f"{numeric[0]} < {numeric[1]} + 1"]
    return SearchSpace.from_dict({"parameters": dict(parameters), "constraints": constraints})


seeds = st.integers(0, 2**32)
PROMISE = settings(max_examples=150, deadline=None, derandomize=True)


@given(spaces(), seeds)
@PROMISE
def test_what_is_drawn_is_valid_and_canonical(space, seed):
    config = space.sample(random.Random(seed))
    assert space.problems(config) == []
    assert space.validate(config) == config
    assert space.snap(config) == config
    assert space.active(config) == config


@given(spaces(), seeds)
@PROMISE
def test_the_same_seed_draws_the_same_config(space, seed):
    assert space.sample(random.Random(seed)) == space.sample(random.Random(seed))


@given(spaces(), seeds)
@PROMISE
def test_to_dict_survives_json(space, seed):
    again = SearchSpace.from_dict(json.loads(json.dumps(space.to_dict())))
    assert again == space and hash(again) == hash(space)
    assert again.sample(random.Random(seed)) == space.sample(random.Random(seed))


@given(spaces(), seeds, st.randoms())
@PROMISE
def test_the_key_depends_neither_on_float_noise_nor_on_the_order(space, seed, shuffler):
    config = space.sample(random.Random(seed))
    items = list(config.items())
    shuffler.shuffle(items)
    noisy = {
        name: math.nextafter(value, shuffler.choice((-math.inf, math.inf))) if isinstance(value, float) else value
        for name, value in items
        if space.parameters[name].kind != "categorical"
    }
    assert space.key({**dict(items), **noisy}) == config_key(config)
    assert space.allows({**dict(items), **noisy})


@given(spaces(), seeds)
@PROMISE
def test_a_missing_and_an_unknown_parameter_are_named(space, seed):
    config = space.sample(random.Random(seed))
    name = next(iter(config))
    without = {k: v for k, v in config.items() if k != name}
    assert f"{name} is missing" in space.problems(without)
    assert any("zzz is not a parameter" in p for p in space.problems({**config, "zzz": 1}))


@given(spaces(), seeds, seeds)
@PROMISE
def test_distance_is_a_distance(space, one, other):
    a, b = space.sample(random.Random(one)), space.sample(random.Random(other))
    assert space.distance(a, a) == 0
    assert space.distance(a, b) == space.distance(b, a)
    assert 0 <= space.distance(a, b) <= 1 + 1e-9


@given(spaces())
@PROMISE
def test_the_default_is_valid(space):
    assert space.allows(space.default())


@given(spaces())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_finite_space_lists_every_config_once(space):
    size = math.prod(p.count() for p in space.parameters.values())
    assume(not 3_000 < size <= 100_000)  # those take long
    configs = space.configs()
    if configs is None:
        assert size > 100_000
        return
    keys = {config_key(c) for c in configs}
    assert len(keys) == len(configs)
    rng = random.Random(0)
    assert {space.key(space.sample(rng)) for _ in range(50)} <= keys


def test_a_config_that_breaks_a_rule_is_told_which():
    assert SPACE.problems(GOOD) == []
    broken = SPACE.problems({**GOOD, "label_len": 96})
    assert broken == ["constraint label_len < seq_len is broken by label_len = 96, seq_len = 96"]
    with pytest.raises(SpaceError) as caught:
        SPACE.validate({**GOOD, "lr": 1.0, "opt": "lion", "seq_len": 25, "lrr": 1})
    said = str(caught.value)
    for part in (
        "lr = 1 is above its upper bound 0.1",
        "opt = 'lion' is not one of",
        "seq_len = 25 is not on its grid",
    ):
        assert part in said
    assert "lrr is not a parameter of this space. Did you mean 'lr'?" in said


def test_inactive_parameters_are_dropped_and_say_nothing():
    assert SPACE.validate({**GOOD, "opt": "adam"}) == {
        k: v for k, v in GOOD.items() if k not in ("momentum", "nesterov")
    } | {"opt": "adam"}
    assert SPACE.key({**GOOD, "opt": None, "momentum": 0.1}) == SPACE.key({**GOOD, "opt": None, "momentum": 0.2})
    assert "nesterov" not in SPACE.active({**GOOD, "momentum": 0.1})


def test_a_condition_does_not_turn_on_the_last_bit():
    """0.1 + 0.2 is 0.3 to a person; the two must be one config, with the same parameters active."""
    config = {**GOOD, "momentum": 0.1 + 0.2}
    assert "nesterov" not in SPACE.canonical(config)
    assert SPACE.key(config) == SPACE.key({**GOOD, "momentum": 0.3})
    space = SearchSpace([FloatParameter(name="a", low=0, high=1), FloatParameter(name="b", low=0, high=1)], ["a <= b"])
    assert space.allows({"a": 0.1 + 0.2, "b": 0.3})


def test_a_constraint_on_an_inactive_parameter_says_nothing():
    space = SearchSpace.from_dict(
        {
            "parameters": {
                "kind": {"type": "categorical", "choices": ["wide", "deep"]},
                "heads": {"type": "int", "low": 1, "high": 8, "when": "kind == 'deep'"},
                "dim": {"type": "int", "low": 1, "high": 64},
            },
            "constraints": ["dim % heads == 0"],
        }
    )
    assert space.allows({"kind": "wide", "dim": 7})
    assert not space.allows({"kind": "deep", "dim": 7, "heads": 2})


# -- constraints that leave little or nothing --------------------------------------


def _ints(count, high):
    return [IntParameter(name=chr(97 + i), low=1, high=high) for i in range(count)]


@pytest.mark.parametrize(
    ("parameters", "constraint"),
    [
        (_ints(2, 10), "a + b > 20"),
        (_ints(1, 300), "a * a == 2"),
        ([FloatParameter(name="a", low=0, high=1)], "a > 1"),
        ([CategoricalParameter(name="a", choices=("x", "y"))], "a == 'z'"),
        (_ints(1, 10), "a < 'x'"),
    ],
)
def test_a_constraint_that_nothing_meets_is_refused_at_once_and_named(parameters, constraint):
    others = [FloatParameter(name=f"other{i}", low=0, high=1) for i in range(20)]
    began = time.process_time()
    with pytest.raises(SpaceError, match="meets") as caught:
        SearchSpace([*parameters, *others], [constraint, "other1 < other2"])
    assert caught.value.where == "constraints"
    assert constraint in caught.value.what and "other1" not in caught.value.what
    assert time.process_time() - began < 5


def test_the_one_config_in_a_hundred_thousand_is_found_beside_any_number_of_free_parameters():
    free = [FloatParameter(name=f"free{i}", low=0, high=1) for i in range(5)]
    space = SearchSpace([*_ints(2, 300), *free], ["a == 299", "b == a + 1"])
    config = space.sample(random.Random(1))
    assert (config["a"], config["b"]) == (299, 300)
    assert space.allows(config)
    assert space.default()["b"] == 300


def test_many_independent_constraints_do_not_multiply():
    """Each cuts 99% off; drawn together none of 10,000 configs in 10**16 would pass."""
    parameters = _ints(16, 200)
    constraints = [f"{a.name} > {b.name} + 170" for a, b in zip(parameters[::2], parameters[1::2], strict=True)]
    space = SearchSpace(parameters, constraints)
    assert space.allows(space.sample(random.Random(3)))


def test_draws_under_a_constraint_are_uniform():
    space = SearchSpace(_ints(2, 3), ["a < b"])
    rng = random.Random(0)
    drawn = Counter(tuple(space.sample(rng).values()) for _ in range(3000))
    assert drawn.keys() == {(1, 2), (1, 3), (2, 3)}
    assert all(abs(n - 1000) < 150 for n in drawn.values())


def test_a_default_that_breaks_a_constraint_moves_to_a_near_config_that_does_not():
    space = SearchSpace(
        [IntParameter(name="a", low=1, high=100, default=50), IntParameter(name="b", low=1, high=100, default=49)],
        ["a < b"],
    )
    assert space.distance(space.default(), {"a": 50, "b": 49}) < 0.15


# -- spaces that make no sense -------------------------------------------------------


def _float(name, **more):
    return {name: {"type": "float", "low": 0, "high": 1, **more}}


@pytest.mark.parametrize(
    ("data", "where", "said"),
    [
        ({"parameters": _float("a", when="b > 0") | _float("b", when="a > 0")}, "space", "depend on each other"),
        ({"parameters": _float("a", when="a > 0")}, "space", "depend on each other"),
        ({"parameters": _float("lr", when="wd > 0")}, "space.lr.when", "names 'wd', which is no parameter"),
        ({"parameters": _float("lr"), "constraints": ["l < 1"]}, "constraints", "Did you mean 'lr'"),
        ({"parameters": _float("lr"), "constraints": ["1 < 2"]}, "constraints", "names no parameter"),
        ({"parameters": _float("lr"), "constraints": ["lr <"]}, "", "is not an expression"),
        ({"parameters": _float("lr"), "constraints": "lr < 1"}, "constraints", "is not a list"),
        ({"parameters": _float("lr"), "constraints": [1]}, "", "is not an expression"),
        ({"parameters": [1]}, "space", "not a table"),
        ({"parameters": _float("l r")}, "space", "is not a parameter name"),
        ({"parameters": _float("--lr")}, "space", "is not a parameter name"),
        ({"parameters": _float("a\n")}, "space", "is not a parameter name"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused_with_its_place(data, where, said):
    with pytest.raises(SpaceError) as caught:
        SearchSpace.from_dict(data)
    assert caught.value.where == where
    assert said in str(caught.value)


def test_a_name_used_twice_is_refused():
    with pytest.raises(SpaceError, match="used twice"):
        SearchSpace([FloatParameter(name="a", low=0, high=1), IntParameter(name="a", low=0, high=1)])


def test_conditions_are_resolved_whatever_the_order_of_declaration():
    space = SearchSpace.from_dict(
        {"parameters": _float("c", when="b > 0.5") | _float("b", when="a > 0.5") | _float("a")}
    )
    assert space.active({"a": 0.9, "b": 0.9, "c": 0.1}) == {"c": 0.1, "b": 0.9, "a": 0.9}
    assert space.active({"a": 0.1, "b": 0.9, "c": 0.1}) == {"a": 0.1}


def test_an_endless_space_is_never_listed():
    began = time.process_time()
    assert SearchSpace([IntParameter(name="seed", low=0, high=2**40)]).configs() is None
    assert SearchSpace([FloatParameter(name="x", low=0, high=1, step=1e-8)]).configs() is None
    assert time.process_time() - began < 0.5


def test_distance_takes_configs_from_before_an_edit_of_the_space():
    space = SearchSpace.from_dict({"parameters": {"lr": {"type": "float", "low": 0.1, "high": 1, "log": True}}})
    assert space.distance({"lr": 0.5}, {"lr": "auto"}) == 1
    assert space.distance({"lr": 0.5}, {"lr": 0.0}) == 1
    assert space.distance({"lr": 0.5}, {"lr": -3.0}) == 1
    assert space.distance({"lr": 0.5}, {}) == 1


def test_the_choices_one_and_true_make_different_spaces():
    one, true = (SearchSpace([CategoricalParameter(name="a", choices=(choice, "x"))]) for choice in (1, True))
    assert one != true
    assert one == SearchSpace([CategoricalParameter(name="a", choices=(1, "x"))])


def test_bounds_are_equal_however_they_are_written():
    whole = SearchSpace([FloatParameter(name="a", low=0, high=1, default=1), IntParameter(name="b", low=0, high=3)])
    real = SearchSpace(
        [FloatParameter(name="a", low=0.0, high=1.0, default=1.0), IntParameter(name="b", low=0.0, high=3.0)]
    )
    assert whole == real
    assert type(real.default()["b"]) is int and type(whole.default()["a"]) is float


def test_an_empty_space_has_one_config():
    space = SearchSpace([])
    assert space.sample(random.Random(0)) == space.default() == {}
    assert space.configs() == [{}]
    assert space.distance({}, {}) == 0
