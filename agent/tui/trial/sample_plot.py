"""A forecast as curves: what it goes on from, what was predicted, what came."""

from __future__ import annotations

from collections.abc import Sequence

from agent.samples import errors
from agent.tui.charts.buckets import Buckets
from agent.tui.charts.plot import Series, View
from agent.tui.text import number
from trainers.samples import SeriesSample

PREDICTED, TRUTH, CONTEXT = "curve:0", "text", "muted"


def curves(sample: SeriesSample) -> tuple[list[Series], View]:
    """Steps are counted from the first predicted value; what lies before it is the context, with the truth going on
    from it. The prediction is dashed, so that it can be told from the truth without its colour."""
    before = len(sample.context)
    given = _buckets([*sample.context, *sample.truth[:1]], -before)
    drawn = [
        Series("", CONTEXT, given),
        Series("truth", TRUTH, _buckets(sample.truth, 0)),
        Series("predicted", PREDICTED, _buckets(sample.predicted, 0), dashed=len(sample.predicted) > 1),
    ]
    return [one for one in drawn if one.buckets.count], View(log=False, mark=0.0 if before else None)


def _buckets(values: Sequence[float], first: int) -> Buckets:
    made = Buckets()
    for at, value in enumerate(values):
        made.add(float(first + at), value)
    return made


def scores(sample: SeriesSample) -> str:
    """`mse .231  mae .37`."""
    found = errors(sample)
    return "" if found is None else f"mse {number(found[0])}  mae {number(found[1])}"
