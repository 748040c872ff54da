"""Runs of one config count together, and the best config is the best by its mean, not by a lucky draw."""

from __future__ import annotations

import random
import statistics
from dataclasses import replace

import pytest

from agent.study.confirmation import conclusion, confirmed, told_at_end
from agent.study.noise import Noise, noise
from agent.study.nouns import Source, Trial, TrialState
from agent.study.repeats import best, merged, ranked
from agent.study.spec import StudySpec
from agent.study.verdicts import lead, verdict, whole
from tests.agent.stores import GOOD, OOM, SPACE
from trainers.contract import Objective

LOSS, SCORE = Objective("loss"), Objective("acc", "maximize")
KNOWN = Noise(0.01, rests_on="40 runs of 4 configs", freedom=10_000)


def run(number: int, config: float, end: float | TrialState, proposal: int | None = None) -> Trial:
    """A run of the config `config`: completed with a value, or in a state."""
    state = end if isinstance(end, TrialState) else TrialState.COMPLETED
    value = end if isinstance(end, float) else None
    made = int(config * 1e6) if proposal is None else proposal
    return Trial(
        id=number, study_id=1, number=number, proposal_id=made, source=Source.GP, params={**GOOD, "lr": config},
        seed=number, state=state, value=value, failure=OOM if state is TrialState.FAILED else None,
    )  # fmt: skip


def runs(first: int, config: float, *ends: float | TrialState) -> list[Trial]:
    return [run(first + i, config, end) for i, end in enumerate(ends)]


A, B, C = 1e-4, 1e-3, 1e-2


class TestBest:
    @pytest.mark.parametrize(("objective", "number"), [(LOSS, 3), (SCORE, 0)])
    def test_is_the_config_with_the_best_mean(self, objective: Objective, number: int) -> None:
        found = best([*runs(0, A, 0.5, 0.1, 0.6), *runs(3, B, 0.3, 0.31, 0.32)], objective)
        assert found is not None and (found.number, found.runs) == (number, 3)

    def test_holds_the_mean_and_the_deviation_of_its_runs(self) -> None:
        found = best(runs(4, A, 0.2, 0.3, 0.4), LOSS)
        assert found is not None
        assert (found.value, found.deviation) == (pytest.approx(0.3), pytest.approx(0.1))

    def test_a_config_whose_seeds_have_not_all_ended_waits(self) -> None:
        settled = [*runs(0, A, 0.30, 0.31, 0.32), *runs(3, B, 0.40, 0.41, 0.39)]
        lucky = runs(6, C, 0.25, TrialState.RUNNING, TrialState.QUEUED)
        assert [t.number for t in ranked([*settled, *lucky], LOSS)] == [0, 3, 6]
        held = runs(6, C, 0.25, 0.27, 0.26)
        assert [t.number for t in ranked([*settled, *held], LOSS)] == [6, 0, 3]

    def test_the_best_stays_the_best_while_it_is_run_again(self) -> None:
        known = [*runs(0, A, 0.3), *runs(1, B, 0.4)]
        again = [*known, *runs(2, A, TrialState.RUNNING)]
        assert best(again, LOSS).number == 0  # type: ignore[union-attr]

    def test_a_lucky_draw_does_not_outrank_what_was_confirmed(self) -> None:
        confirmed_ = runs(0, A, 0.31, 0.30, 0.29, 0.30, 0.31, 0.29)
        assert best([*confirmed_, run(6, B, 0.295)], LOSS).number == 0  # type: ignore[union-attr]
        assert best([*confirmed_, run(6, B, 0.15)], LOSS).number == 6  # type: ignore[union-attr]

    def test_what_diverges_does_not_blur_what_is_good(self) -> None:
        many = [run(n, 1e-5 * (n + 1), 0.3 + n / 100) for n in range(8)]
        wild = [*runs(20, C, 50.0, 90.0, 400.0), *runs(30, 1e-5, 0.302)]
        found = noise([*many, *wild], SPACE, LOSS)
        assert found.deviation == pytest.approx(statistics.stdev([0.3, 0.302]))
        assert best([*many, *wild], LOSS).number == 0  # type: ignore[union-attr]

    def test_a_failed_first_run_does_not_hide_the_second(self) -> None:
        found = best([run(0, A, TrialState.FAILED), run(1, B, 0.5), run(2, A, 0.3)], LOSS)
        assert found is not None and found.number == 2

    def test_nothing_completed_is_no_best(self) -> None:
        assert best(runs(0, A, TrialState.FAILED, TrialState.RUNNING), LOSS) is None
        assert best([], LOSS) is None

    def test_replayed_studies_of_equal_configs_are_not_led_by_fewer_runs(self) -> None:
        """Forty equal configs run once and one run six times: a single draw leads it seldom, where the plain best of
        the means would nearly always be one."""
        rng, held, plain = random.Random(4), 0, 0
        for _ in range(200):
            trials = [run(i, 1e-5 * (i + 1), rng.gauss(0, 1)) for i in range(40)]
            trials += [run(100 + i, 0.05, rng.gauss(-1.5, 1)) for i in range(6)]
            held += best(trials, LOSS).number >= 100  # type: ignore[union-attr]
            means = sorted(merged(trials), key=lambda t: t.value or 0.0)
            plain += means[0].number >= 100
        assert held > 120 > plain


