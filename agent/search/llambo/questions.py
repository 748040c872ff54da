"""The questions of a turn, as prompts: pure functions of the history. The wording alternates with the sample's number,
and every sample shows the trials in another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.digest.text import shorten
from agent.llm.seat import Seat
from agent.search.history import History
from agent.search.llambo import reading
from agent.search.llambo.asking import Question
from agent.search.llambo.context import context
from agent.search.llambo.examples import Examples
from trainers.space import Config

_SAMPLING, _PREDICTING = 0.8, 0.7  # temperatures, as in the paper
_TOKENS, _TOKENS_A_VALUE = 40, 16  # of a config in a reply
_MOST_SAID, _LONGEST = 8, 300  # things a person said, and characters of each
_TOKENS_A_NUMBER = 24  # of a label and its number


class Questions:
    """For one history."""

    def __init__(self, seat: Seat, history: History) -> None:
        self._spec, self._history = seat.study.spec.llambo, history
        self.examples = Examples.of(history, self._spec.examples)
        self._told = context(seat, history)

    def start(self, k: int, sample: int) -> Question:
        default = self._line(self._history.space.snap(self._history.first_config))
        told = {**self._told, "k": k, "default": default, "waiting": [self._line(c) for c in self._history.waiting]}
        return self._for_configs("llambo_start", {**told, "said": self._said()}, k, sample)

    def candidates(self, k: int, aim: float, sample: int) -> Question:
        variant, rng = sample % self._spec.templates, self._history.rng(f"candidates/{sample}")
        told = {
            **self._told,
            "k": k,
            "variant": variant,
            "target": self.examples.value(aim),
            "examples": self.examples.lines(variant, rng, value_first=True),
            "failed": [self._line(config) for config in self.examples.failed],
            "waiting": [self._line(config) for config in self.examples.waiting],
            "said": self._said(),
        }
        return self._for_configs("llambo_candidates", told, k, sample)

    def predict(self, configs: Sequence[Config], sample: int) -> Question:
        variant, rng = sample % self._spec.templates, self._history.rng(f"predict/{sample}")
        told = {"examples": self.examples.lines(variant, rng)}
        return self._about("llambo_predict", told, configs, variant, sample, ())

    def classify(self, configs: Sequence[Config], limit: float, sample: int) -> Question:
        """`limit` is the value of the worst trial that counts as good."""
        variant, rng = sample % self._spec.templates, self._history.rng(f"classify/{sample}")
        told = {
            "examples": self.examples.classes(variant, rng, limit, self._history.objective.sign),
            "limit": self.examples.value(limit),
            "share": f"{self._spec.quantile:.0%}",
        }
        return self._about("llambo_classify", told, configs, variant, sample, (0, 1))

    def _for_configs(self, purpose: str, told: Mapping[str, Any], k: int, sample: int) -> Question:
        return Question(
            purpose=purpose,
            context=told,
            shape=reading.configs_shape(self._history.space, k),
            sample=sample,
            temperature=_SAMPLING,
            tokens=k * (_TOKENS + _TOKENS_A_VALUE * len(self._history.space)),
        )

    def _about(
        self,
        purpose: str,
        told: Mapping[str, Any],
        configs: Sequence[Config],
        variant: int,
        sample: int,
        classes: tuple[int, ...],
    ) -> Question:
        names = labels(len(configs))
        asked = {"asked": self.examples.asked(configs, names, variant), "labels": names, "variant": variant}
        return Question(
            purpose=purpose,
            context={**self._told, **told, **asked},
            shape=reading.labels_shape(tuple(names), classes),
            sample=sample,
            temperature=_PREDICTING,
            tokens=_TOKENS_A_NUMBER * len(configs),
            logprobs=bool(classes),
        )

    def _said(self) -> list[str]:
        """What the person expects of good configs and has turned down, in their words, the latest. Predictions are
        asked for without it."""
        said = [hint.said for hint in self._history.hints if hint.said]
        turned_down = [objection.rejection for objection in self._history.objections]
        said += [f"turned down {self._line(r.params)}" + (f": {r.reason}" if r.reason else "") for r in turned_down]
        return [shorten(text, _LONGEST) for text in said[-_MOST_SAID:]]

    def _line(self, config: Config) -> str:
        return self.examples.config(config, 0)


def labels(count: int) -> list[str]:
    """What the configs of a question are called in it and in its answer."""
    return [f"c{i}" for i in range(1, count + 1)]
