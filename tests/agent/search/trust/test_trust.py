"""An adviser's turns are earned: whoever helps keeps them, whoever does not loses them, and nobody for ever."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.search.catalog import proposer
from agent.search.history import History
from agent.search.trust import share, standing, wants_advice
from agent.search.trust.gate import psi
from agent.search.trust.tally import document, tallies, words
from agent.search.trust.words import changed, record
from agent.study.blend_words import gate, trust
from agent.study.nouns import Draft, Source
from agent.study.spec import StudySpec
from tests.agent.search.growing import best, fresh, ran
from trainers.contract import Failure, FailureKind
from trainers.space import Config, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace([FloatParameter(name=f"x{i}", low=0.0, high=1.0, default=0.9) for i in range(4)])


def bowl(config: Config) -> float:
    return sum((config[f"x{i}"] - 0.3) ** 2 * (i + 1) for i in range(4))


RANKED = sorted((SPACE.sample(random.Random(s)) for s in range(600)), key=bowl)


def between(low: float, high: float) -> Callable[[History, random.Random], list[Config]]:
    part = RANKED[int(low * 600) : int(high * 600)]
    return lambda _, rng: [rng.choice(part) for _ in range(3)]


def repeating(history: History, rng: random.Random) -> list[Config]:
    return [t.params for t in history.ranking[:2]] + [rng.choice(RANKED[60:300])]


ADVISERS = {
    "good": between(0.0, 0.1),
    "middling": between(0.1, 0.5),
    "bad": between(0.5, 1.0),
    "anything": between(0.0, 1.0),
    "repeating": repeating,
}


def study(kind: str, seed: int, trials: int = 16, loss=bowl) -> tuple[History, int]:
    """A history of `guided` with an adviser (none: ""), and how often it was asked."""
    history, asked = fresh(SPACE, seed=seed), 0
    for number in range(trials):
        told = history
        if kind and wants_advice(history):
            asked += 1
            configs = ADVISERS[kind](history, random.Random(f"{kind}/{seed}/{number}"))
            told = replace(history, advice=tuple(Draft(source=Source.LLM, params=c) for c in configs))
        (draft,) = proposer("guided").propose(told, 1)
        history = ran(history, draft, loss(draft.params))
    return history, asked


def results(values: dict[int, tuple[Source, float | None]]) -> History:
    history = fresh(SPACE)
    for number, (source, value) in values.items():
        config = {name: (number + 1) / (len(values) + 1) for name in SPACE.parameters}
        history = ran(replace(history, number=number), Draft(source=source, params=SPACE.canonical(config)), value)
    return history


class TestEarned:
    def test_without_a_result_it_is_taken_to_be_as_good_as_the_others(self):
        now = standing(results(dict.fromkeys(range(6), (Source.RANDOM, 1.0))))
        assert (now.turns, now.mean, now.lost) == (0, 0.5, False)

    def test_trials_that_lose_to_those_beside_them_cost_the_turns_and_good_ones_bring_them_back(self):
        values: dict[int, tuple[Source, float | None]] = {i: (Source.GP, 1.0 + i / 100) for i in range(12)}
        values |= {3: (Source.LLM, 5.0), 6: (Source.LLM, 4.0), 9: (Source.LLM, None)}
        poor = standing(results(values))
        assert poor.lost and poor.trust == 0 and poor.turns == 3 and poor.improvements == 0
        values |= {12: (Source.LLM, 0.5), 13: (Source.GP, 1.0), 14: (Source.LLM, 0.3), 15: (Source.LLM, 0.2)}
        better = standing(results(values))
        assert not better.lost and better.improvements == 3 and better.mean > poor.mean + 0.2

    def test_what_is_long_ago_counts_less(self):
        values: dict[int, tuple[Source, float | None]] = dict.fromkeys(range(100), (Source.GP, 1.0))
        values |= {2: (Source.LLM, 9.0), 4: (Source.LLM, 9.0), 6: (Source.LLM, 9.0)}
        early = standing(results({n: v for n, v in values.items() if n < 10}))
        assert early.lost and not standing(results(values)).lost

    def test_a_killed_worker_says_nothing_of_the_config(self):
        history = results({0: (Source.RANDOM, 1.0), 1: (Source.RANDOM, 1.1), 2: (Source.RANDOM, 1.2)})
        killed = Failure(kind=FailureKind.LOST)
        lost = ran(history, Draft(source=Source.LLM, params=SPACE.canonical(RANKED[0])), None, failed=killed)
        assert standing(lost).turns == 0

    def test_it_says_so_in_words(self):
        values: dict[int, tuple[Source, float | None]] = dict.fromkeys(range(10), (Source.GP, 1.0))
        values |= dict.fromkeys((2, 4, 6), (Source.LLM, 9.0))
        now = standing(results(values))
        assert "of its 3 trials none were the best so far" in record(now)
        assert changed("gpt", now).startswith("gpt has lost its turns in this study (of its 3 trials")
        back = standing(results({0: (Source.GP, 1.0), 1: (Source.LLM, 0.5)}))
        assert changed("gpt", back).startswith("gpt has its turns back (its one trial was the best so far;")

    def test_the_tally_is_by_source_with_what_an_adviser_has_earned(self):
        values: dict[int, tuple[Source, float | None]] = {i: (Source.GP, 1.0 - i / 100) for i in range(4)}
        history = results(values | {4: (Source.LLM, 0.2), 5: (Source.LLM, None), 6: (Source.PERSON, 0.1)})
        spec = StudySpec(name="s", trainer="quick", space=SPACE, objective=history.objective)
        gp, llm, person = tallies(spec, history.trials)
        assert (gp.configs, gp.improvements, gp.failed, gp.standing) == (4, 3, 0, None)
        assert (llm.configs, llm.improvements, llm.failed) == (2, 1, 1) and llm.standing is not None
        assert words(person) == "person 1 (1 the best so far)"
        assert words(llm) == f"llm 2 (1 the best so far, 1 failed, rated {llm.standing.mean:.0%})"
        assert document(gp)["trust"] is None and document(llm)["trust"]["lost"] is False


class TestInsight:
    def test_in_words(self):
        asked = {"promise": 0.41, "declined": [{"params": {}, "why": "it was proposed before"}]}
        assert gate({"gate": asked}) == "1 not taken: it was proposed before"
        assert trust({"trust": {"mean": 0.62, "share": 0.2, "lost": False}}).startswith("rated 62%")
        assert "probe" in trust({"trust": {"mean": 0.2, "share": 0.03, "lost": True}})
        assert gate({}) == trust({"entropy": {}}) == ""


class TestTurns:
    def test_one_that_lost_its_turns_is_asked_once_in_a_while(self):
        values: dict[int, tuple[Source, float | None]] = dict.fromkeys(range(10), (Source.GP, 1.0))
        history = results(values | dict.fromkeys((2, 4, 6), (Source.LLM, 9.0)))
        turns = sum(wants_advice(replace(history, number=n)) for n in range(10, 410))
        assert 6 <= turns <= 20

    def test_the_gate_narrows_as_trials_come_and_is_wider_for_who_helped(self):
        few, many = (results(dict.fromkeys(range(n), (Source.GP, 1.0))) for n in (5, 50))
        assert psi(few) > 1 > 0.3 > psi(many) > 0
        helped = results(dict.fromkeys(range(4), (Source.GP, 1.0)) | {4: (Source.LLM, 0.1)})
        assert psi(helped) > psi(few)

    def test_the_share_is_what_is_left_of_the_quota(self):
        assert share(replace(fresh(SPACE), number=1)) == pytest.approx(0.3, abs=0.02)
        assert share(replace(fresh(SPACE), number=500)) == pytest.approx(0.1, abs=0.01)


@pytest.fixture(scope="module")
def alone() -> float:
    return statistics.fmean(best(study("", seed)[0]) for seed in range(6))


class TestAdvisers:
    """On a smooth bowl, six seeds each."""

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["bad", "anything", "repeating"])
    def test_one_of_no_use_costs_little_and_is_asked_less(self, kind: str, alone: float):
        ended = [study(kind, seed) for seed in range(6)]
        start = bowl(SPACE.default())
        lost = statistics.fmean(best(history) for history, _ in ended) - alone
        assert lost < 0.05 * (start - alone)
        if kind == "bad":
            assert statistics.fmean(asked for _, asked in ended) < 4
            assert all(sum(t.source is Source.LLM for t in history.trials) <= 3 for history, _ in ended)

    def test_a_good_one_helps_early_and_keeps_its_turns(self):
        helped, alone = ([study(kind, seed, 8)[0] for seed in range(6)] for kind in ("good", ""))
        assert statistics.fmean(map(best, helped)) < 0.8 * statistics.fmean(map(best, alone))
        assert all(not standing(history).lost for history in helped)

    def test_nothing_is_run_twice_for_one_that_repeats_itself(self):
        history, _ = study("repeating", 3)
        assert len({t.key for t in history.trials}) == len(history.trials)

    def test_one_whose_configs_do_not_fit_memory_is_filtered_once_that_is_learnt(self):
        space = SearchSpace(
            [
                IntParameter(name="batch_size", low=16, high=512, log=True, default=64),
                IntParameter(name="width", low=16, high=1024, log=True, default=128),
                FloatParameter(name="lr", low=1e-5, high=1e-1, log=True),
            ]
        )
        full = Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY)
        history, failed = fresh(space), 0
        for number in range(16):
            rng = random.Random(number)
            large = [
                {"batch_size": rng.randrange(300, 513), "width": rng.randrange(600, 1025), "lr": 1e-3} for _ in "123"
            ]
            advice = tuple(Draft(source=Source.LLM, params=space.canonical(c)) for c in large)
            told = replace(history, advice=advice) if wants_advice(history) else history
            (draft,) = proposer("guided").propose(told, 1)
            fits = draft.params["batch_size"] * draft.params["width"] < 100_000
            failed += not fits and draft.source is Source.LLM
            value = abs(draft.params["width"] - 300) / 1000 if fits else None
            history = ran(history, draft, value, failed=full)
        assert failed <= 2
