"""How predictions fared: each expected interval beside the value its trial came to."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import pytest

from agent.calibration import calibrations, interval_score, sentence, summary
from agent.study.nouns import Proposal, ProposalState, Source, Trial, TrialState


def proposal(number: int, expected: tuple[float, float] | None, source: Source = Source.LLM) -> Proposal:
    params = {"x": float(number)}
    return Proposal(
        id=100 + number,
        study_id=1,
        number=number,
        source=source,
        params=params,
        state=ProposalState.APPROVED,
        expected=expected,
    )


def trial(number: int, value: float | None, state: TrialState = TrialState.COMPLETED, **changes: Any) -> Trial:
    fields = {"params": {"x": float(number)}, "source": Source.LLM, **changes}
    return Trial(
        id=number, study_id=1, number=number, proposal_id=100 + number, seed=0, state=state, value=value, **fields
    )


def test_hits_coverage_and_width_by_source() -> None:
    proposals = [
        proposal(0, (0.0, 1.0)),
        proposal(1, (0.0, 1.0)),
        proposal(2, (1.5, 2.5), Source.GP),
        proposal(3, None),
    ]
    trials = [trial(0, 0.5), trial(1, 2.0), trial(2, 2.0), trial(3, 3.5)]
    found = calibrations(proposals, trials)
    spread = statistics.pstdev([0.5, 2.0, 2.0, 3.5])
    assert set(found) == {Source.LLM, Source.GP}
    llm = found[Source.LLM]
    assert (llm.scored, llm.inside, llm.coverage) == (2, 1, 0.5)
    assert llm.width == pytest.approx(1.0 / spread)
    assert llm.score == pytest.approx((1.0 + 1.0 + 10 * 1.0) / 2 / spread)  # 2/α = 10 at 80%
    assert found[Source.GP].coverage == 1.0
    assert summary(proposals, trials) == "2/3 inside"
    assert summary(proposals, trials, [Source.LLM]) == "1/2 inside"
    assert sentence(llm).startswith("1 of 2 expected intervals held (80% should); their mean width was ")


def test_what_came_to_no_value_or_was_changed_is_not_scored() -> None:
    proposals = [proposal(i, (0.0, 1.0)) for i in range(6)]
    trials = [
        trial(0, None, TrialState.FAILED),
        trial(1, None, TrialState.RUNNING),
        trial(2, math.nan),
        trial(3, math.inf),
        trial(4, 0.5, TrialState.STOPPED),
        trial(5, 0.5, params={"x": -1.0}),  # the person edited it
    ]
    assert calibrations(proposals, trials) == {} and summary(proposals, trials) == ""
    assert summary(proposals, [*trials[:-1], trial(5, 0.5, TrialState.PRUNED)]) == ""  # not what was predicted
    assert summary(proposals, [*trials[:-1], trial(5, 0.5)]) == "1/1 inside"


def test_the_ends_belong_to_the_interval() -> None:
    proposals = [proposal(i, (0.0, 1.0)) for i in range(3)]
    assert summary(proposals, [trial(0, 0.0), trial(1, 1.0), trial(2, 1.0000001)]) == "2/3 inside"


def test_values_all_alike_have_no_spread_to_measure_by() -> None:
    [found] = calibrations([proposal(0, (0.0, 1.0))], [trial(0, 0.5), trial(1, 0.5)]).values()
    assert (found.width, found.score) == (None, None)
    assert sentence(found) == "1 of 1 expected intervals held (80% should)."


def test_the_score_is_best_for_the_true_quantiles() -> None:
    """Neither wider nor narrower intervals, nor shifted ones, score better in the mean."""
    rng = random.Random(1)
    values = [rng.gauss(0, 1) for _ in range(20_000)]
    mean = {}
    for name, (low, high) in {
        "true": (-1.2816, 1.2816),
        "wide": (-2, 2),
        "narrow": (-0.8, 0.8),
        "off": (-0.8, 1.8),
    }.items():
        mean[name] = statistics.fmean(interval_score(low, high, v) for v in values)
    assert min(mean, key=mean.__getitem__) == "true"