class TestMerged:
    def test_single_runs_stay_as_they_are(self) -> None:
        trials = [run(0, A, 0.1), run(1, B, TrialState.FAILED)]
        assert merged(trials) == trials

    def test_a_pruned_run_counts_only_where_none_completed(self) -> None:
        pruned = replace(run(1, A, 0.9), state=TrialState.PRUNED)
        [one] = merged([run(0, A, 0.1), pruned])
        assert (one.value, one.runs, one.state) == (0.1, 1, TrialState.COMPLETED)
        [other] = merged([pruned, replace(pruned, number=2, value=0.7)])
        assert (other.value, other.state) == (pytest.approx(0.8), TrialState.PRUNED)

    def test_without_a_value_what_is_still_to_end_speaks_then_what_failed(self) -> None:
        [one] = merged(runs(0, A, TrialState.FAILED, TrialState.RUNNING, TrialState.STOPPED))
        assert one.state is TrialState.RUNNING
        [one] = merged(runs(0, A, TrialState.FAILED, TrialState.STOPPED))
        assert one.state is TrialState.FAILED


class TestVerdicts:
    def test_means_of_more_runs_are_told_apart_sooner(self) -> None:
        single = verdict(run(0, A, 0.300), run(1, B, 0.320), KNOWN, LOSS)
        means = [replace(t, runs=5) for t in (run(0, A, 0.300), run(1, B, 0.320))]
        assert (single.beyond, verdict(means[0], means[1], KNOWN, LOSS).beyond) == (False, True)

    def test_the_limit_between_means_is_wrong_in_one_case_of_twenty(self) -> None:
        rng, wrong = random.Random(2), 0
        for _ in range(2000):
            trials = [run(i, config, rng.gauss(0, 1)) for i, config in enumerate([A] * 3 + [B] * 3 + [C] * 2)]
            found = noise(trials, SPACE, LOSS)
            ones = merged(trials)
            wrong += bool(verdict(ones[0], ones[1], found, LOSS).beyond)
        assert wrong / 2000 == pytest.approx(0.05, abs=0.015)

    def test_the_lead_is_the_best_config_beside_the_next(self) -> None:
        found = lead([*runs(0, A, 0.30, 0.32), *runs(2, B, 0.31, 0.33), run(4, C, 0.9)], KNOWN, LOSS)
        assert found is not None and (found.first, found.second, found.better) == (0, 2, None)
        assert lead(runs(0, A, 0.3, 0.4), KNOWN, LOSS) is None

    def test_a_chosen_trial_stands_for_its_config_but_not_beside_another_run_of_it(self) -> None:
        trials = [*runs(0, A, 0.30, 0.40), run(2, B, 0.5)]
        assert [(t.number, t.value) for t in whole([trials[1], trials[2]], trials)] == [
            (1, pytest.approx(0.35)),
            (2, 0.5),
        ]
        assert [t.value for t in whole(trials[:2], trials)] == [0.30, 0.40]


