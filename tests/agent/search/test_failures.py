"""Failures keep a search away from where they were, and never stand in for a value."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.search.catalog import proposer
from agent.search.model import Acquisition, Feasibility, Surrogate
from agent.study.nouns import Draft, Source, TrialState
from tests.agent.search import growing
from tests.agent.search.growing import fresh, grow, ran
from trainers.contract import Failure, FailureKind


def diverging(config):
    """Every config with a learning rate above 0.03 fails; the best runs just below."""
    return None if config["lr"] > 0.03 else growing.mixed_loss(config)


@pytest.mark.parametrize("search", ["gp", "tpe", "cmaes"])
def test_a_failing_region_is_left_alone_once_it_is_known(search):
    # By chance a third would fail.
    late = []
    for seed in range(3):
        history, _ = grow(fresh(growing.mixed(), seed=seed), diverging, search, 24)
        late += [t.state is TrialState.FAILED for t in history.trials[12:]]
    assert sum(late) / len(late) < 0.2


@pytest.mark.parametrize("search", ["gp", "tpe", "cmaes"])
def test_the_search_still_finds_what_lies_beside_the_failures(search):
    history, _ = grow(fresh(growing.mixed(), seed=1), diverging, search, 40)
    assert growing.best(history) < 0.15


def test_failures_do_not_touch_the_model_of_the_values():
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 12)
    failed = history
    for config in ({**t.params, "lr": 0.9} for t in history.trials[:6]):
        failed = ran(failed, Draft(source=Source.PERSON, params=config), None)
    probe = growing.mixed().default()
    assert Surrogate(failed).interval(probe) == Surrogate(history).interval(probe)


def test_a_failing_region_is_held_likely_to_fail_and_a_working_one_to_work():
    history, _ = grow(fresh(growing.mixed()), diverging, "random", 40)
    middle = growing.mixed().default()
    fails, works = Feasibility(history).probability([{**middle, "lr": 0.5}, {**middle, "lr": 1e-4}])
    assert fails < 0.3 < 0.8 < works


def test_a_transient_failure_weighs_less_than_a_deterministic_one():
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 10)
    draft = Draft(source=Source.PERSON, params={**growing.mixed().default(), "lr": 0.5})
    history = ran(history, draft, None)
    lost = Failure(kind=FailureKind.LOST)
    transient = replace(history, trials=(*history.trials[:-1], replace(history.trials[-1], failure=lost)))
    near = {**draft.params, "width": 100}
    assert Feasibility(history).probability([near]) < Feasibility(transient).probability([near]) < 1


def test_the_acquisition_value_falls_where_trials_fail():
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 12)
    config = {**growing.mixed().default(), "lr": 0.3}
    failed = ran(history, Draft(source=Source.PERSON, params={**config, "width": 91}), None)
    before, after = (Acquisition(Surrogate(h), Feasibility(h), (), seed=0)([config])[0] for h in (history, failed))
    assert after < before - 0.5


@pytest.mark.parametrize("search", ["random", "tpe", "gp", "cmaes", "guided"])
def test_a_config_that_failed_is_not_proposed_again_even_when_nothing_else_is_left(search):
    history, drafts = grow(fresh(growing.tiny()), lambda c: None if c["k"] > 3 else 1.0, search, 30)
    assert len(drafts) == 11
    assert proposer(search).propose(history, 1) == []


@pytest.mark.parametrize("search", ["tpe", "gp"])
def test_when_everything_has_failed_the_next_config_lies_far_from_all_of_it(search):
    space = growing.mixed()
    _history, drafts = grow(fresh(space), lambda _: None, search, 8)
    nearest = min(space.distance(drafts[-1].params, d.params) for d in drafts[:-1])
    assert nearest > 0.2
    assert "failed" in drafts[-1].rationale


@pytest.mark.parametrize("search", ["tpe", "gp"])
def test_the_rationale_names_a_failure_that_lies_close(search):
    space = growing.mixed()
    history, _ = grow(fresh(space), growing.mixed_loss, search, 9)
    (draft,) = proposer(search).propose(history, 1)
    beside = {**draft.params, "lr": draft.params["lr"] * 1.05}
    history = ran(history, Draft(source=Source.PERSON, params=beside), None)
    (draft,) = proposer(search).propose(history, 1)
    assert any(e.trial == 9 and "failed: exception" in e.text for e in draft.evidence)
