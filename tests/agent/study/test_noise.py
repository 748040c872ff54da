"""Noise is measured where it can be, judged where it must be, and otherwise not known; verdicts never say more."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from agent.study.differences import differing, shared
from agent.study.noise import Noise, noise
from agent.study.nouns import Source, Trial, TrialState
from agent.study.verdicts import beside, verdict, verdicts
from tests.agent.stores import GOOD, OOM, SPACE
from trainers.contract import Objective

LOSS, SCORE = Objective("loss"), Objective("acc", "maximize")


def trial(number: int, value: float | None, params: dict[str, Any] | None = None, **changes: Any) -> Trial:
    given: dict[str, Any] = {"state": TrialState.COMPLETED, "seed": number, "params": params or GOOD, **changes}
    return Trial(id=number, study_id=1, number=number, proposal_id=number, source=Source.GP, value=value, **given)


def known(limit: float = 0.05) -> Noise:
    made = Noise(0.01, rests_on="40 runs of 4 configs", freedom=10_000)
    return Noise(0.01 * limit / (made.limit or 1), rests_on=made.rests_on, freedom=made.freedom)


class TestNoise:
    def test_repeats_are_pooled_over_configs(self) -> None:
        low, high = {**GOOD, "lr": 1e-4}, {**GOOD, "lr": 1e-2}
        found = noise([trial(0, 1.0, low), trial(1, 1.2, low), trial(2, 5.0, high), trial(3, 5.4, high)], SPACE, LOSS)
        assert found.deviation == pytest.approx(math.sqrt((0.02 + 0.08) / 2))
        assert (found.is_bound, found.freedom) == (False, 2)
        assert found.source == "from 4 runs of 2 configs, so a rough figure"

    def test_a_limit_from_few_runs_is_wider(self) -> None:
        limits = [Noise(1.0, freedom=n).limit or 0.0 for n in (1, 2, 3, 4, 5, 10, 100, 100_000)]
        assert limits == sorted(limits, reverse=True)
        assert limits[-1] == pytest.approx(1.96 * math.sqrt(2), rel=1e-3)

    def test_the_limit_is_wrong_in_one_case_of_twenty(self) -> None:
        rng = random.Random(1)
        for repeats in (2, 3, 4, 8):
            wrong = 0
            for _ in range(4000):
                values = [rng.gauss(0, 1) for _ in range(repeats)]
                found = noise([trial(i, v) for i, v in enumerate(values)], SPACE, LOSS)
                wrong += abs(rng.gauss(0, 1) - rng.gauss(0, 1)) > (found.limit or 0.0)
            assert wrong / 4000 == pytest.approx(0.05, abs=0.015)

    def test_runs_of_one_seed_that_are_alike_say_nothing_of_chance(self) -> None:
        assert noise([trial(0, 1.0, seed=7), trial(1, 1.0, seed=7)], SPACE, LOSS) == Noise()
        assert noise([trial(0, 1.0, seed=7), trial(1, 1.0, seed=8)], SPACE, LOSS).deviation == 0

    def test_neighbours_bound_it_and_the_words_say_so(self) -> None:
        near = [trial(i, 0.5 + 0.01 * (i % 2), {**GOOD, "lr": 1e-3 * (1 + i / 100)}) for i in range(6)]
        found = noise(near, SPACE, LOSS)
        assert found.is_bound
        assert found.words.startswith("±") and "at most, an estimate from" in found.words
        assert noise(list(reversed(near)), SPACE, LOSS) == found

    def test_what_has_no_value_is_passed_over(self) -> None:
        odd = [
            trial(0, math.nan),
            trial(1, None, state=TrialState.RUNNING),
            trial(2, 1.0, state=TrialState.STOPPED),
            trial(3, None, state=TrialState.FAILED, failure=OOM),
        ]
        assert noise([*odd, trial(4, 1.0)], SPACE, LOSS) == Noise()


class TestVerdicts:
    @pytest.mark.parametrize(("objective", "better"), [(LOSS, 0), (SCORE, 1)])
    def test_beyond_the_noise_the_better_one_is_named(self, objective: Objective, better: int) -> None:
        found = verdict(trial(0, 0.30), trial(1, 0.40), known(), objective)
        assert (found.better, found.beyond, found.difference) == (better, True, pytest.approx(0.1))
        worse = 1 - better
        said = f"t{better} is better than t{worse} by 0.1, beyond the noise (±0.05, from 40 runs of 4 configs)."
        assert found.text == said

    @pytest.mark.parametrize("objective", [LOSS, SCORE])
    def test_within_the_noise_neither_is_preferred(self, objective: Objective) -> None:
        found = verdict(trial(0, 0.30), trial(1, 0.34), known(), objective)
        assert (found.better, found.beyond) == (None, False)
        assert "within the noise" in found.text and found.text.endswith("no reason to prefer either.")

    def test_without_a_figure_of_noise_no_better_one_is_claimed(self) -> None:
        found = verdict(trial(0, 0.30), trial(1, 0.34), Noise(), LOSS)
        assert (found.better, found.beyond) == (None, None)
        assert "how much of that is chance is not known: no config has been run twice" in found.text

    def test_what_has_no_value_is_said_and_not_judged(self) -> None:
        failed = trial(1, None, state=TrialState.FAILED, failure=OOM)
        running = trial(2, None, state=TrialState.RUNNING, last_value=0.2)
        texts = [v.text for v in verdicts([failed, trial(0, 0.3), running, trial(3, math.nan)], known(), LOSS)]
        assert texts == [
            "t1 failed (cuda out of memory): no value to hold against t0's.",
            "t2 is running, 0.2 so far: no value yet to hold against t0's.",
            "t3 completed without a value to go by: no value to hold against t0's.",
        ]
        assert [v.text for v in verdicts([failed], known(), LOSS)] == ["t1 failed (cuda out of memory)."]

    def test_the_best_is_held_against_each_of_the_others(self) -> None:
        found = verdicts([trial(n, v) for n, v in ((3, 0.5), (7, 0.3), (9, 0.31))], known(), LOSS)
        assert [(v.first, v.second, v.better) for v in found] == [(7, 3, 7), (7, 9, None)]

    def test_beside_another(self) -> None:
        assert beside(trial(0, 0.3), trial(1, 0.31), known()).startswith("within the noise (±0.05")
        assert beside(trial(0, 0.3), trial(1, 0.9), known()).startswith("beyond the noise")
        assert beside(trial(0, 0.3), trial(1, 0.9), Noise()) == ""


def test_what_differs_and_what_is_shared() -> None:
    chosen = [trial(0, 1.0, {"a": 1, "b": True, "c": 3}), trial(1, 1.0, {"a": 1.0, "b": 1, "d": None})]
    assert differing(chosen) == ["b", "c", "d"]
    assert shared(chosen) == ["a"]