class TestConfirmation:
    def test_the_new_runs_speak_alone(self) -> None:
        picked, fresh = run(0, A, 0.20), [run(i, A, v, proposal=7) for i, v in ((5, 0.30), (6, 0.32))]
        [found] = confirmed([picked, run(1, B, 0.4), *fresh], LOSS)
        assert (found.picked, found.mean) == (0.20, pytest.approx(0.31))
        assert found.text == "t0: 0.2 when it was picked, 0.31 ± 0.014 over 2 new seeds"

    def trials(self, second: float) -> list[Trial]:
        first = [run(i, A, v, proposal=7) for i, v in ((5, 0.30), (6, 0.32), (7, 0.31))]
        other = [run(i, B, v + second, proposal=8) for i, v in ((8, 0.0), (9, 0.02), (10, 0.01))]
        return [run(0, A, 0.29), run(1, B, 0.29), run(2, C, 0.9), *first, *other]

    def test_within_the_noise_either_may_be_taken(self) -> None:
        said = conclusion(self.trials(0.305), KNOWN, LOSS)
        assert said.startswith("t0 and t1 differ by less than the noise (±") and said.endswith("): take either.")

    def test_beyond_it_one_is_named(self) -> None:
        assert conclusion(self.trials(0.5), KNOWN, LOSS).startswith("Take t0. t0 is better than t1 by")

    def test_nothing_is_concluded_of_what_was_not_confirmed(self) -> None:
        assert conclusion([run(0, A, 0.3), run(1, B, 0.4)], KNOWN, LOSS) == ""
        assert conclusion([*self.trials(0.5), run(11, 0.05, 0.01)], KNOWN, LOSS) == ""


class TestToldAtTheEnd:
    """A confirmation of two configs, two new seeds each, under way together."""

    SPEC = StudySpec(name="s", trainer="forest", space=SPACE, objective=LOSS)

    def at(self, trial: Trial, queued: float, ended: float | None) -> Trial:
        state = trial.state if ended is not None else TrialState.RUNNING
        return replace(trial, queued_at=queued, ended_at=ended, state=state, value=trial.value if ended else None)

    def trials(self, end_of_last: float | None = 60.0) -> list[Trial]:
        first = [self.at(run(0, A, 0.30), 0, 10), self.at(run(1, B, 0.31), 0, 10)]
        fresh = [self.at(run(2, A, 0.33, 7), 20, 40), self.at(run(3, A, 0.35, 7), 20, 50)]
        fresh += [self.at(run(4, B, 0.31, 8), 21, 45), self.at(run(5, B, 0.32, 8), 21, end_of_last)]
        return [*first, *fresh]

    def test_the_last_of_them_tells_of_all_and_the_others_of_nothing(self) -> None:
        every = self.trials()
        assert [told_at_end(every, t, self.SPEC) for t in every[:5]] == [[]] * 5
        b, a, which = told_at_end(every, every[5], self.SPEC)
        assert b.startswith("t1: 0.31 when it was picked, 0.315 ± 0.0071 over 2 new seeds")
        assert a.startswith("t0: 0.3 when it was picked, 0.34") and "t1" in which

    def test_while_one_is_to_end_nothing_is_told(self) -> None:
        every = self.trials(None)
        assert told_at_end(every, every[3], self.SPEC) == []

    def test_what_came_later_changes_nothing_of_what_is_told(self) -> None:
        every = self.trials()
        before = told_at_end(every, every[5], self.SPEC)
        later = [
            self.at(run(6, A, 0.1, 9), 70, 80),
            self.at(run(7, C, 0.01), 70, 90),
            self.at(run(8, B, 9.0, 9), 75, None),
        ]
        assert told_at_end([*every, *later], every[5], self.SPEC) == before

    def test_one_that_is_run_again_later_is_told_alone(self) -> None:
        every = [*self.trials(), self.at(run(6, A, 0.31, 9), 70, 80)]
        assert [line[:3] for line in told_at_end(every, every[-1], self.SPEC)][:1] == ["t0:"]
        assert not any(line.startswith("t1:") for line in told_at_end(every, every[-1], self.SPEC))

    def test_the_seeds_of_one_proposal_are_no_confirmation(self) -> None:
        every = [self.at(one, 0, 10.0 + one.number) for one in runs(0, A, 0.3, 0.31, 0.32)]
        assert [told_at_end(every, t, self.SPEC) for t in every] == [[]] * 3
