"""What the model predicts of candidates: their values, or whether they belong with the good ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.llm.call import Token
from agent.llm.seat import Seat
from agent.llm.values import proposed, tokens_at
from agent.search.history import History
from agent.search.llambo import acquisition, reading
from agent.search.llambo.acquisition import Prediction
from agent.search.llambo.asking import Answer, Question, Turn
from agent.search.llambo.questions import Questions, labels
from agent.search.llambo.target import spread
from agent.search.metric_bounds import bounds
from agent.store import calls
from trainers.space import Config

_CLASSES = ("0", "1")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """For each candidate: what it promises, larger is better, None where nothing was predicted of it; and what it is
    expected to come to, as a loss. `notes` say what was missing."""

    scores: Sequence[float | None]
    expected: Sequence[Prediction | None]
    notes: Sequence[str]


class Surrogate:
    """`answers` are read from prompts that differ in wording, order of trials and order of candidates."""

    def __init__(self, seat: Seat, history: History, turn: Turn) -> None:
        self._seat, self._history, self._turn = seat, history, turn
        self._spec = seat.study.spec.llambo
        self._questions = Questions(seat, history)
        self._waiting = self._questions.examples.waiting

    async def judge(self, configs: Sequence[Config]) -> Judged:
        """Raises LLMError where not one call is answered."""
        return await (self._generative if self._spec.surrogate == "generative" else self._discriminative)(configs)

    # -- how good -------------------------------------------------------------------

    async def _discriminative(self, configs: Sequence[Config]) -> Judged:
        """Values of the candidates and of what is under way: a pending trial that is expected to be better than the
        best so far is what a candidate has to improve on."""
        history, sign = self._history, self._history.objective.sign
        every = [*configs, *self._waiting]
        answers, notes = await self._ask(every, len(configs), self._questions.predict, self._read_values)
        low, high = bounds(history)
        range_ = spread(history)
        best = history.loss(history.ranking[0])
        shares = [
            # In ranges above the best; no answer counts as further beyond what was seen than that is wide.
            [min(max((sign * value - best) / range_, -1.0), 2.0) for value in values if low <= value <= high]
            for values in answers
        ]
        found = [p and p.scaled(range_, best) for p in acquisition.predictions(shares)]
        pending = [p.mean for p in found[len(configs) :] if p is not None]
        best = min([best, *pending])
        scores = [self._score(c, p, best) for c, p in zip(configs, found, strict=False)]
        return Judged(scores=scores, expected=found[: len(configs)], notes=notes)

    def _score(self, config: Config, found: Prediction | None, best: float) -> float | None:
        if found is None:
            return None
        deviation = found.deviation * acquisition.news(self._history.space, config, self._waiting)
        if self._spec.acquisition == "ucb":
            return acquisition.confidence_bound(found.mean, deviation, self._spec.kappa)
        return acquisition.expected_improvement(found.mean, deviation, best)

    def _read_values(self, answer: Answer, names: Sequence[str]) -> dict[str, float]:
        return reading.numbers(answer.text, names)

    # -- whether among the good -------------------------------------------------------

    async def _generative(self, configs: Sequence[Config]) -> Judged:
        """The probability that a candidate is of the best share of the trials; by Bergstra et al. (2011) the expected
        improvement over that share's limit grows with it."""
        ranking = self._history.ranking
        good = max(math.ceil(self._spec.quantile * len(ranking)), 1)
        limit = self._history.objective.sign * self._history.loss(ranking[good - 1])

        def question(some: Sequence[Config], sample: int) -> Question:
            return self._questions.classify(some, limit, sample)

        answers, notes = await self._ask(configs, len(configs), question, self._read_classes)
        scores = [
            sum(values) / len(values) * acquisition.news(self._history.space, config, self._waiting) if values else None
            for config, values in zip(configs, answers, strict=True)
        ]
        return Judged(scores=scores, expected=[None] * len(configs), notes=notes)

    def _read_classes(self, answer: Answer, names: Sequence[str]) -> dict[str, float]:
        """Probabilities of class 1: from the model's log-probabilities where it gives them, else the class it wrote."""
        if known := answer.notes.get("good"):
            return {label: float(known[label]) for label in names if label in known}
        written = {n: v for n, v in reading.numbers(answer.text, names).items() if v in (0.0, 1.0)}
        found = written | probabilities(answer.tokens, names)
        if answer.tokens:
            calls.note(self._seat.store, answer.call_id, good={n: round(p, 6) for n, p in found.items()})
        return found

    # -- asking ---------------------------------------------------------------------

    async def _ask(
        self,
        configs: Sequence[Config],
        candidates: int,
        question: Callable[[Sequence[Config], int], Question],
        read: Callable[[Answer, Sequence[str]], dict[str, float]],
    ) -> tuple[list[list[float]], list[str]]:
        """The numbers given to each config, over all samples; and what went wrong. The first `candidates` are such."""
        samples, together, notes = self._plan(len(configs), candidates)
        questions, places = [], []
        for sample in range(samples):
            order = list(range(len(configs)))
            self._history.rng(f"order/{sample}").shuffle(order)
            for at in range(0, len(order), together):
                chunk = order[at : at + together]
                questions.append(question([configs[i] for i in chunk], sample))
                places.append(chunk)
        answers, faults = await self._turn.all(questions)
        notes += [f"a call failed: {fault}" for fault in faults]
        found: list[list[float]] = [[] for _ in configs]
        for answer, chunk in zip(answers, places, strict=True):
            names = labels(len(chunk))
            given = read(answer, names) if answer is not None else {}
            for label, i in zip(names, chunk, strict=True):
                found[i] += [given[label]] if label in given else []
            if answer is not None and len(given) < len(chunk):
                notes.append(f"an answer gave {len(given)} of {len(chunk)} numbers")
        return found, notes

    def _plan(self, count: int, candidates: int) -> tuple[int, int, list[str]]:
        """Samples, and configs a call, such that the calls that are left suffice: first fewer samples are taken, then
        more candidates asked about at once. What is asked along with the candidates costs no call of its own."""
        samples, chunks, left = self._spec.samples, math.ceil(candidates / self._spec.together), max(self._turn.left, 1)
        if samples * chunks <= left:
            return samples, math.ceil(count / chunks), []
        samples, chunks = max(min(samples, left // chunks), 1), min(chunks, left)
        together = math.ceil(count / chunks)
        return samples, together, [f"{samples} answers a candidate, {together} a call, as {left} calls were left"]


def probabilities(tokens: Sequence[Token], names: Sequence[str]) -> dict[str, float]:
    """For each label the probability of a 1 in the place of its class, of the two classes; of labels whose class the
    model gave no alternatives for, none."""
    pieces = [token.text for token in tokens]
    found: dict[str, float] = {}
    for members in proposed("".join(pieces), names):
        for label, member in members.items():
            token = next((tokens[i] for i in tokens_at(pieces, member) if _class(tokens[i].text)), None)
            weights = dict.fromkeys(_CLASSES, 0.0)
            for text, logprob in ({**token.top, token.text: token.logprob} if token else {}).items():
                if (name := _class(text)) and not math.isnan(logprob):
                    weights[name] += math.exp(min(logprob, 0.0))
            if (whole := sum(weights.values())) > 0 and token is not None and token.top:
                found[label] = weights["1"] / whole
    return found


def _class(text: str) -> str:
    """The class that a token writes; empty for one that writes none, or more than one."""
    digits = [c for c in text if c.isalnum()]
    return digits[0] if len(digits) == 1 and digits[0] in _CLASSES else ""
