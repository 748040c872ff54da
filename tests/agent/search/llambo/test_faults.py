"""What real models do with LLAMBO's questions, and what published implementations made of it: none of it costs more
than calls within the limits, and nothing is proposed that does not fit.
"""

from __future__ import annotations

import json
import math
from collections import Counter

import pytest

from agent.llm.errors import LLMErrorKind
from agent.store import calls
from agent.study.nouns import Source
from tests.agent.llm import steps
from tests.agent.search import growing
from tests.agent.search.llambo.playing import Player, purpose, target, trials
from tests.agent.search.llambo.test_job import llambo
from trainers.contract import Objective

CONFIGS = {
    "prose": lambda d, _: steps.prose(d),
    "fence": lambda d, _: steps.fenced(d),
    "cut off": lambda d, _: steps.cut_off(d, 0.8),
    "lines of text": lambda d, _: steps.say("\n".join(str(c)[1:-1] for c in d["configurations"])),
    "some out of range": lambda d, _: steps.reply({"configurations": [{"lr": 99}, *d["configurations"][:3]]}),
    "not finite": lambda d, _: steps.reply({"configurations": [{"lr": math.nan}, *d["configurations"][:3]]}),
    "too many": lambda d, _: steps.reply({"configurations": d["configurations"] * 20}),
    "another key": lambda d, _: steps.reply({"candidates": d["configurations"]}),
}
VALUES = {
    "prose": lambda d, _: steps.prose(d),
    "too few": lambda d, _: steps.reply(dict(list(d.items())[:-2])),
    "not a number": lambda d, _: steps.reply({**d, "c1": math.nan, "c2": "good"}),
    "cut off": lambda d, _: steps.cut_off(d, 0.7),
    "a list": lambda d, _: steps.reply(list(d.values())),
    "strings": lambda d, _: steps.reply({label: str(value) for label, value in d.items()}),
    "absurd": lambda d, _: steps.reply({**d, "c1": -1e9}),
    "thinking aloud": lambda d, _: steps.think("c1: 7, c2: 8", steps.say(json.dumps(d))),
}


@pytest.mark.parametrize("fault", CONFIGS)
def test_candidates_are_found_in_whatever_comes(tmp_path, fault: str) -> None:
    player = Player(growing.mixed(), instead={"candidates": CONFIGS[fault]})
    with llambo(tmp_path, growing.mixed(), player, initial=3, samples=2) as one:
        one.loss = growing.mixed_loss
        draft = one.grow(5)[-1]
        assert draft.source is Source.LLAMBO and not one.stood_in
        assert growing.mixed().allows(draft.params)
        assert len(draft.insight["llambo"]["candidates"]) <= 10


@pytest.mark.parametrize("fault", VALUES)
def test_predictions_are_found_in_whatever_comes(tmp_path, fault: str) -> None:
    player = Player(growing.mixed(), instead={"predict": VALUES[fault]})
    with llambo(tmp_path, growing.mixed(), player, initial=3, samples=4) as one:
        one.loss = growing.mixed_loss
        draft = one.grow(5)[-1]
        rows = draft.insight["llambo"]["candidates"]
        assert not one.stood_in and sum("mean" in row for row in rows) >= 2
        values = [growing.mixed_loss(t.params) for t in one.past().trials]
        low = 2 * min(values) - max(values)
        assert all(low <= row["mean"] <= 2 * max(values) for row in rows if "mean" in row)  # no figure from nowhere


def test_a_model_whose_predictions_cannot_be_read_still_gave_candidates(tmp_path) -> None:
    player = Player(growing.mixed(), instead={"predict": lambda *_: steps.say("All of them are fine.")})
    with llambo(tmp_path, growing.mixed(), player, initial=3, samples=2) as one:
        one.loss = growing.mixed_loss
        draft = one.grow(5)[-1]
        assert draft.source is Source.LLAMBO and draft.expected is None
        assert "predictions could not be read" in draft.rationale


def test_every_completion_is_read_not_only_the_last(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=3, samples=5, templates=3) as one:
        one.loss = growing.mixed_loss
        rows = one.grow(5)[-1].insight["llambo"]["candidates"]
        assert len({row["call"] for row in rows}) == 3
        assert {row["answers"] for row in rows} == {5}


def test_the_target_is_taken_anew_for_every_trial(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=3, samples=1, templates=1, alpha=0.1) as one:
        one.loss = growing.mixed_loss
        one.grow(10)
        prompts = [p for p in one.endpoint.script.asked if purpose(p) == "candidates"]
        best = [min(value for _, value in trials(p)) for p in prompts]
        assert all(target(p) < b for p, b in zip(prompts, best, strict=True))
        assert len({target(p) for p in prompts}) >= len(set(best)) > 1


