"""How much time the last evaluations are taken to need."""

from __future__ import annotations

import pytest

from trainers.informer import pace
from trainers.informer.pace import Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands where the test sets it."""
    now = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    return now


def test_before_anything_is_known_nothing_is_needed(clock: list[float]) -> None:
    assert Pace().needs(1000) == 0.0


def test_training_tells_how_long_an_evaluation_may_take_until_one_has_been_seen(clock: list[float]) -> None:
    seen = Pace()
    clock[0] += 2.0
    seen.learned(100)
    before = seen.needs(50)
    assert 0.2 < before < 1.0  # less than training on them, more than a forward pass
    seen.evaluated(100, 3.0)
    assert seen.needs(50) == pytest.approx(1.3 * 1.5)
    seen.evaluated(100, 1.0)  # the slowest yet counts
    assert seen.needs(50) == pytest.approx(1.3 * 1.5)


def test_what_passes_between_steps_is_not_counted_as_training(clock: list[float]) -> None:
    seen = Pace()
    clock[0] += 1.0
    seen.learned(100)
    clock[0] += 50.0  # a checkpoint is written
    seen.begin()
    clock[0] += 1.0
    seen.learned(100)
    assert seen.training == pytest.approx(2.0)
