"""How each prediction fared, once its trial has come to a value: the card of that trial, in one line."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from agent.store import predictions
from agent.store.connection import Store
from agent.store.predictions import Prediction
from agent.study.nouns import Trial
from agent.tui.text import Part, number, seconds, signed


@dataclass(frozen=True)
class Scored:
    """`held` of `told` intervals of the same source have held by then, this one among them."""

    prediction: Prediction
    held: int
    told: int


class Scores:
    """By trial id. Read from the store anew when it is asked for a trial that has ended since."""

    def __init__(self, store: Store, study_id: int) -> None:
        self._store, self._study_id = store, study_id
        self._known: dict[int, Scored] = {}
        self._upto = -math.inf  # when the last of the trials ended whose scores were read

    def of(self, trial: Trial) -> Scored | None:
        if trial.ended_at is None or trial.ended_at > self._upto:
            self._read()
        return self._known.get(trial.id)

    def _read(self) -> None:
        last = self._store.one("SELECT max(ended_at) AS at FROM trial WHERE study_id = ?", (self._study_id,))
        self._upto = last["at"] if last is not None and last["at"] is not None else -math.inf
        held, told = Counter[str](), Counter[str]()
        for prediction in predictions.settled(self._store, self._study_id):
            held[prediction.source] += prediction.held
            told[prediction.source] += 1
            self._known[prediction.trial_id] = Scored(prediction, held[prediction.source], told[prediction.source])


def line(scored: Scored, trial: Trial, before: float | None) -> list[Part]:
    """`p18 → t18: expected −.015 … −.004, got −.007: inside; cost ~11m, took 9.8m · gp 7 of 9 held`. Values are
    differences to the best `before`, where there was one."""
    told = scored.prediction

    def shown(value: float) -> str:
        return number(value) if before is None else signed(value - before)

    parts: list[Part] = [(f"p{told.proposal} → t{trial.number}: ", "muted")]
    parts.append((f"expected {shown(told.low)} … {shown(told.high)}, got {shown(told.value)}: ", "muted"))
    parts.append(("inside", "good") if told.held else _missed(told))
    if told.seconds is not None and trial.seconds is not None:
        parts.append((f"; cost ~{seconds(told.seconds)}, took {seconds(trial.seconds)}", "muted"))
    return [*parts, (f" · {told.source} {scored.held} of {scored.told} held", "muted")]


def _missed(told: Prediction) -> Part:
    side = "below" if told.value < told.low else "above"
    return f"outside, {side}", "ask"
