"""Healthy curves drawn at random are left alone, whatever their noise, length and ranges."""

from __future__ import annotations

from agent.diagnosis.judge import diagnose
from tests.agent.diagnosis.simulated import healthy

RUNS = 600


def test_at_most_one_in_a_hundred_is_accused() -> None:
    accused = [(seed, verdict) for seed in range(RUNS) if not (verdict := diagnose(healthy(seed))).healthy]
    assert len(accused) <= RUNS // 100, [(seed, d.verdict, d.explanation) for seed, d in accused]
