"""The rules on curves whose verdicts are known, and what holds whatever the curves are."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from agent.stopping import Run, estimate, judge, promotions
from agent.stopping.curve import chance_below, predictions
from agent.stopping.fits import Prediction
from agent.stopping.run import Frame
from agent.study.stopping_spec import StoppingSpec
from trainers.contract import Objective

LOSS, EXACT = Objective("val_loss"), Objective("val_exact", "maximize")
RULES = ("median", "asha", "curve")


def falling(number: int, start: float, end: float, *, steps: int = 20, upto: float = 1.0, **more) -> Run:
    """From `start` to `end` like an exponential, over `steps` reports 10 steps apart; cut after the share `upto`."""
    count = round(steps * upto)
    losses = [end + (start - end) * math.exp(-4 * i / steps) for i in range(1, count + 1)]
    planned = {"total": 10 * steps, "completed": upto == 1.0} | more
    return Run(number=number, steps=[10 * i for i in range(1, count + 1)], losses=losses, **planned)


def done(n: int = 6, **more) -> list[Run]:
    """Completed trials that ended at .10, .12 …"""
    return [falling(i, 1.0, 0.10 + 0.02 * i, **more) for i in range(n)]


def spec(rule: str, **more) -> StoppingSpec:
    return StoppingSpec(rule=rule, **more)


def test_the_median_rule_stops_what_is_worse_than_half_of_those_that_completed_and_says_so_in_figures():
    hopeless = falling(9, 1.0, 0.8, upto=0.5)
    verdict = judge(hopeless, done(), spec("median"), LOSS)
    assert verdict.stop
    levels = [run.losses[9] for run in done()]
    bar = statistics.median(levels)
    assert verdict.reason == (
        f"at step 100 (50% of its 200) its best val_loss {hopeless.losses[-1]:.4g}"
        f" is worse than the median {bar:.4g} of 6 trials"
    )


def test_the_median_rule_lets_what_is_better_than_the_median_go_on_though_it_is_not_the_best():
    verdict = judge(falling(9, 1.0, 0.11, upto=0.5), done(), spec("median"), LOSS)
    assert not verdict.stop and "not worse than the median" in verdict.reason


def test_where_larger_is_better_the_words_have_the_metrics_own_sign():
    mirrored = [Run(number=r.number, steps=r.steps, losses=[x - 1 for x in r.losses], completed=True) for r in done()]
    low = falling(9, 1.0, 0.8, upto=0.5)
    low = Run(number=9, steps=low.steps, losses=[x - 1 for x in low.losses], total=200)
    verdict = judge(low, mirrored, spec("median"), EXACT)
    assert verdict.stop and f"its best val_exact {-low.losses[-1]:.4g}" in verdict.reason


@pytest.mark.parametrize("rule", RULES)
def test_too_few_trials_no_value_the_warm_up_the_default_and_the_end_of_a_trial_stop_nothing(rule):
    hopeless = falling(9, 1.0, 0.9, upto=1 / 3)
    assert judge(hopeless, done(), spec(rule), LOSS).stop or rule == "asha"
    held = {
        "only 3 trials completed": judge(hopeless, done(3), spec(rule), LOSS),
        "warming up": judge(hopeless, done(), spec(rule, warmup=0.5), LOSS),
        "to its end": judge(falling(0, 1.0, 0.9, upto=0.5, exempt=True), done(), spec(rule), LOSS),
        "nearly done": judge(falling(9, 1.0, 0.9, upto=0.95), done(), spec(rule), LOSS),
        "nothing to judge": judge(Run(number=9, steps=[100], losses=[math.nan], total=200), done(), spec(rule), LOSS),
        "no rule": judge(hopeless, done(), spec("none"), LOSS),
    }
    for words, verdict in held.items():
        assert not verdict.stop and words in verdict.reason


def test_trials_of_different_lengths_are_compared_by_the_share_of_their_plan():
    long = [falling(i, 1.0, 0.10 + 0.02 * i, steps=80) for i in range(6)]
    short = falling(9, 1.0, 0.11, upto=0.5)  # at its step 100 the long ones had done an eighth of their way
    assert not judge(short, long, spec("median"), LOSS).stop
    late = falling(9, 1.0, 0.6, upto=0.5)
    assert judge(late, long, spec("median"), LOSS).stop
    assert late.now < statistics.median(run.level(100) or 0 for run in long)  # by step it would have been ahead


def test_a_trial_whose_length_nobody_knows_is_compared_by_step():
    unknown = falling(9, 1.0, 0.8, upto=0.5, total=None)
    verdict = judge(unknown, done(), spec("median"), LOSS)
    assert verdict.stop and verdict.reason.startswith("at step 100 its best")


def test_values_that_are_not_finite_are_passed_over_and_one_late_spike_stops_nothing():
    curve = falling(9, 1.0, 0.05, upto=0.5)
    spiky = Run(number=9, steps=[*curve.steps, 110, 120], losses=[*curve.losses, math.nan, 5.0], total=200)
    assert not judge(spiky, done(), spec("median"), LOSS).stop
    last = Run(number=9, steps=[*curve.steps, 110], losses=[*curve.losses, 5.0], total=200, last=True)
    assert not judge(last, done(last=True), spec("median"), Objective("val_loss", at="last")).stop


def test_asha_judges_once_at_a_rung_by_what_the_trial_had_come_to_there():
    rivals = done(9)
    at_rung = falling(20, 1.0, 0.3, steps=30, upto=0.4)
    verdict = judge(at_rung, rivals, spec("asha"), LOSS)
    assert verdict.stop and "ranks 10 of 10: the best 3 go on" in verdict.reason
    assert verdict.reason.startswith("at step 100 (33% of its 300)")
    assert "between two rungs" in judge(at_rung, rivals, spec("asha"), LOSS, seen=0.35).reason


def test_asha_takes_up_again_what_later_trials_have_put_among_the_best_of_its_rung():
    paused = falling(20, 1.0, 0.11, upto=0.4, paused=True)
    better, worse = done(2), [falling(30 + i, 1.0, 0.5, upto=0.4) for i in range(6)]
    assert promotions([*better, worse[0], paused], spec("asha")) == []  # second of four: one goes on, t0
    [(number, why)] = promotions([*better, *worse, paused, falling(40, 1.0, 0.6, upto=0.4)], spec("asha"))
    assert number == 20 and "among the best 3 of 10" in why
    assert promotions([*better, *worse, paused], spec("median")) == []


def test_the_curve_rule_tells_a_late_bloomer_from_a_curve_that_has_gone_flat():
    flat = Run(number=9, steps=list(range(10, 110, 10)), losses=[1.0, 0.6, 0.5] + [0.48] * 7, total=200)
    verdict = judge(flat, done(), spec("curve"), LOSS)
    assert verdict.stop and verdict.chance is not None and verdict.chance < 0.05
    assert "chance of" in verdict.reason and "to beat the best" in verdict.reason
    falls = [1.0 - 0.085 * i for i in range(10)]
    blooming = Run(number=9, steps=list(range(10, 110, 10)), losses=falls, total=200)
    assert not judge(blooming, done(), spec("curve"), LOSS).stop


def test_predictions_know_of_the_completed_trials_and_are_surer_the_longer_the_curve():
    rivals = done()
    early, late = falling(9, 1.0, 0.15, upto=0.25), falling(9, 1.0, 0.15, upto=0.8)
    spans = []
    for run in (early, late):
        mix = predictions(run, rivals, Frame.of(run, rivals))
        assert sum(p.weight for p in mix) == pytest.approx(1)
        center = sum(p.weight * p.center for p in mix)
        assert center == pytest.approx(0.16, abs=0.06)
        spans.append(sum(p.weight * p.scale for p in mix))
    assert spans[1] < spans[0]


def test_the_t_distribution_is_that_of_the_tables():
    for freedom, t, share in ((4, 2.132, 0.95), (10, 1.812, 0.95), (30, 2.042, 0.975), (4, -2.132, 0.05)):
        assert Prediction(1.0, 0.0, 1.0, freedom).below(t) == pytest.approx(share, abs=0.004)
    assert chance_below(0.0, [Prediction(1.0, 0.0, 1.0, 8)]) == pytest.approx(0.5)


def test_a_cut_trial_is_given_the_final_value_of_its_rank_never_better_than_the_best_nor_worse_than_it_had():
    rivals = done()
    middle = (rivals[2].losses[9] + rivals[3].losses[9]) / 2
    cut = Run(number=9, steps=[100], losses=[middle], total=200)
    assert estimate(cut, rivals) == pytest.approx((rivals[2].now + rivals[3].now) / 2)
    far = falling(9, 1.0, 0.9, upto=0.5)
    assert rivals[-1].now < (guess := estimate(far, rivals) or 0) <= far.now
    ahead = Run(number=9, steps=[100], losses=[0.0], total=200)
    assert estimate(ahead, rivals) == rivals[0].now
    assert estimate(far, []) is None
    assert guess > rivals[0].now


def _random_runs(rng: random.Random) -> list[Run]:
    """Any curves: noisy, short, broken, with plans known and not."""
    runs = []
    for number in range(rng.randint(5, 14)):
        count = rng.randint(1, 25)
        total = rng.choice([None, 10 * count, 10 * rng.randint(count, 40)])
        losses = [rng.choice([math.nan, math.inf]) if rng.random() < 0.05 else rng.gauss(0, 1) for _ in range(count)]
        steps = [10 * i for i in range(1, count + 1)]
        state = {"completed": rng.random() < 0.6}
        runs.append(Run(number=number, steps=steps, losses=losses, total=total, **state))
    return runs


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(25))
def test_whatever_the_curves_the_best_so_far_goes_on_and_the_order_of_the_others_does_not_matter(rule, seed):
    rng = random.Random(seed)
    runs = _random_runs(rng)
    settings = spec(rule, trials=2, warmup=0.01)
    finals = [run.now for run in runs if run.completed]
    for run in runs:
        verdict = judge(run, runs, settings, LOSS)
        shuffled = judge(run, rng.sample(runs, len(runs)), settings, LOSS)
        assert verdict.stop == shuffled.stop
        if run.now <= min((f for f in finals if math.isfinite(f)), default=math.inf):
            assert not verdict.stop
        if verdict.stop:
            guess = estimate(run, runs)
            assert guess is None or min(finals) <= guess <= run.now


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("value", [0.0, -1.0, 5e-324, 1e308, -1e308])
def test_values_at_the_ends_of_what_floats_hold_stop_nothing_by_accident(rule, value):
    flat = [Run(number=i, steps=range(1, 21), losses=[value] * 20, completed=True) for i in range(6)]
    same = Run(number=9, steps=range(1, 11), losses=[value] * 10, total=20)
    assert not judge(same, flat, spec(rule), LOSS).stop
    far = [Run(number=i, steps=range(1, 21), losses=[-1e308] * 20, completed=True) for i in range(6)]
    wild = Run(number=9, steps=range(1, 11), losses=[1e308] * 9 + [9e307], total=20)
    verdict = judge(wild, far, spec(rule), LOSS)
    assert not (verdict.stop and math.isnan(verdict.chance or 0.0))
