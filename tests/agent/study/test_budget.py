"""What is spent: time during which at least one trial ran, however many did."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.study.budget import busy_seconds, seconds_left
from agent.study.spec import Budget, EngineSpec

intervals = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda t: (min(t), max(t))), max_size=12)


@given(intervals, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_union_is_counted_second_by_second(spans, shuffler):
    expected = sum(any(start <= second < end for start, end in spans) for second in range(60))
    shuffler.shuffle(spans)
    assert busy_seconds(spans) == expected


def test_nothing_takes_no_time():
    assert busy_seconds([]) == 0
    assert busy_seconds([(5.0, 5.0)]) == 0


def test_a_clock_set_back_takes_nothing_off():
    assert busy_seconds([(100.0, 40.0)]) == 0
    assert busy_seconds([(100.0, 40.0), (0.0, 10.0), (105.0, 110.0)]) == 15


@pytest.mark.parametrize(
    ("trial", "total", "spent", "left"),
    [
        (None, None, 1e9, None),
        (60.0, None, 1e9, 60.0),
        (None, 100.0, 30.0, 70.0),
        (60.0, 100.0, 30.0, 60.0),
        (60.0, 100.0, 90.0, 10.0),
        (60.0, 100.0, 130.0, 0.0),
    ],
)
def test_a_trial_may_take_its_own_limit_or_what_is_left(trial, total, spent, left):
    assert seconds_left(Budget(trial_seconds=trial, total_seconds=total), spent) == left


@pytest.mark.parametrize(
    ("engine", "gpus", "uses_gpu", "share", "width"),
    [
        (EngineSpec(), 0, True, 0.0, 1),
        (EngineSpec(), 4, True, 1.0, 4),
        (EngineSpec(), 4, False, 0.0, 1),
        (EngineSpec(jobs=3), 0, False, 0.0, 3),
        (EngineSpec(jobs=3), 8, True, 1.0, 3),
        (EngineSpec(gpus_per_trial=2), 8, True, 2, 4),
        (EngineSpec(gpus_per_trial=2), 5, True, 2, 2),
        (EngineSpec(gpus_per_trial=0), 8, True, 0, 1),
        (EngineSpec(gpus_per_trial=0.5), 2, True, 0.5, 4),
        (EngineSpec(gpus_per_trial=0.1), 1, True, 0.1, 10),
        (EngineSpec(gpus_per_trial=1 / 3), 2, True, 1 / 3, 6),
        (EngineSpec(gpus_per_trial=0.3), 3, True, 0.3, 9),
        (EngineSpec(gpus_per_trial=0.7), 4, True, 0.7, 4),
    ],
)
def test_as_many_trials_run_at_once_as_there_are_gpus_for(engine, gpus, uses_gpu, share, width):
    assert engine.share(gpus, uses_gpu) == share
    assert engine.width(gpus, uses_gpu) == width


def test_the_width_never_asks_for_more_than_slots_give():
    from trainers.engines.slots import Slots

    rng = random.Random(0)
    for _ in range(200):
        gpus, share = rng.randrange(1, 5), rng.choice([0.1, 0.2, 0.25, 0.3, 1 / 3, 0.45, 0.5, 0.6, 1, 2])
        if share > gpus:
            continue
        slots = Slots([str(n) for n in range(gpus)], 1000)
        taken = 0
        while slots.take(share, 1) is not None:
            taken += 1
        assert EngineSpec(gpus_per_trial=share).width(gpus, True) == taken
