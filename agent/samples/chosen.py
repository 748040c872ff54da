"""Which samples are looked at, and what all of them come to in a sentence."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

from trainers.samples import Sample, Samples, SeriesSample, TextSample


class Numbered(NamedTuple):
    """A sample under its number in the file, from 1."""

    number: int
    sample: Sample


def chosen(found: Samples, *, everything: bool = False, text: str = "") -> list[Numbered]:
    """Those that were answered wrongly, and every series; with `everything` the right answers too. `text` must stand
    in a sample's words, upper and lower case alike."""
    needle = text.lower()
    return [
        Numbered(number, sample)
        for number, sample in enumerate(found.items, start=1)
        if (everything or isinstance(sample, SeriesSample) or not sample.right) and needle in _words(sample).lower()
    ]


def _words(sample: Sample) -> str:
    said = [sample.title, sample.note, sample.when]
    if isinstance(sample, TextSample):
        said += [sample.question, sample.answer, sample.truth, sample.error]
    return "\n".join(said)


def tally(found: Samples) -> str:
    """`38 of 1,000 wrong: 20 too short, 18 wrong order`; of those kept, where nobody counted all."""
    texts, series = found.texts(), found.series()
    said = []
    if texts:
        counts = (
            dict(found.counts) if found.asked is not None else Counter(t.error or "wrong" for t in texts if not t.right)
        )
        asked = found.asked if found.asked is not None else len(texts)
        wrong = sum(counts.values())
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) if any(t.error for t in texts) else ""
        said.append(f"{wrong:,} of {asked:,} wrong{f': {kinds}' if kinds else ''}")
    if series:
        said.append(f"{len(series):,} forecast{'' if len(series) == 1 else 's'}")
    return "; ".join(said) or "no samples"


def errors(sample: SeriesSample) -> tuple[float, float] | None:
    """Mean squared and mean absolute error where both are numbers; None where there is nothing to compare."""
    pairs = zip(sample.predicted, sample.truth, strict=False)
    differences = [p - t for p, t in pairs if math.isfinite(p) and math.isfinite(t)]
    if not differences:
        return None
    count = len(differences)
    return math.fsum(d * d for d in differences) / count, math.fsum(map(abs, differences)) / count
