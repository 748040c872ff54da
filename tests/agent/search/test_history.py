"""The subset a model learns from: the best, the latest, and an even spread, whatever the length."""

from __future__ import annotations

from dataclasses import replace

from agent.search.history import subset
from agent.study.nouns import Draft, Source, TrialState
from tests.agent.search import growing
from tests.agent.search.growing import fresh, grow, ran
from trainers.space import FloatParameter, SearchSpace

LINE = SearchSpace([FloatParameter(name="x", low=0.0, high=1.0)])


def long(trials: int):
    history, _ = grow(fresh(LINE), lambda c: None if c["x"] > 0.9 else c["x"], "random", trials)
    return history


def test_a_short_history_is_taken_whole():
    history = long(30)
    assert subset(history, history.completed, 100) == list(history.completed)


def test_a_long_one_keeps_the_best_the_latest_and_an_even_spread():
    history = long(800)
    chosen = subset(history, history.completed, 80)
    assert 68 <= len(chosen) <= 80
    assert set(map(id, history.ranking[:40])) <= set(map(id, chosen))
    assert set(map(id, history.completed[-20:])) <= set(map(id, chosen))
    rest = [t.number for t in chosen if t not in history.ranking[:40] and t not in history.completed[-20:]]
    assert [sum(start <= n < start + 200 for n in rest) >= 1 for start in (0, 200, 400)] == [True] * 3


def test_one_more_trial_changes_little_of_the_choice():
    longer = long(801)
    history = replace(longer, trials=longer.trials[:-1])
    before, after = ({t.number for t in subset(h, h.completed, 80)} for h in (history, longer))
    assert len(before & after) >= 66


def test_of_failures_half_are_the_latest():
    history = long(600)
    assert len(history.failed) > 40
    chosen = subset(history, history.failed, 20)
    assert 15 <= len(chosen) <= 20
    assert chosen[-10:] == list(history.failed[-10:])


def test_trials_that_no_longer_fit_the_space_are_left_out_and_others_take_their_place():
    history = long(200)
    narrow = replace(history, space=SearchSpace([FloatParameter(name="x", low=0.3, high=0.8)]))
    chosen = subset(narrow, narrow.completed, 50)
    assert 40 <= len(chosen) <= 50
    assert all(0.3 <= t.params["x"] <= 0.8 for t in chosen)


def test_stopped_trials_say_nothing_and_pruned_ones_give_their_value():
    history = fresh(LINE)
    states = (TrialState.STOPPED, TrialState.PRUNED, TrialState.RUNNING, TrialState.QUEUED, TrialState.COMPLETED)
    for x, state in enumerate(states):
        value = None if state in (TrialState.RUNNING, TrialState.QUEUED) else 0.5
        history = ran(history, Draft(source=Source.RANDOM, params={"x": x / 10}), value, state)
    assert [t.number for t in history.completed] == [1, 4]
    assert history.failed == ()
    assert history.waiting == ({"x": 0.2}, {"x": 0.3})


def test_equal_configs_are_seen_whatever_the_route_they_came_by():
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 3)
    config = history.trials[2].params
    by_trial = replace(history, taken=frozenset())
    by_key = replace(history, trials=())
    assert by_trial.seen(config) and by_key.seen(config)
    assert not by_trial.seen({**config, "lr": 0.5})


def test_of_the_best_only_such_as_lie_apart_are_taken_where_that_is_asked_for():
    history, _ = grow(fresh(growing.mixed()), growing.mixed_loss, "random", 60)
    space, best = history.space, history.ranking[0].params
    for step in range(60):  # a pile about the best
        near = {**best, "lr": best["lr"] * (1 + step / 1000)}
        history = ran(history, Draft(source=Source.GP, params=near), -1.0 + step / 1e4)
    plain, apart = (subset(history, history.completed, 40, apart=a) for a in (0.0, 0.02))
    piles = [sum(space.distance(t.params, best) < 0.02 for t in chosen) for chosen in (plain, apart)]
    assert piles[0] >= 20 and piles[1] <= 20
    assert 30 <= len(apart) <= 40 and history.ranking[0] in apart and history.completed[-1] in apart
