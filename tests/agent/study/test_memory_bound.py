"""As large as what ran out of memory, or larger, will run out too; nothing else is ruled out by it."""

from __future__ import annotations

from typing import Any

import pytest

from agent.study.memory_bound import memory_bounds
from agent.study.nouns import Source, Trial, TrialState
from trainers.contract import Failure, FailureKind
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

GIB = 1 << 30
SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1.0, log=True),
        FloatParameter(name="dropout", low=0.0, high=0.5),
        IntParameter(name="epochs", low=1, high=50),
        CategoricalParameter(name="batch_size", choices=(16, 32, 64, 128, 256)),
        IntParameter(name="units", low=16, high=1024, log=True),
        IntParameter(name="layers", low=1, high=8),
        IntParameter(name="heads", low=1, high=16),
        IntParameter(name="stride", low=1, high=101),
        CategoricalParameter(name="optimizer", choices=("adam", "sgd")),
    ]
)
OUT: Config = {
    "lr": 1e-3, "dropout": 0.1, "epochs": 5, "batch_size": 64, "units": 256, "layers": 4, "heads": 4, "stride": 11,
    "optimizer": "adam",
}  # fmt: skip
NUMBERS = {"asked_bytes": 2 * GIB, "free_bytes": GIB, "used_bytes": 22 * GIB, "total_bytes": 24 * GIB}


def trial(number: int, params: Config, *, kind: str = "cuda_out_of_memory", **details: Any) -> Trial:
    failure = Failure(kind=FailureKind(kind), details=details) if kind else None
    return Trial(
        id=number,
        study_id=1,
        number=number,
        proposal_id=number,
        source=Source.GP,
        params=params,
        seed=0,
        state=TrialState.FAILED if kind else TrialState.COMPLETED,
        value=None if kind else 1.0,
        failure=failure,
    )


def held(config: Config, *trials: Trial, **more: Any) -> bool:
    return any(bound.holds(SPACE, config) for bound in memory_bounds(SPACE, trials, **more))


@pytest.mark.parametrize(
    ("change", "ruled_out"),
    [
        ({}, True),
        ({"batch_size": 256}, True),
        ({"units": 1024, "layers": 8, "heads": 16}, True),
        ({"lr": 0.5, "dropout": 0.0, "epochs": 50}, True),  # none of these takes memory
        ({"batch_size": 32}, False),
        ({"batch_size": 256, "layers": 3}, False),
        ({"heads": 3}, False),
        ({"optimizer": "sgd"}, False),  # it may hold less
        ({"stride": 14}, True),  # nobody knows what it does; so near it does not matter
        ({"stride": 60}, False),
        ({"stride": 1}, True),
    ],
)
def test_what_is_as_large_in_all_that_drives_memory_is_ruled_out(change, ruled_out):
    assert held({**OUT, **change}, trial(12, OUT, **NUMBERS)) is ruled_out


def test_the_bound_says_whence_it_came_and_in_which_figures():
    (bound,) = memory_bounds(SPACE, [trial(12, OUT, **NUMBERS)])
    assert bound.said == (
        "as large as t12, which ran out of memory (2 GiB asked for, 1 GiB free, 22 GiB held): batch_size ≥ 64, "
        "units ≥ 256, layers ≥ 4, heads ≥ 4, stride ≈ 11, optimizer = adam"
    )


def test_only_the_lowest_bounds_are_kept():
    larger, lower = {**OUT, "units": 512}, {**OUT, "units": 128}
    found = memory_bounds(SPACE, [trial(1, larger), trial(2, OUT), trial(3, lower), trial(4, {**OUT, "layers": 2})])
    assert [bound.trial for bound in found] == [3, 4]


def test_a_trial_that_fitted_beyond_it_contradicts_it():
    fitted = trial(3, {**OUT, "batch_size": 128}, kind="")
    assert not held(OUT, trial(2, OUT), fitted)
    assert held({**OUT, "units": 512}, trial(2, OUT), trial(4, {**OUT, "units": 512}), fitted)


def test_other_failures_bound_nothing():
    assert not held(OUT, trial(2, OUT, kind="exception"), trial(3, OUT, kind="timeout"))


def test_a_gpu_that_others_had_filled_teaches_nothing():
    crowded = {"asked_bytes": GIB, "free_bytes": GIB // 2, "used_bytes": 4 * GIB, "total_bytes": 24 * GIB}
    assert not held(OUT, trial(2, OUT, **crowded))


def test_a_limit_raised_since_makes_room():
    ran_out = trial(2, OUT, kind="host_out_of_memory", used_bytes=9 * GIB, limit_bytes=8 * GIB)
    assert held(OUT, ran_out, limit=8 * GIB)
    assert not held(OUT, ran_out, limit=16 * GIB)
    assert not held(OUT, ran_out)  # there is no limit any more


def test_a_bound_the_person_let_go_of_is_gone():
    assert not held(OUT, trial(12, OUT), dropped=[12])