@pytest.mark.parametrize(("metric", "direction", "perfect"), [("accuracy", "maximize", 1.0), ("loss", "minimize", 0.0)])
def test_near_a_perfect_score_the_turn_ends(tmp_path, metric: str, direction: str, perfect: float) -> None:
    objective = Objective(metric, direction)
    with llambo(tmp_path, growing.mixed(), initial=2, samples=1, objective=objective) as one:
        values = iter([perfect, 0.5, 0.4, 0.6, 0.55, 0.7])
        for _ in range(6):
            one.run(one.turn()[0], value=next(values))
        assert not one.stood_in
        aims = [target(p) for p in one.endpoint.script.asked if purpose(p) == "candidates"]
        assert aims and set(aims) == {perfect}


def test_a_model_that_repeats_itself_is_asked_twice_and_loses_the_turn(tmp_path) -> None:
    again = {"configurations": [growing.mixed().default()]}
    player = Player(growing.mixed(), instead={"candidates": lambda *_: steps.reply(again)})
    with llambo(tmp_path, growing.mixed(), player, initial=2) as one:
        one.loss = growing.mixed_loss
        one.grow(3)
        before = len(player.asked)
        [draft] = one.turn()
        assert draft.source is Source.RANDOM and len(player.asked) - before == 4  # two templates, two rounds
        [error] = one.stood_in
        assert error.kind is LLMErrorKind.REPLY and "it is the config of t0 again" in error.what


def test_too_few_candidates_are_made_up_and_it_is_said(tmp_path) -> None:
    player = Player(
        growing.mixed(), instead={"candidates": lambda d, _: steps.reply({"configurations": d["configurations"][:1]})}
    )
    with llambo(tmp_path, growing.mixed(), player, initial=3, samples=2, templates=1) as one:
        one.loss = growing.mixed_loss
        draft = one.grow(5)[-1]
        rows = draft.insight["llambo"]["candidates"]
        assert len(rows) == 3 and sum(row["call"] is None for row in rows) == 1
        assert "1 of them were made up" in draft.rationale


def test_no_proposal_has_more_calls_than_allowed(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=2, calls=5, samples=6, together=2) as one:
        one.loss = growing.mixed_loss
        for _ in range(6):
            before = len(one.endpoint.requests)
            one.run(one.turn()[0])
            assert len(one.endpoint.requests) - before <= 5
        assert not one.stood_in
        assert "1 answers a candidate, " in one.notes[-1] and "as 3 calls were left" in one.notes[-1]


def test_a_study_that_has_made_its_calls_makes_no_more(tmp_path) -> None:
    with llambo(tmp_path, growing.mixed(), initial=2, study_calls=14, samples=4) as one:
        one.loss = growing.mixed_loss
        drafts = one.grow(8)
        made = Counter(d.source for d in drafts)
        assert made[Source.LLAMBO] >= 4 and made[Source.RANDOM] >= 2
        assert len(one.endpoint.requests) <= 14 == len(calls.all_of(one.store, one.study.id))
        assert one.stood_in[-1].kind is LLMErrorKind.BUDGET
        assert "the 14 calls that the study may have are made" in one.stood_in[-1].what


@pytest.mark.parametrize("what", ["start", "candidates", "predict"])
def test_a_call_that_is_refused_gives_the_turn_to_the_classical_search(tmp_path, what: str) -> None:
    player = Player(growing.mixed(), instead={what: lambda *_: steps.status(401)})
    with llambo(tmp_path, growing.mixed(), player, initial=1, samples=1) as one:
        one.loss = growing.mixed_loss
        drafts = one.grow(4)
        assert one.stood_in and one.stood_in[0].kind is LLMErrorKind.AUTH
        assert len({growing.mixed().key(d.params) for d in drafts}) == 4


def test_of_several_calls_one_may_fail(tmp_path) -> None:
    failed: list[str] = []

    def once(document, prompt: str):
        if not failed:
            failed.append(prompt)
            return steps.status(400, message="no")
        return steps.reply(document)

    with llambo(tmp_path, growing.mixed(), initial=2, samples=4) as one:
        one.loss = growing.mixed_loss
        one.grow(3)
        one.endpoint.script.instead["predict"] = once
        draft = one.grow(1)[-1]
        assert not one.stood_in and "a call failed" in one.notes[-1]
        assert {row["answers"] for row in draft.insight["llambo"]["candidates"]} == {3}


@pytest.mark.parametrize("candidates", [1, 2])
def test_so_few_candidates_are_enough_where_no_more_are_wanted(tmp_path, candidates: int) -> None:
    with llambo(tmp_path, growing.mixed(), initial=2, samples=1, candidates=candidates) as one:
        one.loss = growing.mixed_loss
        draft = one.grow(4)[-1]
        assert not one.stood_in and len(draft.insight["llambo"]["candidates"]) == candidates
