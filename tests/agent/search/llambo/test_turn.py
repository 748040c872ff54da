"""A turn: pure in the store and the answers, killed and resumed, several under way, probabilities, entropy."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace

import pytest

from agent.llm import insight
from agent.llm.errors import LLMErrorKind
from agent.mind.client import Mind
from agent.store import calls, proposals
from agent.study.nouns import Source
from tests.agent.llm import steps
from tests.agent.llm.local.tiny import needs_llama, needs_transformers, tiny_gguf, tiny_hf  # noqa: F401 – fixtures
from tests.agent.search import growing
from tests.agent.search.llambo.playing import purpose, questions, trials
from tests.agent.search.llambo.test_job import llambo


def wait(until, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while not (found := until()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return found


def test_a_turn_killed_in_the_middle_pays_no_answer_twice(tmp_path) -> None:
    answered: list[str] = []

    def until_the_fifth(document, prompt: str):
        if len(answered) >= 5:
            return steps.stall(steps.reply(document), after=1)
        answered.append(prompt)
        return steps.reply(document)

    with llambo(tmp_path, growing.mixed(), initial=3, samples=6) as one:
        one.loss = growing.mixed_loss
        one.grow(4)
        player = one.endpoint.script
        player.instead = {"candidates": until_the_fifth, "predict": until_the_fifth}
        number = proposals.next_number(one.store, one.study.id)
        mind = Mind(one.store.path)
        mind.submit("llambo", one.study.id, number=number, n=1)
        wait(lambda: len(answered) == 5 and sum(c.state == "ok" for c in calls.all_of(one.store)) == 1 + 5)
        assert mind.pid is not None
        os.kill(mind.pid, signal.SIGKILL)
        [done] = wait(mind.done)
        assert done.error is not None and done.error.kind is LLMErrorKind.DIED
        mind.close()

        player.instead, before = {}, len(one.endpoint.requests)
        [draft] = one.propose(1)
        again = [asked.prompt for asked in one.endpoint.requests[before:]]
        assert draft.source is Source.LLAMBO and len(again) == 2 + 6 - 5
        assert not set(again) & set(answered)
        # And whoever asks once more for the same proposal pays for nothing, and gets the same.
        assert one.propose(1)[0].params == draft.params and len(one.endpoint.requests) == before + len(again)


def test_calls_of_a_killed_turn_count_towards_its_limit(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=2, calls=4, samples=2) as one:
        one.loss = growing.mixed_loss
        one.grow(3)
        one.endpoint.script.instead = {"predict": lambda *_: steps.status(400)}
        assert one.turn()[0].source is Source.RANDOM
        made, one.endpoint.script.instead = len(one.endpoint.requests), {}
        assert one.turn()[0].source is Source.RANDOM  # the same proposal again: its four calls are made
        assert len(one.endpoint.requests) == made
        assert one.stood_in[-1].kind is LLMErrorKind.BUDGET


def test_what_is_under_way_is_told_predicted_and_kept_away_from(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=3, samples=2) as one:
        one.loss = growing.mixed_loss
        one.grow(4)
        [first] = one.propose(1)
        proposals.add(one.store, one.study.id, [first])
        seen = len(one.endpoint.script.asked)
        [second] = one.propose(1)
        assert growing.mixed().distance(first.params, second.params) > 0.01
        asked = one.endpoint.script.asked[seen:]
        candidates, predict = asked[0], asked[-1]
        assert "Under way, outcome not known yet" in candidates
        rows = second.insight["llambo"]["candidates"]
        assert len(questions(predict)) == len(rows) + 1  # the pending one is predicted along


# -- the generative surrogate ------------------------------------------------------------


def likely(chances: dict[str, float], written: str):
    """An answer whose class tokens say how likely a 1 was."""

    def step(document, _: str):
        pieces = [("{", {})]
        for i, label in enumerate(document):
            pieces += [
                (f'{", " if i else ""}"{label}": ', {}),
                (written, {"1": chances[label], "0": 1 - chances[label]}),
            ]
        return steps.Step(tokens=(*pieces, ("}", {})))

    return step


def test_probabilities_come_from_the_log_probabilities(tmp_path) -> None:
    chances = {f"c{i}": 0.3 if i != 2 else 0.45 for i in range(1, 11)}
    with llambo(tmp_path, growing.mixed(), initial=3, samples=1, surrogate="generative") as one:
        one.loss = growing.mixed_loss
        one.grow(4)
        one.endpoint.script.instead["classify"] = likely(chances, "0")  # it writes 0 for all of them
        [draft] = one.propose(1)
        rows = draft.insight["llambo"]["candidates"]
        scores = sorted(row["score"] for row in rows)
        assert scores[-1] == pytest.approx(0.45, abs=1e-3) and scores[0] == pytest.approx(0.3, abs=1e-3)
        assert questions(one.endpoint.script.asked[-1])["c2"] == draft.params
        assert "the likeliest to be among the best 25%" in draft.rationale
        before = len(one.endpoint.requests)
        assert one.propose(1)[0].insight == draft.insight and len(one.endpoint.requests) == before  # from the ledger


def test_without_log_probabilities_the_classes_it_wrote_count(tmp_path) -> None:
    def silent(document, _: str):
        return replace(steps.say(json.dumps({label: int(label == "c1") for label in document})), logprobs=False)

    with llambo(tmp_path, growing.mixed(), initial=3, samples=1, surrogate="generative") as one:
        one.loss = growing.mixed_loss
        one.grow(4)
        one.endpoint.script.instead["classify"] = silent
        [draft] = one.propose(1)
        assert sorted(row["score"] for row in draft.insight["llambo"]["candidates"])[-1] == 1.0


def test_the_good_ones_are_those_of_the_objectives_side(tmp_path) -> None:
    from trainers.contract import Objective

    with llambo(
        tmp_path, growing.mixed(), initial=7, surrogate="generative", objective=Objective("gain", "maximize")
    ) as one:
        one.loss = lambda c: -growing.mixed_loss(c)
        one.grow(9)
        prompt = next(p for p in reversed(one.endpoint.script.asked) if purpose(p) == "classify")
        values = [-growing.mixed_loss(config) for config, _ in trials(prompt)]
        good = [-growing.mixed_loss(config) for config, kind in trials(prompt) if kind == 1]
        assert "gain at least" in prompt
        assert sorted(good) == pytest.approx(sorted(values)[-2:])  # a quarter of eight


# -- looking inside ----------------------------------------------------------------------


def test_entropy_stands_beside_each_value_also_after_a_kill(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=2, samples=2, entropy=True) as one:
        one.loss = growing.mixed_loss
        one.grow(3)
        [draft] = one.propose(1)
        assert set(draft.insight["entropy"]) == set(draft.params)
        assert all(nats > 0 for nats in draft.insight["entropy"].values())
        assert one.propose(1)[0].insight["entropy"] == draft.insight["entropy"]


@needs_llama
@pytest.mark.parametrize("surrogate", ["discriminative", "generative"])
def test_a_local_model_that_knows_nothing_still_searches(tmp_path, tiny_gguf, surrogate: str) -> None:  # noqa: F811
    model = f"local:{tiny_gguf}"
    with llambo(
        tmp_path, growing.mixed(), model=model, entropy=True, initial=2, samples=2, candidates=4, surrogate=surrogate
    ) as one:
        one.loss = growing.mixed_loss
        drafts = one.grow(4)
        assert not one.stood_in and one.endpoint.requests == []
        # It may give fewer configs to begin with than it was asked for; the rest are evenly spread.
        assert drafts[0].source is Source.DEFAULT and {drafts[1].source, drafts[3].source} == {Source.LLAMBO}
        rows = drafts[-1].insight["llambo"]["candidates"]
        assert drafts[-1].insight["entropy"] and any("score" in row for row in rows)
        if surrogate == "generative":  # read off its logits, not off what it happened to write
            assert any(row.get("score", 0.0) not in (0.0, 0.5, 1.0) for row in rows)


@needs_llama
def test_attention_is_kept_with_the_call_of_the_chosen_candidate(tmp_path, tiny_gguf) -> None:  # noqa: F811
    model = f"local:{tiny_gguf}"
    with llambo(
        tmp_path, growing.mixed(), model=model, attention="layers=-1 heads=all", initial=1, samples=1, candidates=2
    ) as one:
        one.loss = growing.mixed_loss
        draft = one.grow(3)[-1]
        chosen = next(row for row in draft.insight["llambo"]["candidates"] if row["params"] == draft.params)
        assert draft.call_id == chosen["call"]
        if draft.call_id is not None:  # None where `guided` made it up
            recording = insight.recording_of(calls.origin(one.store, draft.call_id)[1], one.store.folder)
            assert recording is not None
            looked = insight.looked_at(recording, draft.params)
            assert looked and all(sum(weights) == pytest.approx(1.0, abs=0.02) for weights in looked.values())


@pytest.mark.slow
@needs_transformers
def test_a_model_held_to_no_form_that_writes_nonsense_costs_its_calls_only(tmp_path, tiny_hf) -> None:  # noqa: F811
    with llambo(tmp_path, growing.mixed(), model=f"hf:{tiny_hf}", initial=1, samples=1, candidates=2, calls=4) as one:
        one.loss = growing.mixed_loss
        drafts = one.grow(4)
        assert len({growing.mixed().key(d.params) for d in drafts}) == 4
        assert all(growing.mixed().allows(d.params) for d in drafts)
        assert all(error.kind is LLMErrorKind.REPLY for error in one.stood_in)
        assert len(calls.all_of(one.store, one.study.id)) <= 3 * 4
