"""A rationale says where a config lies among the trials, and what is new about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.search.explain import explained
from agent.study.nouns import Draft, Source
from tests.agent.search.growing import fresh, ran
from trainers.space import CategoricalParameter, FloatParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1.0, log=True),
        FloatParameter(name="wd", low=0.0, high=0.4),
        CategoricalParameter(name="optimizer", choices=("adam", "sgd", "lion")),
    ]
)


@pytest.fixture
def history():
    """Trial 3 is the best, 1 the second; 5 failed."""
    history = fresh(SPACE)
    runs = [
        (1e-2, 0.2, "sgd", 0.9),
        (1e-3, 0.1, "adam", 0.4),
        (1e-4, 0.1, "adam", 0.7),
        (3e-3, 0.1, "adam", 0.31),
        (1e-3, 0.3, "adam", 0.6),
        (0.5, 0.1, "adam", None),
    ]
    for lr, wd, optimizer, value in runs:
        draft = Draft(source=Source.RANDOM, params={"lr": lr, "wd": wd, "optimizer": optimizer})
        history = ran(history, draft, value)
    return history


def why(history, **params):
    return explained(history, {"lr": 2e-3, "wd": 0.1, "optimizer": "adam", **params}, Source.GP, "GP.").rationale


def test_next_to_the_best_it_refines_it(history):
    assert why(history, lr=5e-3) == "GP. Refines t3, the best (0.31): lr 0.003 → 0.005."


def test_between_the_two_best_it_says_so(history):
    told = "GP. Refines t3, the best (0.31): lr 0.003 → 0.002. lr lies between those of t3 and t1, the two best."
    assert why(history) == told


def test_far_from_the_best_it_speaks_of_the_nearest(history):
    assert why(history, lr=1e-4, wd=0.15).startswith("GP. Refines t2, the nearest (0.7): wd 0.1 → 0.15.")


def test_far_from_everything_it_explores_and_names_the_largest_change_first(history):
    told = why(history, lr=2e-5, wd=0.4, optimizer="lion")
    assert "Explores away from" in told
    assert told.index("optimizer adam → lion") < told.index("wd 0.")


def test_what_is_new_is_named(history):
    assert "optimizer = lion has not been tried yet." in why(history, optimizer="lion")
    assert "optimizer = sgd was tried only once." in why(history, optimizer="sgd")
    assert "wd = 0.39 is higher than in any trial so far." in why(history, wd=0.39)
    assert "lr = 1e-05 is lower than in any trial so far." in why(history, lr=1e-5)


def test_a_failure_closer_than_any_success_is_named(history):
    assert "The closest trial of all, t5, failed; against that one: lr 0.5 → 0.2." in why(history, lr=0.2)


def test_a_parameter_that_appears_or_goes_is_told(history):
    space = SearchSpace([*SPACE.parameters.values(), FloatParameter(name="momentum", low=0.0, high=1.0)])
    assert "momentum unset → 0.9" in why(replace(history, space=space), momentum=0.9)


def test_the_evidence_is_the_best_the_nearest_and_the_nearest_failure(history):
    draft = explained(history, {"lr": 1e-4, "wd": 0.15, "optimizer": "adam"}, Source.GP, "GP.")
    assert [(e.kind, e.trial, e.text) for e in draft.evidence] == [
        ("trial", 3, "t3, the best: loss 0.31"),
        ("trial", 2, "t2, the nearest: loss 0.7"),
        ("trial", 5, "t5, the nearest that failed: exception"),
    ]


def test_without_any_trial_there_is_only_the_head():
    draft = explained(fresh(SPACE), SPACE.default(), Source.CMAES, "CMA-ES before its first whole generation.")
    assert (draft.rationale, draft.evidence) == ("CMA-ES before its first whole generation.", ())
