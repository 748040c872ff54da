"""From judged candidates to the one that is proposed, with how it came about."""

from __future__ import annotations

import math
from typing import Any

from agent.digest.text import digits, number
from agent.llm.seat import Seat
from agent.search.history import History
from agent.search.llambo.acquisition import Prediction
from agent.search.llambo.sampling import Candidate, Sampled
from agent.search.llambo.surrogate import Judged
from agent.search.llambo.target import spread
from agent.search.metric_bounds import bounds
from agent.study.llambo_spec import LlamboSpec
from agent.study.nouns import Draft, Evidence, Source

_INTERVAL = 1.2816  # standard deviations on each side that hold a normal value in 8 of 10 cases
_TOLD = 3  # reasons why configs were dropped that the card repeats


def begun(seat: Seat, history: History, candidate: Candidate) -> Draft:
    """One of the configs that a search begins with."""
    spec = seat.study.spec.llambo
    knowing = {"none": "the model family and the metric", "partial": "that and the data"}
    told = knowing.get(spec.context, "what is told of the task")
    rationale = f"LLAMBO begins: proposed by {seat.need_model().name} before anything was measured, from {told}."
    return _draft(candidate, rationale, {"part": "start"})


def chosen(seat: Seat, history: History, sampled: Sampled, judged: Judged) -> Draft:
    """The candidate of the highest score; the first one the model gave where nothing was predicted of any."""
    spec, sign = seat.study.spec.llambo, history.objective.sign
    place = _best(judged, _weights(history, sampled))
    candidate, found, score = sampled.candidates[place], judged.expected[place], judged.scores[place]
    wide = digits([sign * history.loss(trial) for trial in history.ranking])
    best = history.ranking[0]
    metric = history.objective.metric
    lines = [
        f"LLAMBO: of {len(sampled.candidates)} candidates for {metric} {number(sampled.target or 0.0, wide)} (best "
        f"{number(sign * history.loss(best), wide)}, t{best.number}) {_why(spec, found, score, sign, wide)}."
    ]
    made_up = [c for c in sampled.candidates if c.call_id is None]
    if made_up:
        lines.append(f"{len(made_up)} of them were made up, since the model gave too few that could be used.")
    if sampled.dropped:
        lines.append(f"Left out: {_dropped(sampled)}.")
    about = {
        "part": "next",
        "target": sampled.target,
        "alpha": spec.alpha,
        "surrogate": spec.surrogate,
        "acquisition": "probability" if spec.surrogate == "generative" else spec.acquisition,
        "candidates": [
            _row(c, p, s, sign) for c, p, s in zip(sampled.candidates, judged.expected, judged.scores, strict=True)
        ],
        "notes": [*judged.notes],
    }
    return _draft(
        candidate, " ".join(lines), about, _expected(history, found), _confidence(history, found), best.number
    )


def _weights(history: History, sampled: Sampled) -> list[bool]:
    """Whether a person's objection still speaks against a candidate, by the same chance as in every search."""
    rng = history.rng("objections")
    weights = [
        max((o.weight for o in history.objections if o.meets(history.space, c.params)), default=0.0)
        for c in sampled.candidates
    ]
    return [bool(weight) and rng.random() < weight for weight in weights]


def _best(judged: Judged, objected: list[bool]) -> int:
    """Candidates that a person has objected to, or of which nothing was predicted, behind the others."""

    def rank(i: int) -> tuple[bool, bool, float]:
        score = judged.scores[i]
        return objected[i], score is None, -(score if score is not None else 0.0)

    return min(range(len(judged.scores)), key=rank)


def _why(spec: LlamboSpec, found: Prediction | None, score: float | None, sign: float, wide: int) -> str:
    if score is None:
        return "the first, since the model's predictions could not be read"
    if spec.surrogate == "generative":
        return f"the likeliest to be among the best {spec.quantile:.0%} of trials (score {number(score, 3)})"
    assert found is not None
    name = f"upper confidence bound (κ {number(spec.kappa)})" if spec.acquisition == "ucb" else "expected improvement"
    told = f"{number(sign * found.mean, wide)} ± {number(found.deviation, 2)}"
    return f"the one with the highest {name}: predicted {told} from {found.answers} answers"


def _dropped(sampled: Sampled) -> str:
    first = list(dict.fromkeys(sampled.dropped))
    rest = len(sampled.dropped) - len(first[:_TOLD])
    return "; ".join(first[:_TOLD]) + (f"; and {rest} more" if rest > 0 else "")


def _expected(history: History, found: Prediction | None) -> tuple[float, float] | None:
    """The interval, which ends where the metric does."""
    if found is None:
        return None
    low, high = bounds(history)
    sign = history.objective.sign
    ends = sorted(sign * (found.mean + side * _INTERVAL * found.deviation) for side in (-1, 1))
    return max(ends[0], low), min(ends[1], high)


def _confidence(history: History, found: Prediction | None) -> float | None:
    """How much narrower the answers lie than the values seen."""
    return None if found is None else max(0.0, 1.0 - 2 * found.deviation / spread(history))


def _row(candidate: Candidate, found: Prediction | None, score: float | None, sign: float) -> dict[str, Any]:
    row: dict[str, Any] = {"params": candidate.params, "call": candidate.call_id}
    if found is not None:
        row |= {"mean": sign * found.mean, "deviation": found.deviation, "answers": found.answers}
    return row | ({"score": score} if score is not None and math.isfinite(score) else {})


def _draft(
    candidate: Candidate,
    rationale: str,
    about: dict[str, Any],
    expected: tuple[float, float] | None = None,
    confidence: float | None = None,
    best: int | None = None,
) -> Draft:
    insight = {"llambo": about, "entropy": dict(candidate.entropy), "checked": list(candidate.notes)}
    evidence = () if best is None else (Evidence(kind="trial", text="the best so far", trial=best),)
    return Draft(
        source=Source.LLAMBO,
        params=candidate.params,
        rationale=rationale,
        evidence=evidence,
        expected=expected,
        confidence=confidence,
        call_id=candidate.call_id,
        insight={key: value for key, value in insight.items() if value},
    )
