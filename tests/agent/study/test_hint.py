"""A hint is read as it was meant, turned round where it says no, and otherwise told to be not understood."""

from __future__ import annotations

import pytest

from agent.study.hint import LONGEST, Hint, beliefs, checked, read
from trainers.errors import SpaceError
from trainers.space import SearchSpace

SPACE = SearchSpace.from_dict(
    {
        "parameters": {
            "learning_rate_init": {"type": "float", "low": 1e-5, "high": 0.1, "log": True},
            "momentum": {"type": "float", "low": 0.0, "high": 1.0},
            "batch_size": {"type": "int", "low": 10, "high": 250},
            "optimizer": {"type": "categorical", "choices": ["adam", "sgd", None]},
            "nesterov": {"type": "categorical", "choices": [True, False]},
            "units": {"type": "categorical", "choices": [16, 32, 64, 128]},
        }
    }
)


def understood(said: str) -> str:
    found = read(SPACE, said)
    assert not found.wrong
    return ", ".join(found.understood(SPACE))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("avoid large momentum", "momentum 0 … 0.667"),
        ("momentum should not be small", "momentum 0.333 … 1"),
        ("momentum not small but not large", "momentum 0.333 … 0.667"),
        ("momentum should not be too large", "momentum 0 … 0.667"),
        ("learning_rate_init 1e-3 is too high", "learning_rate_init 1e-05 … 0.001"),
        ("learning_rate_init above 1e-3 is too high", "learning_rate_init 1e-05 … 0.001"),
        ("batch_size 64 is too small", "batch_size 64 … 250"),
        ("momentum not above .9", "momentum 0 … 0.9"),
        ("no adam optimizer", "optimizer sgd or none"),
        ("units not 64", "units 16 or 32 or 128"),
        ("no nesterov", "nesterov false"),
        ("not learning_rate_init 1e-3", ""),
        ("learning_rate_init 1e-3 is not too high", ""),
        ("learning_rate_init 1e-3 diverges", ""),
        ("momentum is too high", ""),
        ("never large batch_size or momentum", ""),
        ("avoid large momentum and large batch_size", "momentum 0 … 0.667"),
        ("learning_rate_init 1e-2 and momentum .9 are too high", "momentum 0 … 0.9"),
    ],
)
def test_nothing_is_read_as_its_opposite(said: str, meant: str) -> None:
    assert understood(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1e-3 < learning_rate_init < 1e-2", "learning_rate_init 0.001 … 0.01"),
        ("momentum > 0.9 and < 0.99", "momentum 0.9 … 0.99"),
        ("above 1e-3 learning_rate_init", "learning_rate_init 0.001 … 0.1"),
        ("momentum 0.8-0.95", "momentum 0.8 … 0.95"),
        ("momentum in [0.8, 0.95]", "momentum 0.8 … 0.95"),
        ("higher learning_rate_init than 1e-3", "learning_rate_init 0.001 … 0.1"),
        ("learning_rate_init = 10^-3", "learning_rate_init about 0.001"),
        ("learning_rate_init 10⁻³", "learning_rate_init about 0.001"),
        ("learning_rate_init ~ 3×10^-4", "learning_rate_init about 0.0003"),
        ("learning_rate_init 1e−3", "learning_rate_init about 0.001"),
        ("momentum 0,9", "momentum about 0.9"),
        ("momentum 90%", "momentum about 0.9"),
        ("batch_size 64 or 128", "batch_size 64 … 128"),
        ("batch_size 2^6", "batch_size about 64"),
        ("units 64 or 128", "units 64 or 128"),
        ("units between 32 and 64", "units 32 or 64"),
        ("units at most 32", "units 16 or 32"),
        ("large batch_size with low momentum", "batch_size 170 … 250, momentum 0 … 0.333"),
        ("learning_rate_init ~ 1e-3 (batch_size 32)", "learning_rate_init about 0.001, batch_size about 32"),
        ("lr ~ 1e-3; small batch size", "learning_rate_init about 0.001, batch_size 10 … 90"),
        ("optimizer adam or sgd", "optimizer adam or sgd"),
    ],
)
def test_as_people_write_it(said: str, meant: str) -> None:
    assert understood(said) == meant


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("batch_size 1,000", "batch_size 1000 lies outside its range, 10 … 250"),
        ("batch_size between 900 and 1000", "batch_size 900 … 1000 lies outside its range, 10 … 250"),
        ("momentum ~ -1", "momentum -1 lies outside its range, 0 … 1"),
        ("units 100", "units is one of 16, 32, 64, 128, never 100"),
        ("momentum .1; momentum .9", "contradicts itself: momentum about 0.1, and momentum about 0.9"),
        ("optimizer adam; no adam optimizer", "contradicts itself: optimizer adam, and optimizer sgd or none"),
        ("small momentum above .9; x" + "y" * LONGEST, "at most 200 characters, this has 226"),
    ],
)
def test_what_cannot_be_meant_is_refused_whole(said: str, why: str) -> None:
    with pytest.raises(SpaceError) as caught:
        checked(SPACE, said)
    assert why in caught.value.what
    assert beliefs(SPACE, Hint(said)) == () or len(said) > LONGEST


def test_what_was_not_understood_is_told_with_what_may_be_meant() -> None:
    found = read(SPACE, "momentm .9; small batch_size; use sgd")
    assert found.told(SPACE) == (
        "understood: batch_size 10 … 90; not understood: “momentm .9” (did you mean momentum?), "
        "“use sgd” (did you mean optimizer sgd?)"
    )


def test_a_common_name_of_two_parameters_is_neither() -> None:
    both = {n: {"type": "float", "low": 0.0, "high": 1.0} for n in ("learning_rate", "eta0")}
    found = read(SearchSpace.from_dict({"parameters": both}), "lr ~ .1; eta0 ~ .2")
    assert [b.name for b in found.beliefs] == ["eta0"]
    assert found.not_understood() == ("“lr ~ .1” (did you mean learning_rate or eta0?)",)


def test_the_example_is_written_as_people_write() -> None:
    space = SearchSpace.from_dict({"parameters": {"hidden": {"type": "int", "low": 50, "high": 150}}})
    with pytest.raises(SpaceError, match="hidden ~ 100"):
        checked(space, "hurry")
