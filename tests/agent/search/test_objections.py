"""A rejection is heard: nothing beside it for a while, what its reason says about ranges, and never a wall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.search import wire
from agent.search.catalog import names, proposer
from agent.search.from_store import rejections
from agent.search.history import History
from agent.search.objections import HALF_LIFE, Limit, Rejection, heard_as, limits, objections
from agent.store import proposals, trials
from agent.store.connection import open_store
from agent.study.nouns import Draft, Source, Trial, TrialState
from tests.agent.stores import GOOD, add_trial, make_study
from trainers.contract import Objective
from trainers.space import CategoricalParameter, Config, FloatParameter, SearchSpace

SPACE = SearchSpace(
    [
        FloatParameter(name="lr", low=1e-5, high=1e-1, log=True),
        FloatParameter(name="wd", low=0.0, high=1.0),
        CategoricalParameter(name="batch_size", choices=(64, 128, 256)),
    ]
)
REJECTED: Config = {"lr": 1e-2, "wd": 0.5, "batch_size": 256}


def history(*said: Rejection, ended: int = 8, seed: int = 1) -> History:
    """`ended` completed trials, the better the lower lr is, and what was said."""
    rng = History(space=SPACE, objective=Objective("loss"), first_config={}, seed=seed).rng("test")
    done = []
    for number in range(ended):
        params = SPACE.canonical(SPACE.sample(rng))
        value = SPACE.parameters["lr"].unit(params["lr"])
        done.append(
            Trial(
                id=number,
                study_id=1,
                number=number,
                proposal_id=number,
                source=Source.RANDOM,
                params=params,
                seed=0,
                state=TrialState.COMPLETED,
                value=value,
            )
        )
    return History(
        space=SPACE,
        objective=Objective("loss"),
        first_config=SPACE.default(),
        seed=seed,
        trials=done,
        taken=frozenset({SPACE.key(SPACE.default())}),
        number=ended,
        rejections=said,
    )


@pytest.mark.parametrize(
    ("reason", "forbidden", "allowed"),
    [
        ("lr too high", {"lr": 3e-2}, {"lr": 1e-3}),
        ("the LR is too large here", {"lr": 1e-2}, {"lr": 1e-3}),
        ("lr too low", {"lr": 1e-3}, {"lr": 5e-2}),
        ("batch_size 256 is too slow", {"batch_size": 256}, {"batch_size": 128}),
        ("no batch_size=256, please", {"batch_size": 256}, {"batch_size": 64}),
        ("keep wd below .1", {"wd": 0.2}, {"wd": 0.05}),
        ("wd should be at least 0.3", {"wd": 0.1}, {"wd": 0.4}),
        ("wd > .2 and lr < 1e-3", {"wd": 0.1}, {"wd": 0.3, "lr": 1e-4}),
        ("wd > .2 and lr < 1e-3", {"lr": 1e-2}, {"wd": 0.3, "lr": 1e-4}),
        ("lr below 1e-4 is too slow", {"lr": 2e-5}, {"lr": 1e-3}),
        ("never lr above 1e-2", {"lr": 5e-2}, {"lr": 1e-3}),
    ],
)
def test_what_a_reason_says_about_ranges(reason: str, forbidden: Config, allowed: Config) -> None:
    found = list(limits(SPACE, Rejection(REJECTED, reason)))
    assert any(limit.forbids(SPACE, forbidden) for limit in found)
    assert not any(limit.forbids(SPACE, allowed) for limit in found)


@pytest.mark.parametrize(
    "reason", ["", "boring", "I like lr", "lrx too high", "my_lr too high", "lr", "too high", "wd too strange", "lr ="]
)
def test_what_says_nothing_about_ranges_limits_nothing(reason: str) -> None:
    assert list(limits(SPACE, Rejection(REJECTED, reason))) == []


def test_a_limit_of_a_parameter_that_is_gone_is_no_limit() -> None:
    assert not Limit("gone", above=0.1).forbids(SPACE, {"lr": 1e-2})


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("", ""),
        ("keep wd below .1", "heard as: avoid wd above 0.1"),
        ("wd > .2 and never batch_size 256", "heard as: avoid wd below 0.2, batch_size 256"),
        ("boring", "no parameter limit read in the reason: the config and its neighbourhood are avoided"),
    ],
)
def test_whoever_rejects_is_told_what_was_read(reason: str, told: str) -> None:
    assert heard_as(SPACE, Rejection(REJECTED, reason)) == told


SEARCHES = [name for name in names() if name not in ("guided",)]


@pytest.mark.parametrize("search", SEARCHES)
def test_every_sampler_heeds_it_while_it_is_fresh(search: str) -> None:
    said = Rejection(REJECTED, "lr above 1e-3 is too high", ended=8)
    heard = [d for seed in range(12) for d in proposer(search).propose(history(said, seed=seed), 1)]
    assert all(draft.params["lr"] <= 1e-3 for draft in heard)


def test_without_it_they_go_there() -> None:
    unheard = [d for seed in range(12) for d in proposer("random").propose(history(seed=seed), 1)]
    assert any(draft.params["lr"] > 1e-3 for draft in unheard)


def test_the_neighbourhood_of_a_rejected_config_is_left_alone_without_a_reason_too() -> None:
    small = SearchSpace([CategoricalParameter(name="wd", choices=(1, 2)), FloatParameter(name="lr", low=0, high=1)])
    base = replace(history(ended=0), space=small, first_config={"wd": 1, "lr": 0.5}, trials=(), taken=frozenset({"x"}))
    said = replace(base, rejections=(Rejection({"wd": 1, "lr": 0.5}),))
    near = [
        d
        for d in proposer("random").propose(replace(said, number=3), 40)
        if small.distance(d.params, {"wd": 1, "lr": 0.5}) < 0.08
    ]
    assert not [d for d in near if d.source is not Source.DEFAULT]


def test_it_fades_with_the_trials_that_end_and_then_is_gone() -> None:
    said = Rejection(REJECTED, "lr too high")
    weights = [objections(SPACE, [said], ended, [])[0].weight for ended in (0, HALF_LIFE, 2 * HALF_LIFE)]
    assert weights == [1.0, 0.5, 0.25]
    assert objections(SPACE, [said], 4 * HALF_LIFE, []) == ()


def test_good_trials_contradict_it_and_it_is_dropped() -> None:
    said = Rejection(REJECTED, "lr too high; keep wd below .1")
    [kept] = objections(SPACE, [said], 3, [(1, {"lr": 5e-2, "wd": 0.05, "batch_size": 64})])
    assert [limit.name for limit in kept.limits] == ["wd"]
    assert objections(SPACE, [said], 3, [(1, REJECTED)]) == ()
    best = history().ranking[0].params
    past = history(Rejection(REJECTED, f"keep lr below {best['lr'] / 2:g}"))
    assert not any(o.limits for o in past.objections)


def test_trials_from_before_it_was_said_do_not_cancel_it() -> None:
    best = history().ranking[0].params
    past = history(Rejection(REJECTED, f"keep lr below {best['lr'] / 2:g}", ended=8))
    assert [limit.name for o in past.objections for limit in o.limits] == ["lr"]


def test_it_is_no_wall_where_nothing_else_is_left() -> None:
    two = SearchSpace([CategoricalParameter(name="batch_size", choices=(64, 256))])
    past = History(
        space=two,
        objective=Objective("loss"),
        first_config={"batch_size": 64},
        taken=frozenset({two.key({"batch_size": 64})}),
        number=1,
        rejections=(Rejection({"batch_size": 64}, "never batch_size 256"),),
    )
    [draft] = proposer("random").propose(past, 1)
    assert draft.params == {"batch_size": 256} and "tried nevertheless" in draft.rationale


def test_the_next_card_says_what_was_heard() -> None:
    [draft] = proposer("gp").propose(history(Rejection(REJECTED, "lr too high", ended=8)), 1)
    assert draft.rationale.endswith("You said: “lr too high”.")
    [silent] = proposer("gp").propose(history(Rejection(REJECTED, "ugly", ended=8)), 1)
    assert "You said" not in silent.rationale


def test_the_proposer_process_is_told() -> None:
    past = history(Rejection(REJECTED, "lr too high", ended=2))
    again = wire.history_from_dict(wire.frame_to_dict(past), tuple(past.trials), past.taken)
    assert again.objections == past.objections and again.rejections == past.rejections


def test_read_from_the_store_with_how_much_has_happened_since(tmp_path: Path) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store)
        add_trial(store, study, GOOD, value=0.5)
        store.conn.execute("UPDATE trial SET ended_at = 1000")
        [unwanted] = proposals.add(store, study.id, [Draft(source=Source.GP, params={**GOOD, "lr": 5e-2})])
        proposals.reject(store, unwanted, actor="person", reason="lr too high")
        [expired] = proposals.add(store, study.id, [Draft(source=Source.GP, params={**GOOD, "lr": 6e-2})])
        proposals.reject(store, expired, actor="policy", reason="total time spent")
        add_trial(store, study, {**GOOD, "lr": 2e-3}, value=0.4)
        found = rejections(store, study, trials.all_trials(store, study.id))
    assert found == (Rejection({**GOOD, "lr": 5e-2}, "lr too high", ended=1),)
