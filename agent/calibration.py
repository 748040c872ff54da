"""How predictions fared: each expected interval beside the value its trial came to.

Widths and scores are in units of the spread (standard deviation) of all values of the study, so that studies can be
compared. The score is the interval score of Gneiting and Raftery (2007, "Strictly Proper Scoring Rules"): width,
and for a miss the distance to the interval times 2/α. It is smallest in expectation for the true quantiles, so that
neither hedging nor bragging pays.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from agent.study.nouns import Proposal, Source, Trial, TrialState
from agent.study.repeats import Repeats

COVERAGE = 0.8  # of the intervals that proposers are asked for
MODELS = (Source.LLM, Source.LLAMBO)  # whose predictions are a language model's


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """One source's predictions. `width` and `score` are means, None where all values of the study are the same."""

    source: Source
    scored: int
    inside: int
    width: float | None
    score: float | None

    @property
    def coverage(self) -> float:
        """The share of values that fell inside; COVERAGE is what was asked for."""
        return self.inside / self.scored


def calibrations(proposals: Iterable[Proposal], trials: Sequence[Trial]) -> dict[Source, Calibration]:
    """By source, those with at least one prediction whose trials came to a value: the mean, once all of a proposal's
    runs have ended. A config that the person changed was not predicted."""
    by_id = {p.id: p for p in proposals}
    values = [v for v in map(_value, trials) if v is not None]
    made: dict[int, list[Trial]] = defaultdict(list)
    for trial in trials:
        made[trial.proposal_id].append(trial)
    spread = statistics.pstdev(values) if values else 0.0
    found: dict[Source, list[tuple[float, float, float]]] = defaultdict(list)
    for runs in (Repeats(tuple(found_)) for found_ in made.values()):
        trial = runs.as_one()
        proposal, value = by_id.get(trial.proposal_id), None if runs.open else _value(trial)
        if proposal is None or proposal.expected is None or value is None or proposal.params != trial.params:
            continue
        found[proposal.source].append((*proposal.expected, value))
    return {source: _calibration(source, triples, spread) for source, triples in found.items()}


def _value(trial: Trial) -> float | None:
    """The value of a trial that came to its end with a finite one. What was cut early was not what was predicted."""
    ended = trial.state is TrialState.COMPLETED
    return trial.value if ended and trial.value is not None and math.isfinite(trial.value) else None


def _calibration(source: Source, triples: Sequence[tuple[float, float, float]], spread: float) -> Calibration:
    inside = sum(low <= value <= high for low, high, value in triples)
    width = statistics.fmean(high - low for low, high, _ in triples)
    score = statistics.fmean(interval_score(*triple) for triple in triples)
    unit = spread if spread > 0 else None
    return Calibration(
        source=source,
        scored=len(triples),
        inside=inside,
        width=width / unit if unit else None,
        score=score / unit if unit else None,
    )


def interval_score(low: float, high: float, value: float, coverage: float = COVERAGE) -> float:
    """In the units of `value`; smaller is better."""
    return high - low + 2 / (1 - coverage) * max(low - value, value - high, 0.0)


def summary(proposals: Iterable[Proposal], trials: Sequence[Trial], sources: Collection[Source] = ()) -> str:
    """`7/9 inside`, of all sources or those named; empty where nothing has been scored."""
    found = [c for c in calibrations(proposals, trials).values() if not sources or c.source in sources]
    scored = sum(c.scored for c in found)
    return f"{sum(c.inside for c in found)}/{scored} inside" if scored else ""


def sentence(calibration: Calibration) -> str:
    """The same in a sentence, for a prompt or a report."""
    text = f"{calibration.inside} of {calibration.scored} expected intervals held ({COVERAGE:.0%} should)"
    if calibration.width is not None:
        text += f"; their mean width was {calibration.width:.2g} of the spread (standard deviation) of all values"
    return text + "."
