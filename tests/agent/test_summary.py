"""What the built-in advisor says: the one thing most worth saying, or nothing."""

from __future__ import annotations

import pytest

from agent import summary
from agent.study.nouns import Source, Trial, TrialState
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1e-1, log=True),
        FloatParameter(name="dropout", low=0, high=1),
        IntParameter(name="layers", low=1, high=8),
        IntParameter(name="seed", low=0, high=2**31),
        CategoricalParameter(name="opt", choices=("sgd", "adam")),
    ]
)
INSIDE = {"lr": 1e-3, "dropout": 0.5, "layers": 4, "seed": 2**30, "opt": "sgd"}
LOSS, ACCURACY = Objective("loss"), Objective("accuracy", "maximize")
OOM = Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY, message="asked 2 GiB")
NAN = Failure(kind=FailureKind.NON_FINITE, message="loss became nan")


def trial(number, end, **params):
    """A number completed with that value; a Failure failed; a state is in it."""
    state = (
        end if isinstance(end, TrialState) else TrialState.FAILED if isinstance(end, Failure) else TrialState.COMPLETED
    )
    return Trial(
        id=number + 1, study_id=1, number=number, proposal_id=number, source=Source.GP, params={**INSIDE, "seed": 2**30 + number, **params},
        seed=0, state=state, value=end if isinstance(end, float) else None, started_at=10.0, ended_at=10.0 + number,
        failure=end if isinstance(end, Failure) else None,
    )  # fmt: skip


def history(*ends):
    return [trial(n, end) for n, end in enumerate(ends)]


def advice(trials, objective=LOSS, space=SPACE):
    return summary.advice(trials, objective, space)


def falling(count):
    return [1.0 / (n + 1) for n in range(count)]


def test_the_best_is_the_first_of_equals_in_the_right_direction():
    trials = history(0.5, 0.2, OOM, 0.9, 0.2, TrialState.RUNNING)
    assert summary.best(trials, LOSS).number == 1
    assert summary.best(trials, ACCURACY).number == 3
    assert summary.best(history(OOM, TrialState.QUEUED), LOSS) is None
    assert summary.best([], LOSS) is None
    assert summary.best(history(0.0, -1.0), LOSS).number == 1


def test_only_completed_trials_count():
    stopped = Trial(**{**trial(0, TrialState.STOPPED).__dict__, "value": 0.001})
    assert summary.best([stopped, *history(OOM, 0.5)[1:]], LOSS).value == 0.5
    assert summary.expected_seconds(history(0.5, 0.4, 0.3)) == 1.0
    assert summary.expected_seconds(history(OOM)) is None
    counted = summary.counts(history(0.5, OOM, TrialState.RUNNING))
    assert (counted["completed"], counted["failed"], counted["running"], counted["queued"]) == (1, 1, 1, 0)


def test_nothing_is_said_when_there_is_nothing_to_say():
    assert advice([]) == ""
    assert advice(history(*falling(10))) == ""
    assert advice(history(0.5, OOM, NAN, OOM, 0.4)) == ""


def test_a_space_that_does_not_matter_is_told_and_to_stop():
    """The well-known random forest on iris: every config scores .9667."""
    rf_simple = SearchSpace(
        [
            IntParameter(name="n_estimators", low=50, high=500),
            IntParameter(name="max_depth", low=5, high=50),
            IntParameter(name="min_samples_split", low=2, high=10),
        ]
    )
    params = [{"n_estimators": 50 + 40 * n, "max_depth": 5 + n, "min_samples_split": 2 + n % 9} for n in range(12)]
    trials = [Trial(**{**trial(n, 29 / 30).__dict__, "params": p}) for n, p in enumerate(params)]
    said = advice(trials[:8], ACCURACY, rf_simple)
    assert "All 8 completed trials score 0.9667" in said
    assert "nothing in this space matters to accuracy" in said and "Stop here" in said
    assert advice(trials[:7], ACCURACY, rf_simple) == ""
    assert "nothing in this space matters" in advice(trials, ACCURACY, rf_simple)


@pytest.mark.parametrize("value", [0.0, -3.0, 1e-9, 1e9])
def test_all_equal_is_all_equal_whatever_the_size(value):
    assert "nothing in this space matters" in advice(history(*[value] * 8))
    assert "nothing in this space matters" not in advice(history(*[value] * 8, value + max(abs(value), 1e-6) * 0.01))


def test_three_that_fail_alike_are_told_before_anything_else():
    said = advice(history(*[0.5] * 9, OOM, OOM, OOM))
    assert said == (
        "t9, t10, t11 all failed alike: cuda_out_of_memory (asked 2 GiB). Mend this before trying more configs."
    )
    assert "alike" not in advice(history(0.5, OOM, OOM))
    assert "alike" not in advice(history(OOM, OOM, OOM, 0.5))
    assert "alike" in advice(history(OOM, OOM, TrialState.RUNNING, OOM))
    assert "alike" not in advice(history(OOM, OOM, TrialState.STOPPED))


def test_a_best_at_the_edge_of_its_range_is_told():
    trials = history(*falling(8))
    assert advice([*trials, trial(8, 0.01, lr=9.9e-2)]) == (
        "The best trial, t8, has lr = 0.099, the upper end of its range. Try widening it."
    )
    assert "layers = 8, the upper end" in advice([*trials, trial(8, 0.01, layers=8)])
    assert "lr = 1e-05, the lower end" in advice([*trials, trial(8, 0.01, lr=1e-5)])
    assert advice([*trials[:6], trial(8, 0.01, lr=9.9e-2)]) == ""


@pytest.mark.parametrize("params", [{"dropout": 0.0}, {"dropout": 1.0}, {"layers": 1}, {"seed": 0}, {"opt": "adam"}])
def test_an_edge_that_nothing_can_pass_is_not(params):
    assert advice([*history(*falling(8)), trial(8, 0.01, **params)]) == ""


def test_a_parameter_of_one_value_or_from_before_an_edit_has_no_edge():
    space = SearchSpace([FloatParameter(name="lr", low=0.5, high=0.5), IntParameter(name="layers", low=2, high=8)])
    assert advice([*history(*falling(8)), trial(8, 0.01, lr=0.5, layers="many")], space=space) == ""


def test_a_search_that_has_stalled_is_told():
    assert advice(history(0.9, 0.1, *[0.5 + n / 100 for n in range(12)])) == (
        "12 trials since t1 without a better loss. Stopping would lose little."
    )
    assert advice(history(0.9, 0.1, *[0.5 + n / 100 for n in range(11)])) == ""
